import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { accountNow, type Account } from '../../lib/express/account';
import { requireFactor } from '../../lib/express/gate';
import type { RequireOptions } from '../../lib/options/verb-options';
import type { HttpRequest, HttpResponse } from '../../lib/express/http';
import { requesterOf } from '../../lib/express/requester';
import { passByDevice, trustThisDevice } from '../../lib/express/trusted-device';
import type { Requester } from '../../lib/core/core';
import { createKeyring } from '../../lib/core/keyring';
import type { Mark } from '../../lib/core/account';
import type { TrustedDevice } from '../../lib/ports/enrollments';
import { enrollmentOf, SECRETS } from '../helpers/core';
import { gateWorld, through, type Answer, type GateWorld } from './gate-world';

/** How long browsers are trusted. */
export const DAYS = 30;
/** The cookie of a browser that user A trusts. */
export const NAME = `__Host-sms2fa-device-${createKeyring(SECRETS).digest('device', 'A')}`;

/** A gate in front of which browsers may be trusted, and one browser that keeps its cookie. */
export interface DeviceWorld extends GateWorld {
  /** Every `Set-Cookie`, in order, and the other headers. */
  cookies: string[];
  headers: Record<string, unknown>;
  /** The cookie that the browser has now. */
  cookie(): string;
  /** A request of the browser, with the cookie of now where it has no other. */
  request(more?: object, cookie?: string): HttpRequest;
  whoIs(req: HttpRequest): Promise<Requester>;
  account(req: HttpRequest): Promise<Account>;
  trust(req?: HttpRequest): Promise<void>;
  /** The mark of the request, where the device gives it one. */
  use(req?: HttpRequest): Promise<Mark | undefined>;
  enter(options: RequireOptions, req?: HttpRequest): Promise<Answer>;
  devices(): TrustedDevice[] | undefined;
}

export function deviceWorld(): DeviceWorld {
  const world = gateWorld({ deviceLifetimeMs: DAYS * 86_400_000 });
  const { edge, users } = world;
  users.set('A', enrollmentOf());
  const cookies: string[] = [];
  const headers: Record<string, unknown> = {};
  /** An answer, whose headers count once they are written. */
  const answer = (): HttpResponse => {
    const res = new ServerResponse(new IncomingMessage(new Socket()));
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, String(value));
    return res;
  };
  const written = (req: HttpRequest): void => {
    const { res } = req;
    if (res === undefined) return;
    res.writeHead(200);
    const { 'set-cookie': set = [], ...others } = res.getHeaders();
    // That the user has passed here is told by a cookie of its own, which trusts nothing.
    const own = [set].flat().filter((each) => !each.startsWith('sms2fa-known-'));
    for (const each of own) cookies.push(`Set-Cookie: ${each}`);
    Object.assign(headers, others);
  };
  const cookieNow = (): string => /: ([^;]+)/.exec(cookies.at(-1) ?? '')?.[1] ?? '';
  const request = (more: object = {}, cookie = cookieNow()): HttpRequest =>
    world.request({
      res: answer(),
      headers: { host: 'acme.example', cookie, 'user-agent': 'x' },
      ...more,
    });
  const whoIs = async (req: HttpRequest): Promise<Requester> => (await requesterOf(edge, req))!;
  const account = async (req: HttpRequest): Promise<Account> =>
    accountNow(edge, req, await whoIs(req));
  return {
    ...world,
    cookies,
    headers,
    cookie: cookieNow,
    request,
    whoIs,
    account,
    trust: async (req = request()) => {
      await trustThisDevice(edge, req, await whoIs(req), (await account(req)).epoch);
      written(req);
    },
    use: async (req = request()) => {
      const { mark } = await passByDevice(edge, req, await whoIs(req), await account(req));
      written(req);
      return mark;
    },
    enter: (options, req = request()) => through(requireFactor(edge, options), req),
    devices: () => users.get('A')!.devices,
  };
}
