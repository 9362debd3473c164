import { SecondFactorError } from '../../errors';
import { NO_LIMIT, type Place } from '../../ports/counter';
import type { Answerer, Challenge } from '../challenge/challenge';
import type { Core } from '../core';
import { TEXT_LIFETIME } from '../limits';
import { maskPhone } from '../phone-number';
import type { Purpose } from '../purpose';

/**
 * A text to a phone, kept beside the challenges so that receipts and answers find their way back to
 * it. It can be read and written by what comes from outside: nothing that opens a gate, counts a
 * guess or names a phone is decided by it.
 */
export interface SentText extends Answerer {
  purpose: Purpose;
  /** Masked. */
  phone: string;
  ip?: string | undefined;
  challengeId: string;
  sentAt: number;
}

/** The last texts to a phone, each in a place of its own: none can cover another one up. */
const PLACES = 8;

/** The turn of a text among those to its phone, which decides its place. */
export function turnPlace({ keyring }: Core, phone: string): Place {
  const key = `${keyring.subjects.phone(phone)}#texted`;
  return { key, window: TEXT_LIFETIME, limit: NO_LIMIT };
}

function phoneKey({ keyring }: Core, phone: string, turn: number): string {
  const fingerprint = keyring.fingerprint('phone', phone);
  return keyring.recordKey('texted', `${fingerprint}\0${turn % PLACES}`);
}

function receiptKey({ keyring }: Core, receipt: string): string {
  return keyring.recordKey('receipt', receipt);
}

/** Remembers a text by the phone that it goes to, before it goes out: an answer may come at once. */
export async function rememberText(
  core: Core,
  who: Answerer & { address: string | undefined },
  challenge: Challenge,
  turn: number,
): Promise<void> {
  const { id, purpose, phone, sentAt } = challenge;
  const facts = [who.userId, who.sessionId, purpose, phone.slice(-2), id, who.address ?? ''];
  const record = [facts, [sentAt]];
  await core.records.set(phoneKey(core, phone, turn), record, sentAt + TEXT_LIFETIME);
}

/** Remembers where to find the text that the carrier has given a name. */
export async function rememberReceipt(
  core: Core,
  { id, phone, sentAt }: Challenge,
  turn: number,
  receipt: string,
): Promise<void> {
  const record = [phoneKey(core, phone, turn), id];
  await core.records.set(receiptKey(core, receipt), record, sentAt + TEXT_LIFETIME);
}

export async function textByReceipt(core: Core, receipt: string): Promise<SentText | undefined> {
  const record = await core.records.get(receiptKey(core, receipt));
  if (record === undefined) return undefined;
  const [key, challengeId] = Array.isArray(record) ? (record as unknown[]) : [];
  if (typeof key !== 'string') throw notKept();
  const text = readText(core, await core.records.get(key));
  // Its place may have gone to a later text.
  return text?.challengeId === challengeId ? text : undefined;
}

/** The last texts to a phone, newest first. */
export async function textsByPhone(core: Core, phone: string): Promise<SentText[]> {
  const found = await Promise.all(
    Array.from({ length: PLACES }, async (_, turn) =>
      readText(core, await core.records.get(phoneKey(core, phone, turn))),
    ),
  );
  return found.filter((text) => text !== undefined).sort((a, b) => b.sentAt - a.sentAt);
}

function readText({ clock }: Core, record: unknown): SentText | undefined {
  if (record === undefined) return undefined;
  const [facts, times] = (Array.isArray(record) ? record : []) as unknown[][];
  const [sentAt] = Array.isArray(times) ? times : [];
  const whole =
    Array.isArray(facts) &&
    facts.length === 6 &&
    facts.every((each) => typeof each === 'string') &&
    Number.isFinite(sentAt);
  if (!whole) throw notKept();
  // Not every session store lets records go on time, and what else is known of the text is gone.
  if (clock() - Number(sentAt) >= TEXT_LIFETIME) return undefined;
  const [userId = '', sessionId = '', purpose, digits = '', challengeId = '', ip] = facts;
  return {
    userId,
    sessionId,
    purpose: purpose as Purpose,
    phone: maskPhone(digits),
    challengeId,
    ip: ip === '' ? undefined : ip,
    sentAt: Number(sentAt),
  };
}

function notKept(): SecondFactorError {
  return new SecondFactorError(
    'store_unavailable',
    'The session store answered with something that is not the text that was kept there.',
  );
}

/**
 * Numbers whose owner answered STOP. The carrier refuses texts to them, so it is not asked again: for
 * an hour where its refusal said so, because the owner may have answered UNSTOP where nobody heard
 * it; for a month where the app hears such answers itself.
 */
const OPT_OUT_REMEMBERED = { refused: 3_600_000, heard: 30 * 86_400_000 };

function optOutKey({ keyring }: Core, phone: string): string {
  return `${keyring.subjects.phone(phone)}#stop`;
}

export async function rememberOptOut(
  core: Core,
  phone: string,
  from: keyof typeof OPT_OUT_REMEMBERED,
): Promise<void> {
  const key = optOutKey(core, phone);
  await core.counter.settle({
    // A place more does not lengthen the life of a count, and STOP outlasts a refusal.
    clear: from === 'heard' ? [key] : [],
    take: [{ key, window: OPT_OUT_REMEMBERED[from], limit: NO_LIMIT }],
  });
}

export async function forgetOptOut(core: Core, phone: string): Promise<void> {
  await core.counter.settle({ clear: [optOutKey(core, phone)] });
}

/** Asks that the owner of the phone has not opted out. */
export function notOptedOutPlace(core: Core, phone: string): Place {
  return { key: optOutKey(core, phone), window: OPT_OUT_REMEMBERED.heard, limit: 0, by: 0 };
}
