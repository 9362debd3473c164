import { BANK } from '../pages/layout';

/** Something that happened to an account, for a mail about it. */
export interface Happening {
  /** One line of at most 150 characters; the same for all happenings of a kind. */
  subject: string;
  /** What happened, in whole sentences. */
  what: string;
  /** Milliseconds since the epoch. */
  at: number;
  ip?: string | undefined;
  /** How often; `at` and `ip` are then of the last time. */
  times?: number;
}

/** What happened, when, from where, and what to do about it. `address` is the bank's own. */
export function happeningText({ what, at, ip, times = 1 }: Happening, address: string): string {
  const lines = [
    what,
    ...(times > 1 ? [`This happened ${times} times within a minute. The last time:`] : []),
    '',
    `When: ${utc(at)}`,
    ...(ip === undefined ? [] : [`From the address: ${ip}`]),
    '',
    `If this was you, there is nothing to do. If it was not, call ${BANK} at once, on the number`,
    `on the back of your card, and look at your account: ${new URL('/account', address).href}`,
  ];
  return lines.join('\n');
}

/** `2026-01-31 23:59 UTC` */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
