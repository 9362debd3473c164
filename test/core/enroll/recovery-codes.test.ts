import { createHash } from 'node:crypto';
import {
  FEW_RECOVERY_CODES,
  keptDigest,
  makeRecoveryCodes,
  malformedRecoveryDetail,
  readRecoveryCode,
  RECOVERY_CODES,
  recoveryDigest,
  replaceRecoveryCodes,
  withoutCode,
} from '../../../lib/core/enroll/recovery-codes';
import {
  accountOf,
  countFailures,
  countNames,
  enrollmentOf,
  giveRecoveryCodes,
  makeWorld,
  PHONE,
  requester,
  standing,
  START,
  type World,
} from '../../helpers/core';
import { overtake } from '../rivals';

/** Draws the same bytes each time and writes down how many were asked for. */
function drawing(bytes: Buffer, asked: number[] = []) {
  return (count: number): string => {
    asked.push(count);
    return bytes.subarray(0, count).toString('base64url');
  };
}

test.each([
  ['all zero', '00000000000000000000', '0000-0000-0000-0000'],
  ['all one', 'ffffffffffffffffffff', 'ZZZZ-ZZZZ-ZZZZ-ZZZZ'],
  ['the numbers 0 to 15 in 5 bits each', '00443214c74254b635cf', '0123-4567-89AB-CDEF'],
  ['the numbers 16 to 31 in 5 bits each', '84653a56d7c675be77df', 'GHJK-MNPQ-RSTV-WXYZ'],
])('[S104] bits that are %s make a code of 16 digits', (_name, hex, code) => {
  const { codes } = makeRecoveryCodes(drawing(Buffer.from(hex, 'hex')));
  expect(codes).toEqual(Array(10).fill(code));
});

test('[S104] each code has 80 bits of its own, and what is kept is salted and digested', () => {
  const asked: number[] = [];
  const { codes, kept } = makeRecoveryCodes(drawing(Buffer.alloc(32), asked));
  expect(asked).toEqual([16, ...Array<number>(10).fill(10)]);
  expect([codes.length, RECOVERY_CODES, FEW_RECOVERY_CODES]).toEqual([10, 10, 3]);
  const salt = Buffer.alloc(16).toString('base64url');
  const digest = createHash('sha256')
    .update(`${salt}\0${'0'.repeat(16)}`)
    .digest('base64url');
  expect(recoveryDigest(salt, '0'.repeat(16))).toBe(digest);
  expect(kept).toEqual({ salt, digests: Array(10).fill(digest) });
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
  ['\u0660123456789ABCDEF'],
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
  expect(malformedRecoveryDetail()).toBe(
    'A recovery code has 16 letters and digits, in groups of 4.',
  );
});

test('[S104] a code is found by its digest in its own set only, and leaves the set alone', () => {
  let drawn = 0;
  const random = (bytes: number): string => {
    drawn += 1;
    return Buffer.alloc(bytes, drawn).toString('base64url');
  };
  const { codes, kept } = makeRecoveryCodes(random);
  const bare = codes.map((code) => readRecoveryCode(code)!);
  expect(new Set(kept.digests).size).toBe(10);
  expect(bare.map((code) => keptDigest(kept, code))).toEqual(kept.digests);
  expect(keptDigest({ ...kept, salt: 'other' }, bare[0]!)).toBeUndefined();
  expect(keptDigest(kept, BARE)).toBeUndefined();
  expect(keptDigest(undefined, bare[0]!)).toBeUndefined();
  const [first, ...others] = kept.digests;
  expect(withoutCode(kept, first!)).toEqual({ salt: kept.salt, digests: others });
});

const STALE = { ok: false, code: 'fresh_second_factor_required' };
const access = (fresh = true) => ({ ...accountOf(world), fresh });
const replace = (given = access()) => replaceRecoveryCodes(world.core, requester(), given);

let world: World;
let before: string[];
beforeEach(() => {
  world = makeWorld();
  before = giveRecoveryCodes(world);
});

test('[S104] new recovery codes take the place of all older ones', async () => {
  const made = await replace();
  const codes = made.ok ? made.recoveryCodes : [];
  const after = world.users.get('A')!;
  expect(made).toEqual({ ok: true, recoveryCodes: codes });
  expect(codes).toHaveLength(10);
  for (const code of codes) {
    expect(keptDigest(after.recoveryCodes, readRecoveryCode(code)!)).toBeDefined();
  }
  for (const code of before) expect(keptDigest(after.recoveryCodes, code)).toBeUndefined();
  expect({ ...after, recoveryCodes: undefined }).toEqual(enrollmentOf(PHONE, { version: 2 }));
  const facts = { at: START, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' };
  expect(world.events).toEqual([{ name: 'recovery_codes_replaced', facts }]);
});

test('[S104] they need a factor, and it passed not long ago', async () => {
  const kept = world.users.get('A');
  expect(await replace(access(false))).toEqual(STALE);
  expect(world.users.get('A')).toBe(kept);
  world.users.clear();
  expect(await replace()).toEqual({ ok: false, code: 'enrollment_required' });
  expect(world.events).toEqual([]);
});

test('wrong codes of the older set are forgotten with it, wrong texted codes are not', async () => {
  await countFailures(world, 1, 'recovery');
  await countFailures(world, 1);
  await replace();
  expect(await countNames(world)).toEqual(['fails']);
  expect(await standing(world, 'recovery')).toEqual({ state: 'open', failures: 0 });
});

test('[S76] where the factor was changed meanwhile, its codes are left alone', async () => {
  await countFailures(world, 1, 'recovery');
  overtake(world, { ...world.users.get('A')!, epoch: 'second', version: 2 });
  expect(await replace()).toEqual(STALE);
  expect(world.users.get('A')).toMatchObject({ epoch: 'second', version: 2 });
  expect(keptDigest(world.users.get('A')!.recoveryCodes, before[0]!)).toBeDefined();
  expect(await countNames(world)).toEqual(['rfails']);
  expect(world.events).toEqual([]);
});

test('whatever else was written meanwhile stays', async () => {
  overtake(world, { ...world.users.get('A')!, disabledAt: START, version: 2 });
  expect((await replace()).ok).toBe(true);
  expect(world.users.get('A')).toMatchObject({ disabledAt: START, version: 3 });
  expect(keptDigest(world.users.get('A')!.recoveryCodes, before[0]!)).toBeUndefined();
});
