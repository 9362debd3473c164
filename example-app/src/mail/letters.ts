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
  /** What to do about it, where that is not "call us if this was not you". */
  todo?: string;
  /** A mail of it has a link that ends everything that is signed in as the user. */
  offersEnd?: boolean;
  /** How often; `at` and `ip` are then of the last time. */
  times?: number;
}

/**
 * What happened, when, from where, and what to do about it. `address` is the bank's own, `endToken`
 * the token for the link that ends all sessions.
 */
export function happeningText(happening: Happening, address: string, endToken?: string): string {
  const { what, at, ip, todo, times = 1 } = happening;
  const lines = [
    what,
    ...(times > 1 ? [`This happened ${times} times within a minute. The last time:`] : []),
    '',
    `When: ${utc(at)}`,
    ...(ip === undefined ? [] : [`From the address: ${ip}`]),
    '',
    ...(todo === undefined ? [] : [todo, '']),
    ...(endToken === undefined ? [] : [...endLines(address, endToken), '']),
    `${todo === undefined ? CALL_IF_NOT_YOU : CALL}, on the number`,
    `on the back of your card, and look at your account: ${new URL('/account', address).href}`,
  ];
  return lines.join('\n');
}

const CALL = `To speak with us, call ${BANK}`;
const CALL_IF_NOT_YOU = `If this was you, there is nothing to do. If it was not, call ${BANK} at once`;

function endLines(address: string, token: string): string[] {
  const link = new URL('/end-sessions', address);
  link.searchParams.set('token', token);
  return ['To sign everybody out of your account at once, open this link:', link.href];
}

/** `2026-01-31 23:59 UTC` */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
