import { isDeepStrictEqual } from 'node:util';
import { SecondFactorError, type SetupFinding } from '../errors';
import type { Enrollment, Enrollments } from '../ports/enrollments';
import { storeCall } from '../time-limit';
import { failure, findingsAbout, isAway, isBug, isUnmade, messageOf } from './failure';

interface StorageUnderCheck {
  enrollments: Enrollments;
  /** Makes an enrollment of what the app answers. */
  read: (answer: unknown) => Enrollment | undefined;
  /** Two that follow each other, as the library would write them. */
  first: Enrollment;
  second: Enrollment;
  /** A user whom there is not; or, where `isReal`, one whom the app has for tests. */
  userId: string;
  isReal: boolean;
}

const CURES = {
  away: 'Start it before the app, and see that this machine may reach it; then ask again.',
  wrong: 'Mend what it says; docs/enrollments.md has complete functions for many databases.',
};
const COMPARE =
  'Compare the version and write in one statement (docs/enrollments.md), and answer false where it is another one; else two writers overwrite each other, and a removed phone comes back.';
const ASK_FOR_USER =
  "Where users must be there, or ids are numbers, that is right. To try the storage all the same, name a user of your tests who has no phone: check({ userId: '…' }), or doctor --user.";

const { wrong, warning, unknown } = findingsAbout('enrollments');

/**
 * Whether the app's storage keeps an enrollment whole, with its version, and refuses who knows another
 * version. An enrollment that is there already is only read.
 */
export async function checkEnrollments(given: StorageUnderCheck): Promise<SetupFinding[]> {
  const storage = new Storage(given);
  const findings = await storage.examine();
  return (await storage.isClean())
    ? findings
    : [
        ...findings,
        warning(
          'Nobody can say whether the enrollment that was written for this check is gone again.',
          given.isReal
            ? 'Look at that user of your tests.'
            : 'Look for what lies under ids that begin with "check:passport-sms-2fa:".',
        ),
      ];
}

/** The app's functions for one user, and what was written there. */
class Storage {
  /** Whether something was, or may have been, written and not removed. */
  private isDirty = false;
  private late: Promise<unknown>[] = [];

  constructor(private readonly given: StorageUnderCheck) {}

  async examine(): Promise<SetupFinding[]> {
    const { isReal } = this.given;
    let before: Enrollment | undefined;
    try {
      before = await this.get();
    } catch (error) {
      return [this.unreadable(error)];
    }
    if (before !== undefined) {
      return isReal
        ? [
            unknown(
              'The user of check({ userId }) has a phone, which is left alone: nothing was written.',
              'Name a user of your tests who has none.',
            ),
          ]
        : [
            wrong(
              'enrollments.get answers an enrollment for a user who is not there.',
              'It must look for the userId that it is given, and answer undefined where there is none.',
            ),
          ];
    }
    try {
      return await this.writeBoth();
    } catch (error) {
      return [this.unwritable(error)];
    }
  }

  private async writeBoth(): Promise<SetupFinding[]> {
    const { first, second, isReal } = this.given;
    const kept = await this.set(first, 0);
    if (typeof kept !== 'boolean') {
      const what = kept === undefined ? 'nothing' : kept === null ? 'null' : `a ${typeof kept}`;
      return [
        wrong(
          `enrollments.set answers ${what}, so nobody knows whether it wrote.`,
          'It must answer true, or false where another version is stored.',
        ),
      ];
    }
    if (!kept) {
      if (!isReal || (await this.get()) !== undefined) {
        return [unknown('enrollments.set keeps nothing of a user who is not there.', ASK_FOR_USER)];
      }
      return [
        wrong(
          'enrollments.set answers false for a user who has no enrollment.',
          'With the expectedVersion 0 it must write where none is stored, and answer true.',
        ),
      ];
    }
    return (await this.findingOf(first, second)) ?? [];
  }

