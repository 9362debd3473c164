import { BANK } from '../pages/layout';
import type { Letter } from './mailer';

export interface Happening {
  subject: string;
  /** What happened, in whole sentences. */
  what: string;
  /** Milliseconds since the epoch. */
  at: number;
  ip?: string | undefined;
  /** The bank's own address. */
  address: string;
}

/** A letter about something that happened: what, when, from where, and what to do about it. */
export function happeningLetter({ subject, what, at, ip, address }: Happening): Letter {
  const lines = [
    what,
    '',
    `When: ${utc(at)}`,
    ...(ip === undefined ? [] : [`From the address: ${ip}`]),
    '',
    `If this was you, there is nothing to do. If it was not, call ${BANK} at once, on the number`,
    `on the back of your card, and look at your account: ${new URL('/account', address).href}`,
  ];
  return { subject: `${BANK}: ${subject}`, text: lines.join('\n') };
}

/** `2026-01-31 23:59 UTC` */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
