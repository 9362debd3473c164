import type { Detail, Problem, Refusal, RefusalCode } from '../core/outcomes';
import { sayDetail, type Words } from '../locales/locales';

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
