import { createHash } from 'node:crypto';
import type { RecoveryCodes } from '../../ports/enrollments';
import type { FactorAccess } from '../account';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment';
import { eventFacts } from '../events';
import { failureKeys } from '../failures';
import { refuse, type Outcome } from '../outcomes';
import { equalInConstantTime } from '../untrusted';

/** How many codes a set has. */
export const RECOVERY_CODES = 10;
/** A page warns when so many or fewer are left. */
export const FEW_RECOVERY_CODES = 3;

/** 80 random bits a code; at least 64 are asked for (NIST SP 800-63B-4 §4.2.1.1). */
const BYTES = 10;
/** Crockford's base 32: no I, L, O or U, so nothing is misread or misheard. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;
const GROUP = 4;
const LONGEST_INPUT = 64;

/** A new set: the codes for the user's eyes, once, and what is kept of them. */
export function makeRecoveryCodes(random: (bytes: number) => string): {
  codes: string[];
  kept: RecoveryCodes;
} {
  const salt = random(16);
  const bare = Array.from({ length: RECOVERY_CODES }, () => base32(random(BYTES)));
  const codes = bare.map((code) => (code.match(/.{4}/g) ?? []).join('-'));
  return { codes, kept: { salt, digests: bare.map((code) => recoveryDigest(salt, code)) } };
}

/**
 * Reads a recovery code as a person types it: in any case, with or without hyphens and spaces, an O
 * for a 0 and an I or L for a 1. Anything else is no recovery code.
 */
export function readRecoveryCode(input: unknown): string | undefined {
  if (typeof input !== 'string' || input.length > LONGEST_INPUT) return undefined;
  const bare = input
    .replace(/[\s\u2013\u2014-]/g, '')
    .toUpperCase()
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]+$/.test(bare) && bare.length === LENGTH ? bare : undefined;
}

/** What is wrong with an input that is no recovery code, for the person who typed it. */
export function malformedRecoveryDetail(): string {
  return `A recovery code has ${LENGTH} letters and digits, in groups of ${GROUP}.`;
}

/** The digest under which a typed code is kept, or `undefined` where it is none of the set. */
export function keptDigest(kept: RecoveryCodes | undefined, code: string): string | undefined {
  if (kept === undefined) return undefined;
  const given = recoveryDigest(kept.salt, code);
  return kept.digests.find((digest) => equalInConstantTime(digest, given));
}

/** The set without the code that was used. */
export function withoutCode(kept: RecoveryCodes, digest: string): RecoveryCodes {
  return { ...kept, digests: kept.digests.filter((each) => each !== digest) };
}

/** 80 random bits, chosen by nobody, need no slow hash: guessing takes 2^79 tries, however fast. */
export function recoveryDigest(salt: string, code: string): string {
  return createHash('sha256').update(`${salt}\0${code}`).digest('base64url');
}

function base32(random: string): string {
  const value = BigInt(`0x${Buffer.from(random, 'base64url').toString('hex')}`);
  return Array.from({ length: LENGTH }, (_, index) => {
    const shift = BigInt(5 * (LENGTH - 1 - index));
    return DIGITS[Number((value >> shift) & 31n)];
  }).join('');
}

/** Makes a new set; every older code is dead. Needs the second factor fresh. */
export async function replaceRecoveryCodes(
  core: Core,
  who: Requester,
  access: FactorAccess,
): Promise<Outcome<{ recoveryCodes: string[] }>> {
  const { enrollment, fresh } = access;
  if (enrollment === undefined) return refuse('enrollment_required');
  if (!fresh) return refuse('fresh_second_factor_required');
  const { codes, kept } = makeRecoveryCodes(core.random);
  const written = await changeEnrollment(core, who.userId, (now) =>
    now.epoch === enrollment.epoch ? { ...now, recoveryCodes: kept } : undefined,
  );
  // The factor was changed elsewhere meanwhile; what was asked for belongs to the old one.
  if (written === undefined) return refuse('fresh_second_factor_required');
  // Failures were counted against codes that are gone.
  await core.counter.settle({ clear: failureKeys(core, who.userId, 'recovery').all });
  core.emit('recovery_codes_replaced', eventFacts(core, who, enrollment));
  return { ok: true, recoveryCodes: codes };
}
