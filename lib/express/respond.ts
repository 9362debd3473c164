import { refuse, type Refusal } from '../core/outcomes';
import { SecondFactorError } from '../errors';
import type { OnRefused } from '../options/options';
import { timeLimit } from '../time-limit';
import type { Edge } from './edge';
import { findingsOf, tellOperator, wasTold, wordsOf } from './operator';
import {
  guardHeaders,
  isSafe,
  onEnd,
  send,
  type HttpRequest,
  type HttpResponse,
  languageOf,
} from './http';
import { headersOf, problemOf } from './problems';

/**
 * Answers an API client with the problem document, or by the app's own `onRefused`. Rejects with what
 * that hands to its `next`, for the app's error handlers.
 */
export async function sendProblem(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
  refusal: Refusal,
): Promise<void> {
  const { onRefused } = edge.settings;
  let left: Refusal | undefined = refusal;
  if (onRefused !== undefined) left = await leftByApp(edge, req, res, { refusal, onRefused });
  if (left === undefined) return;
  const problem = problemOf(left, languageOf(edge, req));
  guardHeaders(res);
  setHeaders(res, await headersOf(edge, req, left));
  languageHeaders(edge, req, res);
  send(res, problem.status, 'application/problem+json; charset=utf-8', JSON.stringify(problem));
}

/** How long `onRefused` may take until it answers, in milliseconds. */
const ANSWERED_WITHIN = 5_000;
const LATE = new Error('late');

/** Has the app answer. Resolves with what is left for the library to answer, if anything is. */
async function leftByApp(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
  { refusal, onRefused }: { refusal: Refusal; onRefused: OnRefused },
): Promise<Refusal | undefined> {
  const headers = await headersOf(edge, req, refusal);
  const { statusCode, statusMessage } = res;
  const headersBefore = Object.entries(res.getHeaders());
  const goBack = (): void => {
    if (res.headersSent) return;
    Object.assign(res, { statusCode, statusMessage });
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    for (const [name, value] of headersBefore) res.setHeader(name, value as string);
  };
  const problem = problemOf(refusal, languageOf(edge, req));
  guardHeaders(res);
  setHeaders(res, headers);
  languageHeaders(edge, req, res);
  res.statusCode = problem.status;
  const seen = { answer: false };
  const answer = new Promise<Refusal | undefined>((resolve, reject) => {
    const done = (): void => {
      seen.answer = true;
      resolve(undefined);
    };
    onEnd(res, done);
    res.once('close', done);
    const next = (error?: unknown): void => {
      // To Express, `next('route')` and nothing at all mean: go on. This is no way past the gate.
      if (!isFailure(error)) resolve(refusal);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
      else reject(error);
    };
    const ask = async (): Promise<void> => {
      await onRefused(req, res, problem, next);
    };
    ask().catch((cause: unknown) => {
      tellBroken(edge, `failed: ${wordsOf(cause)}`);
      resolve(refuse('misconfigured'));
    });
  });
  let left: Refusal | undefined;
  try {
    left = await timeLimit(answer, ANSWERED_WITHIN, () => LATE);
  } catch (error) {
    if (error !== LATE) {
      goBack();
      throw error;
    }
    left = refusal;
    if (!res.headersSent) tellBroken(edge, `sent nothing within ${ANSWERED_WITHIN / 1_000} s.`);
  }
  if (left === undefined || seen.answer) return undefined;
  if (!res.headersSent) {
    goBack();
    return left;
  }
  // It broke in the middle of its answer: the client must not take that for a whole one.
  if (left !== refusal) res.destroy();
  return undefined;
}

function isFailure(error: unknown): boolean {
  return Boolean(error) && error !== 'route' && error !== 'router';
}

function tellBroken(edge: Edge, what: string): void {
  tellOperator(
    edge,
    'SMS2FA_ON_REFUSED',
    `onRefused ${what}`,
    `Have it answer each request within ${ANSWERED_WITHIN / 1_000} s, or call next(error).`,
  );
}

/** Headers that a refusal carries, whatever its body. */
export function setHeaders(res: HttpResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
}

/** In which language it is, and that another one would have got another. */
export function languageHeaders(edge: Edge, req: HttpRequest, res: HttpResponse): void {
  res.setHeader('Content-Language', languageOf(edge, req).lang);
  const vary = [res.getHeader('Vary') ?? []].flat().join(', ');
  if (!/(?:^|,)\s*(?:\*|accept-language)\s*(?:,|$)/i.test(vary)) {
    res.setHeader('Vary', vary === '' ? 'Accept-Language' : `${vary}, Accept-Language`);
  }
}

/** 303 after a post, so that the browser goes on with GET; 302 else. */
export function redirect(req: HttpRequest, res: HttpResponse, location: string): void {
  guardHeaders(res);
  res.statusCode = isSafe(req) ? 302 : 303;
  res.setHeader('Location', location);
  res.end();
}

/**
 * What broke, as the refusal that it is answered with. Misuse, and what is not the library's own,
 * is thrown on to the app's error handler, in full.
 */
export function brokenRefusal(edge: Edge, req: HttpRequest, error: unknown): Refusal {
  reportBroken(edge, req, error);
  if (!(error instanceof SecondFactorError) || error.code === 'misconfigured') throw error;
  // Well written, it reads like any other: only the carrier knows that it takes no texts.
  if (error.code === 'phone_invalid') {
    return refuse(error.code, { detail: { say: 'detail.phoneRefused' } });
  }
  const isUnsent = error.code === 'delivery_failed';
  // Nobody knows: it may arrive all the same.
  if (isUnsent && !error.refused) return refuse(error.code, { detail: UNSURE });
  // Whoever reads "in a moment" tries again for hours. It is the same for everybody, and says nothing of one.
  const isDown = isUnsent && LASTS.has(error.reason);
  return refuse(error.code, isDown ? { detail: { say: 'detail.channelDown' } } : {});
}

/** What stays until somebody mends it. */
const LASTS = new Set<SecondFactorError['reason']>([
  'credentials_rejected',
  'from_rejected',
  'rejected',
]);

/** What is said of a code of which nobody knows whether it went out. */
export const UNSURE = { say: 'detail.unsure' } as const;

/** Tells listeners that a store failed, with the cause, and operators what was misused. */
export function reportBroken(edge: Edge, req: HttpRequest, error: unknown): void {
  if (!(error instanceof SecondFactorError)) return;
  if (error.code === 'store_unavailable' && !wasTold(error)) {
    edge.core.emit('store_failed', { at: edge.core.clock(), ip: req.ip, error });
  }
  if (error.code !== 'misconfigured') return;
  const isKnown = [...findingsOf(edge).values()].some(
    ({ says, cure }) => error.message === `${says} ${cure}`,
  );
  // The library's own words, with their cure.
  if (!isKnown) edge.core.tell?.('error', 'misconfigured', `misconfigured: ${wordsOf(error)}`);
}

/** A text that browsers keep instead of showing it. */
export function sendFile(res: HttpResponse, { name, text }: { name: string; text: string }): void {
  guardHeaders(res);
  res.setHeader('Content-Disposition', `attachment; filename="${name}"`);
  send(res, 200, 'text/plain; charset=utf-8', text);
}
