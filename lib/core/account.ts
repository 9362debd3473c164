import type { Enrollment } from '../ports/enrollments';
import { storeCall } from '../time-limit';
import { addedAmr, ANY_FACTOR, isByCode, needsEnrollment } from './amr';
import type { Core, Requester } from './core';
import type { Keyring } from './keyring';
import { CLOCK_SKEW } from './limits';
import { isNumber, isText, own } from './untrusted';

/**
 * What a session remembers of a passed second factor. It opens the gate only for the user, phone
 * and epoch it was made for, and only while the live record of its session says so, too: a copy of
 * the session that some slow request writes back after logout finds that record gone.
 */
export interface Mark {
  /** 96 random bits, repeated in the live record of the session. */
  id: string;
  userId: string;
  /** Fingerprint of the phone. */
  phone: string;
  epoch: string;
  /** When a second factor was passed last. */
  verifiedAt: number;
  /** How it was passed, by all that was in this session; empty where a trusted device stood in. */
  amr: string[];
  /** When each of them was; left out where all were at `verifiedAt`. */
  passedAt?: number[];
  /** The trusted device that stood in. */
  deviceId?: string;
  /** Its user wished to trust the browser that passed: told again, where the same code comes again. */
  trusts?: true;
  /** The one transaction that was confirmed last, and when; it says nothing of any other. */
  approved?: Approval;
}

/** One code, for one transaction. */
interface Approval {
  /** The challenge that it came back for: what it opens, it opens once. */
  id: string;
  /** A keyed digest of the words, and of the route that they were said at. */
  seal: string;
  at: number;
}

