import { SecondFactorError } from '../../errors';
import type { Challenge, Purpose } from '../challenge/challenge';
import type { Core, Requester } from '../core';
import { digest } from '../keyring';
import { own } from '../own';
import { maskDestination } from '../phone-number';

/**
 * A text that the carrier took, kept beside the challenges so that receipts and answers find their
 * way back to it. It can be read and written by what comes from outside: nothing that opens a gate,
 * counts a guess or names a phone is decided by it.
 */
export interface SentText {
  userId: string;
  purpose: Purpose;
  /** Masked. */
  phone: string;
  ip?: string | undefined;
  sessionId: string;
  challengeId: string;
  sentAt: number;
}

/** Receipts come within minutes; answers to a text while its code is still of interest. */
export const REMEMBERED = 3_600_000;

const receiptKey = (receipt: string): string => `sms2fa-receipt-${digest('receipt', receipt)}`;
/** The last texts to a phone, each in a place of its own: none can cover another one up. */
const PLACES = 8;
const phoneKey = (core: Core, phone: string, place: number): string =>
  `sms2fa-texted-${place}-${core.keyring.fingerprint('phone', phone)}`;

/** Remembers a text, by the carrier's name for it and by the phone it went to. */
export async function rememberText(
  core: Core,
  who: Requester,
  challenge: Challenge,
  receipt: string | undefined,
): Promise<void> {
  const now = core.clock();
  const text: SentText = {
    userId: who.userId,
    purpose: challenge.purpose,
    phone: maskDestination(challenge.phone),
    ip: who.address,
    sessionId: who.sessionId,
    challengeId: challenge.id,
    sentAt: now,
  };
  const until = now + REMEMBERED;
  const turn = `texted:${core.keyring.fingerprint('phone', challenge.phone)}`;
  const { count } = await core.counter.add(turn, REMEMBERED);
  await Promise.all([
    core.records.set(phoneKey(core, challenge.phone, count % PLACES), text, until),
    receipt === undefined ? undefined : core.records.set(receiptKey(receipt), text, until),
  ]);
}

export async function textByReceipt(core: Core, receipt: string): Promise<SentText | undefined> {
  return readText(core, await core.records.get(receiptKey(receipt)));
}

/** The last texts to a phone, newest first. */
export async function textsByPhone(core: Core, phone: string): Promise<SentText[]> {
  const places = Array.from({ length: PLACES }, (_, place) => phoneKey(core, phone, place));
  const found = await Promise.all(
    places.map(async (key) => readText(core, await core.records.get(key))),
  );
  return found.filter((text) => text !== undefined).sort((a, b) => b.sentAt - a.sentAt);
}

const STRINGS = ['userId', 'purpose', 'phone', 'sessionId', 'challengeId'];

function readText(core: Core, record: unknown): SentText | undefined {
  if (record === undefined) return undefined;
  const whole =
    STRINGS.every((key) => typeof own(record, key) === 'string') &&
    Number.isFinite(own(record, 'sentAt'));
  if (whole) {
    const text = record as SentText;
    // Not every session store lets records go on time, and what else is known of the text is gone.
    return core.clock() - text.sentAt < REMEMBERED ? text : undefined;
  }
  throw new SecondFactorError(
    'store_unavailable',
    'The session store answered with something that is not the text that was kept there.',
  );
}

const wentOnKey = (sessionId: string): string => `went-on:${digest('session', sessionId)}`;

/** The session becomes a verified one under another id, whichever factor was passed. */
export async function noteWentOn(core: Core, sessionId: string): Promise<void> {
  await core.counter.add(wentOnKey(sessionId), REMEMBERED);
}

/** Whether the session that asked for a text was verified since, with that text or otherwise. */
export async function wentOn(core: Core, sessionId: string): Promise<boolean> {
  return (await core.counter.peek(wentOnKey(sessionId))) !== undefined;
}
