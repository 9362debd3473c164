import type { Clock } from '../ports/clock';
import type { Counter } from '../ports/counter';
import type { EmailSender, SmsSender } from '../ports/senders';
import type { Enrollments } from '../ports/enrollments';
import type { Records } from '../ports/session-store';
import type { Emit } from './events';
import type { Keyring } from './keyring';
import type { Limits } from './limits';
import type { Destinations } from './phone-number';
import type { Purpose } from './outcomes';

/** Everything the flows need, handed in: the core has no clock, randomness or store of its own. */
export interface Core extends Destinations {
  appName: string;
  domain: string | undefined;
  limits: Limits;
  keyring: Keyring;
  clock: Clock;
  /** This many random bytes, base64url. */
  random: (bytes: number) => string;
  counter: Counter;
  records: Records;
  enrollments: Enrollments;
  sender: SmsSender;
  /** Codes by mail, where the app offers them. */
  email?: EmailChannel | undefined;
  /** The fixed code of a test number, while there is one. */
  testCode?: ((phone: string) => string | undefined) | undefined;
  beforeSend: BeforeSend | undefined;
  /**
   * Whether answers and receipts can come (`webhooks()` was called): only then is there any use in
   * remembering which text went where.
   */
  listens: () => boolean;
  /** What users may answer, and what they are answered; nothing where no answers can come. */
  answers?: (() => Answers) | undefined;
  links?: Links | undefined;
  /** The words of who has no language of their own here, such as a phone that asks for HELP. */
  say: SayText;
  emit: Emit;
  /** Says what broke where the operator reads it. */
  tell?: Tell | undefined;
}

interface CodeFacts {
  appName: string;
  code: string;
  minutes: number;
}

/** The sentences of which texts and mails are made, and what users agree to, with what stands in each. */
export type TextSentences = { [P in Purpose as `text.code.${P}` | `mail.text.${P}`]: CodeFacts } & {
  [P in Purpose as `mail.subject.${P}`]: { appName: string };
} & {
  /** Where the longer one does not fit into a single text. */
  'text.short': { appName: string; code: string };
  /** What it confirms stands in it, whatever its length. */
  'text.transaction': CodeFacts & { transaction: string };
  'text.transactionShort': { appName: string; code: string; transaction: string };
  'mail.text.transaction': CodeFacts & { transaction: string };
  'text.report': { word: string };
  'help.about': { appName: string };
  'help.where': { help: string };
  'help.rates': object;
  'help.stop': object;
  'consent.text': { appName: string };
  'consent.textWithHelp': { appName: string };
};

/** Says them in one language. */
export type SayText = <Name extends keyof TextSentences>(
  name: Name,
  facts: TextSentences[Name],
) => string;

/** Addresses of the app that a user may read before a phone is texted: https, or a path of the app. */
export interface Links {
  terms?: string | undefined;
  privacy?: string | undefined;
  support?: string | undefined;
}

/** Where lines for the operator go: the console, or a logger such as pino. */
export interface Logger {
  warn(line: string): unknown;
  error(line: string): unknown;
}

export interface Answers {
  /** The word that says "that was not me". */
  reportWord?: string | undefined;
  /** The text that answers HELP. */
  help?: string | undefined;
  /** The same in a language, where it can be said in one text. */
  helpIn?: ((lang: string) => string | undefined) | undefined;
}

/** One line with its cure; of a kind it is told once a minute. No code, number or key stands in it. */
export type Tell = (level: 'warn' | 'error', kind: string, line: string) => void;

/** How a code gets to the user. */
export type Channel = 'sms' | 'email';

interface EmailChannel {
  sender: EmailSender;
  /** The user's confirmed address; from the app's own database, never from a request. */
  address: (user: unknown) => unknown;
}

/** What a `beforeSend` hook is told of a text that is about to go out. */
export interface SendRequest<User = unknown> {
  /** The Express request, for a bot check. */
  req: unknown;
  user: User;
  userId: string;
  channel: Channel;
  /**
   * The full number, E.164, for a look-up of its line type or of a recent SIM swap; on the channel
   * `email` the address.
   */
  phone: string;
  /** ISO 3166, two letters; '' on the channel `email`. */
  country: string;
  /** Whether a code texted to this phone came back before. */
  confirmed: boolean;
  purpose: Purpose;
  ip: string | undefined;
}

/**
 * Asked before each text. `false` refuses it (403 `send_refused`); a hook that throws, rejects or
 * takes longer than `limits.carrierCall` refuses it, too (503 `sending_suspended`).
 */
export type BeforeSend<User = unknown> = (
  request: SendRequest<User>,
) => boolean | undefined | Promise<boolean | undefined>;

/** Who asks: facts of one request of a signed-in user. */
export interface Requester {
  userId: string;
  /** What the app put into `req.user`. */
  user: unknown;
  sessionId: string;
  /** The IP address as the app's `trust proxy` vouches for it. */
  address: string | undefined;
  /** Whether this user has passed in this browser before. */
  known?: () => boolean;
  /** The language that they read, looked up when something is said. */
  say?: () => SayText;
  /** Its tag, BCP 47. */
  lang?: () => string;
  /** The request itself, for the app's own hooks; the core does not look into it. */
  request?: unknown;
  /** The app's credentials epoch for this user; '' where it names none. */
  credentialsEpoch: string;
}
