import type { EmailMessage } from '../../ports/senders';
import type { Answers, Core, Requester, SayText } from '../core';
import { consentOf, type Consent } from '../enrollment';
import type { Limits, Rate } from '../limits';
import { PURPOSES, type Purpose } from '../outcomes';
import { codeOf, type Challenge } from './challenge';

/** A text longer than this is split, and costs twice (Flowroute: 160 ASCII characters). */
export const LONGEST_TEXT = 160;
/** The same for a text with any other character in it (UCS-2). */
const LONGEST_UNICODE = 70;

interface TextFacts {
  appName: string;
  domain: string | undefined;
  purpose: Purpose;
  code: string;
  lifetimeSeconds: number;
  /** What the code confirms: it stands in the text whatever that costs. */
  transaction?: string | undefined;
  /** The word that says "that was not me", where somebody hears it. */
  reportWord?: string | undefined;
}

/**
 * The text of a code. It names the app and what the code is for, when it expires, and asks not to
 * share it. Its last line binds the code to the app's domain, so that phones fill it in nowhere
 * else (WICG origin-bound one-time codes; Apple domain-bound codes). The domain comes from the
 * options only, never from a request.
 */
export function codeText(facts: TextFacts, say: SayText): string {
  const { domain, code, reportWord } = facts;
  const prose = proseOf(facts, say);
  const lastLine = domain === undefined ? '' : `\n\n@${domain} #${code}`;
  // Said where there is room: a second text for it would cost as much as the first.
  if (reportWord !== undefined && PLAIN_TEXT.test(reportWord)) {
    const whole = `${prose} ${say('text.report', { word: reportWord })}${lastLine}`;
    if (fitsOneText(whole)) return whole;
  }
  const text = prose + lastLine;
  if (fitsOneText(text)) return text;
  const short = shortOf(facts, say) + lastLine;
  // Where nothing fits, such as Chinese above a long domain, the whole of it is worth its second text.
  return fitsOneText(short) ? short : text;
}

function proseOf(facts: TextFacts, say: SayText): string {
  const { appName, purpose, code, lifetimeSeconds, transaction } = facts;
  const minutes = Math.max(1, Math.floor(lifetimeSeconds / 60));
  if (transaction !== undefined) {
    return say('text.transaction', { appName, code, minutes, transaction });
  }
  return say(`text.code.${purpose}`, { appName, code, minutes });
}

function shortOf({ transaction, ...facts }: TextFacts, say: SayText): string {
  if (transaction === undefined) return say('text.short', facts);
  return say('text.transactionShort', { ...facts, transaction });
}

function fitsOneText(text: string): boolean {
  return text.length <= (IN_ASCII.test(text) ? LONGEST_TEXT : LONGEST_UNICODE);
}

/** What a carrier asks before a number may text codes, and where the texts of an app may go. */
export interface Campaign {
  appName: string;
  /** Where the pages ask for a phone, as browsers see it. */
  enrollmentPath: string;
  /** One text of each purpose, with a code of no use. */
  samples: readonly string[];
  /** The words at the field for a number, and the addresses beside them. */
  consent: Consent;
  /** The answer to HELP; `undefined` where none is given. */
  help: string | undefined;
  /** What ends the texts, what undoes that, what asks who texts. */
  stopWords: readonly string[];
  startWords: readonly string[];
  helpWords: readonly string[];
  /** Regions (ISO 3166, two letters) that are texted. */
  allowedCountries: readonly string[];
  /** What bounds all texts together; empty where nothing does. */
  overall: readonly Rate[];
}

/** What it is made of; a core has it. */
interface CampaignFacts extends Pick<Core, 'appName' | 'domain' | 'links' | 'say'> {
  allowedCountries: Iterable<string>;
  limits: Pick<Limits, 'codeLength' | 'challengeLifetime' | 'overall'>;
}

/** What is answered, and to what. */
interface Heard {
  answers: Answers;
  words: Record<'stop' | 'start' | 'help', readonly string[]>;
}

