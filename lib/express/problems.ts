import type { Problem, Refusal, RefusalCode } from '../core/outcomes';

interface Words {
  status: number;
  title: string;
  detail: string;
}

/** Each refusal in HTTP and in words: what happened and what to do. */
const PROBLEMS: Record<RefusalCode, Words> = {
  code_malformed: words(400, 'Not a code', 'Enter the digits of the code that was texted to you.'),
  request_malformed: words(
    400,
    'Request not understood',
    'Send JSON or a form with the fields that this path takes.',
  ),
  not_authenticated: words(401, 'Not signed in', 'Sign in first.'),
  second_factor_required: words(401, 'Second factor required', 'Pass your second factor first.'),
  fresh_login_required: words(
    401,
    'Sign in again',
    'Sign out and in again before changing your second factor.',
  ),
  code_incorrect: words(
    401,
    'Wrong code',
    'That is not the code that was sent to you. Check it and try again.',
  ),
  challenge_expired: words(
    401,
    'No code to check',
    'This code can no longer be used. Ask for a new one.',
  ),
  enrollment_required: words(403, 'No phone enrolled', 'Add a phone number first.'),
  fresh_second_factor_required: words(
    403,
    'Confirm again',
    'Pass your second factor once more before changing it.',
  ),
  cross_site_request: words(
    403,
    'Cross-site request',
    'This request did not come from a page of this site.',
  ),
  already_enrolled: words(403, 'Already enrolled', 'A phone is enrolled already.'),
  send_refused: words(403, 'Text refused', 'A text cannot be sent for this request.'),
  not_found: words(404, 'Not found', 'There is nothing here.'),
  method_not_allowed: words(405, 'Method not allowed', 'This path does not take that method.'),
  channel_not_available: words(
    409,
    'Not available',
    'Codes cannot be sent to you that way. Use the phone.',
  ),
  phone_opted_out: words(
    409,
    'Phone opted out',
    'This phone has opted out of texts. Text UNSTOP to the number that sent them, then try again.',
  ),
  request_too_large: words(413, 'Request too large', 'Send at most 10 kB.'),
  phone_invalid: words(
    422,
    'Not a phone number',
    'Enter a phone number that can receive texts, with its area code.',
  ),
  destination_not_allowed: words(
    422,
    'Destination not served',
    'Texts are not sent to numbers of this kind or country.',
  ),
  resend_too_soon: words(
    429,
    'Too soon',
    'There is a pause between two texts. Wait a little before asking for another.',
  ),
  send_limit_reached: words(429, 'Too many texts', 'Too many texts were sent. Try again later.'),
  too_many_attempts: words(429, 'Too many attempts', 'Too many wrong codes. Try again later.'),
  delivery_failed: words(
    502,
    'Text not sent',
    'The text could not be sent. Try again in a moment.',
  ),
  store_unavailable: words(
    503,
    'Temporarily unavailable',
    'This cannot be checked right now. Try again in a moment.',
  ),
  sending_suspended: words(
    503,
    'Texts suspended',
    'Texts to this destination are suspended. Try again later.',
  ),
  misconfigured: words(500, 'Internal error', 'The server is not set up correctly.'),
};

/** The last guess: there is nothing left to check it against. */
const LAST_GUESS = 'That is not the code that was sent to you. Ask for a new one.';

function words(status: number, title: string, detail: string): Words {
  return { status, title, detail };
}

/** The problem document of a refusal. It says nothing that is not in the refusal. */
export function problemOf(refusal: Omit<Refusal, 'ok'>): Problem {
  const { code, attemptsLeft, retryAfter } = refusal;
  const { status, title, detail } = PROBLEMS[code];
  const isLast = code === 'code_incorrect' && attemptsLeft === 0;
  return {
    type: `urn:passport-sms-2fa:${code}`,
    title,
    status,
    code,
    detail: refusal.detail ?? (isLast ? LAST_GUESS : detail),
    ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** Every code of a problem document. */
export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly RefusalCode[];
