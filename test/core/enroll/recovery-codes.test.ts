import { sayDetail } from '../../../lib/locales/locales';
import { createHash } from 'node:crypto';
import * as code from '../../../lib/core/challenge/code';
import {
  FEW_RECOVERY_CODES,
  keepRecoveryCodes,
  keptDigest,
  malformedRecoveryDetail,
  newRecoveryCodes,
  readRecoveryCode,
  RECOVERY_CODES,
  recoveryCodesLeft,
  recoveryCodesOf,
  recoveryDigest,
  replaceRecoveryCodes,
  usableCodes,
  withoutCode,
} from '../../../lib/core/enroll/recovery-codes';
import { createKeyring } from '../../../lib/core/keyring';
import type { NewRecoveryCodes } from '../../../lib/ports/enrollments';
import {
  english,
  accountOf,
  bareCodesOf,
  enrollmentOf,
  giveRecoveryCodes,
  makeWorld,
  PHONE,
  requester,
  SECRETS,
  START,
  type World,
} from '../../helpers/core';
import { overtake } from '../rivals';

let world: World;
let before: string[];
beforeEach(() => {
  world = makeWorld();
  before = giveRecoveryCodes(world);
});
afterEach(() => jest.restoreAllMocks());

/** A set as this world makes it. */
const makeSet = () => newRecoveryCodes(world.core, requester());

test.each([
  ['all zero', '00000000000000000000', '0000-0000-0000-0000'],
  ['all one', 'ffffffffffffffffffff', 'ZZZZ-ZZZZ-ZZZZ-ZZZZ'],
  ['the numbers 0 to 15 in 5 bits each', '00443214c74254b635cf', '0123-4567-89AB-CDEF'],
  ['the numbers 16 to 31 in 5 bits each', '84653a56d7c675be77df', 'GHJK-MNPQ-RSTV-WXYZ'],
])('[S104] bits that are %s make a code of 16 digits', (_name, hex, written) => {
  // What comes after the first ten bytes is not looked at.
  jest.spyOn(code, 'boundBytes').mockReturnValue(Buffer.from(`${hex}55aa`, 'hex'));
  expect(recoveryCodesOf(world.core, 'A', makeSet())).toEqual(Array(10).fill(written));
});

test('[S104] [S178] a set names what it is derived from, and holds nothing of the codes', () => {
  const drawn: number[] = [];
  const { random, keyring } = world.core;
  world.core.random = (bytes) => {
    drawn.push(bytes);
    return random(bytes);
  };
  const set = makeSet();
  expect(drawn).toEqual([16]);
  expect([RECOVERY_CODES, FEW_RECOVERY_CODES]).toEqual([10, 3]);
  expect(set).toEqual({
    id: expect.any(String),
    keyId: keyring.newestId,
    madeAt: START,
    session: keyring.digest('session', 'session of A'),
  });
  const codes = bareCodesOf(world.core, set);
  for (const each of codes) expect(JSON.stringify(set)).not.toContain(each);
  // The same each time that it is shown, and another for each code, user, set and secret.
  expect(bareCodesOf(world.core, set)).toEqual(codes);
  const others = [
    recoveryCodesOf(world.core, 'B', set),
    recoveryCodesOf(world.core, 'A', { ...set, id: makeSet().id }),
    recoveryCodesOf(makeWorld({ keyring: createKeyring(['another secret']) }).core, 'A', {
      ...set,
      keyId: createKeyring(['another secret']).newestId,
    }),
    recoveryCodesOf(world.core, 'A', set),
  ];
  expect(new Set(others.flat()).size).toBe(40);
});

test('[S178] a rotated secret shows the same codes, and one that is gone shows none', () => {
  const set = makeSet();
  const codes = recoveryCodesOf(world.core, 'A', set);
  const later = makeWorld({ keyring: createKeyring(['a newer secret', ...SECRETS]) });
  expect(later.core.keyring.newestId).not.toBe(set.keyId);
  expect(recoveryCodesOf(later.core, 'A', set)).toEqual(codes);
  const gone = makeWorld({ keyring: createKeyring(['a newer secret']) });
  expect(recoveryCodesOf(gone.core, 'A', set)).toBeUndefined();
  const enrollment = enrollmentOf(PHONE, { newRecoveryCodes: set });
  expect(usableCodes(gone.core, 'A', enrollment)).toBeUndefined();
  expect(recoveryCodesLeft(gone.core, enrollment)).toBe(0);
});

