import type { Enrollment } from '../../ports/enrollments';
import { isGuarded, type FactorAccess } from '../account';
import {
  agreedConsent,
  changeEnrollment,
  confirmedEnrollment,
  type ConfirmedPhone,
  removeEnrollment,
  writeEnrollment,
} from '../enrollment';
import { sayTo } from '../challenge/message';
import type { Core, Requester } from '../core';
import { refusePhone } from '../destinations';
import { eventFacts } from '../emit';
import { enrollmentPurpose, maskPhone, refuse, type Outcome } from '../outcomes';
import { oneSpelling, parsePhone } from '../phone-number';
import { noteRevoked } from '../sessions';
import { sendCode, type Sent } from '../send/send-code';
import { plain, typedRegion } from '../typed';
import { unspend, verifyCode, type Verified } from '../verify/verify-code';
import { newRecoveryCodes } from './recovery-codes';

/**
 * Texts a code to a phone that is to become the factor. It lives nowhere but in the pending
 * challenge until the code comes back. Whoever has a factor, of whichever kind, needs it, fresh, to name
 * a phone: a session that knows only the password must never choose it (CVE-2022-28601 and its kin).
 */
export async function startEnrollment(
  core: Core,
  who: Requester,
  access: FactorAccess,
  wanted: { phone: unknown; country: unknown },
): Promise<Sent> {
  if (isGuarded(access)) return refuse('fresh_second_factor_required');
  // A form sends a field that was left empty, too.
  const country = typedRegion(
    plain(wanted.country ?? '') === '' ? core.defaultCountry : wanted.country,
  );
  if (country === undefined) {
    return refuse('request_malformed', { detail: { say: 'detail.countryMalformed' } });
  }
  const parsed = parsePhone(wanted.phone, core, country);
  if (!parsed.ok) {
    return refusePhone(parsed, core, { phone: wanted.phone, country });
  }
  const { enrollment } = access;
  const isTheirs = oneSpelling(parsed.phone) === oneSpelling(enrollment?.phone ?? '');
  // A phone that the hard stop disabled may be enrolled anew, by whoever got in with another factor.
  if (isTheirs && enrollment?.disabledAt === undefined) return refuse('already_enrolled');
  return sendCode(core, who, {
    purpose: enrollmentPurpose(access.enrollment),
    phone: parsed.phone,
    consent: agreedConsent(core, sayTo(core, who))?.version,
    confirmed: false,
    epoch: access.epoch,
  });
}

/** A phone that has become the factor. */
export interface Confirmed {
  enrollment: Enrollment;
  verified: Verified;
}

/**
 * The code came back: the phone becomes the factor, unless another writer was first. New recovery
 * codes come with it; the session that confirmed it can see them until its user has kept them, so
 * whatever fails after the write, nobody is enrolled with codes that cannot be seen.
 */
export async function confirmEnrollment(
  core: Core,
  who: Requester,
  access: FactorAccess,
  code: string,
): Promise<Outcome<Confirmed>> {
  const before = access.enrollment;
  if (isGuarded(access)) return refuse('fresh_second_factor_required');
  const purpose = enrollmentPurpose(before);
  const verified = await verifyCode(core, who, purpose, code, access);
  if (!verified.ok) return verified;
  const { phone, consent: version, createdAt: at } = verified.challenge;
  const confirmed: ConfirmedPhone = {
    phone,
    epoch: core.random(12),
    confirmedAt: core.clock(),
    confirmedFrom: who.address,
    newRecoveryCodes: newRecoveryCodes(core, who),
    consent: version === undefined ? undefined : { at, version },
  };
  const enrollment = await writeConfirmed(core, who.userId, before, confirmed).catch(
    async (error: unknown) => {
      await unspend(core, who, verified);
      throw error;
    },
  );
  if (enrollment === undefined) {
    // The session goes on as it was; the code is dead by the state of the account.
    await unspend(core, who, verified);
    return refuse(before === undefined ? 'already_enrolled' : 'challenge_expired');
  }
  const facts = eventFacts(core, who, { phone, purpose });
  if (before === undefined) core.emit('enrolled', facts);
  else core.emit('replaced', { ...facts, previousPhone: maskPhone(before.phone) });
  return { ok: true, enrollment, verified };
}

/** Replaces the factor that this session confirmed against, whatever else was written into it. */
async function writeConfirmed(
  core: Core,
  userId: string,
  before: Enrollment | undefined,
  confirmed: ConfirmedPhone,
): Promise<Enrollment | undefined> {
  if (before !== undefined) {
    return changeEnrollment(core, userId, (now) =>
      now.epoch === before.epoch ? confirmedEnrollment(now, confirmed) : undefined,
    );
  }
  const first = confirmedEnrollment(undefined, confirmed);
  return (await writeEnrollment(core, userId, first, 0)) ? first : undefined;
}

/** Removes the factor; needs it fresh. */
export async function removeOwnEnrollment(
  core: Core,
  who: Requester,
  access: FactorAccess,
): Promise<Outcome<object>> {
  const { enrollment, fresh } = access;
  if (enrollment === undefined) return refuse('enrollment_required');
  if (!fresh) return refuse('fresh_second_factor_required');
  // Before the removal: what another factor verified without a phone must not hold again after it.
  await noteRevoked(core, who.userId);
  const gone = await removeEnrollment(core, who.userId, ({ epoch }) => epoch === enrollment.epoch);
  // Replaced meanwhile: what was asked for was the removal of another number.
  if (!gone) return refuse('fresh_second_factor_required');
  core.emit('removed', eventFacts(core, who, enrollment));
  return { ok: true };
}
