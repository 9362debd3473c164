import type { SendTarget } from '../../lib/core/challenge/challenge';
import { guessKey } from '../../lib/core/challenge/challenge';
import { deliveryKeys } from '../../lib/core/delivery/follow-delivery';
import { iso, type Purpose } from '../../lib/core/outcomes';
import { sendCode } from '../../lib/core/send/send-code';
import { accountNow, type Account } from '../../lib/express/account';
import type { HttpRequest } from '../../lib/express/http';
import { requesterOf } from '../../lib/express/requester';
import {
  challengeDocument,
  statusAfterSend,
  statusDocument,
  statusOf,
} from '../../lib/express/status';
import type { Enrollment } from '../../lib/ports/enrollments';
import {
  countFailures,
  enrollmentOf,
  giveRecoveryCodes,
  PHONE,
  standing,
  START,
} from '../helpers/core';
import { gateWorld, type GateWorld } from './gate-world';

let world: GateWorld;
const make = (settings: object = {}) => {
  world = gateWorld(settings);
  world.users.set('A', enrollmentOf());
};
beforeEach(() => make());

const whoIs = async (req: HttpRequest) => (await requesterOf(world.edge, req))!;
const verified = async (ago = 0, more: object = {}): Promise<HttpRequest> => {
  const req = world.request();
  await world.verify(req, ago, more);
  return req;
};
/** The document of the router for this request, or for this account of it. */
const documentOf = async (req: HttpRequest, given?: Partial<Account>) => {
  const who = await whoIs(req);
  const account = { ...(await accountNow(world.edge, req, who)), ...given };
  return statusDocument(world.edge, req, who, account);
};
const sent = async (req: HttpRequest, purpose: Purpose, more: Partial<SendTarget> = {}) => {
  const who = await whoIs(req);
  const { epoch } = await accountNow(world.edge, req, who);
  const target = { purpose, phone: PHONE, confirmed: true, epoch, ...more };
  const outcome = await sendCode(world.core, who, target);
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome;
};

const ONE = { amr: ['pwd'], acr: 'urn:passport-sms-2fa:acr:one-factor' };
const TWO = { amr: ['pwd', 'sms', 'mfa'], acr: 'urn:passport-sms-2fa:acr:two-factors' };
const ENROLLED = { enrolled: true, verified: false, phone: '••• ••• ••42' };
const at = (seconds: number) => iso(START + seconds * 1_000);

test('of nobody nothing is told, and of who is signed in what is known', async () => {
  const nobody = world.request({ user: undefined });
  expect(await statusOf(world.edge, nobody)).toStrictEqual({
    enrolled: false,
    verified: false,
    amr: [],
  });
  expect(await statusOf(world.edge, world.request())).toStrictEqual({ ...ENROLLED, ...ONE });
  world.users.clear();
  const none = { enrolled: false, verified: false, ...ONE };
  expect(await statusOf(world.edge, world.request())).toStrictEqual(none);
  make({ firstFactor: [] });
  expect(await statusOf(world.edge, world.request())).toStrictEqual({ ...ENROLLED, amr: [] });
});

test('[S156] when each factor was passed is told, and the later one of both', async () => {
  const req = await verified(60);
  const passed = { ...ENROLLED, verified: true, verifiedAt: at(-60), ...TWO };
  expect(await statusOf(world.edge, req)).toStrictEqual({ ...passed, authTime: at(-60) });
  for (const [signedIn, later] of [
    [-70, -60],
    [-50, -50],
  ] as const) {
    make({ firstFactor: () => ({ amr: ['pwd'], at: START + signedIn * 1_000 }) });
    const times = { signedInAt: at(signedIn), authTime: at(later) };
    expect(await statusOf(world.edge, await verified(60))).toStrictEqual({ ...passed, ...times });
    const first = { signedInAt: at(signedIn), authTime: at(signedIn) };
    const asked = await statusOf(world.edge, world.request());
    expect(asked).toStrictEqual({ ...ENROLLED, ...ONE, ...first });
  }
});

