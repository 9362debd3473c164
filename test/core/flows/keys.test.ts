import { createKeyring } from '../../../lib/core/keyring';
import { digest } from '../../../lib/core/keyring';
import { refuse, secondsUntil } from '../../../lib/core/outcomes';
import { enrollmentPurpose, factorPurpose, isConfirmed } from '../../../lib/core/purpose';
import { enrollmentOf } from '../../helpers/core';

test('a code key is found by its name, the newest names itself, and each secret has its own', () => {
  const [old, fresh] = [createKeyring(['old']), createKeyring(['new'])];
  const both = createKeyring(['new', 'old']);
  expect(both.newestId).toBe(fresh.newestId);
  expect(both.newestId).toMatch(/^[0-9a-f]{12}$/);
  expect(old.newestId).not.toBe(fresh.newestId);
  expect(both.codeKey(old.newestId)).toEqual(old.codeKey(old.newestId));
  expect(both.codeKey(fresh.newestId)).toHaveLength(32);
  expect(fresh.codeKey(old.newestId)).toBeUndefined();
  expect(createKeyring([]).newestId).toBe('');
});

test('a new secret in front changes no fingerprint, and a fingerprint says nothing', () => {
  const old = createKeyring(['old']);
  const print = old.fingerprint('phone', '+12065550142');
  expect(print).toMatch(/^[\w-]{32}$/);
  expect(createKeyring(['new', 'old']).fingerprint('phone', '+12065550142')).toBe(print);
  expect(createKeyring(['new']).fingerprint('phone', '+12065550142')).not.toBe(print);
  expect(createKeyring([]).fingerprint('phone', '+12065550142')).not.toBe(print);
  expect(old.fingerprint('block', '+12065550142')).not.toBe(print);
  expect(old.fingerprint('phone', '+12065550143')).not.toBe(print);
});

test('what stands in stores and marks must not change from version to version', () => {
  const keyring = createKeyring(['a secret of the tests that is long enough']);
  expect(keyring.newestId).toBe('a1fe547db637');
  expect(keyring.fingerprint('phone', '+12065550142')).toBe('oW5qg2WfNnrSCjFuh14HY97qNVickHwy');
  expect(digest('user', 'A')).toBe('1fbe64a019ce275ce0b6108b166f2ab5146bb9f3');
});

test('a refusal says its code and what else is known', () => {
  expect(refuse('not_found')).toEqual({ ok: false, code: 'not_found' });
  expect(refuse('not_found', { retryAfter: 3 })).toEqual({
    ok: false,
    code: 'not_found',
    retryAfter: 3,
  });
});

test.each([
  [0, 1],
  [1, 1],
  [1_000, 1],
  [1_001, 2],
  [-5_000, 1],
])('%i ms from now are %i whole seconds', (ahead, seconds) => {
  expect(secondsUntil(50_000 + ahead, 50_000)).toBe(seconds);
});

test('a verified session steps up, another signs in; a first phone is enrolled, another replaces it', () => {
  const mark = { id: 'm', userId: 'A', phone: 'p', epoch: 'e', verifiedAt: 0, amr: [] };
  expect(factorPurpose(undefined)).toBe('sign-in');
  expect(factorPurpose(mark)).toBe('step-up');
  expect(enrollmentPurpose(undefined)).toBe('enroll');
  expect(enrollmentPurpose(enrollmentOf())).toBe('replace');
  const purposes = ['sign-in', 'step-up', 'enroll', 'replace'] as const;
  expect(purposes.map(isConfirmed)).toEqual([true, true, false, false]);
});
