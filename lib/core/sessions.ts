import type { Place } from '../ports/counter';
import type { Keyring } from './keyring';

/**
 * What is counted of a session: its end, for as long as a request may still hold an old copy of it,
 * and whether it went on under another id, for as long as its texts are remembered.
 */
const REMEMBERED = 3_600_000;

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
  return { key: endedKey(core, sessionId), window: REMEMBERED, limit: 0, by: 0 };
}

/** Ends the session for one that takes its place: none of two, and not after a sign-out. */
export function endPlace(core: WithKeyring, sessionId: string): Place {
  return { key: endedKey(core, sessionId), window: REMEMBERED, limit: 1 };
}

/** The session becomes a verified one under another id, whichever factor was passed. */
export function wentOnPlace(core: WithKeyring, sessionId: string): Place {
  const limit = Number.MAX_SAFE_INTEGER;
  return { key: wentOnKey(core, sessionId), window: REMEMBERED, limit };
}