test('[S83] a trusted device verifies, and passes nothing at any time', async () => {
  const req = await verified();
  const { mark } = await accountNow(world.edge, req, await whoIs(req));
  const byDevice = { mark: { ...mark!, amr: [], deviceId: 'd' } };
  expect(await documentOf(req, byDevice)).toMatchObject({ ...ENROLLED, verified: true, ...ONE });
  const document = await documentOf(req, byDevice);
  expect(document).not.toHaveProperty('verifiedAt');
  expect(document).not.toHaveProperty('authTime');
});

test('how many recovery codes are left, and that new ones wait, is for verified sessions only', async () => {
  const codes = giveRecoveryCodes(world);
  expect(await documentOf(await verified())).toMatchObject({ recoveryCodesLeft: codes.length });
  expect(await documentOf(world.request())).not.toHaveProperty('recoveryCodesLeft');
  expect(await statusOf(world.edge, await verified())).not.toHaveProperty(
    'recoveryCodesAcknowledged',
  );
  const newRecoveryCodes = {
    id: 'x'.repeat(22),
    keyId: world.core.keyring.newestId,
    madeAt: START,
    session: 's',
  };
  world.users.set('A', enrollmentOf(PHONE, { newRecoveryCodes }));
  const waiting = { recoveryCodesAcknowledged: false, recoveryCodesLeft: 10 };
  expect(await documentOf(await verified())).toMatchObject(waiting);
  const unverified = await documentOf(world.request());
  for (const name of Object.keys(waiting)) expect(unverified).not.toHaveProperty(name);
  // Who has passed a factor of the app's own has none.
  const own = await documentOf(await verified(), { enrollment: undefined });
  expect(own).toMatchObject({ enrolled: false, verified: true });
  for (const name of Object.keys(waiting)) expect(own).not.toHaveProperty(name);
});

test('[S207] from when on a user must enroll is told to who has no factor at all', async () => {
  const from = new Date(START + 86_400_000);
  const policy = { enrollment: () => ({ requiredFrom: from }) };
  const told = async (settings: object, enrollment?: Enrollment) => {
    make({ ...policy, ...settings });
    world.users.clear();
    if (enrollment !== undefined) world.users.set('A', enrollment);
    const [status, document] = [
      await statusOf(world.edge, world.request()),
      await documentOf(world.request()),
    ];
    expect(status.enrollmentRequiredFrom).toBe(document.enrollmentRequiredFrom);
    return status.enrollmentRequiredFrom;
  };
  expect(await told({})).toBe(from.toISOString());
  expect(await told({ hasOwnFactor: () => true })).toBeUndefined();
  expect(await told({}, enrollmentOf())).toBeUndefined();
  expect(await told({ enrollment: 'required' })).toBeUndefined();
  const own = { enrollment: undefined, mark: (await passedMark())! };
  expect(await documentOf(world.request(), own)).not.toHaveProperty('enrollmentRequiredFrom');
});
const passedMark = async () => {
  make({ enrollment: () => ({ requiredFrom: new Date(START) }) });
  const req = await verified();
  return (await accountNow(world.edge, req, await whoIs(req))).mark;
};

test('that a form was held up is told once, to who has passed', async () => {
  const held = { interrupted: { userId: 'A', at: START } };
  const req = world.request();
  Object.assign(req.session!, { sms2fa: held });
  expect(await statusOf(world.edge, req)).not.toHaveProperty('interrupted');
  const passed = await verified();
  Object.assign(passed.session!.sms2fa as object, held);
  expect(await statusOf(world.edge, passed)).toMatchObject({ interrupted: true });
  expect(await statusOf(world.edge, passed)).not.toHaveProperty('interrupted');
});

