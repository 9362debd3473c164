import { NO_LIMIT, type Place } from '../ports/counter';
import type { Clock } from '../ports/clock';
import type { Records } from '../ports/records';
import type { Successor } from '../ports/session-store';
import type { Keyring } from './keyring';
import { TEXT_LIFETIME } from './limits';
import { equalInConstantTime, own } from './untrusted';

/*
 * What is known of a session beside it. Counted, for as long as its texts are remembered: its end, as
 * a request may still hold an old copy of it, and whether it went on under another id. Remembered:
 * which session took its place, so that whoever ends one of the two can end the other.
 */

interface WithKeyring {
  keyring: Keyring;
}

interface WithRecords extends WithKeyring {
  records: Records;
}

/** No session stays longer beside the one that took its place; milliseconds. */
export const LONGEST_OVERLAP = 60_000;

/** The session in the words of recovery codes that were made in it, and wait there to be kept. */
export function sessionPrint({ keyring }: WithKeyring, sessionId: string): string {
  return keyring.digest('session', sessionId);
}

export function endedKey({ keyring }: WithKeyring, sessionId: string): string {
  return `${keyring.subjects.session(sessionId)}#ended`;
}

export function wentOnKey({ keyring }: WithKeyring, sessionId: string): string {
  return `${keyring.subjects.session(sessionId)}#on`;
}

/** Asks that the session has not ended. */
export function notEndedPlace(core: WithKeyring, sessionId: string): Place {
  return { key: endedKey(core, sessionId), window: TEXT_LIFETIME, limit: 0, by: 0 };
}

/** Ends the session for one that takes its place: none of two, and not after a sign-out. */
export function endPlace(core: WithKeyring, sessionId: string): Place {
  return { key: endedKey(core, sessionId), window: TEXT_LIFETIME, limit: 1 };
}

/** The session goes on under another id, however it came to that. */
export function wentOnPlace(core: WithKeyring, sessionId: string): Place {
  return { key: wentOnKey(core, sessionId), window: TEXT_LIFETIME, limit: NO_LIMIT };
}

/** The two places of a session that goes on: taken in one step, and given back together. */
export function goOnPlaces(core: WithKeyring, sessionId: string): Place[] {
  return [endPlace(core, sessionId), wentOnPlace(core, sessionId)];
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

/** The session took the place of one that stays for `overlap` milliseconds. */
export function cameFromPlace({ keyring }: WithKeyring, sessionId: string, overlap: number): Place {
  return {
    key: `${keyring.subjects.session(sessionId)}#from`,
    window: Math.max(LONGEST_OVERLAP, overlap),
    limit: NO_LIMIT,
  };
}

/** What was typed: a code of the factor, of a phone to be confirmed, or a recovery code. */
export interface Typed {
  kind: 'factor' | 'phone' | 'recovery';
  code: string;
}

/**
 * A keyed digest of what was typed, for this user and from this session to that one, and nothing
 * else: whoever shows the same again in the same session is who was answered before.
 */
export function sealOf(
  { keyring }: WithKeyring,
  ids: { userId: string; before: string; after: string },
  { kind, code }: Typed,
): string {
  return keyring.seal([ids.userId, ids.before, ids.after, kind, code].join('\0'));
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
  successor: Successor,
): Promise<void> {
  const { id, until } = successor;
  await Promise.all([
    // As long as a text of the session before may be answered with NO.
    records.set(keyring.recordKey('successor', before), successor, clock() + TEXT_LIFETIME),
    // Longer than this one stays: the one before it may still be there, and is found by way of it.
    records.set(
      keyring.recordKey('predecessor', id),
      { id: before },
      Math.max(until, clock() + LONGEST_OVERLAP),
    ),
  ]);
}

/** Nothing came of it after all. */
export async function forgetSuccessor(
  { keyring, records }: WithRecords,
  before: string,
  id: string,
): Promise<void> {
  await Promise.all([
    records.delete(keyring.recordKey('successor', before)),
    records.delete(keyring.recordKey('predecessor', id)),
  ]);
}

/** The session that took the place of this one within the last hour. */
export async function successorOf(
  { keyring, records }: WithRecords,
  sessionId: string,
): Promise<Successor | undefined> {
  const record = await records.get(keyring.recordKey('successor', sessionId));
  const id = own(record, 'id');
  const until = own(record, 'until');
  const untold = own(record, 'untold') === true;
  const seal = own(record, 'seal');
  const kind = own(record, 'kind');
  const challengeId = own(record, 'challengeId');
  if (typeof id !== 'string' || typeof until !== 'number') return undefined;
  return {
    id,
    until,
    ...(untold ? { untold } : {}),
    ...(typeof seal === 'string' ? { seal } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(typeof challengeId === 'string' ? { challengeId } : {}),
  };
}

/** More changes of id than anybody makes in an hour. */
const MOST_CHANGES = 64;

/** All that came after this session, the next one first. */
export async function successorsOf(core: WithRecords, sessionId: string): Promise<string[]> {
  return chain(sessionId, async (id) => (await successorOf(core, id))?.id);
}

/** Those before it that may still be there, the last one first. */
export async function predecessorsOf(
  { keyring, records }: WithRecords,
  sessionId: string,
): Promise<string[]> {
  return chain(sessionId, async (id) => {
    const before = own(await records.get(keyring.recordKey('predecessor', id)), 'id');
    return typeof before === 'string' ? before : undefined;
  });
}

async function chain(
  start: string,
  next: (id: string) => Promise<string | undefined>,
): Promise<string[]> {
  const found: string[] = [];
  let id = await next(start);
  while (id !== undefined && !found.includes(id) && found.length < MOST_CHANGES) {
    found.push(id);
    id = await next(id);
  }
  return found;
}

/** The same for what follows the sessions of a store, which sees no more of the core. */
export function kinOf(core: WithRecords & { clock: Clock }) {
  return {
    endPlace: (id: string) => endPlace(core, id),
    wentOnKey: (id: string) => wentOnKey(core, id),
    cameFromPlace: (id: string, overlap: number) => cameFromPlace(core, id, overlap),
    keep: (before: string, successor: Successor) => keepSuccessor(core, before, successor),
    forget: (before: string, after: string) => forgetSuccessor(core, before, after),
    successorOf: (id: string) => successorOf(core, id),
    relativesOf: async (id: string) =>
      (await Promise.all([successorsOf(core, id), predecessorsOf(core, id)])).flat(),
  };
}