test('[S9] no code of a challenge is bound to what a recovery code is', () => {
  const set = makeSet();
  const bound = jest.spyOn(code, 'boundBytes');
  recoveryCodesOf(world.core, 'A', set);
  const parts = bound.mock.calls.map(([, each]) => each);
  expect(parts).toEqual(
    Array.from({ length: 10 }, (_, i) => [set.id, 'A', 'recovery-codes', `${i}`]),
  );
});

const BARE = '0123456789ABCDEF';

test.each([
  [BARE],
  ['0123-4567-89AB-CDEF'],
  ['0123 4567 89ab cdef'],
  [' 0123\u20134567\u201489ab-cdef\r\n'],
  ['OI23-4567-89AB-CDEF'],
  ['ol23-4567-89ab-cdef'],
  [BARE + ' '.repeat(48)],
  ['\u0660123456789ABCDEF'],
])('a code typed as %j is read', (typed) => {
  expect(readRecoveryCode(typed)).toBe(BARE);
});

test('every O is a 0, and every I and L a 1', () => {
  expect(readRecoveryCode('OOOO-oooo-IIII-llll')).toBe('0000000011111111');
});

test.each([
  [BARE.slice(1)],
  [`${BARE}0`],
  ['U123456789ABCDEF'],
  ['0123456789ABCDEU'],
  ['0123_4567_89AB_C'],
  [BARE + ' '.repeat(49)],
  [''],
  [undefined],
  [null],
  [1234567812345678],
  [[BARE]],
])('[S16] %j is no recovery code', (typed) => {
  expect(readRecoveryCode(typed)).toBeUndefined();
});

test('whoever types something else is told what a recovery code is', () => {
  expect(sayDetail(malformedRecoveryDetail('ABCD'), english)).toBe(
    'A recovery code has 16 letters and digits, in groups of 4.',
  );
});

test('[S104] a code is found by its digest in its own set only, and leaves the set alone', () => {
  const set = makeSet();
  const kept = usableCodes(world.core, 'A', enrollmentOf(PHONE, { newRecoveryCodes: set }))!;
  const bare = bareCodesOf(world.core, set);
  const digest = (each: string): string =>
    createHash('sha256').update(`${set.id}\0${each}`).digest('base64url');
  expect(kept).toEqual({ salt: set.id, digests: bare.map(digest) });
  expect(recoveryDigest(set.id, bare[0]!)).toBe(digest(bare[0]!));
  expect(bare.map((each) => keptDigest(kept, each))).toEqual(kept.digests);
  expect(keptDigest({ ...kept, salt: 'other' }, bare[0]!)).toBeUndefined();
  expect(keptDigest(kept, BARE)).toBeUndefined();
  expect(keptDigest(undefined, bare[0]!)).toBeUndefined();
  const [first, ...others] = kept.digests;
  expect(withoutCode(kept, first!)).toEqual({ salt: kept.salt, digests: others });
});

const STALE = { ok: false, code: 'fresh_second_factor_required' };
const access = (fresh = true) => ({ ...accountOf(world), fresh });
const replace = (given = access()) => replaceRecoveryCodes(world.core, requester(), given);
const waiting = (): NewRecoveryCodes => world.users.get('A')!.newRecoveryCodes!;
const keep = (set: string) => keepRecoveryCodes(world.core, requester(), set);
/** Which of these would be taken. */
const taken = (codes: string[]) => {
  const usable = usableCodes(world.core, 'A', world.users.get('A')!);
  return codes.filter((each) => keptDigest(usable, each) !== undefined).length;
};

