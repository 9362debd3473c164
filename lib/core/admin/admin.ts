import { misuse } from '../../misuse';
import type { Enrollment } from '../../ports/enrollments';
import type { Core } from '../core';
import { recoveryCodesLeft } from '../enroll/recovery-codes';
import { changeEnrollment, type Due, removeEnrollment } from '../enrollment';
import { failureKeys, standingOf } from '../failures';
import { iso, maskPhone } from '../outcomes';
import { readEnrollment } from '../read-enrollment';
import { endVerifiedSessions, noteRevoked } from '../sessions';
import { own } from '../untrusted';

/** Who does it, for the audit event. */
export interface AdminAction {
  /** The name of the person at the support desk. */
  operator: string;
}

/** What a support desk may see. */
export interface AdminStatus {
  enrolled: boolean;
  /** Masked to the last two digits. */
  phone?: string;
  /** ISO 8601. */
  confirmedAt?: string;
  /** The IP address that the phone was confirmed from. */
  confirmedFrom?: string;
  /** ISO 8601; while wrong codes have locked the user. */
  lockedUntil?: string;
  /** The hard stop was reached. */
  disabled: boolean;
  recoveryCodesLeft: number;
  /** The browsers that pass without a code, by name; also those that a new password has ended. */
  devices: { name: string; trustedAt: string; lastUsedAt: string; expiresAt: string }[];
}

/** A line of a report: who has a factor, and who must have one. Times are ISO 8601. */
export interface ListedUser<User = unknown> {
  user: User;
  userId: string;
  enrolled: boolean;
  /** Masked to the last two digits. */
  phone?: string;
  /** Since when the phone is confirmed. */
  enrolledSince?: string;
  /** Must have one by now, has none, and no factor of the app's own: `enforce()` sends them to enroll. */
  missing: boolean;
  /** From when on a user without a factor must, to come or past; where the option `enrollment` names a moment. */
  requiredFrom?: string;
}

/** What a support desk may do for a user, without a request of that user. */
export interface Admin {
  status(userId: string): Promise<AdminStatus>;
  /**
   * Who of these users has a factor, and who must: one line for each, in their order, read as it is asked for,
   * eight users at once. They are users as the option `userId` takes them. Throws a `TypeError` for no list; the
   * iteration rejects where a store fails, and with `misconfigured` for what `userId` and `enrollment` must not give.
   */
  list<User>(users: Iterable<User> | AsyncIterable<User>): AsyncIterableIterator<ListedUser<User>>;
  /** Ends a lock or the hard stop; the phone stays. */
  unlock(userId: string, action: AdminAction): Promise<void>;
  /** Removes the factor and every failure, so that the user can enroll anew. */
  reset(userId: string, action: AdminAction): Promise<void>;
  /** Ends all verified sessions and trusted devices: here at once, in other processes within ten seconds. */
  revoke(userId: string, action: AdminAction): Promise<void>;
}

/** What the app says of its users. */
export interface People {
  userIdOf(user: unknown): string;
  due(user: unknown): Promise<Due>;
  hasOwnFactor(user: unknown): Promise<boolean>;
}

export function createAdmin(core: Core): Omit<Admin, 'list'> {
  const tell = (name: 'unlocked' | 'reset' | 'revoked', userId: string, operator: string): void =>
    core.emit(name, { at: core.clock(), userId, operator });
  const forgetFailures = async (userId: string): Promise<void> => {
    const { all, wrong, told } = failureKeys(core, userId);
    await core.counter.settle({ clear: [...all, wrong, told] });
  };

  return {
    status: async (userId) => {
      checkUserId('status', userId);
      return statusOf(core, userId);
    },
    unlock: async (userId, action) => {
      const operator = operatorOf('unlock', userId, action);
      await forgetFailures(userId);
      await changeEnrollment(core, userId, ({ disabledAt, ...enrollment }) => enrollment);
      tell('unlocked', userId, operator);
    },
    reset: async (userId, action) => {
      const operator = operatorOf('reset', userId, action);
      // Before the removal: without a phone, sessions verified by the app's own factor would hold again.
      await noteRevoked(core, userId);
      await removeEnrollment(core, userId);
      await forgetFailures(userId);
      tell('reset', userId, operator);
    },
    revoke: async (userId, action) => {
      const operator = operatorOf('revoke', userId, action);
      await endVerifiedSessions(core, userId);
      tell('revoked', userId, operator);
    },
  };
}

