import { SecondFactorError } from '../../errors';
import { NO_LIMIT, type Count, type Held, type Place } from '../../ports/counter';
import type { Core } from '../core';
import { lengthened, shortened } from '../keyring';
import { CLOCK_SKEW, TEXT_LIFETIME } from '../limits';
import type { Purpose } from '../outcomes';
import { endedKey, endIn, goOnPlace, notEndedPlace, successorOf } from '../sessions';
import { isListOf, isNumber, isText } from '../untrusted';
import { countName, deriveCode, type CodeBinding } from './code';

/**
 * One live challenge of one session, user and purpose, as it lies in the session store. It holds no
 * code and no digest of one: the code is derived from it and a secret that the store does not have.
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
  /** The words that the user has agreed to with this number; see `Consent`. */
  consent?: string;
  /** What it confirms, as the text says it; left out where that is no one transaction. */
  transaction?: string;
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
  /** The carrier's name for the last text. */
  receipt?: string;
  /** The places its texts took in the send budgets, given back when the code comes back. */
  held: Held[];
}

/** Whose challenge it is: the user and the purpose are in its key, and so in no record. */
export interface Answerer {
  userId: string;
  sessionId: string;
}

const LONGEST_LIFETIME = 600_000;

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

/** Where the challenge lies. Neither the session id nor the user id can be read from it. */
export function challengeKey({ keyring }: Core, who: Answerer, purpose: Purpose): string {
  return keyring.recordKey(purpose, `${who.sessionId}\0${who.userId}`);
}

/** The live challenge of a session, user and purpose, or `undefined`. */
export async function pendingChallenge(
  core: Core,
  who: Answerer,
  purpose: Purpose,
): Promise<Challenge | undefined> {
  const record = await core.records.get(challengeKey(core, who, purpose));
  if (record === undefined) return undefined;
  const challenge = readChallenge(core, record, who.userId, purpose);
  // Not "no challenge": a store that answers with something else is broken.
  if (challenge === undefined) {
    throw new SecondFactorError(
      'store_unavailable',
      'The session store answered with something that is not the challenge that was kept there.',
    );
  }
  return isLive(challenge, core.clock()) ? challenge : undefined;
}

/** The code that answers a challenge: derived, but for test numbers. */
export function codeOf(
  core: Pick<Core, 'limits' | 'testCode'>,
  challenge: CodeBinding & { channel?: 'email' },
  key: Buffer,
): string {
  const fixed = challenge.channel === undefined ? core.testCode?.(challenge.phone) : undefined;
  return fixed ?? deriveCode(key, challenge, core.limits.codeLength);
}

export interface SendTarget {
  purpose: Purpose;
  /** Left out for texts. */
  channel?: 'email' | undefined;
  consent?: string | undefined;
  transaction?: string | undefined;
  /** Where the code goes: a number, or on the channel `email` an address. */
  phone: string;
  /** Whether a code texted to this phone came back before. */
  confirmed: boolean;
  /** The account epoch that the challenge is bound to. */
  epoch: string;
}

/** The challenge as it will be once the text is out: `before` texted again, or a new one. */
export function nextChallenge(
  core: Core,
  who: Answerer,
  target: SendTarget,
  before: Challenge | undefined,
  { resendAt, sendsLeft, held }: Pick<Challenge, 'resendAt' | 'sendsLeft' | 'held'>,
): Challenge {
  const now = core.clock();
  const facts = { sentAt: now, resendAt, sendsLeft };
  if (before !== undefined) {
    // A resend lengthens nothing: `expiresAt` stays what it was [S8].
    return { ...before, ...facts, sends: before.sends + 1, held: [...before.held, ...held] };
  }
  return {
    id: core.random(16),
    userId: who.userId,
    purpose: target.purpose,
    phone: target.phone,
    ...(target.channel === 'email' ? { channel: target.channel } : {}),
    ...(target.consent === undefined ? {} : { consent: target.consent }),
    ...(target.transaction === undefined ? {} : { transaction: target.transaction }),
    epoch: target.epoch,
    keyId: core.keyring.newestId,
    createdAt: now,
    expiresAt: now + core.limits.challengeLifetime * 1_000,
    sends: 1,
    held,
    ...facts,
  };
}

/** Keeps a challenge until it expires; never longer. */
export async function keepChallenge(
  core: Core,
  who: Answerer,
  challenge: Challenge,
): Promise<void> {
  const key = challengeKey(core, who, challenge.purpose);
  await core.records.set(key, written(core, challenge), challenge.expiresAt);
}

/** Forgets the challenge. */
export async function dropChallenge(core: Core, who: Answerer, purpose: Purpose): Promise<void> {
  await core.records.delete(challengeKey(core, who, purpose));
}

/** A challenge as it is written: values by their place, times by their distance, to be small. */
function written({ keyring }: Core, challenge: Challenge): unknown[] {
  const { id, phone, epoch, keyId, createdAt, consent = '', receipt = '' } = challenge;
  // Nobody agrees to anything with a code by mail.
  const { channel = consent, transaction } = challenge;
  const since = (time: number): number => time - createdAt;
  return [
    [
      id,
      phone,
      channel,
      epoch,
      keyId,
      receipt,
      ...(transaction === undefined ? [] : [transaction]),
    ],
    [createdAt, since(challenge.expiresAt), since(challenge.sentAt), since(challenge.resendAt)],
    [challenge.sends, challenge.sendsLeft],
    challenge.held.map(({ key, ends }) => [shortened(keyring, key), since(ends)]),
  ];
}

