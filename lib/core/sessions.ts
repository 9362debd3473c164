import { NO_LIMIT, type Place } from '../ports/counter';
import type { Keyring } from './keyring';
import { TEXT_LIFETIME } from './limits';

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
