import type { BeforeSend, Links, Logger } from '../core/core';
import type { Limits, Preset } from '../core/limits';
import type { EnrollmentOption } from '../core/enrollment';
import type { Problem } from '../core/outcomes';
import type { Locales, MessagesOption } from '../locales/locales';
import type { Clock } from '../ports/clock';
import type { Counter, SimpleCounter } from '../ports/counter';
import type { EmailSender, SmsSender } from '../ports/senders';
import type { Enrollments } from '../ports/enrollments';
import type { SessionStore } from '../ports/session-store';
import type { Layout, LocaleOption, Views } from './check-pages';
import type { Theme, ThemeOption } from './check-theme';

/** What an app hands to `createSecondFactor`. Checked once; a wrong one is a `TypeError` at start. */
export interface SecondFactorOptions<User = unknown> {
  /** Named in every text and page. Plain ASCII; the longest text must stay within 160 characters. */
  appName: string;
  /** Bare host of the app, such as `acme.example`, for autofill. Never taken from a request. */
  domain?: string | undefined;
  /** At least 32 random characters, or `[newest, ...older]` while a secret is being replaced. */
  secret: string | readonly string[];
  /** The very store that express-session uses. */
  sessionStore: SessionStore;
  /** Delivers texts: `flowrouteSender(...)`, `outboxSender()` in tests, or your own. */
  sender: SmsSender;
  /** Where enrollments are kept: three functions over the app's database, or `mapEnrollments(map)`. */
  enrollments: Enrollments<User>;
  /**
   * The stable id of a user; default `user.id`. It must be unique over everybody who signs in: where
   * users are in two tables, `(user) => user.kind + ':' + user.id`. Else the phone of customer 1 is
   * that of admin 1, too. Where Passport's serialized user says a `kind`, `type` or the like, and
   * one id comes with two of them in one process, the second is refused as `misconfigured`.
   */
  userId?: ((user: User) => string | number) | undefined;
  /**
   * Something that changes with the user's password (a version, a time). A change kills pending
   * codes and verified sessions. Look it up; what `req.user` carries is as old as the request, and
   * its client may have held that back until after the change. Default: nothing; `trustedDevices` need
   * it, or `'none'`, which says on purpose that a new password ends no trust.
   */
  credentialsEpoch?: ((user: User) => Epoch | Promise<Epoch>) | 'none' | undefined;
  /**
   * Counts guesses and texts. Default: Redis behind a connect-redis store, else memory; in production,
   * and where there are signs of several processes, memory has to be given: `memoryCounter()`.
   */
  counter?: Counter | SimpleCounter | undefined;
  /**
   * Where browsers see the app's `/`, behind a proxy that takes a prefix away: `/shop`. Where one puts a
   * prefix before it, both sides: `{ browser: '/', app: '/app' }`. The four paths below are as browsers
   * see them, this prefix included; what is compared with a request (`enforce({ allow })`) is as the app
   * is asked. No header is read for it. Default: browsers see what the app is asked for.
   */
  basePath?: string | { browser: string; app: string } | undefined;
  /** Where `router()` is mounted, as browsers see it; default `/second-factor` below `basePath`. */
  mountPath?: string | undefined;
  /** Where a browser goes to sign in. Default: none, it gets a 401 page. */
  loginPath?: string | undefined;
  /** Takes a POST that signs the user out. Given one, the pages offer it. Default: none. */
  logoutPath?: string | undefined;
  /** Where a browser lands after the second factor when it wanted nothing else; default `basePath`. */
  homePath?: string | undefined;
  /**
   * Whether `enforce()` sends users without a factor to enroll: `optional`, the default, `required`, or asked for
   * each of them, also `{ requiredFrom: date }`. Any other answer is `misconfigured`, and the gate stays shut.
   */
  enrollment?: EnrollmentOption<User> | undefined;
  /** Regions (ISO 3166, two letters, in either case) that are texted; default `['US', 'CA']`. */
  allowedCountries?: readonly string[] | undefined;
  /**
   * The region of numbers written without a country code, one of `allowedCountries`; default `US`, or the
   * only one that is allowed.
   */
  defaultCountry?: string | undefined;
  /**
   * How numbers in service begin which libphonenumber does not know yet, such as a new area code:
   * country code first, `['1436']`. 2 to 7 digits each, behind the code of a country that is texted; such
   * a number counts as one of the first such country in `allowedCountries`. Opens no premium, toll-free or personal numbers. Default: none.
   */
  numberOverrides?: readonly string[] | undefined;
  /**
   * Further origins whose pages may post here: `https://www.acme.example`, of an app in a shell
   * `capacitor://localhost`. In `https://*.acme.example` the star is one label; every host there, now and
   * later, is trusted like this one, so no part of it may be given away to others. Default: none.
   */
  origins?: readonly string[] | undefined;
  /**
   * Lets users trust a browser: it then passes `enforce()` and `require()` without a code for so
   * many days, 1 to 30. Never `require({ maxAge })`, nor a change of the factor. Needs
   * `credentialsEpoch`. Default: off.
   */
  trustedDevices?: { days: number } | undefined;
  /**
   * Whether a user has a second factor of the app's own (TOTP, a passkey), for which the app calls
   * `satisfy`. Such a user is held up by `enforce()` without a phone, too, and enrolls a phone only
   * after that factor: else a password would be enough to add one. Default: nobody has.
   */
  hasOwnFactor?: ((user: User) => boolean | Promise<boolean>) | undefined;
  /**
   * What the app's own sign-in is, as AMR values (RFC 8176): `'password'`, the default, a list such as
   * `['hwk']`, or `'unknown'`. A function of user and Express request says it of each session, and when
   * that was: `{ amr, at }`, in milliseconds since the epoch. Said in `amr`, `acr` and `authTime`, and in
   * the words of the pages; the gate does not look at it. Where the function fails, or takes longer than
   * 1.5 s, nothing is known.
   */
  firstFactor?: FirstFactor | AskFirstFactor<User> | undefined;
  /**
   * The `acr` that is said of a session with these AMR values; `undefined`: none. Printable ASCII without
   * blanks, quotes and backslashes. Also asked what a refused client should get to (`acr_values`). Default:
   * `urn:passport-sms-2fa:acr:one-factor` or `:two-factors`.
   */
  acr?: ((amr: readonly string[]) => string | undefined) | undefined;
  /**
   * Codes by mail as a second way, for users with a phone enrolled. Off by default: mail is no
   * authenticator (NIST SP 800-63B-4 §3.1.3.1), and whoever reads it often resets passwords with it.
   */
  email?: EmailOption<User> | undefined;
  /**
   * Phones of app reviewers and end-to-end tests, with their fixed codes; never texted. Only until
   * `testNumbersUntil`, and everybody who knows one gets past the second factor of its user.
   */
  testNumbers?: Record<string, string> | undefined;
  /** When the test numbers end: a date such as `2027-01-31`. */
  testNumbersUntil?: string | undefined;
  /**
   * A first phone, and a removal, need a sign-in of at most `seconds` ago (ASVS 7.5.1): 401
   * `fresh_login_required` else. `signedInAt` tells when, in milliseconds since the epoch; without
   * an answer nothing is fresh. Default: any sign-in will do.
   */
  enrollmentNeedsFreshLogin?: FreshLogin | undefined;
  /** Asked before each text: a bot check, a look-up of the line type or a SIM swap; see `BeforeSend`. Default: none. */
  beforeSend?: BeforeSend<User> | undefined;
  /**
   * Told of each new session id that the library gives a signed-in user, before the answer goes out:
   * `req.sessionID` is the new one, `before` the one that it takes the place of, which ends within a
   * minute. For apps that keep lists of sessions. Where it throws, rejects or takes longer than
   * 1.5 s, the session goes back to its old id, and the answer is 503.
   */
  onRotate?: OnRotate | undefined;
  /** Answers refused API clients instead of the problem document; see `OnRefused`. Default: none. */
  onRefused?: OnRefused | undefined;
  /** Sources to add to the `Content-Security-Policy` of the pages; never scripts. Default: none. */
  csp?: CspOptions | undefined;
  /**
   * How the pages look: name or logo, colors in light and dark, corners, font. Colors that cannot be read
   * are a `TypeError` with both names and their contrast. Default: calm, and the system's own font.
   */
  theme?: ThemeOption | undefined;
  /**
   * Where the terms are, named where a phone is: https, or a path of the app. Given them, the enrollment
   * keeps when and to what its user agreed. Default: none.
   */
  terms?: string | undefined;
  /** Where the privacy policy is, named beside them. Default: none. */
  privacy?: string | undefined;
  /** Where a person helps: named on the pages, and in the answer to HELP. Default: none. */
  support?: string | undefined;
  /**
   * Gets one line with its cure for each thing that breaks, at most one a minute for each kind, without
   * codes, numbers and keys. Default: the console; `false`: none.
   */
  logger?: Logger | false | undefined;
  /**
   * Sentences by language, `{ en: { 'frame.back': 'Go back' } }`: some of a language that the library has,
   * or all of another one, typed `Messages`. Default: the library's own.
   */
  messages?: MessagesOption | undefined;
  /**
   * The language of a request, such as that of its user's profile; it gets the Express request. Without an
   * answer, or with a language that there is not, `Accept-Language` decides; then English. Default: none.
   */
  locale?: LocaleOption | undefined;
  /** Puts the pages into the app's own frame; see `Layout`. Default: a plain document. */
  layout?: Layout | undefined;
  /** Pages that the app renders itself; see `Views`. Default: none. */
  views?: Views | undefined;
  /**
   * Turns the numbers to what PCI DSS (`'pci'`) or PSD2 (`'psd2'`) has a word on, and asks everybody to
   * enroll. What is set beside it and contradicts it is a `TypeError`. No app complies by it alone: see
   * `docs/presets.md`. Default: none.
   */
  preset?: Preset | undefined;
  /** Every number that may be turned; see `Limits`. */
  limits?: Partial<Limits> | undefined;
  /** The time; default `Date.now`. */
  clock?: Clock | undefined;
}