function readChallenge(
  { keyring }: Core,
  record: unknown,
  userId: string,
  purpose: Purpose,
): Challenge | undefined {
  const [texts, times, counts, held] = (Array.isArray(record) ? record : []) as unknown[];
  if (!isListOf(texts, [6, 7], isText) || !isListOf(times, [4], isNumber)) return undefined;
  if (!isListOf(counts, [2], isNumber)) return undefined;
  if (!Array.isArray(held) || !held.every(isHeld)) return undefined;
  const [id = '', phone = '', channel, epoch = '', keyId = '', receipt, transaction] = texts;
  if (transaction === '') return undefined;
  const [createdAt = NaN, expires = NaN, sent = NaN, resend = NaN] = times;
  const [sends = NaN, sendsLeft = NaN] = counts;
  return {
    id,
    userId,
    purpose,
    phone,
    ...wayOf(channel),
    ...(transaction === undefined ? {} : { transaction }),
    epoch,
    keyId,
    createdAt,
    expiresAt: createdAt + expires,
    sentAt: createdAt + sent,
    resendAt: createdAt + resend,
    sends,
    sendsLeft,
    ...(receipt === '' || receipt === undefined ? {} : { receipt }),
    held: held.map(([key, ends]) => ({
      key: lengthened(keyring, userId, phone, key),
      ends: createdAt + ends,
    })),
  };
}

function wayOf(written = ''): Pick<Challenge, 'channel' | 'consent'> {
  if (written === '') return {};
  return written === 'email' ? { channel: written } : { consent: written };
}

function isHeld(value: unknown): value is [string, number] {
  return Array.isArray(value) && isText(value[0]) && isNumber(value[1]);
}

/** How long the counts of a challenge are kept: longer than any challenge lives. */
const COUNT_LIFETIME = 15 * 60_000;
/** What is counted of a challenge, beside its session. */
function countKey({ keyring }: Core, sessionId: string, kind: string, challengeId: string): string {
  return `${keyring.subjects.session(sessionId)}#${kind}.${countName(challengeId)}`;
}

/** Where the guesses at a challenge are counted. */
export function guessKey(core: Core, sessionId: string, challengeId: string): string {
  return countKey(core, sessionId, 'guess', challengeId);
}

/** Asks that its owner has not answered NO to it. */
function notReportedPlace(core: Core, sessionId: string, challengeId: string): Place {
  const key = countKey(core, sessionId, 'reported', challengeId);
  return { key, window: TEXT_LIFETIME, limit: 0, by: 0 };
}

function guessPlace({ limits }: Core, key: string): Place {
  return { key, window: COUNT_LIFETIME, limit: limits.guessesPerChallenge };
}

/** The place that one guess at this challenge takes; none where it was spent or reported. */
export function challengePlaces(core: Core, { sessionId }: Answerer, { id }: Challenge): Place[] {
  return [
    notEndedPlace(core, sessionId),
    notReportedPlace(core, sessionId, id),
    guessPlace(core, guessKey(core, sessionId, id)),
  ];
}

/**
 * The same of a challenge that was spent a moment ago, in the session that spent it. Its guesses may
 * be used up by then, so what is typed once more has as many of its own.
 */
export function repeatPlaces(core: Core, sessionId: string, challengeId: string): Place[] {
  return [
    notReportedPlace(core, sessionId, challengeId),
    guessPlace(core, countKey(core, sessionId, 'again', challengeId)),
  ];
}

/** Guesses left on a challenge, by what was read of its count. */
export function attemptsLeft({ limits }: Core, guesses: Count | undefined): number {
  return Math.max(0, limits.guessesPerChallenge - (guesses?.count ?? 0));
}

/**
 * The places that spend a challenge: one caller of any number gets them, and none after a report. What
 * spends it is the end of its session, with which each challenge of that session is over: of a right
 * code and a sign-out in the same moment one is first.
 */
export function spendPlaces(core: Core, { sessionId }: Answerer, { id }: Challenge): Place[] {
  return [notReportedPlace(core, sessionId, id), goOnPlace(core, sessionId)];
}

/**
 * Spends the challenge for who knows no more than its id: no code for it counts from now on. Tells
 * whether the right one had come back.
 */
export async function spendByReport(
  core: Core,
  sessionId: string,
  challengeId: string,
): Promise<{ codeUsed: boolean }> {
  const ended = endedKey(core, sessionId);
  const take = [{ ...notReportedPlace(core, sessionId, challengeId), limit: NO_LIMIT, by: 1 }];
  const { read } = await core.counter.settle({ read: [ended], take, lasting: true });
  if (!endIn(read.get(ended)).wentOn) return { codeUsed: false };
  // Who is not known yet, or died on the way, may have come of this code: then that is what is told.
  const next = await successorOf(core, sessionId);
  return { codeUsed: next === undefined || next.challengeId === countName(challengeId) };
}