/** So many users are looked up at once: a report must not take all connections of a database. */
const AT_ONCE = 8;

/** `admin.list()`. */
export function list<User>(
  core: Core,
  people: People,
  users: Iterable<User> | AsyncIterable<User>,
): AsyncIterableIterator<ListedUser<User>> {
  const given = Object(users) as Partial<Iterable<User> & AsyncIterable<User>>;
  const isList = typeof (given[Symbol.asyncIterator] ?? given[Symbol.iterator]) === 'function';
  if (typeof users === 'string' || !isList) {
    const cure = 'Give a list of users, or what a query iterates over.';
    throw misuse('the users of admin.list()', users, cure);
  }
  return listUsers(core, people, users);
}

async function* listUsers<User>(
  core: Core,
  people: People,
  users: Iterable<User> | AsyncIterable<User>,
): AsyncGenerator<ListedUser<User>, undefined> {
  const open: Promise<ListedUser<User>>[] = [];
  for await (const user of users) {
    const line = lineOf(core, people, user);
    // It is told when its turn comes; where the report has ended by then, nobody is left to tell.
    line.catch(() => undefined);
    open.push(line);
    const first = open.length < AT_ONCE ? undefined : open.shift();
    if (first !== undefined) yield await first;
  }
  for (const line of open) yield await line;
}

async function lineOf<User>(core: Core, people: People, user: User): Promise<ListedUser<User>> {
  const userId = people.userIdOf(user);
  const enrollment = readEnrollment(await core.enrollments.get(userId, user));
  if (enrollment !== undefined) {
    const { phone, confirmedAt } = enrollment;
    const facts = { phone: maskPhone(phone), enrolledSince: iso(confirmedAt) };
    return { user, userId, enrolled: true, ...facts, missing: false };
  }
  const [{ required, from }, own] = await Promise.all([
    people.due(user),
    people.hasOwnFactor(user),
  ]);
  const due = from === undefined || own ? {} : { requiredFrom: iso(from) };
  return { user, userId, enrolled: false, missing: required && !own, ...due };
}

async function statusOf(core: Core, userId: string): Promise<AdminStatus> {
  const now = core.clock();
  const enrollment = readEnrollment(await core.enrollments.get(userId));
  const keys = failureKeys(core, userId);
  const { read } = await core.counter.settle({ read: keys.all });
  const standing = standingOf(core, keys, read);
  const disabled = standing.state === 'disabled' || enrollment?.disabledAt !== undefined;
  const { devices = [] } = enrollment ?? {};
  return {
    enrolled: enrollment !== undefined,
    ...(enrollment === undefined ? {} : phoneOf(enrollment)),
    ...(standing.state === 'locked' ? { lockedUntil: iso(standing.until) } : {}),
    disabled,
    recoveryCodesLeft: enrollment === undefined ? 0 : recoveryCodesLeft(core, enrollment),
    devices: devices
      .filter(({ expiresAt }) => now < expiresAt)
      .map(({ name, trustedAt, lastUsedAt, expiresAt }) => ({
        name,
        trustedAt: iso(trustedAt),
        lastUsedAt: iso(lastUsedAt),
        expiresAt: iso(expiresAt),
      })),
  };
}

function phoneOf({ phone, confirmedAt, confirmedFrom }: Enrollment) {
  const masked = { phone: maskPhone(phone), confirmedAt: iso(confirmedAt) };
  return confirmedFrom === undefined ? masked : { ...masked, confirmedFrom };
}

/** Refuses a user id that would silently name nobody, such as a number. */
function checkUserId(verb: string, userId: unknown, call = `admin.${verb}('42')`): void {
  if (typeof userId === 'string' && userId !== '') return;
  throw misuse(`the user id of admin.${verb}()`, userId, `Give a text: ${call}.`);
}

/** Who does it; a call without a user or a name changes nothing. */
function operatorOf(verb: string, userId: unknown, action: unknown): string {
  const call = `admin.${verb}('42', { operator: 'Jo' })`;
  checkUserId(verb, userId, call);
  const operator = own(action, 'operator');
  if (typeof operator === 'string' && operator !== '') return operator;
  throw misuse(`the operator of admin.${verb}()`, operator, `Say who does it: ${call}.`);
}