  private async findingOf(
    first: Enrollment,
    second: Enrollment,
  ): Promise<SetupFinding[] | undefined> {
    const back = await this.get();
    if (!isDeepStrictEqual(back, first)) {
      return [
        wrong(
          `enrollments.set answers true, and enrollments.get then ${back === undefined ? 'nothing' : `another value (${differenceOf(first, back)})`}.`,
          'Both must mean the same user and keep the value whole, and get must read from the primary database, past every cache.',
        ),
      ];
    }
    if ((await this.set(second, 0)) !== false) {
      return [
        wrong(
          'enrollments.set writes over an enrollment where none should be stored (expectedVersion 0).',
          COMPARE,
        ),
      ];
    }
    if ((await this.set(second, second.version)) !== false) {
      return [wrong('enrollments.set writes although another version is stored.', COMPARE)];
    }
    if (
      (await this.set(second, first.version)) !== true ||
      !isDeepStrictEqual(await this.get(), second)
    ) {
      return [
        wrong(
          'enrollments.set does not write over the version that is stored, although it is the expected one.',
          'See how the version is stored and compared: as a whole number, up to 2147483646.',
        ),
      ];
    }
    await this.remove(first.version);
    if ((await this.get()) === undefined) {
      return [
        wrong(
          'enrollments.delete removes an enrollment although another version is stored.',
          COMPARE,
        ),
      ];
    }
    const removed = await this.remove(second.version);
    if (removed === false || (await this.get()) !== undefined) {
      return [
        wrong(
          'enrollments.delete does not remove the version that is stored, although it is the expected one: no phone could be taken away.',
          'It must remove it, and answer anything but false.',
        ),
      ];
    }
    this.isDirty = false;
    return undefined;
  }

  private async get(): Promise<Enrollment | undefined> {
    const { enrollments, read, userId } = this.given;
    return read(await storeCall('enrollments.get', () => enrollments.get(userId)));
  }

  private async set(enrollment: Enrollment, expected: number): Promise<unknown> {
    const { enrollments, userId } = this.given;
    let asked: unknown;
    try {
      const kept: unknown = await storeCall('enrollments.set', () => {
        asked = enrollments.set(userId, { ...enrollment }, expected);
        return asked;
      });
      this.isDirty ||= kept !== false;
      return kept;
    } catch (error) {
      // What was given up may still be written.
      this.isDirty ||= isAway(error);
      if (asked instanceof Promise) this.late.push(asked);
      throw error;
    }
  }

  private remove(version: number): Promise<unknown> {
    const { enrollments, userId } = this.given;
    return storeCall('enrollments.delete', () => enrollments.delete(userId, version));
  }

  /** Takes away what was written; also what is written late, by a call that was given up. */
  async isClean(): Promise<boolean> {
    if (!this.isDirty) return true;
    for (const each of this.late) {
      each.then(() => this.clean()).catch(() => undefined);
    }
    return this.clean();
  }

  private async clean(): Promise<boolean> {
    const { first, second, isReal } = this.given;
    try {
      const found = await this.get();
      if (found === undefined) return true;
      // Whoever has enrolled meanwhile has an epoch of their own.
      if (isReal && ![first.epoch, second.epoch].includes(found.epoch)) return true;
      await this.remove(found.version);
      return (await this.get()) === undefined;
    } catch {
      // It may be there, and not be readable.
      const versions = isReal ? [] : [first.version, second.version];
      await Promise.allSettled(versions.map((version) => this.remove(version)));
      return false;
    }
  }

  private unreadable(error: unknown): SetupFinding {
    const isBroken = isAway(error) || isUnmade(error) || this.given.isReal || isNoEnrollment(error);
    if (isBroken) return failure('enrollments', error, CURES);
    return isBug(error)
      ? warning(
          `enrollments.get throws for a user who is not there: ${messageOf(error)}.`,
          'It should answer undefined where there is none, also without its second argument.',
        )
      : unknown(`enrollments.get refuses the id of nobody: ${messageOf(error)}.`, ASK_FOR_USER);
  }

  private unwritable(error: unknown): SetupFinding {
    const isBroken = isAway(error) || isUnmade(error) || this.given.isReal || isNoEnrollment(error);
    if (isBroken) return failure('enrollments', error, CURES);
    return isBug(error)
      ? warning(
          `enrollments.set throws for a user who is not there: ${messageOf(error)}.`,
          ASK_FOR_USER,
        )
      : unknown(
          `enrollments.set refuses a user who is not there: ${messageOf(error)}.`,
          ASK_FOR_USER,
        );
  }
}

/** What is stored cannot be read as what it should be. */
function isNoEnrollment(error: unknown): boolean {
  return error instanceof SecondFactorError && error.message.includes('not an enrollment');
}

/** The names of the fields that are not as they were. */
function differenceOf(kept: object, back: object): string {
  const [before, after] = [kept, back] as Record<string, unknown>[];
  const names = Object.keys({ ...before, ...after });
  return names.filter((name) => !isDeepStrictEqual(before?.[name], after?.[name])).join(', ');
}
