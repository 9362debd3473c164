import { hash } from 'node:crypto';
import { isDeepStrictEqual, types } from 'node:util';
import { SecondFactorError } from '../errors';
import { type Enrollment, type NewRecoveryCodes, NO_VERSION } from '../ports/enrollments';
import { storeCall } from '../time-limit';
import type { Core, Links, SayText } from './core';
import { readEnrollment } from './read-enrollment';

/** What a code that came back says of the phone it was texted to. */
export interface ConfirmedPhone {
  phone: string;
  epoch: string;
  confirmedAt: number;
  confirmedFrom: string | undefined;
  newRecoveryCodes: NewRecoveryCodes;
  consent?: Enrollment['consent'] | undefined;
}

/**
 * The enrollment after a phone was confirmed: a new epoch, so every earlier mark and every trusted
 * device dies, and new recovery codes, beside which the older ones stay until the new are kept. A
 * first version is taken from the time, so that a writer who still knows a removed enrollment cannot
 * hit this one.
 */
export function confirmedEnrollment(
  before: Enrollment | undefined,
  { confirmedFrom, consent = before?.consent, ...confirmed }: ConfirmedPhone,
): Enrollment {
  return {
    ...confirmed,
    ...(consent === undefined ? {} : { consent }),
    ...(confirmedFrom === undefined ? {} : { confirmedFrom }),
    ...(before?.recoveryCodes === undefined ? {} : { recoveryCodes: before.recoveryCodes }),
    version: before === undefined ? inHalf(confirmed.confirmedAt) : nextVersion(before.version),
  };
}

/** Half of what an int4 column takes: the other half is room to count up. */
const HALF = 2 ** 30;

/** A version made of the time in milliseconds; it comes again after twelve days, to the millisecond. */
function inHalf(time: number): number {
  return 1 + (time % HALF);
}

/** Counts up by one. Those of versions before 0.2 are the time itself, which few columns take. */
function nextVersion(version: number): number {
  return version + 1 < NO_VERSION ? version + 1 : inHalf(version);
}

const TRIES = 10;

/**
 * Writes an enrollment, as plain JSON, where the stored version is the one that is expected. An answer that was late
 * or got lost is not taken for a failure before the app was asked what it has: what was written
 * counts, and its user is told so.
 */
export async function writeEnrollment(
  { enrollments }: Core,
  userId: string,
  enrollment: Enrollment,
  expectedVersion: number,
): Promise<boolean> {
  const kept = JSON.parse(JSON.stringify(enrollment)) as Enrollment;
  try {
    return await enrollments.set(userId, kept, expectedVersion);
  } catch (error) {
    // Storage that cannot be trusted would look as if it worked, until two writers met.
    if (error instanceof SecondFactorError && error.code === 'misconfigured') throw error;
    if (isDeepStrictEqual(await stored(enrollments, userId, error), kept)) return true;
    throw error;
  }
}

/** What the app has after a write that failed; where that cannot be read, the failure of the write. */
async function stored(
  enrollments: Core['enrollments'],
  userId: string,
  failure: unknown,
): Promise<Enrollment | undefined> {
  try {
    return readEnrollment(await enrollments.get(userId));
  } catch {
    throw failure;
  }
}

/**
 * Changes a user's enrollment, where there is one, and returns what was written. A lost race is
 * tried again on what the winner wrote, never merged blindly. A change that finds nothing to do
 * any more answers `undefined`; then nothing is written.
 */
export async function changeEnrollment(
  core: Core,
  userId: string,
  change: (enrollment: Enrollment) => Enrollment | undefined,
): Promise<Enrollment | undefined> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = readEnrollment(await core.enrollments.get(userId));
    const changed = before && change(before);
    if (before === undefined || changed === undefined) return undefined;
    const after = { ...changed, version: nextVersion(before.version) };
    if (await writeEnrollment(core, userId, after, before.version)) return after;
  }
  throw new SecondFactorError(
    'store_unavailable',
    'The enrollment kept changing while it was being written.',
  );
}

