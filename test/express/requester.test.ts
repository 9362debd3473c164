import { ServerResponse, type IncomingMessage } from 'node:http';
import {
  checkNewIds,
  hasLostSession,
  isKnownBrowser,
  isSignedIn,
  peopleOf,
  rememberBrowser,
  requesterOf,
  signedInUser,
} from '../../lib/express/requester';
import type { HttpRequest } from '../../lib/express/http';
import { signIn, startApp, type TestAppOptions } from '../helpers/app';
import { enrollmentOf } from '../helpers/core';
import { htmlAgent } from '../helpers/web';
import { gateWorld, type GateWorld } from './gate-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
  world.users.set('A', enrollmentOf());
});
const whoIs = async (req: HttpRequest) => {
  const who = await requesterOf(world.edge, req);
  if (who === undefined) throw new Error('a stranger');
  return who;
};

test('who asks is told from the request', async () => {
  world = gateWorld({ credentialsEpoch: () => 7 });
  const req = world.request({ user: { id: 12 } });
  expect(await requesterOf(world.edge, req)).toEqual({
    user: { id: 12 },
    request: req,
    userId: '12',
    known: expect.any(Function),
    lang: expect.any(Function),
    say: expect.any(Function),
    credentialsEpoch: '7',
    sessionId: 'sid',
    address: '192.0.2.1',
  });
  expect((await whoIs(world.request({ sessionID: undefined }))).sessionId).toBe('');
  expect((await whoIs(world.request({ user: { id: 5n } }))).userId).toBe('5');
});

test('who asks reads in the language of the request, and is known in a browser in which they have passed', async () => {
  const german = { headers: { host: 'acme.example', 'accept-language': 'de' } };
  const [who, stranger] = [await whoIs(world.request(german)), await whoIs(world.request())];
  expect([who.lang?.(), stranger.lang?.()]).toEqual(['de', 'en']);
  const said = [who, stranger].map(({ say }) => say?.().toString().length);
  expect(said.every((length) => length !== undefined)).toBe(true);
  expect(who.say).not.toBe(stranger.say);
  const res = new ServerResponse({ method: 'GET' } as IncomingMessage);
  rememberBrowser(world.edge.core, world.request({ res }), 'A');
  res.writeHead(200);
  const [cookie] = [res.getHeader('Set-Cookie') ?? []].flat().map(String);
  const known = await whoIs(world.request({ headers: { cookie: cookie?.split(';')[0] } }));
  expect([known.known?.(), stranger.known?.()]).toEqual([true, false]);
});

test('an app without credentialsEpoch has one epoch for all', async () => {
  world = gateWorld({ credentialsEpoch: undefined });
  expect((await whoIs(world.request())).credentialsEpoch).toBe('');
});

test('what stands on the prototype of every object is nobody’s id', async () => {
  world = gateWorld({ userId: undefined });
  Object.defineProperty(Object.prototype, 'id', { value: 'A', configurable: true });
  try {
    const nobody = whoIs(world.request({ user: {} }));
    await expect(nobody).rejects.toThrow('userId gave undefined for req.user');
    expect(
      (await whoIs(world.request({ user: Object.fromEntries([['id', 'A']]) as object }))).userId,
    ).toBe('A');
  } finally {
    delete (Object.prototype as { id?: unknown }).id;
  }
});

test('the first request of an app is noticed once, and no later one', () => {
  const atFirstRequest = jest.fn();
  Object.assign(world.edge, { atFirstRequest });
  for (const user of [undefined, { id: 'A' }]) isSignedIn(world.edge, world.request({ user }));
  expect(atFirstRequest).toHaveBeenCalledTimes(1);
  expect(world.edge.hasSeenRequest).toBe(true);
});

const SIGNATURE = 'aB3+/'.repeat(8) + 'xyz';

test.each<[string, object, boolean]>([
  ['whose user was found', { user: { id: 'A' } }, true],
  ['without a cookie', { headers: {} }, false],
  ['whose user is null', { user: null, headers: {} }, false],
  ['whose user is false', { user: false, headers: {} }, false],
  ['with a cookie of something else', { headers: { cookie: 'theme=dark' } }, false],
  [
    'with another session',
    { headers: { cookie: `a=1; b=s:an-id-of-16-chars.${SIGNATURE}` } },
    true,
  ],
  ['with this session', { headers: { cookie: `b=s:this-id-16-chars.${SIGNATURE}` } }, false],
  ['with a short id', { headers: { cookie: `b=s:an-id-of-15-ch.${SIGNATURE}` } }, false],
  ['with more before it', { headers: { cookie: `b=is:an-id-of-16-chars.${SIGNATURE}` } }, false],
  ['with more after it', { headers: { cookie: `b=s:an-id-of-16-chars.${SIGNATURE}z` } }, false],
])('a browser %s has lost a session: told by what it brings', (_what, more, isLost) => {
  const req = world.request({ user: undefined, sessionID: 'this-id-16-chars', ...more });
  expect(hasLostSession(req)).toBe(isLost);
});

