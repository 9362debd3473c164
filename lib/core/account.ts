import type { Enrollment } from '../ports/enrollments';
import { storeCall } from '../store-call';
import { ANY_FACTOR, isByCode, needsEnrollment, PASSWORD } from './amr';
import type { Core, Requester } from './core';
import type { Keyring } from './keyring';
import { CLOCK_SKEW } from './limits';
import { own } from './untrusted';

/**
 * What a session remembers of a passed second factor. It opens the gate only for the user, phone
 * and epoch it was made for, and only while the live record of its session says so, too: a copy of
 * the session that some slow request writes back after logout finds that record gone.
 */
export interface Mark {
  /** 128 random bits, repeated in the live record of the session. */
  id: string;
  userId: string;
  /** Fingerprint of the phone. */
  phone: string;
  epoch: string;
  verifiedAt: number;
  /** How the second factor was passed; empty where a trusted device stood in for it. */
  amr: string[];
  /** The trusted device that stood in. */
  deviceId?: string;
  /** Its user wished to trust the browser that passed: told again, where the same code comes again. */
  trusts?: true;
}

/** The fingerprint of the factor that a mark is made for; users without a phone have one, too. */
export function factorFingerprint(keyring: Keyring, enrollment: Enrollment | undefined): string {
  return enrollment === undefined
    ? keyring.fingerprint('phone', 'none')
    : printsOf(keyring, enrollment).phone;
}

interface Prints {
  keyring: Keyring;
  /** What they were made of: an app may keep one object and write into it. */
  made: Pick<Enrollment, 'phone' | 'epoch'>;
  phone: string;
  /** By the app's credentials epoch. */
  epochs: Map<string, string>;
}

/** Made once for an enrollment that was read, not on each request that it is good for. */
const prints = new WeakMap<Enrollment, Prints>();

function printsOf(keyring: Keyring, enrollment: Enrollment): Prints {
  const { phone, epoch } = enrollment;
  const known = prints.get(enrollment);
  const holds =
    known?.keyring === keyring && known.made.phone === phone && known.made.epoch === epoch;
  if (holds) return known;
  const print = keyring.fingerprint('phone', phone);
  const fresh: Prints = { keyring, made: { phone, epoch }, phone: print, epochs: new Map() };
  prints.set(enrollment, fresh);
  return fresh;
}

/** How the user of a session was authenticated (RFC 8176); never more than was done in it. */
export function amrOf(mark: Mark | undefined): string[] {
  if (mark === undefined || mark.amr.length === 0) return [PASSWORD];
  return [PASSWORD, ...mark.amr, ANY_FACTOR];
}

/** Reads what lies in a session where a mark should be. Anything but a whole mark is none. */
export function readMark(value: unknown): Mark | undefined {
  const strings = ['id', 'userId', 'phone', 'epoch'].every((key) => {
    const part = own(value, key);
    return typeof part === 'string' && part !== '';
  });
  const amr = own(value, 'amr');
  const deviceId = own(value, 'deviceId');
  const whole =
    strings &&
    Number.isFinite(own(value, 'verifiedAt')) &&
    Array.isArray(amr) &&
    // Nothing was passed, and no device says why: that is no mark.
    (amr.length > 0 || typeof deviceId === 'string');
  return whole ? (value as Mark) : undefined;
}

/**
 * The state of an account that codes and marks are bound to: the enrollment's epoch (new phone,
 * removal, revocation) and the app's credentials epoch (new password).
 */
export function accountEpoch(
  keyring: Keyring,
  enrollment: Enrollment | undefined,
  credentialsEpoch: string,
): string {
  const epochs = enrollment && printsOf(keyring, enrollment).epochs;
  const known = epochs?.get(credentialsEpoch);
  if (known !== undefined) return known;
  const state = `${enrollment?.epoch ?? 'none'}\0${credentialsEpoch}`;
  const epoch = keyring.fingerprint('epoch', state);
  epochs?.set(credentialsEpoch, epoch);
  return epoch;
}

/** Whether the mark still speaks for this user, with this phone, at this time. */
export function markHolds(
  mark: Mark,
  expected: { userId: string; phone: string; epoch: string; lifetimeMs: number },
  now: number,
): boolean {
  const age = now - mark.verifiedAt;
  return (
    mark.userId === expected.userId &&
    mark.phone === expected.phone &&
    mark.epoch === expected.epoch &&
    age < expected.lifetimeMs &&
    age > -CLOCK_SKEW
  );
}

/**
 * Whether the enrollment lets the mark speak: a trusted device must still be on its list, and where
 * the hard stop disabled the phone only another factor, passed after it, counts.
 */
export function enrollmentAllows(
  mark: Mark,
  enrollment: Enrollment | undefined,
  now: number,
): boolean {
  // A device stands in for an SMS factor; without one it stands in for nothing.
  if (mark.amr.length === 0) {
    const devices = enrollment?.devices ?? [];
    const trusted = devices.some(({ id, expiresAt }) => id === mark.deviceId && now < expiresAt);
    return trusted && enrollment?.disabledAt === undefined;
  }
  if (enrollment === undefined) return !mark.amr.some(needsEnrollment);
  const { disabledAt } = enrollment;
  if (disabledAt === undefined) return true;
  return !mark.amr.some(isByCode) && mark.verifiedAt >= disabledAt;
}

/** The account as it is now; a challenge opened for another state of it is dead. */
export interface AccountState {
  enrollment: Enrollment | undefined;
  epoch: string;
}

/** What a session may do with the factor. */
export interface FactorAccess extends AccountState {
  /** The second factor was passed in this session, recently enough to change the factor. */
  fresh: boolean;
  /** There is a factor of the app's own. */
  ownFactor?: boolean;
}

/** Any factor guards all of them: a first phone is not a first factor. */
export function isGuarded({ enrollment, ownFactor, fresh }: FactorAccess): boolean {
  return !fresh && (enrollment !== undefined || ownFactor === true);
}

/** Where codes for the factor go on this channel, as things are now. */
export async function confirmedDestination(
  core: Core,
  who: Requester,
  enrollment: Enrollment | undefined,
  channel: 'email' | undefined,
): Promise<string | undefined> {
  if (channel === undefined) return enrollment?.phone;
  const { email } = core;
  if (email === undefined) return undefined;
  const address = await storeCall('email.address', () => email.address(who.user));
  // One @ and no blank or line break: what goes into a mail's header.
  const whole = typeof address === 'string' && /^[^\s@,<>]{1,64}@[^\s@,<>]{1,255}$/.test(address);
  return whole ? address : undefined;
}
