import { ServerResponse, type IncomingMessage } from 'node:http';
import { warnerOf } from '../../lib/options/check-features';
import type { Enrollment, Enrollments } from '../../lib/ports/enrollments';
import { accountEpoch, acrOf, readMark, type Mark } from '../../lib/core/account';
import { createLocales } from '../../lib/locales/locales';
import type { Limits } from '../../lib/core/limits';
import type { Edge } from '../../lib/express/edge';
import type { HttpRequest, HttpResponse, Middleware } from '../../lib/express/http';
import { checkTheme } from '../../lib/options/check-theme';
import type { Settings } from '../../lib/options/options';
import { cachedEnrollments } from '../../lib/stores/enrollments';
import { readEnrollment } from '../../lib/core/read-enrollment';
import { kinOf } from '../../lib/core/sessions';
import { followSessions } from '../../lib/stores/followed-sessions';
import { enrollmentOf, makeWorld, SECRETS, type World } from '../helpers/core';

type Session = Record<string, unknown>;

/** A gate without a server: requests and responses are as small as they can be. */
export interface GateWorld extends World {
  edge: Edge;
  store: object;
  /** Every question to the app's enrollments: user id and user. */
  asked: [string, unknown][];
  /** What users of requests carry of their enrollment, by `req.user`. */
  carried: Map<unknown, Enrollment>;
  /** A request of user A for a page, and what is different about it. */
  request: (more?: object) => HttpRequest;
  /** Verifies the session of a request, `ago` seconds ago. */
  verify(req: HttpRequest, ago?: number, more?: Partial<Mark>): Promise<Mark>;
}

export interface Answer {
  passed: boolean;
  error: unknown;
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

export function gateWorld(settings: object = {}, limits: Partial<Limits> = {}): GateWorld {
  const world = makeWorld({}, limits);
  const { core, users } = world;
  const done = (...args: unknown[]): void => (args.at(-1) as () => void)();
  const store = { generate, get: done, set: done, destroy: done };
  const carried: GateWorld['carried'] = new Map();
  const asked: [string, unknown][] = [];
  const inner: Enrollments = core.enrollments;
  const get = (userId: string, user: unknown): unknown => {
    asked.push([userId, user]);
    return carried.get(user) ?? users.get(userId);
  };
  const enrollments = cachedEnrollments(
    { ...inner, get: get as Enrollments['get'] },
    readEnrollment,
    core.clock,
  );
  const sessions = followSessions({
    store,
    counter: core.counter,
    records: core.records,
    clock: core.clock,
    steady: core.clock,
    lifetime: core.limits.verifiedSession * 1_000,
    recordKey: (kind, id) => `${kind} ${id}`,
    kin: kinOf(core),
    readMark,
    isRevoked: async () => false,
    failed: (error) => error,
  });
  const given = {
    appName: 'Acme',
    domain: undefined,
    secrets: SECRETS,
    sessionStore: store,
    userId: (user: { id: unknown }) => user.id,
    credentialsEpoch: () => '',
    basePath: { browser: '', app: '' },
    mountPath: '/second-factor',
    loginPath: '/login',
    homePath: '/',
    enrollment: 'optional',
    origins: new Set(),
    deviceLifetimeMs: undefined,
    hasOwnFactor: () => false,
    firstFactor: ['pwd'],
    acr: acrOf,
    freshLogin: undefined,
    warn: warnerOf(undefined),
    limits: core.limits,
    clock: core.clock,
    csp: {},
    locales: createLocales(),
    links: {},
    theme: checkTheme(undefined),
    views: {},
    ...settings,
  };
  const edge: Edge = {
    settings: given as unknown as Settings,
    core,
    enrollments,
    sessions,
  };
  const verify = async (req: HttpRequest, ago = 0, more: Partial<Mark> = {}): Promise<Mark> => {
    const enrollment = users.get('A') ?? remember(users, enrollmentOf());
    const mark: Mark = {
      id: 'mark',
      userId: 'A',
      phone: core.keyring.fingerprint('phone', enrollment.phone),
      epoch: accountEpoch(core.keyring, enrollment, ''),
      verifiedAt: core.clock() - ago * 1_000,
      amr: ['sms'],
      ...more,
    };
    (req.session as Session).sms2fa = { mark };
    await sessions.begin(req.sessionID ?? '', mark.id, core.clock() + 1e9);
    return mark;
  };
  return { ...world, edge, store, asked, carried, request: (more) => request(store, more), verify };
}

function remember(users: Map<string, Enrollment>, enrollment: Enrollment): Enrollment {
  users.set('A', enrollment);
  return enrollment;
}

function request(store: object, more: object = {}): HttpRequest {
  const fake = {
    method: 'GET',
    headers: { host: 'acme.example' },
    originalUrl: '/secret?a=1',
    baseUrl: '',
    path: '/secret',
    ip: '192.0.2.1',
    session: session((id, fresh) => Object.assign(fake, { sessionID: id, session: fresh })),
    sessionID: 'sid',
    sessionStore: store,
    user: { id: 'A' },
    accepts: () => 'html',
    ...more,
  };
  return fake as unknown as HttpRequest;
}

/** Gives a request an empty session with another id, as express-session has every store do it. */
function generate(req: HttpRequest): void {
  const replace = (sessionID: string, fresh: Session): void => {
    Object.assign(req, { sessionID, session: fresh });
  };
  replace(`${req.sessionID}+`, session(replace, `${req.sessionID}+`));
}

/** A session as express-session makes it: regenerated, it is empty and has another id. */
function session(replace: (id: string, fresh: Session) => void, id = 'sid'): Session {
  return {
    cookie: {},
    regenerate: (done: (error?: unknown) => void) => {
      replace(`${id}+`, session(replace, `${id}+`));
      done();
    },
    save: (done: (error?: unknown) => void) => done(),
  };
}

/** A form post of user A, as the app's own parser has left it. */
export function formPost(fields: object, more: { headers?: object } = {}): object {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    method: 'POST',
    originalUrl: '/transfer',
    path: '/transfer',
    body: fields,
    ...more,
    headers: { host: 'acme.example', ...type, ...more.headers },
  };
}