test('[S178] new codes count when they are kept, and the older ones until then', async () => {
  const older = world.users.get('A')!.recoveryCodes;
  const made = await replace();
  const codes = bareCodesOf(world.core, waiting());
  expect(made).toEqual({
    ok: true,
    recoveryCodes: recoveryCodesOf(world.core, 'A', waiting()),
  });
  const set = waiting();
  expect(world.users.get('A')).toEqual(
    enrollmentOf(PHONE, { version: 2, recoveryCodes: older!, newRecoveryCodes: set }),
  );
  expect([taken(before), taken(codes)]).toEqual([10, 0]);
  const facts = { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' };
  expect(world.events).toEqual([{ name: 'recovery_codes_replaced', facts }]);

  expect(await keep(set.id)).toEqual({ ok: true });
  const digests = codes.map((each) => recoveryDigest(set.id, each));
  expect(world.users.get('A')).toEqual(
    enrollmentOf(PHONE, { version: 3, recoveryCodes: { salt: set.id, digests } }),
  );
  expect([taken(before), taken(codes)]).toEqual([0, 10]);
  // Said twice, by a double click.
  expect(await keep(set.id)).toEqual({ ok: true });
  expect(world.users.get('A')!.version).toBe(3);
  expect(world.events).toHaveLength(1);
});

test.each([
  ['there never were any', undefined, 10],
  ['all are used up', 0, 10],
  ['one is left', 1, 1],
])('[S178] where %s, %j counts of the older set leave %i codes', async (_what, older, left) => {
  const { recoveryCodes } = world.users.get('A')!;
  const kept = { ...recoveryCodes!, digests: recoveryCodes!.digests.slice(0, older) };
  world.users.set('A', enrollmentOf(PHONE, older === undefined ? {} : { recoveryCodes: kept }));
  expect(recoveryCodesLeft(world.core, world.users.get('A')!)).toBe(older ?? 0);
  await replace();
  expect(recoveryCodesLeft(world.core, world.users.get('A')!)).toBe(left);
  expect(taken(bareCodesOf(world.core, waiting()))).toBe(left === 10 ? 10 : 0);
});

test('[S178] what is kept is the newest set, and none that was replaced', async () => {
  await replace();
  const first = waiting().id;
  await replace();
  const second = waiting().id;
  const replaced = { ok: false, code: 'not_found', detail: { say: 'detail.recoveryReplaced' } };
  expect(await keep(first)).toEqual(replaced);
  expect([taken(before), waiting().id]).toEqual([10, second]);
  expect(await keep(second)).toEqual({ ok: true });
  expect(await keep(first)).toEqual(replaced);
  world.users.delete('A');
  expect(await keep(second)).toEqual(replaced);
});

test('[S178] a set whose secret is gone cannot be kept', async () => {
  await replace();
  world.core.keyring = createKeyring(['a newer secret']);
  expect(await keep(waiting().id)).toMatchObject({ code: 'not_found' });
  expect(taken(before)).toBe(10);
});

test('[S104] they need a factor, and it passed not long ago', async () => {
  const kept = world.users.get('A');
  expect(await replace(access(false))).toEqual(STALE);
  expect(world.users.get('A')).toBe(kept);
  world.users.clear();
  expect(await replace()).toEqual({ ok: false, code: 'enrollment_required' });
  expect(world.events).toEqual([]);
});

test('[S76] where the factor was changed meanwhile, its codes are left alone', async () => {
  overtake(world, { ...world.users.get('A')!, epoch: 'second', version: 2 });
  expect(await replace()).toEqual(STALE);
  expect(world.users.get('A')).toMatchObject({ epoch: 'second', version: 2 });
  expect(world.users.get('A')).not.toHaveProperty('newRecoveryCodes');
  expect(taken(before)).toBe(10);
  expect(world.events).toEqual([]);
});

test('whatever else was written meanwhile stays', async () => {
  overtake(world, { ...world.users.get('A')!, disabledAt: START, version: 2 });
  expect((await replace()).ok).toBe(true);
  expect(world.users.get('A')).toMatchObject({ disabledAt: START, version: 3 });
  expect(waiting()).toBeDefined();
});

test('whoever sends a recovery code as something else than text is told what one looks like', () => {
  const such = { name: 'recoveryCode', such: 'XXXX-XXXX-XXXX-XXXX' };
  expect(malformedRecoveryDetail(7)).toEqual({ say: 'detail.stringNotNumber', ...such });
  expect(malformedRecoveryDetail(['x'])).toEqual({ say: 'detail.string', ...such });
});
