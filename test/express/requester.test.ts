import { requesterOf } from '../../lib/express/account';
import type { HttpRequest } from '../../lib/express/http';
import { enrollmentOf } from '../helpers/core';
import { gateWorld, type GateWorld } from './gate-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
  world.users.set('A', enrollmentOf());
});
const whoIs = (req: HttpRequest) => {
  const who = requesterOf(world.edge, req);
  if (who === undefined) throw new Error('a stranger');
  return who;
};

test('who asks is told from the request', () => {
  world = gateWorld({ credentialsEpoch: () => 7 });
  const req = world.request({ user: { id: 12 } });
  expect(requesterOf(world.edge, req)).toEqual({
    user: { id: 12 },
    request: req,
    userId: '12',
    credentialsEpoch: '7',
    sessionId: 'sid',
    address: '192.0.2.1',
  });
  expect(whoIs(world.request({ sessionID: undefined })).sessionId).toBe('');
  expect(whoIs(world.request({ user: { id: 5n } })).userId).toBe('5');
});

test.each([undefined, null, false])('a user of %p is a stranger', (user) => {
  expect(requesterOf(world.edge, world.request({ user }))).toBeUndefined();
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
])('[S33] a user id of %p is misuse', (id, kind) => {
  expect(() => whoIs(world.request({ user: { id } }))).toThrow(
    expect.objectContaining({
      code: 'misconfigured',
      message: expect.stringContaining(`userId gave ${kind} for req.user`),
    }),
  );
});

test('a credentials epoch may be empty, and nothing else that is nothing', () => {
  world = gateWorld({ credentialsEpoch: () => '' });
  expect(whoIs(world.request()).credentialsEpoch).toBe('');
  world = gateWorld({ credentialsEpoch: () => undefined });
  expect(() => whoIs(world.request())).toThrow(/credentialsEpoch gave undefined/);
});

test('[S66] without a session, or with another store, nothing is decided', () => {
  const misuse = { code: 'misconfigured' };
  for (const [more, words] of [
    [{ session: undefined }, /req\.session/],
    [{ sessionStore: {} }, /is not the store/],
    [{ sessionStore: {}, user: undefined }, /is not the store/],
  ] as const) {
    const look = () => requesterOf(world.edge, world.request(more));
    expect(look).toThrow(expect.objectContaining(misuse));
    expect(look).toThrow(words);
  }
  expect(whoIs(world.request({ sessionStore: undefined })).userId).toBe('A');
});

test('[S66] somebody signed in without req.user is misuse; signed out it is a stranger', () => {
  const signedIn = (user: unknown, passport: unknown) => {
    const req = world.request({ user });
    req.session!.passport = passport;
    return () => requesterOf(world.edge, req);
  };
  for (const user of [undefined, null]) {
    expect(signedIn(user, { user: 'A' })).toThrow(/Mount passport.session\(\) before/);
    expect(signedIn(user, {})()).toBeUndefined();
    expect(signedIn(user, undefined)()).toBeUndefined();
  }
  expect(signedIn({ id: 'A' }, { user: 'A' })()?.userId).toBe('A');
  expect(signedIn(false, { user: 'A' })()).toBeUndefined();
});
