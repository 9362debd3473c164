import { transactionSeal, type Mark } from '../core/account';
import type { Challenge } from '../core/challenge/challenge';
import type { Core } from '../core/core';
import { CLOCK_SKEW } from '../core/limits';
import { refuse, type Refusal } from '../core/outcomes';
import { equalInConstantTime } from '../core/untrusted';
import { DAY_MS } from '../durations';
import { SecondFactorError } from '../errors';
import type { ProofOptions, RequireOptions } from '../options/verb-options';
import { storeCall } from '../time-limit';
import { readBody, wasRead } from './body';
import type { Edge } from './edge';
import { isForm, isJson, isSafe, type HttpRequest } from './http';
import { isCrossSite } from './post';
import { changeState, markIn, saveSession, stateOf } from './session-state';

/** The most characters of a transaction: with them, code and app name fill one text. */
const LONGEST_WORDS = 100;
/** Nothing that ends a line: the last line of a text is read by phones. */
const ONE_LINE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;
/** How long a code that came back opens the route that it was asked for; seconds. */
const APPROVED_FOR = 300;
/** How long it is remembered that it did: longer than any `maxAge`. */
const SPENT_REMEMBERED = 2 * DAY_MS;
/** How long a transaction that was held up waits for its code, in milliseconds. */
const HELD_FOR = 600_000;

type Transaction = NonNullable<RequireOptions['transaction']>;

/**
 * Passes where this very transaction was confirmed in the session, a moment ago and for the first time; that
 * is spent by being asked [S160]. Where it was not, it is what the next code is for. A body that cannot be
 * read says no transaction.
 */
export async function refusedApproval(
  edge: Edge,
  req: HttpRequest,
  mark: Mark,
  wanted: ProofOptions & { transaction: Transaction },
): Promise<Refusal | undefined> {
  const { core } = edge;
  const { transaction, maxAge = APPROVED_FOR } = wanted;
  const unread = !isSafe(req) && !wasRead(req) && (isForm(req) || isJson(req));
  const unreadable = unread ? await readBody(edge, req) : undefined;
  if (unreadable !== undefined) return unreadable;
  const words = await transactionWords(req, transaction);
  const now = core.clock();
  const { approved, userId } = mark;
  const isThis =
    approved !== undefined &&
    now - approved.at <= maxAge * 1_000 &&
    now - approved.at > -CLOCK_SKEW &&
    equalInConstantTime(transactionSeal(core.keyring, userId, words), approved.seal);
  if (isThis) {
    // Of any number of requests, in any process, one gets it.
    const key = `${core.keyring.subjects.form(approved.id)}#approved`;
    const take = [{ key, window: SPENT_REMEMBERED, limit: 1 }];
    const { ok } = await core.counter.settle({ take });
    if (ok) return undefined;
  }
  // Another site's form must not choose what the user's next text says.
  if (!isCrossSite(req, edge.settings.origins)) {
    changeState(req, { transaction: { userId, at: now, words } });
    await saveSession(req);
  }
  return refuse('second_factor_required', { wanted });
}

/** The words of the transaction that holds this user's session up. */
export function heldTransaction(
  { core }: Pick<Edge, 'core'>,
  req: HttpRequest,
  userId: string,
): string | undefined {
  const { transaction } = stateOf(req);
  if (transaction?.userId !== userId) return undefined;
  return core.clock() - transaction.at < HELD_FOR ? transaction.words : undefined;
}

/** Something else is held up now. */
export function forgetTransaction(req: HttpRequest): void {
  if (markIn(req) !== undefined && stateOf(req).transaction !== undefined) {
    changeState(req, { transaction: undefined });
  }
}

/**
 * What a code for one transaction adds to a mark: that one, and nothing else. What was passed before
 * keeps its time, so that the same code is no step-up for another route.
 */
export function approvedBy(
  { keyring, clock }: Core,
  { verifiedAt, amr, passedAt, deviceId }: Mark,
  { id, userId }: Challenge,
  words: string,
): Pick<Mark, 'verifiedAt' | 'amr' | 'passedAt' | 'deviceId' | 'approved'> {
  return {
    verifiedAt,
    amr,
    ...(passedAt === undefined ? {} : { passedAt }),
    ...(deviceId === undefined ? {} : { deviceId }),
    approved: { id, seal: transactionSeal(keyring, userId, words), at: clock() },
  };
}

/** What the app says that the request would do. Whatever it says wrong keeps the gate shut. */
async function transactionWords(req: HttpRequest, transaction: Transaction): Promise<string> {
  let words: unknown;
  try {
    words = await storeCall('transaction', async () => transaction(req));
  } catch (cause) {
    throw broken('failed', cause);
  }
  if (typeof words === 'string' && words.length <= LONGEST_WORDS && ONE_LINE.test(words)) {
    return words;
  }
  throw broken(`gave no line of 1 to ${LONGEST_WORDS} characters`);
}

function broken(what: string, cause?: unknown): SecondFactorError {
  const message = `The function transaction of require() ${what}. Have it give what the request does, such as "Pay $250.00 to Bob".`;
  return new SecondFactorError('misconfigured', message, { cause });
}