/** In the order in which a user meets them. */
const SAMPLED: readonly Purpose[] = ['enroll', 'sign-in', 'step-up', 'replace', 'reset'];

/** All that the forms of a carrier ask of these texts, as this app sends them. */
export function campaignOf(
  { appName, domain, links, limits, allowedCountries, say }: CampaignFacts,
  { answers, words }: Heard,
  mountPath: string,
): Campaign {
  const { codeLength, challengeLifetime: lifetimeSeconds, overall } = limits;
  const { reportWord, help } = answers;
  const code = '1234567890'.slice(0, codeLength);
  const text = { appName, domain, code, lifetimeSeconds, reportWord };
  return {
    appName,
    enrollmentPath: mountPath === '' ? '/' : mountPath,
    samples: SAMPLED.map((purpose) => codeText({ ...text, purpose }, say)),
    consent: consentOf({ appName, links, answers: () => answers }, say),
    help,
    stopWords: words.stop,
    startWords: words.start,
    helpWords: words.help,
    allowedCountries: [...allowedCountries],
    overall,
  };
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
export function helpText({ appName, help }: HelpFacts, say: SayText): string | undefined {
  const about = say('help.about', { appName });
  const start = help === undefined ? [about] : [about, say('help.where', { help })];
  const stop = say('help.stop', {});
  return [
    [...start, say('help.rates', {}), stop],
    [...start, stop],
  ]
    .map((parts) => parts.join(' '))
    .find(fitsOneText);
}

/** How many characters the app name is too long for its texts; 0 or less where all fit. */
export function charactersOver(
  facts: Pick<TextFacts, 'appName' | 'domain' | 'lifetimeSeconds'> & { codeLength: number },
  say: SayText,
): number {
  const code = '0'.repeat(facts.codeLength);
  const { domain } = facts;
  const lastLine = domain === undefined ? '' : `\n\n@${domain} #${code}`;
  const longest = Math.max(
    ...PURPOSES.map((purpose) => (proseOf({ ...facts, purpose, code }, say) + lastLine).length),
  );
  return longest - LONGEST_TEXT;
}

/**
 * Characters that are one byte in GSM-7 and in ASCII alike. Flowroute charges anything beyond ASCII
 * as UCS-2 (70 characters a text); `^ { } \ [ ] ~ |` take two places in GSM-7, the backtick none.
 */
export const PLAIN_TEXT = /^[A-Za-z0-9 !"#$%&'()*+,\-./:;<=>?@_]+$/;

const IN_ASCII = /^[\n -~]*$/;

/** The language of whoever asks; the core's own where they are not known to have one. */
export function sayTo(core: Core, who: Requester): SayText {
  return who.say?.() ?? core.say;
}

/** The text of a challenge. The only place where a code meets anything but a comparison. */
export function textOf(core: Core, challenge: Challenge, key: Buffer, say: SayText): string {
  return codeText(textFacts(core, challenge, key), say);
}

/** The same by mail, where the app offers that. No link: a code is typed, never clicked. */
export function mailOf(core: Core, challenge: Challenge, key: Buffer, say: SayText): EmailMessage {
  const { appName, purpose, code, lifetimeSeconds, transaction } = textFacts(core, challenge, key);
  const minutes = Math.max(1, Math.floor(lifetimeSeconds / 60));
  const facts = { appName, code, minutes };
  const text =
    transaction === undefined
      ? say(`mail.text.${purpose}`, facts)
      : say('mail.text.transaction', { ...facts, transaction });
  return {
    to: challenge.phone,
    // No code in the subject, which lock screens show.
    subject: say(`mail.subject.${purpose}`, { appName }),
    text: `${text}\n`,
  };
}

function textFacts(core: Core, challenge: Challenge, key: Buffer): TextFacts {
  return {
    appName: core.appName,
    domain: core.domain,
    purpose: challenge.purpose,
    transaction: challenge.transaction,
    code: codeOf(core, challenge, key),
    lifetimeSeconds: core.limits.challengeLifetime,
    reportWord: core.answers?.().reportWord,
  };
}
