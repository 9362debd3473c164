import type { Delivery } from '../../ports/sms-sender';
import type { Charge } from '../send/budgets';
import { digest } from '../keyring';
import { own } from '../own';

/** Why a code was texted. A code for one purpose never serves another. */
export type Purpose = 'sign-in' | 'step-up' | 'enroll' | 'replace';

/**
 * One live challenge of one session and purpose, as it lies in the session store. It holds no code
 * and no digest of one: the code is derived from it and a secret that the store does not have.
 */
export interface Challenge {
  /** 128 random bits. */
  id: string;
  userId: string;
  purpose: Purpose;
  /** Where the code went: a number, or on the channel `email` an address. */
  phone: string;
  /** Left out for texts. */
  channel?: 'email';
  /** The user's epoch when it was opened: a new phone, password or a removal kills the code. */
  epoch: string;
  /** Which of the configured secrets made the code. */
  keyId: string;
  createdAt: number;
  expiresAt: number;
  sentAt: number;
  resendAt: number;
  sends: number;
  sendsLeft: number;
  delivery: Delivery;
  /** The carrier's name for the last text. */
  receipt?: string;
  /** The places its texts took in the send budgets, given back when the code comes back. */
  charges: Charge[];
}

/** Clocks of two app servers may differ by this much, in milliseconds. */
export const CLOCK_SKEW = 120_000;
const LONGEST_LIFETIME = 600_000;

/** Where the challenge of a session and purpose lies. The session id itself is not in the key. */
export function challengeKey(sessionId: string, purpose: Purpose): string {
  return `sms2fa-${purpose}-${digest('session', sessionId)}`;
}

/**
 * Whether the challenge may still be answered. At exactly `expiresAt` it is dead. A record from the
 * future (a clock set back) is dead, too, and none lives past ten minutes whatever it says.
 */
export function isLive(challenge: Challenge, now: number): boolean {
  return (
    now < challenge.expiresAt &&
    challenge.createdAt <= now + CLOCK_SKEW &&
    challenge.expiresAt - challenge.createdAt <= LONGEST_LIFETIME
  );
}

const STRINGS = ['id', 'userId', 'phone', 'epoch', 'keyId', 'delivery'];
const NUMBERS = ['createdAt', 'expiresAt', 'sentAt', 'resendAt', 'sends', 'sendsLeft'];

/**
 * Reads a record of the session store. `undefined` where it is not a challenge for this purpose;
 * the caller treats that as a broken store, not as "no challenge".
 */
export function readChallenge(record: unknown, purpose: Purpose): Challenge | undefined {
  const whole =
    own(record, 'purpose') === purpose &&
    Array.isArray(own(record, 'charges')) &&
    STRINGS.every((key) => typeof own(record, key) === 'string') &&
    NUMBERS.every((key) => Number.isFinite(own(record, key)));
  return whole ? (record as Challenge) : undefined;
}
