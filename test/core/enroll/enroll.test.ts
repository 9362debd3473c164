import type { FactorAccess } from '../../../lib/core/account';
import {
  confirmEnrollment,
  removeOwnEnrollment,
  startEnrollment,
} from '../../../lib/core/enroll/enroll';
import { recoveryCodesOf } from '../../../lib/core/enroll/recovery-codes';
import { notEndedPlace, wasRevoked } from '../../../lib/core/sessions';
import {
  accountOf,
  challengeIn,
  codeOf,
  enrollmentOf,
  makeWorld,
  PHONE,
  requester,
  START,
  wrong,
  type World,
} from '../../helpers/core';
import { overtake } from '../rivals';

const NEW = '+12065550199';
const CALLER = requester();
const access = (world: World, fresh = true): FactorAccess => ({ ...accountOf(world), fresh });
const start = (world: World, phone: unknown, country?: unknown, fresh = true) =>
  startEnrollment(world.core, CALLER, access(world, fresh), { phone, country });
const confirm = (world: World, code: string, fresh = true) =>
  confirmEnrollment(world.core, CALLER, access(world, fresh), code);

let world: World;
beforeEach(() => {
  world = makeWorld();
});

test('[S91] a phone becomes the factor when its code comes back, and not before', async () => {
  const challenge = challengeIn(await start(world, '(206) 555-0142'));
  expect(challenge).toMatchObject({ purpose: 'enroll', phone: PHONE, epoch: access(world).epoch });
  expect(world.users.size).toBe(0);
  expect(await confirm(world, wrong(world))).toMatchObject({ code: 'code_incorrect' });
  const confirmed = await confirm(world, codeOf(world));
  expect(confirmed).toEqual({
    ok: true,
    enrollment: {
      phone: PHONE,
      confirmedAt: START,
      confirmedFrom: '192.0.2.1',
      epoch: expect.stringMatching(/^[\w-]{16}$/),
      newRecoveryCodes: {
        id: expect.stringMatching(/^[\w-]{22}$/),
        keyId: world.core.keyring.newestId,
        madeAt: START,
        session: world.core.keyring.digest('session', CALLER.sessionId),
      },
      version: 1 + (START % 2 ** 30),
    },
    verified: {
      ok: true,
      challenge: expect.objectContaining({ phone: PHONE }),
      spent: expect.any(Array),
    },
  });
  expect(world.users.get('A')).toEqual(confirmed.ok && confirmed.enrollment);
  expect(world.events.at(-1)).toEqual({
    name: 'enrolled',
    facts: { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42', purpose: 'enroll' },
  });
});

test('[S174] the spellings of one phone share its wait and its budget', async () => {
  const argentina = new Set(['AR']);
  world = makeWorld(
    { allowedCountries: argentina },
    { phonesPerUser: [{ count: 1, seconds: 9e4 }] },
  );
  const spellings = ['+54 9 11 2345-6789', '+54 11 2345-6789'];
  const { sendsLeft } = challengeIn(await start(world, spellings[0]));
  expect(await start(world, spellings[1])).toMatchObject({ code: 'resend_too_soon' });
  world.pass(30);
  // It is the one number that the user may try, and texted as it was spelled.
  const second = challengeIn(await start(world, spellings[1]));
  expect(world.outbox.messages.map(({ to }) => to)).toEqual(['+5491123456789', '+541123456789']);
  expect(second.sendsLeft).toBe(sendsLeft - 1);
  // A stranger who spells it in the other way meets what is counted of it.
  const stranger = requester('B', { address: '192.0.2.9' });
  const asked = { phone: spellings[0], country: 'AR' };
  const none = { enrollment: undefined, epoch: '', fresh: false };
  expect(await startEnrollment(world.core, stranger, none, asked)).toMatchObject({
    code: 'resend_too_soon',
  });
  world.pass(60);
  expect(await start(world, '+54 11 2345-6780')).toMatchObject({ code: 'send_limit_reached' });
});

test.each([
  ['+5491123456789', '+54 11 2345 6789'],
  ['+541123456789', '+54 9 11 2345 6789'],
  ['+5215512345678', '+52 55 1234 5678'],
  ['+525512345678', '+52 1 55 1234 5678'],
])('[S174] %s is the factor already, spelled %s', async (phone, spelled) => {
  world = makeWorld({ allowedCountries: new Set(['AR', 'MX']) });
  world.users.set('A', enrollmentOf(phone));
  expect(await start(world, spelled)).toMatchObject({ code: 'already_enrolled' });
  expect(world.outbox.messages).toEqual([]);
});

test('an enrolled number has earned its place more room, and a confirmed one has not', async () => {
  await start(world, PHONE);
  await confirm(world, codeOf(world));
  const earned = world.added.filter(({ key }) => key.includes('#verified.'));
  const block = world.core.keyring.subjects.block(PHONE);
  expect(earned.map(({ key }) => key).sort()).toEqual([
    `${block}#verified.day.20000`,
    `${block}#verified.hour.480000`,
    'c:US#verified.day.20000',
    'c:US#verified.hour.480000',
  ]);
});

test('[S94] another phone takes the place of the first, which is told masked', async () => {
  world.users.set('A', enrollmentOf(PHONE, { version: 7 }));
  expect(challengeIn(await start(world, NEW)).purpose).toBe('replace');
  expect(world.users.get('A')!.phone).toBe(PHONE);
  expect((await confirm(world, codeOf(world))).ok).toBe(true);
  expect(world.users.get('A')).toMatchObject({ phone: NEW, version: 8 });
  expect(world.users.get('A')!.epoch).not.toBe('first');
  expect(world.events.at(-1)).toEqual({
    name: 'replaced',
    facts: expect.objectContaining({
      phone: '••• ••• ••99',
      previousPhone: '••• ••• ••42',
      purpose: 'replace',
    }),
  });
});

test('[S93] whoever has a factor needs it fresh, to start and to confirm', async () => {
  world.users.set('A', enrollmentOf());
  const refusal = { ok: false, code: 'fresh_second_factor_required' };
  expect(await start(world, NEW, 'US', false)).toEqual(refusal);
  expect(world.outbox.messages).toEqual([]);
  await start(world, NEW);
  expect(await confirm(world, codeOf(world), false)).toEqual(refusal);
  expect(world.users.get('A')!.phone).toBe(PHONE);
});

test('a first enrollment needs nothing fresh', async () => {
  expect((await start(world, PHONE, undefined, false)).ok).toBe(true);
  expect((await confirm(world, codeOf(world), false)).ok).toBe(true);
});

test.each([7, null, '', ' ', 'USA', 'U', 'U1', 'xUS', ['US']])(
  'a country of %j is malformed',
  async (country) => {
    const malformed = { code: 'request_malformed', detail: { say: 'detail.countryMalformed' } };
    // Nothing at all, or a field that was left empty, is the default country.
    const isEmpty = country === null || (typeof country === 'string' && country.trim() === '');
    if (isEmpty) expect((await start(world, PHONE, country)).ok).toBe(true);
    else expect(await start(world, PHONE, country)).toMatchObject(malformed);
  },
);

test('a national number is read in the country that is named, in either case', async () => {
  world = makeWorld({ allowedCountries: new Set(['US', 'GB']) });
  expect(challengeIn(await start(world, '07400 123456', 'gb')).phone).toBe('+447400123456');
});

test('a number that is none, or not served, or the one there is, is refused by name', async () => {
  world.users.set('A', enrollmentOf());
  expect(await start(world, '555')).toEqual({ ok: false, code: 'phone_invalid' });
  expect(await start(world, '+447400123456')).toMatchObject({ code: 'destination_not_allowed' });
  expect(await start(world, PHONE)).toEqual({ ok: false, code: 'already_enrolled' });
});

/** Whether the session of the caller goes on. */
const goesOn = async () => {
  const { core } = world;
  return (await core.counter.settle({ take: [notEndedPlace(core, CALLER.sessionId)] })).ok;
};

test('[S99] of two confirmations that cross, the second is told that it was late, and goes on', async () => {
  await start(world, PHONE);
  const other = enrollmentOf(NEW, { epoch: 'second' });
  overtake(world, other);
  const seen = access(world);
  const code = codeOf(world);
  const late = await confirmEnrollment(world.core, CALLER, seen, code);
  expect(late).toEqual({ ok: false, code: 'already_enrolled' });
  expect(world.told('enrolled')).toEqual([]);
  expect(world.users.get('A')).toBe(other);
  expect(await goesOn()).toBe(true);
  // Its code was for another state of the account.
  expect(await confirm(world, code)).toEqual({ ok: false, code: 'challenge_expired' });
});

test('[S95] removing needs a factor, fresh, and the one that was seen', async () => {
  const remove = (fresh = true) => removeOwnEnrollment(world.core, CALLER, access(world, fresh));
  expect(await remove()).toEqual({ ok: false, code: 'enrollment_required' });
  world.users.set('A', enrollmentOf());
  const stale = { ok: false, code: 'fresh_second_factor_required' };
  expect(await remove(false)).toEqual(stale);
  const seen = access(world);
  world.users.set('A', enrollmentOf(NEW, { version: 2, epoch: 'second' }));
  expect(await removeOwnEnrollment(world.core, CALLER, seen)).toEqual(stale);
  expect(world.users.has('A')).toBe(true);
  expect(await remove()).toEqual({ ok: true });
  expect(world.users.has('A')).toBe(false);
  expect(world.events).toEqual([
    {
      name: 'removed',
      facts: { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••99' },
    },
  ]);
});

test('[S62] a removal ends what verified a session without a phone, before the phone is gone', async () => {
  world.users.set('A', enrollmentOf());
  const revoked = () => wasRevoked(world.core, 'A', START);
  await removeOwnEnrollment(world.core, CALLER, access(world, false));
  expect(await revoked()).toBe(false);
  const { enrollments } = world.core;
  let before = false;
  const remove: typeof enrollments.delete = async (...given) => {
    before = await revoked();
    return enrollments.delete(...given);
  };
  world.core.enrollments = { ...enrollments, delete: remove };
  await removeOwnEnrollment(world.core, CALLER, access(world));
  expect([before, world.users.size]).toEqual([true, 0]);
});

test('[S99] a factor that was replaced or revoked meanwhile is not replaced', async () => {
  world.users.set('A', enrollmentOf());
  await start(world, NEW);
  overtake(world, enrollmentOf(PHONE, { version: 2, epoch: 'second' }));
  expect(await confirm(world, codeOf(world))).toEqual({ ok: false, code: 'challenge_expired' });
  expect(world.users.get('A')).toEqual(enrollmentOf(PHONE, { version: 2, epoch: 'second' }));
  expect(world.told('replaced')).toEqual([]);
  expect(await goesOn()).toBe(true);
});

test('[S99] whatever else was written meanwhile, the factor is replaced', async () => {
  world.users.set('A', enrollmentOf());
  await start(world, NEW);
  overtake(world, enrollmentOf(PHONE, { version: 2, disabledAt: START }));
  expect(await confirm(world, codeOf(world))).toMatchObject({
    ok: true,
    enrollment: { version: 3 },
  });
  expect(world.users.get('A')).toMatchObject({ phone: NEW, version: 3 });
  expect(world.users.get('A')).not.toHaveProperty('disabledAt');
  expect(world.told('replaced')).toHaveLength(1);
});

test('[S104] [S178] a confirmed phone comes with recovery codes, which can be seen again', async () => {
  const older = { salt: 'old', digests: ['old'] };
  world.users.set('A', enrollmentOf(PHONE, { recoveryCodes: older }));
  await start(world, NEW);
  const confirmed = await confirm(world, codeOf(world));
  const { recoveryCodes, newRecoveryCodes } = world.users.get('A')!;
  expect(confirmed).toMatchObject({ ok: true, enrollment: { newRecoveryCodes } });
  const codes = recoveryCodesOf(world.core, 'A', newRecoveryCodes);
  expect(new Set(codes).size).toBe(10);
  expect(recoveryCodes).toEqual(older);
});

test.each([undefined, enrollmentOf()])(
  '[S178] nobody is enrolled by a write that was answered late without being told (before: %j)',
  async (before) => {
    if (before !== undefined) world.users.set('A', before);
    await start(world, NEW);
    const { enrollments } = world.core;
    const set: typeof enrollments.set = async (...write) => {
      await enrollments.set(...write);
      throw new Error('no answer within 1500 ms');
    };
    world.core.enrollments = { ...enrollments, set };
    const confirmed = await confirm(world, codeOf(world));
    expect(confirmed).toMatchObject({ ok: true, enrollment: { phone: NEW } });
    expect(world.users.get('A')).toEqual(confirmed.ok && confirmed.enrollment);
    expect(await goesOn()).toBe(false);
  },
);

test('an address that nobody vouches for is not kept', async () => {
  const who = requester('A', { address: undefined });
  await startEnrollment(world.core, who, access(world), { phone: PHONE, country: undefined });
  await confirmEnrollment(world.core, who, access(world), codeOf(world));
  expect(world.users.get('A')).not.toHaveProperty('confirmedFrom');
});

test('[S31] a phone that the hard stop disabled can be enrolled anew', async () => {
  world.users.set('A', enrollmentOf(PHONE, { disabledAt: START }));
  expect(challengeIn(await start(world, PHONE)).purpose).toBe('replace');
  expect((await confirm(world, codeOf(world))).ok).toBe(true);
  expect(world.users.get('A')).not.toHaveProperty('disabledAt');
});

test('a phone that could not be written may be confirmed with the same code again', async () => {
  await start(world, PHONE);
  const away = new Error('away');
  jest.spyOn(world.core.enrollments, 'set').mockRejectedValueOnce(away);
  const code = codeOf(world);
  await expect(confirm(world, code)).rejects.toBe(away);
  expect(world.users.size).toBe(0);
  expect(world.told('enrolled')).toEqual([]);
  expect((await confirm(world, code)).ok).toBe(true);
  expect(world.users.get('A')).toMatchObject({ phone: PHONE });
});
