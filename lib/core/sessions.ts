import type { Clock } from '../ports/clock';
import { NO_LIMIT, type Count, type Place } from '../ports/counter';
import type { Records, Successor } from '../ports/session-store';
import type { Core } from './core';
import { changeEnrollment } from './enrollment';
import type { Keyring } from './keyring';
import { TEXT_LIFETIME } from './limits';
import { equalInConstantTime, own } from './untrusted';

/*
 * What is known of a session beside it. Counted, for as long as its texts are remembered: its end, as
 * a request may still hold an old copy of it. It goes on under another id at most once, before any
 * sign-out, and counts one for that; each sign-out counts a million. A simple counter counts those who
 * come too late as well, until they give back: so anything beside whole millions says that it went on.
 * Remembered: which session took its place, so that whoever ends one of the two can end the other.
 */

interface WithKeyring {
  keyring: Keyring;
}

interface WithRecords extends WithKeyring {
  records: Records;
}

/** The session in the words of recovery codes that were made in it, and wait there to be kept. */
export function sessionPrint({ keyring }: WithKeyring, sessionId: string): string {
  return keyring.digest('session', sessionId);
}

export function endedKey({ keyring }: WithKeyring, sessionId: string): string {
  return `${keyring.subjects.session(sessionId)}#ended`;
}

/** What a sign-out counts: more than all that may come too late to go on. */
const SIGN_OUT = 1_000_000;

/** Asks that the session has not ended. */
export function notEndedPlace(core: WithKeyring, sessionId: string): Place {
  return { key: endedKey(core, sessionId), window: TEXT_LIFETIME, limit: 0, by: 0 };
}

/** Ends the session for one that takes its place: none of two, and not after a sign-out. */
export function goOnPlace(core: WithKeyring, sessionId: string): Place {
  return { key: endedKey(core, sessionId), window: TEXT_LIFETIME, limit: 1 };
}

/** Ends the session for good, whatever else has ended it. */
export function signOutPlace(core: WithKeyring, sessionId: string): Place {
  return { key: endedKey(core, sessionId), window: TEXT_LIFETIME, limit: NO_LIMIT, by: SIGN_OUT };
}

/** How a session has ended, by the count of its end. */
export function endIn(end: Count | undefined): { wentOn: boolean; signedOut: boolean } {
  const count = end?.count ?? 0;
  return { wentOn: count % SIGN_OUT > 0, signedOut: count >= SIGN_OUT };
}

/** A code is being tried in this session, or opened the next one a moment ago: by one of two clicks. */
export function tryPlace(
  { keyring }: WithKeyring,
  { userId, sessionId }: { userId: string; sessionId: string },
  { kind, code }: Typed,
): Place {
  const tried = keyring.seal([userId, sessionId, kind, code].join('\0')).slice(0, 16);
  return { key: `${keyring.subjects.session(sessionId)}#try.${tried}`, window: 10_000, limit: 1 };
}

/** What was typed: a code of the factor, of a phone to be confirmed, or a recovery code. */
export interface Typed {
  kind: 'factor' | 'phone' | 'recovery';
  code: string;
}

/**
 * A keyed digest of what was typed, for this user and from this session to that one, and nothing
 * else: whoever shows the same again in the same session is who was answered before. 96 bits of it:
 * nobody can try more than a few.
 */
export function sealOf(
  { keyring }: WithKeyring,
  ids: { userId: string; before: string; after: string },
  { kind, code }: Typed,
): string {
  return keyring.seal([ids.userId, ids.before, ids.after, kind, code].join('\0')).slice(0, 16);
}

export function isSealed(
  core: WithKeyring,
  { userId, sessionId }: { userId: string; sessionId: string },
  { id, seal }: Successor,
  typed: Typed,
): boolean {
  const expected = sealOf(core, { userId, before: sessionId, after: id }, typed);
  return seal !== undefined && equalInConstantTime(expected, seal);
}

