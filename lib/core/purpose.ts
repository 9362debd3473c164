import type { Enrollment } from '../ports/enrollments';

/** Why a code was texted. A code for one purpose never serves another. */
export type Purpose = (typeof PURPOSES)[number];
export const PURPOSES = ['sign-in', 'step-up', 'enroll', 'replace', 'reset'] as const;

/** What a code to the confirmed phone is for: a verified session steps up, another signs in. */
export function factorPurpose(mark: object | undefined): 'sign-in' | 'step-up' {
  return mark === undefined ? 'sign-in' : 'step-up';
}

/** What a code to a phone that is not confirmed yet is for. */
export function enrollmentPurpose(enrollment: Enrollment | undefined): 'enroll' | 'replace' {
  return enrollment === undefined ? 'enroll' : 'replace';
}

/** Whether codes for this purpose go to a phone that a code came back from before. */
export function isConfirmed(purpose: Purpose): boolean {
  return purpose === 'sign-in' || purpose === 'step-up' || purpose === 'reset';
}
