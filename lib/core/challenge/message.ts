import type { EmailMessage } from '../../ports/senders';
import type { Core } from '../core';
import type { Purpose } from '../purpose';
import type { Challenge } from './challenge';
import { deriveCode, type CodeBinding } from './code';

/** What each purpose is called in a text. The longest one decides how long an app name may be. */
const PURPOSE_WORDS: Record<Purpose, string> = {
  'sign-in': 'sign-in',
  'step-up': 'security',
  enroll: 'phone setup',
  replace: 'phone change',
};

/** A text longer than this is split, and costs twice (Flowroute: 160 ASCII characters). */
export const LONGEST_TEXT = 160;

interface TextFacts {
  appName: string;
  domain: string | undefined;
  purpose: Purpose;
  code: string;
  lifetimeSeconds: number;
  /** The word that says "that was not me", where somebody hears it. */
  reportWord?: string | undefined;
}

/**
 * The text of a code. It names the app and what the code is for, when it expires, and asks not to
 * share it. Its last line binds the code to the app's domain, so that phones fill it in nowhere
 * else (WICG origin-bound one-time codes; Apple domain-bound codes). The domain comes from the
 * options only, never from a request.
 */
export function codeText(facts: TextFacts): string {
  const { appName, domain, purpose, code, lifetimeSeconds, reportWord } = facts;
  const minutes = Math.max(1, Math.floor(lifetimeSeconds / 60));
  const prose = `${code} is your ${appName} ${PURPOSE_WORDS[purpose]} code. Expires in ${minutes} min. Don't share it.`;
  const lastLine = domain === undefined ? '' : `\n\n@${domain} #${code}`;
  const report = reportWord === undefined ? '' : ` Not you? Reply ${reportWord}`;
  // Said where there is room: a second text for it would cost as much as the first.
  const hasRoom = PLAIN_TEXT.test(report) && (prose + report + lastLine).length <= LONGEST_TEXT;
  return prose + (hasRoom ? report : '') + lastLine;
}

interface HelpFacts {
  appName: string;
  /** Where help is: an address, a number, a mail address. */
  help: string | undefined;
}

/**
 * The answer to HELP: whose texts these are and what for, where help is, how to stop, what they may cost
 * (CTIA). `undefined` where it cannot be said in one text.
 */
export function helpText({ appName, help }: HelpFacts): string | undefined {
  const where = help === undefined ? '' : ` Help: ${help}`;
  const start = `${appName}: codes to sign in and to confirm changes.${where}`;
  const rates = ' Msg & data rates may apply.';
  return [`${start}${rates} Reply STOP to end.`, `${start} Reply STOP to end.`].find(
    (text) => text.length <= LONGEST_TEXT,
  );
}

/** A code by mail, where the app offers that. No link: a code is typed, never clicked. */
function codeMail(facts: TextFacts): { subject: string; text: string } {
  const { appName, purpose, lifetimeSeconds, code } = facts;
  const minutes = Math.max(1, Math.floor(lifetimeSeconds / 60));
  return {
    // Not in the subject, which lock screens show.
    subject: `Your ${appName} ${PURPOSE_WORDS[purpose]} code`,
    text: `${code} is your ${appName} ${PURPOSE_WORDS[purpose]} code. It expires in ${minutes} minutes. Do not share it; nobody of ${appName} will ask you for it.\n`,
  };
}

/** How many characters the app name is too long for its texts; 0 or less where all fit. */
export function charactersOver(
  facts: Pick<TextFacts, 'appName' | 'domain' | 'lifetimeSeconds'> & { codeLength: number },
): number {
  const code = '0'.repeat(facts.codeLength);
  const longest = Math.max(
    ...(Object.keys(PURPOSE_WORDS) as Purpose[]).map(
      (purpose) => codeText({ ...facts, purpose, code }).length,
    ),
  );
  return longest - LONGEST_TEXT;
}

/**
 * Characters that are one byte in GSM-7 and in ASCII alike. Flowroute charges anything beyond ASCII
 * as UCS-2 (70 characters a text); `^ { } \ [ ] ~ |` take two places in GSM-7, the backtick none.
 */
export const PLAIN_TEXT = /^[A-Za-z0-9 !"#$%&'()*+,\-./:;<=>?@_]+$/;

/** The text of a challenge. The only place where a code meets anything but a comparison. */
export function textOf(core: Core, challenge: Challenge, key: Buffer): string {
  return codeText(textFacts(core, challenge, key));
}

/** The same by mail. */
export function mailOf(core: Core, challenge: Challenge, key: Buffer): EmailMessage {
  const { subject, text } = codeMail(textFacts(core, challenge, key));
  return { to: challenge.phone, subject, text };
}

function textFacts(core: Core, challenge: Challenge, key: Buffer): TextFacts {
  return {
    appName: core.appName,
    domain: core.domain,
    purpose: challenge.purpose,
    code: codeOf(core, challenge, key),
    lifetimeSeconds: core.limits.challengeLifetime,
    reportWord: core.answers?.().reportWord,
  };
}

/** The code that answers a challenge: derived, but for test numbers. */
export function codeOf(
  core: Pick<Core, 'limits' | 'testCode'>,
  challenge: CodeBinding & { channel?: 'email' },
  key: Buffer,
): string {
  const fixed = challenge.channel === undefined ? core.testCode?.(challenge.phone) : undefined;
  return fixed ?? deriveCode(key, challenge, core.limits.codeLength);
}