test('[S66] a store whose sessions get the id that they have is misuse; one that makes new ids is asked once', () => {
  let asked = 0;
  const storeOf = (ids: readonly string[]) => ({
    generate: (req: HttpRequest) => {
      Object.assign(req, { sessionID: ids[asked % ids.length] });
      asked += 1;
    },
  });
  const check = (store: object) => checkNewIds(world.request({ sessionStore: store }));
  for (const ids of [['sid'], ['new', 'sid'], ['sid', 'new']]) {
    const store = storeOf(ids);
    for (let time = 0; time < 2; time += 1) expect(() => check(store)).toThrow('The option genid');
  }
  asked = 0;
  const store = storeOf(['one', 'two', 'sid']);
  for (let time = 0; time < 3; time += 1) check(store);
  expect(asked).toBe(2);
  // By the request: it is the same one each time, and may be that of the next session, too.
  asked = 0;
  const same = storeOf(['same']);
  for (let time = 0; time < 2; time += 1) check(same);
  expect(asked).toBe(4);
});

test.each([undefined, null, false])('a user of %p is a stranger', async (user) => {
  const req = world.request({ user });
  expect(isSignedIn(world.edge, req)).toBe(false);
  expect(await requesterOf(world.edge, req)).toBeUndefined();
});

test.each([
  ['', 'an empty string'],
  [undefined, 'undefined'],
  [null, 'null'],
  [Number.NaN, 'number'],
  [Infinity, 'number'],
  [true, 'boolean'],
  [{}, 'object'],
  [Promise.resolve('A'), 'a promise'],
])('[S33] a user id of %p is misuse', async (id, kind) => {
  await expect(whoIs(world.request({ user: { id } }))).rejects.toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining(`userId gave ${kind} for req.user`),
  });
});

test('a credentials epoch may be empty, and nothing else that is nothing', async () => {
  for (const empty of ['', Promise.resolve('')]) {
    world = gateWorld({ credentialsEpoch: () => empty });
    expect((await whoIs(world.request())).credentialsEpoch).toBe('');
  }
  for (const nothing of [undefined, Promise.resolve(undefined)]) {
    world = gateWorld({ credentialsEpoch: () => nothing });
    await expect(whoIs(world.request())).rejects.toThrow(/credentialsEpoch gave undefined/);
  }
});

test('[S13] the credentials epoch may be looked up, with the user of the request', async () => {
  const credentialsEpoch = jest.fn().mockResolvedValue(7);
  world = gateWorld({ credentialsEpoch });
  const req = world.request();
  expect(isSignedIn(world.edge, req)).toBe(true);
  expect(credentialsEpoch).not.toHaveBeenCalled();
  expect((await whoIs(req)).credentialsEpoch).toBe('7');
  expect(credentialsEpoch.mock.calls).toEqual([[req.user]]);
});

test('[S134] where the epoch cannot be looked up nobody is anybody', async () => {
  const away = (): never => {
    throw new Error('away');
  };
  for (const credentialsEpoch of [away, () => Promise.reject(new Error('away'))]) {
    world = gateWorld({ credentialsEpoch });
    await expect(whoIs(world.request())).rejects.toMatchObject({
      code: 'store_unavailable',
      message: 'credentialsEpoch failed: away',
    });
  }
});

test('what is asked of a user without a request is asked with the user that was given', async () => {
  const enrollment = jest.fn().mockResolvedValue('required');
  const hasOwnFactor = jest.fn().mockResolvedValue(true);
  world = gateWorld({ enrollment, hasOwnFactor });
  const people = peopleOf(world.edge);
  const user = { id: 'B' };
  expect(people.userIdOf(user)).toBe('B');
  expect(await people.due(user)).toEqual({ required: true });
  expect(await people.hasOwnFactor(user)).toBe(true);
  expect([...enrollment.mock.calls, ...hasOwnFactor.mock.calls]).toEqual([[user], [user]]);
  hasOwnFactor.mockRejectedValue(new Error('away'));
  await expect(people.hasOwnFactor(user)).rejects.toThrow('hasOwnFactor failed: away');
});

