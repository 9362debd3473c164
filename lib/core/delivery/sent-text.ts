import { DAY_MS, HOUR_MS } from '../../durations';
import { SecondFactorError } from '../../errors';
import { NO_LIMIT, type Place, type Settlement } from '../../ports/counter';
import type { Answerer, Challenge } from '../challenge/challenge';
import type { Core, Requester } from '../core';
import { TEXT_LIFETIME } from '../limits';
import { maskPhone, type Purpose } from '../outcomes';

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
  /** The language that it was in, where that was known. */
  lang?: string | undefined;
}

/**
 * Each text to a phone has a place of its own, by the hour and by its turn in that hour: no number of
 * texts from another account covers one up. The names of three hours are used in turn, so that those
 * of the last hour are never written again.
 */
const HOURS = [0, 1, 2];
/** Of those of one hour that an answer is about; the limits let fewer out. */
const MOST_TEXTS = 64;

/** Where the turns of the texts to a phone are counted. */
function turnsKey({ keyring }: Core, phone: string, hour: number): string {
  return `${keyring.subjects.phone(phone)}#texted${hour}`;
}

/** The turn of a text among those of this hour to its phone. */
export function turnPlace(core: Core, phone: string): Place {
  const hour = Math.floor(core.clock() / TEXT_LIFETIME) % HOURS.length;
  return { key: turnsKey(core, phone, hour), window: 2 * TEXT_LIFETIME, limit: NO_LIMIT };
}

/** The name of the turn that was taken: the hour, then the count. */
export function turnIn({ key }: Place, places: Settlement['places']): string | undefined {
  const taken = places.get(key);
  return taken && `${key.slice(-1)}.${taken.count}`;
}

function phoneKey({ keyring }: Core, phone: string, turn: string): string {
  const fingerprint = keyring.fingerprint('phone', phone);
  return keyring.recordKey('texted', `${fingerprint}\0${turn}`);
}

function receiptKey({ keyring }: Core, receipt: string): string {
  return keyring.recordKey('receipt', receipt);
}

/** Remembers a text by the phone that it goes to, before it goes out: an answer may come at once. */
export async function rememberText(
  core: Core,
  who: Answerer & Pick<Requester, 'address' | 'lang'>,
  challenge: Challenge,
  turn: string,
): Promise<void> {
  const { id, purpose, phone, sentAt } = challenge;
  const facts = [who.userId, who.sessionId, purpose, phone.slice(-2), id, who.address ?? ''];
  const lang = who.lang?.();
  const record = lang === undefined ? [facts, [sentAt]] : [facts, [sentAt], lang];
  await core.records.set(phoneKey(core, phone, turn), record, sentAt + TEXT_LIFETIME);
}

/** Remembers where to find the text that the carrier has given a name. */
export async function rememberReceipt(
  core: Core,
  { id, phone, sentAt }: Challenge,
  turn: string,
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

/** The texts of the last hour to a phone, newest first. */
export async function textsByPhone(core: Core, phone: string): Promise<SentText[]> {
  const keys = HOURS.map((hour) => turnsKey(core, phone, hour));
  const { read } = await core.counter.settle({ read: keys });
  const turns = HOURS.flatMap((hour, index) => {
    const last = read.get(keys[index] ?? '')?.count ?? 0;
    const first = Math.max(1, last - MOST_TEXTS + 1);
    return Array.from({ length: last - first + 1 }, (_, each) => `${hour}.${first + each}`);
  });
  const found = await Promise.all(
    turns.map(async (turn) => readText(core, await core.records.get(phoneKey(core, phone, turn)))),
  );
  return found.filter((text) => text !== undefined).sort((a, b) => b.sentAt - a.sentAt);
}

function readText({ clock }: Core, record: unknown): SentText | undefined {
  if (record === undefined) return undefined;
  const [facts, times, lang] = (Array.isArray(record) ? record : []) as [
    unknown[]?,
    unknown[]?,
    unknown?,
  ];
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
    lang: typeof lang === 'string' ? lang : undefined,
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
const OPT_OUT_REMEMBERED = { refused: HOUR_MS, heard: 30 * DAY_MS };
/** What that is counted under, of a phone. */
export const OPTED_OUT = '#stop';

function optOutKey({ keyring }: Core, phone: string): string {
  return keyring.subjects.phone(phone) + OPTED_OUT;
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

/** Answers whether there was one. */
export async function forgetOptOut(core: Core, phone: string): Promise<boolean> {
  const key = optOutKey(core, phone);
  const { read } = await core.counter.settle({ read: [key], clear: [key] });
  return read.has(key);
}
