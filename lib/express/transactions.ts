import { transactionSeal, type Mark } from '../core/account';
import type { Challenge } from '../core/challenge/challenge';
import type { Core } from '../core/core';
import { CLOCK_SKEW } from '../core/limits';
import { refuse, type Outcome, type Refusal } from '../core/outcomes';
import { equalInConstantTime } from '../core/untrusted';
import { DAY_MS } from '../durations';
import { SecondFactorError } from '../errors';
import type { ProofOptions, RequireOptions } from '../options/verb-options';
import { storeCall } from '../time-limit';
import { readBody, wasRead, isCrossSite } from './post';
import type { Edge } from './edge';
import { isForm, isJson, isSafe, type HttpRequest } from './http';
import { pathOf } from './paths';
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
 * Passes where this very transaction was confirmed in the session, a moment ago, for this route and for the
 * first time; that is spent by being asked [S160]. Where it was not, it is what the next code is for. A body
 * that cannot be read says no transaction, and what cannot stand in a text is none.
 */
export async function refusedApproval(
  edge: Edge,
  req: HttpRequest,
  mark: Mark,
  wanted: ProofOptions & { transaction: Transaction },
): Promise<Refusal | undefined> {
  const { core } = edge;
  const { transaction, maxAge = APPROVED_FOR } = wanted;
  const foreign = refusedOrigin(edge, req);
  if (foreign !== undefined) return foreign;
  const unread = !isSafe(req) && !wasRead(req) && (isForm(req) || isJson(req));
  const unreadable = unread ? await readBody(edge, req) : undefined;
  if (unreadable !== undefined) return unreadable;
  const said = await transactionWords(edge, req, transaction);
  if (!said.ok) return said;
  const { words } = said;
  const route = routeOf(req);
  const now = core.clock();
  const { approved, userId } = mark;
  // A link of another site carries out nothing, and must not choose what the user's next text says.
  const isForeign = isCrossSite(req, edge.settings.origins);
  const isThis =
    !isForeign &&
    approved !== undefined &&
    now - approved.at <= maxAge * 1_000 &&
    now - approved.at > -CLOCK_SKEW &&
    equalInConstantTime(transactionSeal(core.keyring, userId, route, words), approved.seal);
  if (isThis) {
    // Of any number of requests, in any process, one gets it.
    const key = `${core.keyring.subjects.form(approved.id)}#approved`;
    const take = [{ key, window: SPENT_REMEMBERED, limit: 1 }];
    const { ok } = await core.counter.settle({ take });
    if (ok) return undefined;
  }
  if (!isForeign) {
    changeState(req, { transaction: { userId, at: now, words, route } });
    await saveSession(req);
  }
  return refuse('second_factor_required', { wanted });
}

/**
 * Another site's form must not carry out what its user has confirmed, nor choose what their next text
 * says. A client that tells nothing of where it comes from, and sends what an old browser would send from
 * anywhere, is told what to send.
 */
function refusedOrigin({ settings }: Edge, req: HttpRequest): Refusal | undefined {
  if (isSafe(req) || !isCrossSite(req, settings.origins)) return undefined;
  const { origin, 'sec-fetch-site': site } = req.headers;
  const tells = origin !== undefined || site !== undefined;
  return refuse(tells ? 'cross_site_request' : 'request_malformed');
}

/** Two routes may use the same words: what was confirmed for one path is nothing to another. */
function routeOf({ method, originalUrl = '' }: HttpRequest): string {
  return `${method ?? ''} ${pathOf(originalUrl)}`;
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
  route: string,
): Pick<Mark, 'verifiedAt' | 'amr' | 'passedAt' | 'deviceId' | 'approved'> {
  return {
    verifiedAt,
    amr,
    ...(passedAt === undefined ? {} : { passedAt }),
    ...(deviceId === undefined ? {} : { deviceId }),
    approved: { id, seal: transactionSeal(keyring, userId, route, words), at: clock() },
  };
}

/** The route that the transaction is held up at; no route where the session does not say. */
export function heldRoute(req: HttpRequest): string {
  return stateOf(req).transaction?.route ?? '';
}

/**
 * What the app says that the request would do. Whatever it says wrong keeps the gate shut. A line that does
 * not fit is most likely what the user has typed: they are told.
 */
async function transactionWords(
  { core }: Edge,
  req: HttpRequest,
  transaction: Transaction,
): Promise<Outcome<{ words: string }>> {
  let words: unknown;
  try {
    words = await storeCall('transaction', async () => transaction(req));
  } catch (cause) {
    throw broken('failed', cause);
  }
  if (typeof words !== 'string' || words === '') {
    throw broken(`gave no line of 1 to ${LONGEST_WORDS} characters`);
  }
  const isLong = words.length > LONGEST_WORDS;
  if (!isLong && ONE_LINE.test(words)) return { ok: true, words };
  const what = isLong ? `${words.length} characters` : 'a line break or a control character';
  const cure = `Have it shorten what users type to one line, in all ${LONGEST_WORDS} characters.`;
  core.tell?.('warn', 'transaction', `The function transaction of require() gave ${what}. ${cure}`);
  const detail = { say: 'detail.transactionUnfit', most: LONGEST_WORDS } as const;
  return refuse(isLong ? 'request_too_large' : 'request_malformed', { detail });
}

function broken(what: string, cause?: unknown): SecondFactorError {
  const message = `The function transaction of require() ${what}. Have it give what the request does, such as "Pay $250.00 to Bob".`;
  return new SecondFactorError('misconfigured', message, { cause });
}