test('[S66] without a session, or with another store, nothing is decided', async () => {
  const misuse = { code: 'misconfigured' };
  for (const [more, words] of [
    [{ session: undefined }, /req\.session/],
    [{ sessionStore: {} }, /is not the store/],
    [{ sessionStore: {}, user: undefined }, /is not the store/],
    [{ sessionStore: undefined }, /not of express-session, although it has regenerate/],
    [
      { session: { regenerate: () => undefined, save: () => undefined } },
      /not of express-session, although it has/,
    ],
  ] as const) {
    expect(() => isSignedIn(world.edge, world.request(more))).toThrow(words);
    await expect(requesterOf(world.edge, world.request(more))).rejects.toMatchObject(misuse);
  }
});

test('[S66] somebody signed in without req.user is misuse; signed out it is a stranger', async () => {
  const signedIn = async (user: unknown, passport: unknown) => {
    const req = world.request({ user });
    req.session!.passport = passport;
    return (await requesterOf(world.edge, req))?.userId;
  };
  for (const user of [undefined, null]) {
    await expect(signedIn(user, { user: 'A' })).rejects.toThrow(
      /Mount passport.session\(\) before/,
    );
    expect(await signedIn(user, {})).toBeUndefined();
    expect(await signedIn(user, undefined)).toBeUndefined();
  }
  expect(await signedIn({ id: 'A' }, { user: 'A' })).toBe('A');
  expect(await signedIn(false, { user: 'A' })).toBeUndefined();
});

describe('two users with one id', () => {
  let warnings: jest.SpyInstance;
  beforeEach(() => {
    warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });
  afterEach(() => {
    warnings.mockRestore();
  });
  const arrives = async (serialized: unknown, id: unknown = 1): Promise<string> => {
    const req = world.request({ user: { id } });
    req.session!.passport = { user: serialized };
    return (await whoIs(req)).userId;
  };

  test.each([
    ['kinds', { id: 1, kind: 'customer' }, { id: 1, kind: 'admin' }],
    ['types', { id: 1, type: 'Customer' }, { id: 1, type: 'Admin' }],
    ['numbered types', { id: 1, userType: 0 }, { id: 1, userType: 1 }],
    ['types with an underscore', { id: 1, user_type: 'c' }, { id: 1, user_type: 'a' }],
    ['models', { _id: 1, model: 'Customer' }, { _id: 1, model: 'Admin' }],
    ['tables', { pk: 1, table: 'customers' }, { pk: 1, table: 'admins' }],
    ['a word before the id', 'customer:1', 'admin:1'],
    ['a word after the id', '1@customers', '1@admins'],
    ['a pair', ['customer', 1], ['admin', 1]],
    ['a pair, the id first', ['1', 'customer'], ['1', 'admin']],
  ])('[S175] are misuse where Passport tells them apart, by %s', async (_how, one, other) => {
    expect(await arrives(one)).toBe('1');
    expect(await arrives(one)).toBe('1');
    const refused = { code: 'misconfigured', message: expect.stringMatching(/user\.kind \+ ':'/) };
    await expect(arrives(other)).rejects.toMatchObject(refused);
    await expect(arrives(other)).rejects.toMatchObject(refused);
    expect(await arrives(one)).toBe('1');
    expect(warnings.mock.calls).toEqual([
      [expect.stringMatching(/userId gave one id/), { code: 'SMS2FA_USER_ID' }],
    ]);
    // Another app knows nothing of it.
    world = gateWorld();
    expect(await arrives(other)).toBe('1');
  });

  test.each([
    ['ids that say the kind', 'customer:1', 'admin:1', 'customer:1', 'admin:1'],
    ['ids of their own', { id: 1, kind: 'customer' }, { id: 2, kind: 'admin' }, 1, 2],
    ['no kind', 'A', 'A', 'A', 'A'],
    ['a name that may change', { id: 1, username: 'a' }, { id: 1, username: 'b' }, 1, 1],
    ['a role that may change', { id: 1, role: 'user' }, { id: 1, role: 'admin' }, 1, 1],
    ['a version beside the id', '7:1', '8:1', 1, 1],
    ['a mark of the sign-in beside the id', 'x8f:1', 'b2c:1', 1, 1],
    ['a serialized user without the id', 'customer', 'admin', 1, 1],
    ['no session of Passport', undefined, undefined, 1, 1],
    ['nothing that is a kind', { id: 1, type: null }, { id: 1, type: {} }, 1, 1],
    ['a pair of numbers', [7, 1], [8, 1], 1, 1],
    ['a list of more than a pair', [1, 'a', 'b'], [1, 'c', 'd'], 1, 1],
    ['a kind that is not their own', Object.create({ kind: 'a' }), { id: 1, kind: 'b' }, 1, 1],
  ])('[S175] are none where there is %s', async (_what, one, other, id, otherId) => {
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await arrives(one, id)).toBe(String(id));
      expect(await arrives(other, otherId)).toBe(String(otherId));
    }
    expect(warnings).not.toHaveBeenCalled();
  });

  test('[S175] the error names both kinds, shortened, and the cure', async () => {
    await arrives(`${'a'.repeat(40)}:1`);
    await expect(arrives('admin:1')).rejects.toThrow(
      `The option userId gave one id for two users whom Passport tells apart ("${'a'.repeat(32)}" and "admin:" in req.session.passport.user): the phone of one would pass for the other. Make it unique over everybody who signs in, such as (user) => user.kind + ':' + user.id. If it is one user whose kind has changed, serialize the id alone.`,
    );
  });

  test('[S142] no more users are remembered than the process can hold', async () => {
    await arrives({ kind: 'customer' }, 'first');
    const req = world.request();
    req.session!.passport = { user: { kind: 'customer' } };
    for (let id = 0; id < 9_999; id += 1) {
      req.user = { id };
      await signedInUser(world.edge, req);
    }
    await expect(arrives({ kind: 'admin' }, 'first')).rejects.toThrow(/one id for two/);
    await arrives({ kind: 'customer' }, 'one more');
    expect(await arrives({ kind: 'admin' }, 'first')).toBe('first');
    await expect(arrives({ kind: 'admin' }, 9_998)).rejects.toThrow(/one id for two/);
  });
});

