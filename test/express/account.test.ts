import {
  accountNow,
  factorAccess,
  isFresh,
  noteUse,
  recentAccount,
  signedInFreshly,
} from '../../lib/express/account';
import type { HttpRequest } from '../../lib/express/http';
import { requesterOf } from '../../lib/express/requester';
import { enrollmentOf, PHONE, START } from '../helpers/core';
import { gateWorld, type GateWorld } from './gate-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
  world.users.set('A', enrollmentOf());
});
const whoIs = async (req: HttpRequest) => (await requesterOf(world.edge, req))!;
const account = async (req: HttpRequest) => accountNow(world.edge, req, await whoIs(req));
const recent = async (req: HttpRequest) => recentAccount(world.edge, req, await whoIs(req));
const stateOf = (req: HttpRequest) => req.session!.sms2fa as Record<string, unknown>;

test('[S59] a mark holds for its user, phone, state and time, and its live record', async () => {
  const req = world.request();
  const mark = await world.verify(req);
  expect((await account(req)).mark).toEqual(mark);
  for (const more of [{ userId: 'B' }, { phone: 'x' }, { epoch: 'x' }]) {
    await world.verify(req, 0, more);
    expect((await account(req)).mark).toBeUndefined();
  }
  await world.verify(req, 86_399.999);
  expect((await account(req)).mark).toBeDefined();
  await world.verify(req, 86_400);
  expect((await account(req)).mark).toBeUndefined();
});

test('[S62] a mark whose live record is gone, or is another’s, does not hold', async () => {
  const req = world.request();
  await world.verify(req);
  await world.edge.sessions.end('sid');
  expect((await account(req)).mark).toBeUndefined();
  await world.edge.sessions.begin('sid', 'another mark', 9e15);
  expect((await account(req)).mark).toBeUndefined();
});

test('without an enrollment, or after the hard stop, no mark holds', async () => {
  const req = world.request();
  await world.verify(req);
  world.users.set('A', enrollmentOf(PHONE, { disabledAt: 1 }));
  const disabled = await account(req);
  expect(disabled).toMatchObject({ mark: undefined, enrollment: { disabledAt: 1 } });
  world.users.clear();
  expect(await account(req)).toMatchObject({ enrollment: undefined, mark: undefined });
  expect((await account(req)).epoch).not.toBe(disabled.epoch);
});

test('a mark may hold by a recent enrollment; nobody is turned away or let in by an old one', async () => {
  const req = world.request();
  await world.verify(req);
  await recent(req);
  await recent(req);
  // Without the user of the request: what is remembered serves other requests, too.
  expect(world.asked).toEqual([['A', undefined]]);
  // Replaced by another process: the mark holds by what is remembered, for ten seconds.
  world.users.set('A', enrollmentOf(PHONE, { epoch: 'second' }));
  expect((await recent(req)).mark).toBeDefined();
  world.pass(10);
  expect((await recent(req)).mark).toBeUndefined();
  expect(world.asked).toHaveLength(3);
  // A new mark for the new state: the old state is not believed.
  world.users.set('A', enrollmentOf(PHONE, { epoch: 'third' }));
  await world.verify(req);
  expect((await recent(req)).mark).toBeDefined();
  // Without a mark nothing remembered is looked at, and what is found is not remembered.
  const stranger = world.request();
  world.asked.length = 0;
  for (let looks = 0; looks < 2; looks += 1) await recent(stranger);
  expect(world.asked).toEqual(Array(2).fill(['A', { id: 'A' }]));
});

test('[S62] what the user of one request carries opens the gate to no other request', async () => {
  const held = world.request();
  world.carried.set(held.user, enrollmentOf());
  const req = world.request();
  await world.verify(req);
  world.users.set('A', enrollmentOf(PHONE, { epoch: 'revoked' }));
  await account(held);
  expect((await recent(req)).mark).toBeUndefined();
});