export interface EmailOption<User = unknown> {
  /** `emailSender({ transport, from })`, or your own. */
  sender: EmailSender;
  /** The user's confirmed address, or `undefined`. */
  address: (user: User) => Address | Promise<Address>;
  /** Whether a mailed code is enough for `require({ maxAge })`, too; default false. */
  stepUp?: boolean | undefined;
}

/** Gets the Express request, and the session id before. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any version of Express's types
type OnRotate = (req: any, before: string) => unknown;

/**
 * Gets the Express request and response, with the status and `Retry-After` set, and the problem document.
 * Asked by the gates, `requireStore()`, router and `challenge()` where a client would get that document:
 * browsers keep their pages, and the strategy leaves its answer to Passport. `next(error)` goes to the
 * app's error handlers; `next()` is answered with the document, and lets nobody pass. What throws or
 * rejects is answered 500 `misconfigured`; where nothing is sent within 5 s the document is.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any version of Express's types
export type OnRefused = (req: any, res: any, problem: Problem, next: Next) => unknown;

type Next = (error?: unknown) => void;

/** Hosts such as `https://cdn.acme.example`, or `'self'`; for images and fonts also `data:`. */
export interface CspOptions {
  styleSrc?: readonly string[] | undefined;
  imgSrc?: readonly string[] | undefined;
  fontSrc?: readonly string[] | undefined;
  connectSrc?: readonly string[] | undefined;
  /** Who may frame the pages, instead of nobody: it can have its visitors click there unseen. */
  frameAncestors?: readonly string[] | undefined;
}