const promised = (): never => Promise.reject(new Error('the directory is away')) as never;

test.each<[string, TestAppOptions]>([
  ['userId', { factor: { userId: promised } }],
  ['acr', { factor: { acr: promised } }],
  ['locale', { factor: { locale: promised } }],
  ['csrfToken', { before: (app) => void app.use(withToken) }],
])('[S199] a promise of %s that rejects does not end the process', async (_name, options) => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  try {
    const app = await startApp(options);
    for (const agent of [app.agent(), htmlAgent(app)]) {
      await signIn(agent);
      await agent.get('/secret');
      await agent.get('/second-factor/');
    }
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    process.off('unhandledRejection', note);
  }
  expect(rejections).toEqual([]);
});

function withToken(req: object, _res: unknown, next: () => void): void {
  Object.assign(req, { csrfToken: promised });
  next();
}

describe('[S171] the cookie of a browser in which a user has passed', () => {
  const cookieFor = (more: object, userId = 'A'): string | undefined => {
    const res = new ServerResponse({ method: 'GET' } as IncomingMessage);
    rememberBrowser(world.edge.core, world.request({ res, ...more }), userId);
    res.writeHead(200);
    return [res.getHeader('Set-Cookie') ?? []].flat().map(String)[0];
  };
  const shown = (line: string | undefined) =>
    world.request({ headers: { cookie: line?.split(';')[0] } });

  test.each<[boolean, boolean | undefined, boolean]>([
    [true, undefined, true],
    [true, false, true],
    [false, true, true],
    [false, false, false],
    [false, undefined, false],
  ])(
    'with a session cookie that is secure: %p, over a connection that is: %p, is sent over TLS only: %p',
    (session, connection, isSecure) => {
      const req = world.request();
      Object.assign(req.session!.cookie, { secure: session });
      const line = cookieFor({ session: req.session, secure: connection });
      expect(line).toMatch(
        /^sms2fa-known-[\w-]+=[\w-]+; Max-Age=34560000; Path=\/; HttpOnly; (Secure; )?SameSite=Lax$/,
      );
      expect(line?.includes('; Secure')).toBe(isSecure);
    },
  );

  test('is its user’s own, and is not given again to who brings it', () => {
    const { core } = world.edge;
    const line = cookieFor({});
    expect(isKnownBrowser(core, shown(line), 'A')).toBe(true);
    expect(isKnownBrowser(core, shown(line), 'B')).toBe(false);
    expect(isKnownBrowser(core, shown(`${line?.split('=')[0] ?? ''}=x`), 'A')).toBe(false);
    expect(isKnownBrowser(core, world.request(), 'A')).toBe(false);
    expect(cookieFor({ headers: shown(line).headers })).toBeUndefined();
    expect(cookieFor({ headers: shown(line).headers }, 'B')).toBeDefined();
    expect(cookieFor({ session: undefined })).toBe(line);
  });
});
