import type { IncomingMessage } from 'node:http';
import type { Admin } from './core/admin/admin';
import type { Campaign } from './core/challenge/message';
import type { EventName, Listener } from './core/events';
import type { SetupFinding } from './errors';
import type { Decision } from './express/gate';
import type { Middleware } from './express/http';
import type { PasswordResets } from './express/password-reset';
import type { Status } from './express/status';
import type {
  ChallengeOptions,
  CheckOptions,
  DecideOptions,
  EnforceOptions,
  IdentityClaims,
  IdentityProviderTrust,
  ProofOptions,
  RequireOptions,
  WebhookOptions,
} from './options/verb-options';

/** A Passport strategy by its shape, so that any version of Passport's types takes it. */
export interface PassportStrategy {
  name: string;
  authenticate(req: IncomingMessage, options?: object): void;
}

/** Takes the claims of a verified ID token; without a claim that counts it changes nothing. */
export type IdentityProviderProof = (
  req: IncomingMessage,
  claims: IdentityClaims | undefined,
) => Promise<boolean>;

/** The second factor of one app. */
export interface SecondFactor {
  /**
   * The Passport strategy, named `sms-2fa`; for apps with pages of their own. It reads the field
   * `code` of a POST; on failure `info` is the problem document, with its `detail` as `message`.
   */
  strategy(): PassportStrategy;
  /** The pages and the JSON API; mount it at `mountPath`, before `enforce()`. */
  router(): Middleware;
  /** For `app.use`: whoever is signed in and enrolled must pass the second factor. */
  enforce(options?: EnforceOptions): Middleware;
  /** For one route: nobody passes without the second factor. */
  require(options?: RequireOptions): Middleware;
  /**
   * Texts a code; for apps with pages of their own. Takes POST only, and goes on with
   * `res.locals.secondFactor.challenge`; see `ChallengeOptions` for refusals.
   */
  challenge(options?: ChallengeOptions): Middleware;
  /** Between `session()` and `passport.session()`: 503 while the session store is away. */
  requireStore(): Middleware;
  /**
   * Takes the carrier's callbacks: delivery receipts, STOP, UNSTOP and NO. Mount it before
   * `session()` and CSRF; the carrier is told the path it is mounted at, with `/` and `webhookToken`.
   */
  webhooks(options?: WebhookOptions): Middleware;
  /** The last part of the address for the carrier; made from `secret`, and to be kept like it. */
  webhookToken: string;
  /** What is known of the user of this request. */
  status(req: IncomingMessage): Promise<Status>;
  /**
   * Whether the session of this request has passed the second factor; for what no middleware guards,
   * such as the upgrade of a websocket. `session()` and `passport.session()` must have run on it.
   * False where nobody is signed in and where a store fails. Rejects with `misconfigured` where
   * there is no session, and with a `TypeError` for an option that there is not.
   */
  isVerified(req: IncomingMessage, options?: ProofOptions): Promise<boolean>;
  /**
   * What `require(options)` would say of this request, or with `gate: 'enforce'` what `enforce()` would,
   * without an answer: for guards, resolvers and sockets. `{ allowed: true }`, or the refusal with its status, its problem document and where a
   * browser would go; what such a browser wanted is remembered, so that it may be sent there. On an
   * Express request that is allowed it sets `Cache-Control: no-store`, as `require()` does. `session()`
   * and `passport.session()` must have run. A store that fails is a refusal, 503. Rejects as
   * `isVerified` does.
   */
  decide(req: IncomingMessage, options?: DecideOptions): Promise<Decision>;
  /**
   * Whether `enforce()` would let this request pass, whatever its path: true for who has passed the second
   * factor, for who has none where enrolling is optional, and for nobody at all: who is signed in is for
   * the app to ask before. False where a store fails. Rejects as `isVerified` does.
   */
  admits(req: IncomingMessage): Promise<boolean>;
  /**
   * Says that the app's own second factor was passed just now, by AMR values (RFC 8176) such as
   * `['otp', 'mfa']`. Gives the session a new id; call it before the answer goes out. Rejects with a
   * `TypeError` for values that only the library vouches for, with `misconfigured` where nobody is
   * signed in, and with `store_unavailable` where a store failed or the user signed out meanwhile.
   */
  satisfy(req: IncomingMessage, methods: readonly string[]): Promise<void>;
  /**
   * Makes what asks whether claims of an identity provider, of the user who has just signed in with it,
   * say that a second factor was passed, by what is listed here. Then the session is verified since
   * `auth_time`, and the answer is true; else it is false, and the gate asks. Rejects as `satisfy` does.
   */
  trustIdentityProvider(trust: IdentityProviderTrust): IdentityProviderProof;
  /**
   * Looks at the set-up, best at each start: counter, clocks, session store, storage of enrollments, and
   * what requests have shown. Leaves nothing behind. Resolves with what is not fatal; warnings are also
   * warnings of the process, with the code `SMS2FA_CHECK`. Rejects with one `SecondFactorError` whose
   * message names all that is fatal, each with its cure: `misconfigured`, or `store_unavailable` where
   * something does not answer and nothing is wrong. Its `findings` are all there are. While `NODE_ENV`
   * is neither `production` nor `test`, the first request does it in the background, where nobody has.
   */
  check(options?: CheckOptions): Promise<readonly SetupFinding[]>;
  /** What a carrier's form asks before a number may text codes, as this app has it; `webhooks()`, else its defaults. */
  campaign(): Campaign;
  /** For a user who has forgotten the password: a code, of whom nobody is signed in. */
  reset: PasswordResets;
  /** For support desks: status, unlock, reset, revoke. */
  admin: Admin;
  /** Tells a listener what happens, until what it gives back is called. A listener that throws changes nothing. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;
}
