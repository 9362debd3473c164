import type { InboundText } from '../ports/senders';

/** What a route wants to be proven. */
export interface ProofOptions {
  /** The second factor must have been passed within so many seconds (step-up). */
  maxAge?: number | undefined;
  /**
   * AMR values (RFC 8176), one of which must have been passed: `sms`, `email`, `recovery`, or what
   * the app said with `satisfy`, such as `otp`. Default: any second factor.
   */
  methods?: readonly string[] | undefined;
}

export interface RequireOptions extends ProofOptions {
  /** Where a browser is sent instead of the library's pages, as it sees that path. */
  redirectTo?: string | undefined;
  /**
   * Keeps a form post that the gate interrupts (urlencoded, up to 4 kB, 5 minutes, in the session)
   * and sends it again, once, when the user says so. Not for forms with passwords. Default: false;
   * the user goes back to the form's page, where `status(req).interrupted` says what happened.
   */
  resume?: boolean | ResumeOptions | undefined;
  /**
   * Says what the request would do, amount and payee: `Pay $250.00 to Bob`, up to 100 characters in one
   * line, of the request with its `body` parsed; may be async, for up to 1.5 s. It stands in the text,
   * the code is derived from it, and the code that came back opens this route for the same words alone,
   * once, within `maxAge` (default 300): the same method and path. It is no step-up for anything else.
   * A longer line is answered 413, one with line breaks or control characters 400, another site's form
   * 403. Where it throws or gives something else the request is answered 500 `misconfigured`. Not with
   * `methods`.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any version of Express's types
  transaction?: ((req: any) => string | Promise<string>) | undefined;
}

/** What `decide()` takes: what the gate that it speaks for would be given. */
export interface DecideOptions extends ProofOptions {
  /**
   * The gate that it speaks for. `'enforce'` lets strangers pass, and users without a factor where
   * enrolling is optional; it has no `maxAge` and no `methods`. Default `'require'`.
   */
  gate?: 'require' | 'enforce' | undefined;
  /** Where a browser would be sent instead of the library's pages, as it sees that path. */
  redirectTo?: string | undefined;
}

export interface ResumeOptions {
  /**
   * Says what the form would do, for the page that asks whether it shall be done. Gets the Express
   * request with its `body` parsed; may be async, for up to 1.5 s. Default, and where it fails or
   * gives something else: path, query and fields as they came.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any version of Express's types
  describe: (req: any) => FormDescription | Promise<FormDescription>;
}

/** What a form would do. Shown as plain text. */
export interface FormDescription {
  /** The heading, such as "Send money". */
  title: string;
  /** Such as `[['To', 'Bob'], ['Amount', '$10.50']]`; with the title up to 8 kB. */
  lines: readonly (readonly [label: string, value: string | number])[];
}

export interface EnforceOptions {
  /**
   * Paths that stay open to a session that has passed one factor only, such as `/logout`, and to a
   * request that has no session at all, such as `/healthz`. Compared letter by letter with the path as
   * it was sent. `/assets/*` is all that is below `/assets/`: not that path itself, and nothing in whose
   * rest another path could be read (`//`, dots, an encoded slash or percent sign, `;`).
   */
  allow?: readonly string[] | undefined;
  /** Where a browser is sent instead of the library's pages; stays open by itself. */
  redirectTo?: string | undefined;
}

export interface ChallengeOptions {
  /**
   * `respond` (default): a refusal is answered with its problem document. `next`: the app's own
   * handler answers; it finds `res.locals.secondFactor.problem`.
   */
  refusal?: 'respond' | 'next';
}

export interface WebhookOptions {
  /** Called with each inbound text that means nothing to the second factor. */
  onInbound?: ((text: InboundText) => unknown) | undefined;
  /**
   * Words that end the texts to a phone, alone and however set. STOP always does. Default: STOP, STOP ALL,
   * UNSUBSCRIBE, QUIT, CANCEL, END, REVOKE, OPT OUT (47 CFR 64.1200(a)(10)).
   */
  stopWords?: readonly string[] | undefined;
  /** Words that undo it; UNSTOP is always one. Default: START, UNSTOP, YES. */
  startWords?: readonly string[] | undefined;
  /** Words that ask who texts there. Default: HELP, INFO. */
  helpWords?: readonly string[] | undefined;
  /**
   * Where help is, for the answer to them: an address, a number, a mail address. `false`: none is given.
   * Default: `support`, else `domain`.
   */
  help?: string | false | undefined;
  /** Words that say "that was not me", perhaps beside the code. Default: NO, NOPE, NOT ME, WASN'T ME and its like. */
  reportWords?: readonly string[] | undefined;
  /** Addresses that may call, as the app's `trust proxy` vouches for them. Default: any. */
  addresses?: readonly string[] | undefined;
}

export interface CheckOptions {
  /**
   * A user of your tests, by the id that `userId` gives, who has no phone: the storage of enrollments is
   * tried with it. Default: an id that nobody has, of which some storage keeps nothing.
   */
  userId?: string | undefined;
}

/** What of an identity provider's claims counts as a second factor; at least one list is needed. */
export interface IdentityProviderTrust {
  /**
   * Values of the claim `amr`, any of which counts, whatever stands beside it: `otp`, `hwk`, `mfa`, a
   * URN. Never `pwd`.
   */
  amr?: readonly string[] | undefined;
  /** Values of the claim `acr`, any of which counts as well, also without `amr`. */
  acr?: readonly string[] | undefined;
  /** How many seconds ago `auth_time` may be at most; up to a day. */
  maxAge: number;
}

/** The same, checked and complete. */
export type CheckedTrust = Readonly<Required<Omit<IdentityProviderTrust, 'amr' | 'acr'>>> & {
  readonly amr: readonly string[];
  readonly acr: readonly string[];
};

/** The claims of an ID token whose signature, issuer, audience and nonce were verified. */
export interface IdentityClaims {
  amr?: unknown;
  acr?: unknown;
  /** Seconds since the epoch. */
  auth_time?: unknown;
}