/** Sends a request through a gate. */
export function through(gate: Middleware, req: HttpRequest, sent: object = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const headers: Record<string, unknown> = { ...sent };
    const end = (passed: boolean, error?: unknown, body = ''): void => {
      res.writeHead(res.statusCode);
      resolve({ passed, error, status: res.statusCode, headers, body });
    };
    const res = {
      statusCode: 200,
      hasHeader: (name: string) => name in headers,
      getHeader: (name: string) => headers[name],
      setHeader: (name: string, value: unknown) => {
        headers[name] = value;
      },
      appendHeader: (name: string, value: unknown) => {
        headers[name] = name in headers ? `${String(headers[name])}\n${String(value)}` : value;
      },
      writeHead: (_status: number) => undefined,
      end: (body?: string) => end(false, undefined, body),
    };
    const next = (error?: unknown) => end(error === undefined, error);
    req.res = res as unknown as HttpResponse;
    gate(req, req.res, next);
  });
}

/** An answer without a connection: what was written of it, and whether it was broken off. */
export function bareAnswer() {
  const res = new ServerResponse({ method: 'POST' } as IncomingMessage);
  const written: string[] = [];
  jest.spyOn(res, 'write').mockImplementation((text) => {
    res.flushHeaders();
    return Boolean(written.push(String(text)));
  });
  const end = res.end.bind(res) as () => ServerResponse;
  res.end = ((text?: string) => {
    if (text !== undefined) written.push(text);
    return end();
  }) as never;
  return { res: res as unknown as HttpResponse, written };
}

/** A request that wants JSON. */
export const asJson = { accepts: () => 'json' };
