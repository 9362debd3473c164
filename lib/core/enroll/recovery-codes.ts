import { createHash } from 'node:crypto';
import type { Enrollment, NewRecoveryCodes, RecoveryCodes } from '../../ports/enrollments';
import type { FactorAccess } from '../account';
import { boundBytes } from '../challenge/code';
import type { Core, Requester } from '../core';
import { changeEnrollment } from '../enrollment';
import { eventFacts } from '../emit';
import { refuse, type Detail, type Outcome } from '../outcomes';
import { sessionPrint } from '../sessions';
import { bare, notText } from '../typed';
import { equalInConstantTime } from '../untrusted';

/** How many codes a set has. */
export const RECOVERY_CODES = 10;
/** A page warns when so many or fewer are left. */
export const FEW_RECOVERY_CODES = 3;

/** 80 bits a code, as good as random; at least 64 are asked for (NIST SP 800-63B-4 §4.2.1.1). */
const BYTES = 10;
/** Crockford's base 32: no I, L, O or U, so nothing is misread or misheard. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;
const GROUP = 4;
/** What the codes are bound to, where the code of a challenge has its purpose. */
const PURPOSE = 'recovery-codes';

/**
 * A new set, which this session may see until its user says that it is kept. The codes are not in
 * it: like a texted code they are derived, so nothing of them lies anywhere, and every answer that
 * shows them shows the same.
 */
export function newRecoveryCodes(core: Core, who: Requester): NewRecoveryCodes {
  return {
    id: core.random(16),
    keyId: core.keyring.newestId,
    madeAt: core.clock(),
    session: sessionPrint(core, who.sessionId),
  };
}

/**
 * The codes of a set that nobody has said to be kept, in groups, for the user's eyes; `undefined`
 * where there is none, or where the secret that made it is no longer configured.
 */
export function recoveryCodesOf(
  core: Core,
  userId: string,
  set: NewRecoveryCodes | undefined,
): string[] | undefined {
  const bare = bareCodes(core, userId, set);
  return bare?.map((code) => (code.match(/.{4}/g) ?? []).join('-'));
}

function bareCodes(
  { keyring }: Core,
  userId: string,
  set: NewRecoveryCodes | undefined,
): string[] | undefined {
  const key = set && keyring.codeKey(set.keyId);
  if (set === undefined || key === undefined) return undefined;
  return Array.from({ length: RECOVERY_CODES }, (_, index) =>
    base32(boundBytes(key, [set.id, userId, PURPOSE, String(index)])),
  );
}

/** What is kept of a set once its user has it. The id of the set, 128 random bits, is the salt. */
function digestsOf(
  core: Core,
  userId: string,
  set: NewRecoveryCodes | undefined,
): RecoveryCodes | undefined {
  const bare = bareCodes(core, userId, set);
  if (set === undefined || bare === undefined) return undefined;
  return { salt: set.id, digests: bare.map((code) => recoveryDigest(set.id, code)) };
}

/**
 * The codes that are taken now: the older ones until a newer set is said to be kept. Where there are
 * none, those of the new set: it takes nothing from anybody, and whoever wrote it down and never said
 * so must not find the way back shut.
 */
export function usableCodes(
  core: Core,
  userId: string,
  { recoveryCodes, newRecoveryCodes: set }: Enrollment,
): RecoveryCodes | undefined {
  if (recoveryCodes !== undefined && recoveryCodes.digests.length > 0) return recoveryCodes;
  return digestsOf(core, userId, set) ?? recoveryCodes;
}

/** Whether it is a code of a set that waits until somebody says that it is kept. */
export function isNotInUseYet(
  core: Core,
  userId: string,
  { newRecoveryCodes: set }: Enrollment,
  code: string,
): boolean {
  return keptDigest(digestsOf(core, userId, set), code) !== undefined;
}

/** How many codes would be taken. */
export function recoveryCodesLeft({ keyring }: Core, enrollment: Enrollment): number {
  const { recoveryCodes, newRecoveryCodes: set } = enrollment;
  const kept = recoveryCodes?.digests.length ?? 0;
  if (kept > 0) return kept;
  return set !== undefined && keyring.codeKey(set.keyId) !== undefined ? RECOVERY_CODES : 0;
}

/**
 * Reads a recovery code as a person types it: in any case, with or without hyphens and spaces, an O
 * for a 0 and an I or L for a 1. Anything else is no recovery code.
 */
export function readRecoveryCode(input: unknown): string | undefined {
  const code = bare(input)?.toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  return code?.length === LENGTH && /^[0-9A-HJKMNP-TV-Z]+$/.test(code) ? code : undefined;
}

/** What is wrong with an input that is no recovery code, for the person who typed it. */
export function malformedRecoveryDetail(input: unknown): Detail {
  const such = Array.from({ length: LENGTH / GROUP }, () => 'X'.repeat(GROUP)).join('-');
  const kind = notText(input, 'recoveryCode', such);
  return kind ?? { say: 'detail.recoveryMalformed', length: LENGTH, group: GROUP };
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

function base32(random: Buffer): string {
  const value = BigInt(`0x${random.toString('hex', 0, BYTES)}`);
  return Array.from({ length: LENGTH }, (_, index) => {
    const shift = BigInt(5 * (LENGTH - 1 - index));
    return DIGITS[Number((value >> shift) & 31n)];
  }).join('');
}

/** Makes a new set; the older one counts until the new one is kept. Needs the second factor fresh. */
export async function replaceRecoveryCodes(
  core: Core,
  who: Requester,
  access: FactorAccess,
): Promise<Outcome<{ recoveryCodes: string[] }>> {
  const { enrollment, fresh } = access;
  if (enrollment === undefined) return refuse('enrollment_required');
  if (!fresh) return refuse('fresh_second_factor_required');
  const set = newRecoveryCodes(core, who);
  const written = await changeEnrollment(core, who.userId, (now) =>
    now.epoch === enrollment.epoch ? { ...now, newRecoveryCodes: set } : undefined,
  );
  // The factor was changed elsewhere meanwhile; what was asked for belongs to the old one.
  if (written === undefined) return refuse('fresh_second_factor_required');
  core.emit('recovery_codes_replaced', eventFacts(core, who, enrollment));
  return { ok: true, recoveryCodes: recoveryCodesOf(core, who.userId, set) ?? [] };
}

/**
 * The user has the codes of this set: they count from now on, and the older ones are dead. The same
 * again where that was said before; `not_found` where the set is no longer the newest.
 */
export async function keepRecoveryCodes(
  core: Core,
  { userId }: Requester,
  setId: string,
): Promise<Outcome<object>> {
  const said = { before: false };
  const written = await changeEnrollment(core, userId, (enrollment) => {
    const { newRecoveryCodes: set, ...others } = enrollment;
    said.before = enrollment.recoveryCodes?.salt === setId;
    const recoveryCodes = set?.id === setId ? digestsOf(core, userId, set) : undefined;
    return recoveryCodes && { ...others, recoveryCodes };
  });
  if (written !== undefined || said.before) return { ok: true };
  return refuse('not_found', { detail: { say: 'detail.recoveryReplaced' } });
}