describe('the code that is pending', () => {
  const DOCUMENT = {
    phone: '••• ••• ••42',
    codeLength: 6,
    sentAt: at(0),
    expiresAt: at(300),
    resendAt: at(30),
    attemptsLeft: 5,
    sendsLeft: 4,
    delivery: 'accepted',
  };
  const pendingOf = async (req: HttpRequest, given?: Partial<Account>) =>
    (await documentOf(req, given)).challenge;

  test('is told as far as it is known, also right after it was sent', async () => {
    const req = world.request();
    expect(await documentOf(req)).not.toHaveProperty('challenge');
    const outcome = await sent(req, 'sign-in');
    const challenge = { purpose: 'sign-in', ...DOCUMENT };
    expect(await pendingOf(req)).toStrictEqual(challenge);
    const who = await whoIs(req);
    const account = await accountNow(world.edge, req, who);
    expect(await statusAfterSend(world.edge, req, who, account, outcome)).toStrictEqual({
      ...ENROLLED,
      ...ONE,
      challenge,
    });
    const { id, receipt } = outcome.challenge;
    const limit = 9;
    const guess = { key: guessKey(world.core, who.sessionId, id), window: 1_000, limit, by: 2 };
    const [delivered = ''] = deliveryKeys(world.core, receipt);
    const take = [guess, { key: delivered, window: 1_000, limit }];
    await world.core.counter.settle({ take });
    const known = { ...challenge, attemptsLeft: 3, delivery: 'delivered' };
    expect(await pendingOf(req)).toStrictEqual(known);
    world.pass(300);
    expect(await documentOf(req)).not.toHaveProperty('challenge');
  });

  test('by mail says so, and one for a transaction names it', async () => {
    const req = await verified();
    const transaction = 'Pay $250 to Bob';
    const { challenge } = await sent(req, 'step-up', { transaction });
    const mailed = { ...challenge, channel: 'email', phone: 'ann@acme.example' } as const;
    const way = { guesses: undefined, delivery: 'sent' } as const;
    expect(challengeDocument(world.core, mailed, way)).toMatchObject({
      channel: 'email',
      phone: 'a•••@acme.example',
      delivery: 'sent',
    });
    const told = { purpose: 'step-up', ...DOCUMENT, transaction };
    expect(await pendingOf(req, { transaction })).toStrictEqual(told);
    // [S160] For what is no longer held up it is good for nothing.
    expect(await pendingOf(req)).toBeUndefined();
    expect(await pendingOf(req, { transaction: 'Pay $9 to Eve' })).toBeUndefined();
  });

  test.each<[Purpose, unverified: boolean, verified: boolean, without: boolean]>([
    ['sign-in', true, false, false],
    ['step-up', false, true, false],
    ['replace', false, true, false],
    ['enroll', false, false, true],
  ])(
    'of a code to %s is told before it was passed: %p, after: %p, and without a phone: %p',
    async (purpose, ...told) => {
      const req = world.request();
      await sent(req, purpose);
      const { epoch, mark, enrollment } = await accountNow(
        world.edge,
        await verified(),
        await whoIs(req),
      );
      const accounts: Partial<Account>[] = [
        { epoch, enrollment, mark: undefined },
        { epoch, enrollment, mark },
        { epoch, enrollment: undefined, mark: undefined },
      ];
      for (const [index, account] of accounts.entries()) {
        const challenge = await pendingOf(req, account);
        expect(challenge?.purpose).toBe(told[index] === true ? purpose : undefined);
      }
      // Of another state of the account it is dead.
      for (const account of accounts)
        expect(await pendingOf(req, { ...account, epoch: 'another' })).toBeUndefined();
    },
  );
});

test('[S24] while wrong codes have locked the user it is told until when', async () => {
  expect(await documentOf(world.request())).not.toHaveProperty('lockedUntil');
  await countFailures(world, world.core.limits.lockAfter);
  const { until } = (await standing(world)) as { until: number };
  expect((await documentOf(world.request())).lockedUntil).toBe(iso(until));
});

test('what naming a phone agrees to is told where one may be named, and the app has terms', async () => {
  const consented = async (req: HttpRequest) => 'consent' in (await documentOf(req));
  expect(await consented(await verified())).toBe(false);
  world.core.links = { terms: 'https://acme.example/terms' };
  expect(await consented(await verified())).toBe(true);
  expect(await consented(world.request())).toBe(false);
  world.users.clear();
  expect(await consented(world.request())).toBe(true);
});
