import { accountEpoch, factorFingerprint, type Mark } from '../../../lib/core/account';
import { accountNow } from '../../../lib/express/account';
import { requesterOf } from '../../../lib/express/requester';
import type { Exchange } from '../../../lib/express/router/exchange';
import { KEY, type SessionState } from '../../../lib/express/session-state';
import type { TrustedDevice } from '../../../lib/ports/enrollments';
import { enrollmentOf, START } from '../../helpers/core';
import { bareAnswer, formPost, type GateWorld } from '../gate-world';

/** What is different about a request; the rest of it is as it is. */
type Asking = object & {
  json?: boolean;
  mark?: false | Partial<Mark>;
  state?: SessionState;
  body?: unknown;
  headers?: object;
  params?: object;
  sessionID?: string;
  url?: string;
};

/** What a handler is given of user A: by a browser, or with `json` by an API client. */
export async function exchangeIn(
  world: GateWorld,
  more: Asking = {},
): Promise<Exchange & { state: () => SessionState; path: () => unknown }> {
  const { json = false, mark = {}, state = {}, ...given } = more;
  const req = world.request({ accepts: () => (json ? 'json' : 'html'), ...given });
  if (mark !== false) await world.verify(req, 0, mark);
  // A session that passes is another one after that.
  const session = () => req.session as unknown as Record<string, SessionState>;
  session()[KEY] = { ...session()[KEY], ...state };
  const who = await requesterOf(world.edge, req);
  return {
    edge: world.edge,
    req,
    res: bareAnswer().res,
    who: who!,
    state: () => session()[KEY] ?? {},
    path: () => session().returnTo,
  };
}

/** The same of user A without a phone; where they have passed, it was a factor of the app's own. */
export async function withoutPhone(world: GateWorld, more: Asking = {}) {
  const { keyring } = world.core;
  const passed = { phone: factorFingerprint(keyring, undefined), amr: ['otp'] };
  const own = { ...passed, epoch: accountEpoch(keyring, undefined, '') };
  const mark = more.mark === false ? more.mark : { ...own, ...more.mark };
  const exchange = await exchangeIn(world, { ...more, mark });
  world.users.delete('A');
  return exchange;
}

export const accountIn = ({ edge, req, who }: Exchange) => accountNow(edge, req, who);

/** A form of the library's own pages. */
export const posted = (fields: object, more: object = {}): object =>
  formPost(fields, { headers: { 'sec-fetch-site': 'same-origin' }, ...more });

/** Gives user A browsers that are trusted, by these ids. */
export function trustBrowsers({ users, core }: GateWorld, ...ids: string[]): void {
  const enrollment = users.get('A') ?? enrollmentOf();
  const devices = ids.map((id): TrustedDevice => {
    const times = { trustedAt: START, lastUsedAt: START, expiresAt: START + 86_400_000 };
    const epoch = accountEpoch(core.keyring, enrollment, '');
    return { id, name: `Browser ${id}`, digest: '', epoch, ...times };
  });
  users.set('A', { ...enrollment, devices });
}