/** AMR values; `'password'` is `['pwd']`, `'unknown'` is none. */
export type FirstFactor = 'password' | 'unknown' | readonly string[];

type SaidFirstFactor = FirstFactor | { amr: FirstFactor; at?: number | undefined } | undefined;

export type AskFirstFactor<User = unknown> = (
  user: User,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any version of Express's types
  req: any,
) => SaidFirstFactor | Promise<SaidFirstFactor>;

type Epoch = string | number;
type Address = string | undefined;

export interface FreshLogin {
  seconds: number;
  /** Gets the Express request. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any version of Express's types
  signedInAt: (req: any) => SignedInAt | Promise<SignedInAt>;
}

type SignedInAt = number | undefined;

/** The same, checked, complete and frozen. */
export interface Settings<User = unknown> {
  readonly appName: string;
  readonly domain: string | undefined;
  readonly secrets: readonly string[];
  readonly sessionStore: SessionStore;
  readonly sender: SmsSender;
  readonly enrollments: Enrollments<User>;
  /** Default: `user.id`. */
  readonly userId: ((user: User) => unknown) | undefined;
  readonly credentialsEpoch: ((user: User) => unknown) | undefined;
  readonly counter: Counter | SimpleCounter | undefined;
  /** Without a last slash. */
  readonly basePath: { readonly browser: string; readonly app: string };
  readonly mountPath: string;
  readonly loginPath: string | undefined;
  readonly logoutPath: string | undefined;
  readonly homePath: string;
  readonly enrollment: EnrollmentOption<User>;
  readonly allowedCountries: ReadonlySet<string>;
  readonly defaultCountry: string;
  readonly numberOverrides: readonly string[];
  readonly origins: { has(origin: string): boolean };
  readonly hasOwnFactor: ((user: User) => unknown) | undefined;
  /** AMR values, where it is the same for everybody. */
  readonly firstFactor: readonly string[] | ((user: User, req: unknown) => unknown);
  readonly acr: (amr: readonly string[]) => unknown;
  readonly email: EmailOption<User> | undefined;
  readonly testCode: ((phone: string) => string | undefined) | undefined;
  /** How long a device is trusted, in milliseconds; `undefined` where none is. */
  readonly deviceLifetimeMs: number | undefined;
  readonly freshLogin: FreshLogin | undefined;
  readonly beforeSend: BeforeSend<User> | undefined;
  readonly onRotate: OnRotate | undefined;
  readonly onRefused: OnRefused | undefined;
  /** Each list is left out where it is empty. */
  readonly csp: CspOptions;
  readonly theme: Theme;
  readonly links: Links;
  /** `undefined` where the app wants no lines. */
  readonly logger: Logger | undefined;
  /** Tells what is wrong with the set-up, by its code. */
  readonly warn: (code: string, line: string) => void;
  readonly locales: Locales;
  readonly locale: ((req: unknown) => unknown) | undefined;
  readonly layout: Layout | undefined;
  readonly views: Views;
  readonly preset: Preset | undefined;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Measures time within this process; a clock of the app's own is all the time there is. */
  readonly steady: Clock;
}