/** What a mark holds of a transaction: its words are nobody's who reads the sessions. */
export function transactionSeal(
  keyring: Keyring,
  userId: string,
  route: string,
  words: string,
): string {
  return keyring.seal(['transaction', userId, route, words].join('\0'));
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

/** How the user of a session was authenticated (RFC 8176), by what they signed in with and its mark. */
export function amrOf(first: readonly string[], mark: Mark | undefined): string[] {
  return mark === undefined ? [...first] : addedAmr(first, mark.amr);
}

/** The `acr` of a session, where the app has no values of its own: names of ours, which claim no standard's level. */
const ONE_FACTOR = 'urn:passport-sms-2fa:acr:one-factor';
const TWO_FACTORS = 'urn:passport-sms-2fa:acr:two-factors';

/** The `acr` that is said of these AMR values; none of nothing that is known. */
export function acrOf(amr: readonly string[]): string | undefined {
  if (amr.length === 0) return undefined;
  return amr.includes(ANY_FACTOR) ? TWO_FACTORS : ONE_FACTOR;
}

/** When each method of the mark was passed. */
function passesOf({ amr, passedAt, verifiedAt }: Mark): [method: string, at: number][] {
  return amr.map((method, index) => [method, passedAt?.[index] ?? verifiedAt]);
}

function withPasses(
  passes: readonly [string, number][],
): Pick<Mark, 'verifiedAt' | 'amr' | 'passedAt'> {
  const passedAt = passes.map(([, at]) => at);
  return { verifiedAt: Math.max(...passedAt), amr: passes.map(([method]) => method), passedAt };
}

/**
 * What is passed now, or was at that time, added to what was passed in the session before: each keeps
 * its own time. With another phone only what has nothing to do with one is still true.
 */
export function addedUp(
  before: Mark | undefined,
  amr: readonly string[],
  at: number,
  phone: string,
): Pick<Mark, 'verifiedAt' | 'amr' | 'passedAt'> {
  const older = (before === undefined ? [] : passesOf(before)).filter(
    ([method]) => !amr.includes(method) && (before?.phone === phone || !needsEnrollment(method)),
  );
  if (older.length === 0) return { verifiedAt: at, amr: [...amr] };
  return withPasses([...older, ...amr.map((method): [string, number] => [method, at])]);
}

interface Wanted {
  methods?: readonly string[] | undefined;
  /** One that does not count, whatever is wanted. */
  except?: string | undefined;
  ageMs?: number;
}

/** Whether one of these methods was passed within so many milliseconds; without them, any. */
export function passedWithin(
  mark: Mark,
  now: number,
  { methods, except, ageMs = Infinity }: Wanted,
): boolean {
  const named = (method: string): boolean =>
    methods === undefined || methods.includes(ANY_FACTOR) || methods.includes(method);
  return passesOf(mark).some(
    ([method, at]) => method !== except && named(method) && now - at <= ageMs,
  );
}

/** A mark as it lies in a session: values by their place, to be small, and by their names what few have. */
export function writtenMark({
  id,
  userId,
  phone,
  epoch,
  verifiedAt,
  amr,
  ...few
}: Mark): unknown[] {
  const all = [id, userId, phone, epoch, verifiedAt, amr];
  return Object.keys(few).length > 0 ? [...all, few] : all;
}

/** The same by its names; as it lay there whole before. */
function named(written: readonly unknown[]): unknown {
  const [id, userId, phone, epoch, verifiedAt, amr, few] = written;
  return { ...(few ?? {}), id, userId, phone, epoch, verifiedAt, amr };
}

/** Reads what lies in a session where a mark should be. Anything but a whole mark is none. */
export function readMark(found: unknown): Mark | undefined {
  const value = Array.isArray(found) ? named(found) : found;
  const strings = ['id', 'userId', 'phone', 'epoch'].every((key) => {
    const part = own(value, key);
    return typeof part === 'string' && part !== '';
  });
  const amr = own(value, 'amr');
  const deviceId = own(value, 'deviceId');
  const passedAt = own(value, 'passedAt');
  const whole =
    strings &&
    Number.isFinite(own(value, 'verifiedAt')) &&
    Array.isArray(amr) &&
    (passedAt === undefined || isTimes(passedAt, amr.length)) &&
    isApproval(own(value, 'approved')) &&
    // Nothing was passed, and no device says why: that is no mark.
    (amr.length > 0 || typeof deviceId === 'string');
  return whole ? (value as Mark) : undefined;
}

function isApproval(value: unknown): boolean {
  if (value === undefined) return true;
  return isText(own(value, 'id')) && isText(own(value, 'seal')) && isNumber(own(value, 'at'));
}

function isTimes(value: unknown, length: number): boolean {
  return Array.isArray(value) && value.length === length && value.every(Number.isFinite);
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

/** What a mark must be made for, to hold. */
interface Expected {
  userId: string;
  phone: string;
  epoch: string;
  lifetimeMs: number;
}

/**
 * The mark, with what of it still speaks for this user, with this phone, at this time; `undefined`
 * where nothing does. Each method counts from its own time. Where the hard stop disabled the phone
 * only what is no code, passed after it, counts; a trusted device must still be on the list.
 */
export function holding(
  mark: Mark,
  enrollment: Enrollment | undefined,
  expected: Expected,
  now: number,
): Mark | undefined {
  const { userId, phone, epoch, lifetimeMs } = expected;
  if (mark.userId !== userId || mark.phone !== phone || mark.epoch !== epoch) return undefined;
  const isOfNow = (at: number): boolean => now - at < lifetimeMs && now - at > -CLOCK_SKEW;
  const disabledAt = enrollment?.disabledAt;
  // A device stands in for an SMS factor; without one it stands in for nothing.
  if (mark.amr.length === 0) {
    const devices = enrollment?.devices ?? [];
    const trusted = devices.some(({ id, expiresAt }) => id === mark.deviceId && now < expiresAt);
    return trusted && disabledAt === undefined && isOfNow(mark.verifiedAt) ? mark : undefined;
  }
  const passes = passesOf(mark).filter(
    ([method, at]) =>
      isOfNow(at) &&
      (enrollment !== undefined || !needsEnrollment(method)) &&
      (disabledAt === undefined || (!isByCode(method) && at >= disabledAt)),
  );
  if (passes.length === 0) return undefined;
  if (passes.length === mark.amr.length) return mark;
  return { ...mark, ...withPasses(passes) };
}

/** The account as it is now; a challenge opened for another state of it is dead. */
export interface AccountState {
  enrollment: Enrollment | undefined;
  epoch: string;
  /** The transaction that holds the session up, in its words: a step-up is for that one, or for none. */
  transaction?: string | undefined;
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
