import {
  enrollmentPurpose,
  factorPurpose,
  isConfirmed,
  iso,
  maskDestination,
  maskPhone,
  refuse,
  secondsUntil,
} from '../../lib/core/outcomes';
import { enrollmentOf } from '../helpers/core';

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

test('a time is told in ISO 8601, UTC', () => {
  expect(iso(1_767_571_199_250)).toBe('2026-01-04T23:59:59.250Z');
});

test('[S127] a mask shows two digits and is as long for every number', () => {
  expect(maskPhone('+12065550142')).toBe('••• ••• ••42');
  expect(maskPhone('+447400123456')).toBe('••• ••• ••56');
  expect(maskPhone('+4512345678')).toHaveLength(maskPhone('+12065550142').length);
});

test('a verified session steps up, another signs in; a first phone is enrolled, another replaces it', () => {
  const mark = { id: 'm', userId: 'A', phone: 'p', epoch: 'e', verifiedAt: 0, amr: [] };
  expect(factorPurpose(undefined)).toBe('sign-in');
  expect(factorPurpose(mark)).toBe('step-up');
  expect(enrollmentPurpose(undefined)).toBe('enroll');
  expect(enrollmentPurpose(enrollmentOf())).toBe('replace');
  const purposes = ['sign-in', 'step-up', 'reset', 'enroll', 'replace'] as const;
  expect(purposes.map(isConfirmed)).toEqual([true, true, true, false, false]);
});

test('[S127] of a mail address its first letter and its domain are shown', () => {
  expect(maskDestination('ann@acme.example')).toBe('a•••@acme.example');
  expect(maskDestination('+12065550142')).toBe('••• ••• ••42');
});
