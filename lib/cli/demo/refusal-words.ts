import type { Refusal, RefusalCode } from '../../core/outcomes';

/** What may come up here, in words for the person at the terminal. */
const WORDS: Partial<Record<RefusalCode, string>> = {
  code_incorrect: 'That is not the code.',
  challenge_expired: 'This code no longer counts: it expired or was guessed at too often.',
  phone_invalid: 'There is no such phone number.',
  destination_not_allowed: 'Numbers of this kind or country are not texted.',
  phone_opted_out: 'This phone has opted out of texts; only a text UNSTOP from it undoes that.',
  resend_too_soon: 'A text is on its way already.',
  send_limit_reached: 'Too many texts were sent to this number or by this user.',
  sending_suspended: 'Texts there are suspended: too few of their codes came back.',
  too_many_attempts: 'Too many wrong codes: this user is locked.',
};

export function refusalWords({ code, attemptsLeft, retryAfter, detail }: Refusal): string {
  const guesses =
    attemptsLeft === undefined || attemptsLeft === 0
      ? []
      : [`${attemptsLeft} ${attemptsLeft === 1 ? 'guess' : 'guesses'} left.`];
  const wait = retryAfter === undefined ? [] : [`Try again in ${duration(retryAfter)}.`];
  return [detail ?? WORDS[code] ?? `It was refused (${code}).`, ...guesses, ...wait].join(' ');
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
