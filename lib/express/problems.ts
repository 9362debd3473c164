import type { Detail, Problem, Refusal, RefusalCode } from '../core/outcomes';
import { saidAtOnce } from '../core/untrusted';
import { safeWords } from '../errors';
import { acceptedLanguages, sayDetail, type Words } from '../locales/locales';
import type { Edge } from './edge';
import type { HttpRequest } from './http';

/** Each refusal in HTTP; its words are in the catalog. */
const STATUSES: Record<RefusalCode, number> = {
  code_malformed: 400,
  request_malformed: 400,
  not_authenticated: 401,
  second_factor_required: 401,
  fresh_login_required: 401,
  code_incorrect: 401,
  challenge_expired: 401,
  enrollment_required: 403,
  fresh_second_factor_required: 403,
  cross_site_request: 403,
  already_enrolled: 403,
  send_refused: 403,
  not_found: 404,
  method_not_allowed: 405,
  channel_not_available: 409,
  phone_opted_out: 409,
  request_too_large: 413,
  phone_invalid: 422,
  destination_not_allowed: 422,
  resend_too_soon: 429,
  send_limit_reached: 429,
  too_many_attempts: 429,
  delivery_failed: 502,
  store_unavailable: 503,
  sending_suspended: 503,
  misconfigured: 500,
};

const known = new WeakMap<HttpRequest, Words>();

/** The language of a request: what the app says of it, else what its browser asks for, else English. */
export function languageOf(edge: Edge, req: HttpRequest): Words {
  const before = known.get(req);
  if (before !== undefined) return before;
  const { locales } = edge.settings;
  const wanted = acceptedLanguages(req.headers['accept-language']);
  const own = ownLocale(edge, req);
  const words = locales.best(own === undefined ? wanted : [own, ...wanted]);
  known.set(req, words);
  return words;
}

/** What the app's `locale` says. A page in the wrong language is better than none. */
function ownLocale(edge: Edge, req: HttpRequest): string | undefined {
  const { locale } = edge.settings;
  if (locale === undefined) return undefined;
  try {
    const given = saidAtOnce(locale(req));
    if (given === undefined || typeof given === 'string') return given;
    throw new TypeError('it gave no text; look the language up before, and give it or undefined.');
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    edge.core.tell?.(
      'warn',
      'locale',
      `locale failed, and the browser's language is used: ${safeWords(says)}`,
    );
    return undefined;
  }
}

/** The problem document of a refusal. It says nothing that is not in the refusal. */
export function problemOf(refusal: Omit<Refusal, 'ok'>, words: Words): Problem {
  const { code, attemptsLeft, retryAfter } = refusal;
  const isLast = code === 'code_incorrect' && attemptsLeft === 0;
  const detail = refusal.detail ?? (isLast ? LAST_GUESS : undefined);
  return {
    type: `urn:passport-sms-2fa:${code}`,
    title: words.say(`problem.${code}.title`),
    status: STATUSES[code],
    code,
    detail: sayDetail(detail, words) ?? words.say(`problem.${code}.detail`),
    ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** There is nothing left to check it against. */
const LAST_GUESS: Detail = { say: 'detail.lastGuess' };

/** Every code of a problem document. */
export const PROBLEM_CODES = Object.keys(STATUSES) as readonly RefusalCode[];