/**
 * Removes a user's enrollment, unless `isMeant` says that it is another one than the caller means.
 * Answers whether it is gone.
 */
export async function removeEnrollment(
  core: Core,
  userId: string,
  isMeant: (enrollment: Enrollment) => boolean = () => true,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = readEnrollment(await core.enrollments.get(userId));
    if (before === undefined) return true;
    if (!isMeant(before)) return false;
    if (await deleteEnrollment(core, userId, before.version)) return true;
  }
  throw new SecondFactorError(
    'store_unavailable',
    'The enrollment kept changing while it was being removed.',
  );
}

async function deleteEnrollment(
  { enrollments }: Core,
  userId: string,
  expectedVersion: number,
): Promise<boolean> {
  try {
    return (await enrollments.delete(userId, expectedVersion)) !== false;
  } catch (error) {
    if ((await stored(enrollments, userId, error)) === undefined) return true;
    throw error;
  }
}

/** What a user is told where a phone is named, and agrees to with it. */
export interface Consent extends Links {
  text: string;
  /** Changes with the words and the addresses. */
  version: string;
}

/**
 * The sentence at the field for a number: what for, what it may cost, how to stop. Carriers ask for it
 * before a number may text codes. HELP is named only where it is answered.
 */
export function consentOf(
  { appName, links = {}, answers }: Pick<Core, 'appName' | 'links' | 'answers'>,
  say: SayText,
): Consent {
  const hasHelp = answers?.().help !== undefined;
  const text = say(hasHelp ? 'consent.textWithHelp' : 'consent.text', { appName });
  const { terms, privacy, support } = links;
  const version = hash('sha256', JSON.stringify([text, terms, privacy, support]), 'hex');
  return {
    text,
    version: version.slice(0, 12),
    ...(terms === undefined ? {} : { terms }),
    ...(privacy === undefined ? {} : { privacy }),
    ...(support === undefined ? {} : { support }),
  };
}

/** The same where the app has terms that can be agreed to: then it is kept what was. */
export function agreedConsent(core: Core, say: SayText): Consent | undefined {
  return core.links?.terms === undefined ? undefined : consentOf(core, say);
}

/** Whether a user without a factor must enroll one: never, at once, or from a moment on. */
export type EnrollmentPolicy = 'optional' | 'required' | { requiredFrom: Date };

/** The same for everybody, or asked for each user. */
export type EnrollmentOption<User = unknown> =
  'optional' | 'required' | ((user: User) => EnrollmentPolicy | Promise<EnrollmentPolicy>);

/** What the policy says of one user, at this moment. */
export interface Due {
  /** `enforce()` sends them to enroll. */
  required: boolean;
  /** Where the policy names a moment, whether it is to come or past; milliseconds since the epoch. */
  from?: number;
}

const YEAR_10000 = Date.UTC(10_000, 0);

/**
 * Asks the policy of a user. Rejects with `store_unavailable` where the app cannot say, and with `misconfigured`
 * where it says anything else: a policy that is not understood must open nothing [S207].
 */
export async function enrollmentDue(
  option: EnrollmentOption<never>,
  user: unknown,
  now: number,
): Promise<Due> {
  const said: unknown =
    typeof option === 'function'
      ? await storeCall('enrollment', () => option(user as never))
      : option;
  if (said === 'optional' || said === 'required') return { required: said === 'required' };
  const date = (said as { requiredFrom?: unknown } | null | undefined)?.requiredFrom;
  const from = types.isDate(date) ? date.getTime() : NaN;
  if (Number.isFinite(from)) {
    // Who writes a moment that far off means never, and no document can say it (RFC 3339).
    return { required: from <= now, ...(from < YEAR_10000 ? { from } : {}) };
  }
  throw new SecondFactorError(
    'misconfigured',
    "The option enrollment gave none of its answers. Return 'optional', 'required' or { requiredFrom: date }, with a valid Date.",
  );
}
