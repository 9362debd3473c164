import { isDeepStrictEqual } from 'node:util';
import { SecondFactorError } from '../errors';
import { UnclearAnswer, type Enrollment, type NewRecoveryCodes } from '../ports/enrollments';
import type { Core } from './core';
import { E164 } from './phone-number';
import { own } from './untrusted';

/**
 * Reads what the app's `enrollments.get` answered. Nothing is no enrollment; anything that is not
 * a whole one is a broken store, and the gate stays shut.
 */
export function readEnrollment(value: unknown): Enrollment | undefined {
  if (value === undefined || value === null) return undefined;
  const phone = own(value, 'phone');
  const epoch = own(value, 'epoch');
  const version = own(value, 'version');
  if (
    typeof phone !== 'string' ||
    !E164.test(phone) ||
    typeof epoch !== 'string' ||
    !Number.isSafeInteger(version) ||
    !isRecoveryCodes(own(value, 'recoveryCodes')) ||
    !isNewRecoveryCodes(own(value, 'newRecoveryCodes')) ||
    !isDevices(own(value, 'devices')) ||
    !isDevices(own(value, 'endedDevices'))
  ) {
    throw new SecondFactorError(
      'store_unavailable',
      'enrollments.get answered with something that is not an enrollment. Return the value that enrollments.set was given, unchanged, or undefined.',
    );
  }
  return value as Enrollment;
}

function isRecoveryCodes(value: unknown): boolean {
  if (value === undefined) return true;
  const digests = own(value, 'digests');
  return typeof own(value, 'salt') === 'string' && isStrings(digests);
}

function isNewRecoveryCodes(value: unknown): boolean {
  if (value === undefined) return true;
  const strings = ['id', 'keyId', 'session'].map((key) => own(value, key));
  return isStrings(strings) && Number.isFinite(own(value, 'madeAt'));
}

function isDevices(value: unknown): boolean {
  if (value === undefined) return true;
  return Array.isArray(value) && value.every(isDevice);
}

function isDevice(device: unknown): boolean {
  const strings = ['id', 'digest', 'epoch', 'name'].map((key) => own(device, key));
  const times = ['trustedAt', 'lastUsedAt', 'expiresAt'].map((key) => own(device, key));
  const [next, lost] = ['next', 'lost'].map((key) => {
    const list = own(device, key);
    return list === undefined ? [] : list;
  });
  return (
    isStrings(strings) &&
    times.every((time) => Number.isFinite(time)) &&
    Array.isArray(next) &&
    isStrings(next.map((each) => own(each, 'digest'))) &&
    isStrings(lost)
  );
}

function isStrings(values: unknown): boolean {
  return Array.isArray(values) && values.every((each) => typeof each === 'string');
}

/** What a code that came back says of the phone it was texted to. */
export interface ConfirmedPhone {
  phone: string;
  epoch: string;
  confirmedAt: number;
  confirmedFrom: string | undefined;
  newRecoveryCodes: NewRecoveryCodes;
}

/**
 * The enrollment after a phone was confirmed: a new epoch, so every earlier mark and every trusted
 * device dies, and new recovery codes, beside which the older ones stay until the new are kept. A
 * first version is the time, so that a writer who still knows a removed enrollment cannot hit this
 * one.
 */
export function confirmedEnrollment(
  before: Enrollment | undefined,
  { confirmedFrom, ...confirmed }: ConfirmedPhone,
): Enrollment {
  return {
    ...confirmed,
    ...(confirmedFrom === undefined ? {} : { confirmedFrom }),
    ...(before?.recoveryCodes === undefined ? {} : { recoveryCodes: before.recoveryCodes }),
    version: (before?.version ?? confirmed.confirmedAt) + 1,
  };
}

const TRIES = 10;

/**
 * Writes an enrollment where the stored version is the one that is expected. An answer that was late
 * or got lost is not taken for a failure before the app was asked what it has: what was written
 * counts, and its user is told so.
 */
export async function writeEnrollment(
  { enrollments }: Core,
  userId: string,
  enrollment: Enrollment,
  expectedVersion: number,
): Promise<boolean> {
  try {
    return await enrollments.set(userId, enrollment, expectedVersion);
  } catch (error) {
    // An app that says neither would look as if it worked, until two writers met.
    if (error instanceof SecondFactorError && error.cause instanceof UnclearAnswer) throw error;
    const found = await stored(enrollments, userId, error);
    if (isDeepStrictEqual(asKept(found), asKept(enrollment))) return true;
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

/** As a database keeps it, whatever order it gives the fields. */
function asKept(value: Enrollment | undefined): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
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
    const after = { ...changed, version: before.version + 1 };
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
