import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createAdmin, type Admin } from './core/admin';
import type { Core } from './core/core';
import type { EventName } from './core/events';
import { emitWithNotices } from './core/notice';
import { createKeyring, digest } from './core/keyring';
import { isRevocation } from './core/revocation';
import { chooseCounter } from './counters/choose-counter';
import { guardedCounter } from './counters/guarded-counter';
import { createEventHub, type Listener } from './event-hub';
import type { ProofOptions } from './express/admission';
import type { Edge } from './express/edge';
import {
  enforceFactor,
  requireFactor,
  type EnforceOptions,
  type RequireOptions,
} from './express/gate';
import type { Middleware } from './express/http';
import { isVerified, satisfy } from './express/own-proof';
import { requireStore } from './express/require-store';
import { createRouter } from './express/router/router';
import { createWebhooks, tokenCheck, type WebhookOptions } from './express/webhooks';
import { sendChallenge, type ChallengeOptions } from './express/send-challenge';
import { statusOf, type Status } from './express/status';
import { readFlowrouteCallback } from './flowroute/read-callback';
import { checkOptions } from './options/check-options';
import { checkChallenge, checkEnforce, checkRequire } from './options/check-gate';
import { checkWebhooks } from './options/check-webhooks';
import type { SecondFactorOptions, Settings } from './options/options';
import { SmsSecondFactorStrategy } from './passport/strategy';
import { cachedEnrollments } from './stores/cached-enrollments';
import { guardedEnrollments } from './stores/guarded-enrollments';
import { followSessions } from './stores/ended-sessions';
import { liveSessions } from './stores/live-sessions';
import { rememberedRecords } from './stores/remembered-records';
import { sessionStoreRecords } from './stores/session-store-records';

/** A Passport strategy by its shape, so that any version of Passport's types takes it. */
export interface PassportStrategy {
  name: string;
  authenticate(req: IncomingMessage, options?: object): void;
}

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
   * Says that the app's own second factor was passed just now, by AMR values (RFC 8176) such as
   * `['otp', 'mfa']`. Gives the session a new id; call it before the answer goes out. Rejects with a
   * `TypeError` for values that only the library vouches for, with `misconfigured` where nobody is
   * signed in, and with `store_unavailable` where a store failed or the user signed out meanwhile.
   */
  satisfy(req: IncomingMessage, methods: readonly string[]): Promise<void>;
  /** For support desks: status, unlock, reset, revoke. */
  admin: Admin;
  /** Tells a listener what happens. A listener that throws changes nothing. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): void;
}

/**
 * Makes the second factor of an app. Throws a `TypeError` for a wrong option, naming it, its value
 * and the cure.
 */
export function createSecondFactor<User = unknown>(
  options: SecondFactorOptions<User>,
): SecondFactor {
  const settings = checkOptions(options) as Settings;
  const { clock, sessionStore } = settings;
  const events = createEventHub();
  const enrollments = cachedEnrollments(guardedEnrollments(settings.enrollments), clock);
  const records = rememberedRecords(sessionStoreRecords(sessionStore, clock), clock, isRevocation);
  const sessions = liveSessions(records, clock, (id) => `sms2fa-live-${digest('session', id)}`);
  const counter = guardedCounter(settings.counter ?? chooseCounter(sessionStore, clock));
  const ended = followSessions(
    sessionStore,
    counter,
    sessions,
    clock,
    (id) => `ended:${digest('session', id)}`,
  );
  const core: Core = {
    appName: settings.appName,
    domain: settings.domain,
    defaultCountry: settings.defaultCountry,
    allowedCountries: settings.allowedCountries,
    limits: settings.limits,
    keyring: createKeyring(settings.secrets),
    clock,
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    counter,
    records,
    enrollments,
    sender: settings.sender,
    email: settings.email,
    testCode: settings.testCode,
    beforeSend: settings.beforeSend,
    emit: emitWithNotices(events.emit),
  };
  const { webhookTokens } = core.keyring;
  const edge: Edge = { settings, core, enrollments, sessions, ended };

  return {
    strategy: () => new SmsSecondFactorStrategy(edge),
    router: () => createRouter(edge),
    enforce: (given) => enforceFactor(edge, checkEnforce(given)),
    require: (given) => requireFactor(edge, checkRequire(given, settings)),
    challenge: (given) => sendChallenge(edge, checkChallenge(given)),
    requireStore: () => requireStore(edge),
    webhooks: (given) =>
      createWebhooks(edge, readFlowrouteCallback, tokenCheck(webhookTokens), checkWebhooks(given)),
    webhookToken: webhookTokens[0] ?? '',
    status: (req) => statusOf(edge, req),
    isVerified: (req, given) => isVerified(edge, req, given),
    satisfy: (req, methods) => satisfy(edge, req, methods),
    admin: createAdmin(core),
    on: (name, listener) => {
      events.on(name, listener);
    },
  };
}