/** Remembers which session takes the place of which, before anybody gets to know the new one. */
export async function keepSuccessor(
  { keyring, records, clock }: WithRecords & { clock: Clock },
  before: string,
  { id, until, seal = '', kind = '', challengeId = '', untold = false }: Successor,
): Promise<void> {
  // Small: one is kept for each verification. As long as a text of the session before may be answered
  // with NO.
  const record = [id, until, seal, kind, challengeId, ...(untold ? [untold] : [])];
  await records.set(keyring.recordKey('successor', before), record, clock() + TEXT_LIFETIME);
}

/** Nothing came of it after all. */
export function forgetSuccessor({ keyring, records }: WithRecords, before: string): Promise<void> {
  return records.delete(keyring.recordKey('successor', before));
}

/** The session that took the place of this one within the last hour. */
export async function successorOf(
  { keyring, records }: WithRecords,
  sessionId: string,
): Promise<Successor | undefined> {
  const record = await records.get(keyring.recordKey('successor', sessionId));
  const [id, until, seal, kind, challengeId, untold] = Array.isArray(record)
    ? (record as unknown[])
    : [];
  if (typeof id !== 'string' || typeof until !== 'number') return undefined;
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? value : undefined;
  return {
    id,
    until,
    seal: text(seal),
    kind: text(kind),
    challengeId: text(challengeId),
    untold: untold === true ? untold : undefined,
  };
}

/** More changes of id than anybody makes in an hour. */
const MOST_CHANGES = 64;

/** All that came after this session, the next one first. */
export async function successorsOf(core: WithRecords, sessionId: string): Promise<string[]> {
  const found: string[] = [];
  let next = await successorOf(core, sessionId);
  while (next !== undefined && !found.includes(next.id) && found.length < MOST_CHANGES) {
    found.push(next.id);
    next = await successorOf(core, next.id);
  }
  return found;
}

/** The same for what follows the sessions of a store, which sees no more of the core. */
export function kinOf(core: WithRecords & { clock: Clock }) {
  return {
    signOutPlace: (id: string) => signOutPlace(core, id),
    endIn,
    keep: (before: string, successor: Successor) => keepSuccessor(core, before, successor),
    forget: (before: string) => forgetSuccessor(core, before),
    successorOf: (id: string) => successorOf(core, id),
  };
}

/**
 * The support desk's revocation of a user without a phone: there is no enrollment whose epoch could
 * change; and of what another saw before it, whoever it was of. Kept as long as a session that it must end could last.
 */
export async function noteRevoked(core: Core, userId: string): Promise<void> {
  const at = core.clock();
  const until = at + core.limits.verifiedSession * 1_000;
  await core.records.set(revocationKey(core, userId), { at }, until);
}

/** Whether a mark of that time was revoked since. The gate asks on each request of such a user. */
export async function wasRevoked(core: Core, userId: string, verifiedAt: number): Promise<boolean> {
  return isAsOldAs(await core.records.recent(revocationKey(core, userId)), verifiedAt);
}

/** The same, asked of the store now. */
export async function isRevoked(
  core: Pick<Core, 'keyring' | 'records'>,
  userId: string,
  verifiedAt: number,
): Promise<boolean> {
  return isAsOldAs(await core.records.get(revocationKey(core, userId)), verifiedAt);
}

function isAsOldAs(revocation: unknown, verifiedAt: number): boolean {
  // Where there is none this is no number, and nothing is as old as that.
  return verifiedAt <= Number(own(revocation, 'at'));
}

function revocationKey({ keyring }: Pick<Core, 'keyring'>, userId: string): string {
  return keyring.recordKey('revoked', userId);
}

/** Ends all verified sessions and trusted devices of a user: here at once, elsewhere within 10 s. */
export async function endVerifiedSessions(core: Core, userId: string): Promise<void> {
  const epoch = core.random(12);
  await noteRevoked(core, userId);
  await changeEnrollment(core, userId, ({ devices, endedDevices, ...enrollment }) => ({
    ...enrollment,
    epoch,
  }));
}
