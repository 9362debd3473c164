import type { Enrollment } from '../../ports/enrollments';
import type { Challenge } from '../challenge/challenge';
import type { Core, Requester } from '../core';
import { confirmedEnrollment } from './enrollment';
import { eventFacts } from '../event-facts';
import { refuse, type Outcome } from '../outcomes';
import { maskPhone, parsePhone } from '../phone-number';
import { enrollmentPurpose } from '../purpose';
import { sendCode } from '../send/send-code';
import { verifyCode, type AccountState } from '../verify/verify-code';

/** What a session may do with the factor. */
export interface FactorAccess extends AccountState {
  /** The second factor was passed in this session, recently enough to change the factor. */
  fresh: boolean;
}

/**
 * Texts a code to a phone that is to become the factor. It lives nowhere but in the pending
 * challenge until the code comes back. Whoever has a factor needs it, fresh, to name another: a
 * session that knows only the password must never choose the phone (CVE-2022-28601 and its kin).
 */
export async function startEnrollment(
  core: Core,
  who: Requester,
  access: FactorAccess,
  wanted: { phone: unknown; country: unknown },
): Promise<Outcome<{ challenge: Challenge }>> {
  if (access.enrollment !== undefined && !access.fresh) {
    return refuse('fresh_second_factor_required');
  }
  const country = wanted.country ?? core.defaultCountry;
  if (typeof country !== 'string' || !/^[A-Za-z]{2}$/.test(country)) {
    return refuse('request_malformed', { detail: 'country is two letters, such as US.' });
  }
  const parsed = parsePhone(wanted.phone, country.toUpperCase(), core.allowedCountries);
  if (!parsed.ok) return refuse(parsed.code);
  if (parsed.phone === access.enrollment?.phone) return refuse('already_enrolled');
  return sendCode(core, who, {
    purpose: enrollmentPurpose(access.enrollment),
    phone: parsed.phone,
    confirmed: false,
    epoch: access.epoch,
  });
}

/** The code came back: the phone becomes the factor, unless another writer was first. */
export async function confirmEnrollment(
  core: Core,
  who: Requester,
  access: FactorAccess,
  code: string,
): Promise<Outcome<{ enrollment: Enrollment }>> {
  const before = access.enrollment;
  if (before !== undefined && !access.fresh) return refuse('fresh_second_factor_required');
  const verified = await verifyCode(core, who, enrollmentPurpose(before), code, access);
  if (!verified.ok) return verified;
  const { phone } = verified.challenge;
  const enrollment = confirmedEnrollment(before, phone, core.random(12), core.clock());
  const kept = await core.enrollments.set(who.userId, enrollment, before?.version ?? 0);
  if (!kept) return refuse(before === undefined ? 'already_enrolled' : 'challenge_expired');
  const facts = eventFacts(core, who, { phone, purpose: enrollmentPurpose(before) });
  if (before === undefined) core.emit('enrolled', facts);
  else core.emit('replaced', { ...facts, previousPhone: maskPhone(before.phone) });
  return { ok: true, enrollment };
}

/** Removes the factor; needs it fresh. */
export async function removeEnrollment(
  core: Core,
  who: Requester,
  access: FactorAccess,
): Promise<Outcome<object>> {
  if (access.enrollment === undefined) return refuse('enrollment_required');
  if (!access.fresh) return refuse('fresh_second_factor_required');
  const { version } = access.enrollment;
  // Replaced meanwhile: what was asked for was the removal of another number.
  const gone = await core.enrollments.delete(who.userId, version);
  if (gone === false) return refuse('fresh_second_factor_required');
  core.emit('removed', eventFacts(core, who, access.enrollment));
  return { ok: true };
}
