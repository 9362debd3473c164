import type { Mark } from '../../lib/core/account';
import { noteRevoked, sessionPrint } from '../../lib/core/sessions';
import {
  accountNow,
  codesMadeHere,
  factorAccess,
  isFresh,
  mayBeMailed,
  noteUse,
  recentAccount,
  signedInFreshly,
} from '../../lib/express/account';
import type { HttpRequest } from '../../lib/express/http';
import { requesterOf } from '../../lib/express/requester';
import type { Settings } from '../../lib/options/options';
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

test('of who has passed nothing the store is asked once, and with the user of the request', async () => {
  await recent(world.request());
  expect(world.asked).toEqual([['A', { id: 'A' }]]);
});

test('[S62] a mark without a phone, of a factor of the app’s own, ends with a revocation', async () => {
  world.users.clear();
  const req = world.request();
  const none = { phone: world.core.keyring.fingerprint('phone', 'none') };
  const mark = await world.verify(req, 0, { ...none, amr: ['otp'] });
  world.users.clear();
  const { epoch } = await account(req);
  await world.verify(req, 0, { ...none, epoch, amr: ['otp'] });
  world.users.clear();
  expect((await account(req)).mark).toEqual({ ...mark, epoch });
  await noteRevoked(world.core, 'A');
  expect((await account(req)).mark).toBeUndefined();
});

test('with a phone the epoch tells of a revocation, and nothing more is read for it', async () => {
  const req = world.request();
  await world.verify(req);
  const get = jest.spyOn(world.core.records, 'get');
  expect((await account(req)).mark).toBeDefined();
  const perRequest = get.mock.calls.length;
  await noteRevoked(world.core, 'A');
  expect((await account(req)).mark).toBeDefined();
  expect([perRequest, get.mock.calls.length]).toEqual([0, 0]);
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

test('[S62] no mark holds by what the user of its own request carries either', async () => {
  const req = world.request();
  await world.verify(req);
  world.carried.set(req.user, enrollmentOf());
  world.users.set('A', enrollmentOf(PHONE, { epoch: 'revoked' }));
  expect((await account(req)).mark).toBeUndefined();
  expect(world.asked).toEqual([['A', undefined]]);
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

test('[S94] a mailed code changes no factor, also where a texted one was passed before it', async () => {
  const req = world.request();
  const now = world.core.clock();
  const rows: [Partial<Mark>, boolean][] = [
    [{ amr: ['email'] }, false],
    [{ amr: ['sms', 'email'], passedAt: [now - 600_001, now] }, false],
    [{ amr: ['sms', 'email'], passedAt: [now - 600_000, now] }, true],
  ];
  for (const [mark, fresh] of rows) {
    await world.verify(req, 0, mark);
    expect(factorAccess(world.edge, await account(req))).toMatchObject({ fresh });
  }
});

test('[S103] who has passed without a phone has passed a factor of the app’s own', async () => {
  world.users.clear();
  expect(factorAccess(world.edge, await account(world.request()))).not.toHaveProperty('ownFactor');
  const { epoch } = await account(world.request());
  const mark = await world.verify(world.request(), 0, { amr: ['otp'] });
  const passed = { enrollment: undefined, epoch, mark };
  expect(factorAccess(world.edge, passed)).toMatchObject({ ownFactor: true, fresh: true });
});

const PURPOSES = ['sign-in', 'step-up', 'enroll', 'replace'] as const;
test.each<[string, object | undefined, object]>([
  ['no mails', undefined, {}],
  ['mails', {}, { 'sign-in': true, enroll: true, replace: true }],
  ['mails, for no step-up', { stepUp: false }, { 'sign-in': true, enroll: true, replace: true }],
  [
    'mails, for step-ups, too',
    { stepUp: true },
    { 'sign-in': true, 'step-up': true, enroll: true, replace: true },
  ],
])(
  'where the app offers %s, a code comes by mail for no more than it says',
  async (_, given, may) => {
    const email = given as Settings['email'];
    const allowed = PURPOSES.filter((purpose) => mayBeMailed({ email }, purpose));
    expect(allowed).toEqual(PURPOSES.filter((purpose) => purpose in may));
    // What came by mail, and may not for a step-up, is no answer to a route that asks for one.
    world = gateWorld({ email });
    world.users.set('A', enrollmentOf());
    const req = world.request();
    await world.verify(req, 0, { amr: ['email'] });
    expect(isFresh(world.edge, await account(req), 300)).toBe('step-up' in may);
    expect(isFresh(world.edge, await account(req), 300, ['email'])).toBe('step-up' in may);
    expect(isFresh(world.edge, await account(req), Infinity, ['email'])).toBe(true);
  },
);

test('new recovery codes are shown in their session and the one that it went on as, and in no other', () => {
  const here = sessionPrint(world.core, 'here');
  const set = { session: here } as never;
  const enrollment = { ...enrollmentOf(), newRecoveryCodes: set };
  const shown = (
    sessionId: string,
    state: object,
    of: typeof enrollment | undefined = enrollment,
  ) => {
    const req = world.request();
    Object.assign(req.session!, { sms2fa: state });
    return codesMadeHere(world.edge, req, sessionId, of);
  };
  expect(shown('here', {})).toBe(set);
  expect(shown('there', { codesFrom: here })).toBe(set);
  expect(shown('there', {})).toBeUndefined();
  expect(shown('there', { codesFrom: sessionPrint(world.core, 'elsewhere') })).toBeUndefined();
  for (const none of [undefined, enrollmentOf()]) {
    const req = world.request();
    expect(codesMadeHere(world.edge, req, 'here', none)).toBeUndefined();
  }
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
