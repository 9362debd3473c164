import { enrollmentPurpose, factorPurpose, isConfirmed } from '../../lib/core/outcomes';
import { enrollmentOf } from '../helpers/core';

test('a verified session steps up, another signs in; a first phone is enrolled, another replaces it', () => {
  const mark = { id: 'm', userId: 'A', phone: 'p', epoch: 'e', verifiedAt: 0, amr: [] };
  expect(factorPurpose(undefined)).toBe('sign-in');
  expect(factorPurpose(mark)).toBe('step-up');
  expect(enrollmentPurpose(undefined)).toBe('enroll');
  expect(enrollmentPurpose(enrollmentOf())).toBe('replace');
  const purposes = ['sign-in', 'step-up', 'reset', 'enroll', 'replace'] as const;
  expect(purposes.map(isConfirmed)).toEqual([true, true, true, false, false]);
});