test('[S70] an idle session ends early where the app wants it', async () => {
  world = gateWorld({}, { verifiedIdle: 600, verifiedSession: 3_600 });
  const req = world.request();
  await world.verify(req, 600);
  expect((await account(req)).mark).toBeDefined();
  await world.verify(req, 600.001);
  expect((await account(req)).mark).toBeUndefined();
  stateOf(req).seenAt = world.core.clock() - 600_000;
  expect((await account(req)).mark).toBeDefined();
  stateOf(req).seenAt = world.core.clock() - 600_001;
  expect((await account(req)).mark).toBeUndefined();
});

test('where idle sessions do not end early, nothing is noted and nothing ends', async () => {
  for (const verifiedIdle of [3_600, 7_200]) {
    world = gateWorld({}, { verifiedIdle, verifiedSession: 3_600 });
    const req = world.request();
    const mark = await world.verify(req, 3_599);
    stateOf(req).seenAt = world.core.clock() - 9_000_000;
    expect((await account(req)).mark).toBeDefined();
    noteUse(world.edge, req, mark);
    expect(stateOf(req).seenAt).toBe(world.core.clock() - 9_000_000);
  }
});

test('use is noted ten times at most in the time a session may lie idle', async () => {
  world = gateWorld({}, { verifiedIdle: 600, verifiedSession: 3_600 });
  const req = world.request();
  const mark = await world.verify(req, 60);
  noteUse(world.edge, req, mark);
  expect(stateOf(req)).toEqual({ mark });
  world.pass(0.001);
  noteUse(world.edge, req, mark);
  const first = world.core.clock();
  expect(stateOf(req)).toEqual({ mark, seenAt: first });
  world.pass(60);
  noteUse(world.edge, req, mark);
  expect(stateOf(req).seenAt).toBe(first);
  world.pass(0.001);
  noteUse(world.edge, req, mark);
  expect(stateOf(req).seenAt).toBe(first + 60_001);
});

test('[S94] to change the factor it must have been passed within ten minutes', async () => {
  const req = world.request();
  for (const [ago, fresh] of [
    [600, true],
    [600.001, false],
  ] as const) {
    await world.verify(req, ago);
    const now = await account(req);
    expect(isFresh(world.edge, now, 600)).toBe(fresh);
    expect(factorAccess(world.edge, now)).toEqual({
      enrollment: enrollmentOf(),
      epoch: now.epoch,
      fresh,
    });
  }
  expect(isFresh(world.edge, await account(world.request()), Infinity)).toBe(false);
});

describe('a fresh sign-in', () => {
  const fresh = (signedInAt: unknown): Promise<boolean> => {
    const world = gateWorld({ freshLogin: { seconds: 600, signedInAt: () => signedInAt } });
    return signedInFreshly(world.edge, world.request());
  };

  test('where the app does not ask for it every sign-in is fresh', async () => {
    const world = gateWorld();
    expect(await signedInFreshly(world.edge, world.request())).toBe(true);
  });

  test.each([
    [START, true],
    [START - 600_000, true],
    [START - 600_001, false],
    [START + 1, false],
    [undefined, false],
    [null, false],
    [NaN, false],
    ['yesterday', false],
    [new Date(START), true],
  ])('a sign-in at %p is fresh: %p', async (at, is) => {
    expect(await fresh(at)).toBe(is);
    expect(await fresh(Promise.resolve(at))).toBe(is);
  });

  test('the app is asked with the request', async () => {
    const signedInAt = jest.fn().mockReturnValue(START);
    const world = gateWorld({ freshLogin: { seconds: 1, signedInAt } });
    const req = world.request();
    await signedInFreshly(world.edge, req);
    expect(signedInAt.mock.calls).toEqual([[req]]);
  });

  test('an app that cannot say leaves the door shut', async () => {
    await expect(fresh(Promise.reject(new Error('away')))).rejects.toThrow('away');
  });

  test('an app that does not answer is not waited for', async () => {
    const set = jest.spyOn(globalThis, 'setTimeout');
    try {
      const late = expect(fresh(new Promise(() => undefined))).rejects.toThrow(
        'no answer within 1.5 s',
      );
      const limits = set.mock.calls.filter(([, delay]) => delay === 1_500);
      expect(limits).toHaveLength(1);
      limits[0]![0]();
      await late;
    } finally {
      set.mockRestore();
    }
  });
});
