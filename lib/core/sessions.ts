import { NO_LIMIT, type Place } from '../ports/counter';
import type { Core } from './core';
import type { Keyring } from './keyring';
import { TEXT_LIFETIME } from './limits';
import { own } from './untrusted';

/*
 * What is counted of a session, for as long as its texts are remembered: its end, as a request may
 * still hold an old copy of it, and whether it went on under another id.
 */

interface WithKeyring {
  keyring: Keyring;
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

/** The session becomes a verified one under another id, whichever factor was passed. */
export function wentOnPlace(core: WithKeyring, sessionId: string): Place {
  return { key: wentOnKey(core, sessionId), window: TEXT_LIFETIME, limit: NO_LIMIT };
}

/** Remembers which session takes the place of which, before the end of the one before is looked at. */
export async function keepSuccessor(
  { clock, keyring, records }: Core,
  before: string,
  successor: { id: string },
): Promise<void> {
  const key = keyring.recordKey('successor', before);
  await records.set(key, successor, clock() + TEXT_LIFETIME);
}

/** The session that took the place of this one within the last hour. */
export async function successorOf(
  { keyring, records }: Core,
  sessionId: string,
): Promise<{ id: string } | undefined> {
  const id = own(await records.get(keyring.recordKey('successor', sessionId)), 'id');
  return typeof id === 'string' ? { id } : undefined;
}

/** All that came after this session, the next one first. */
export async function successorsOf(core: Core, sessionId: string): Promise<string[]> {
  const found: string[] = [];
  let next = await successorOf(core, sessionId);
  while (next !== undefined && !found.includes(next.id)) {
    found.push(next.id);
    next = await successorOf(core, next.id);
  }
  return found;
}
