import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createAdmin, list, type Admin } from './core/admin/admin';
import type { Answers, Core } from './core/core';
import { campaignOf, type Campaign } from './core/challenge/message';
import { createEventHub, emitWithNotices, type EventName, type Listener } from './core/events';
import { createKeyring, isRecordKey, namespaceOf } from './core/keyring';
import { readEnrollment } from './core/read-enrollment';
import { isRevoked, kinOf } from './core/sessions';
import type { SetupFinding } from './errors';
import { chooseCounter } from './counters/choose-counter';
import { guardedCounter } from './counters/guarded-counter';
import type { Edge } from './express/edge';
import type { Decision } from './express/gate';
import type { Middleware } from './express/http';
import { emitWithLog, operatorLog, wordsOf } from './express/operator';
import type { Status } from './express/status';
import { calledByApps, unmadeStrategy } from './misuse';
import { checkOptions } from './options/check-options';
import {
  checkChallenge,
  checkDecide,
  checkEnforce,
  checkRequire,
  checkTrust,
  checkWebhooks,
  checkWhom,
  type CheckedWebhooks,
} from './options/check-verbs';
import type { SecondFactorOptions, Settings } from './options/options';
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
import { cachedEnrollments, guardedEnrollments } from './stores/enrollments';
import { followSessions } from './stores/followed-sessions';
import { sessionStoreRecords } from './stores/records';

/** What handles requests is loaded when it is mounted or first asked: an app starts with less. */
const rooms = {
  check: () => require('./check/check') as typeof import('./check/check'),
  gate: () => require('./express/gate') as typeof import('./express/gate'),
  ownProof: () => require('./express/own-proof') as typeof import('./express/own-proof'),
  requester: () => require('./express/requester') as typeof import('./express/requester'),
  router: () => require('./express/router/router') as typeof import('./express/router/router'),
  sendChallenge: () =>
    require('./express/send-challenge') as typeof import('./express/send-challenge'),
  sessionState: () =>
    require('./express/session-state') as typeof import('./express/session-state'),
  status: () => require('./express/status') as typeof import('./express/status'),
  webhooks: () => require('./express/webhooks') as typeof import('./express/webhooks'),
  strategy: () => require('./passport/strategy') as typeof import('./passport/strategy'),
  readCallback: () =>
    require('./flowroute/read-callback') as typeof import('./flowroute/read-callback'),
};

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
  /** For support desks: status, unlock, reset, revoke. */
  admin: Admin;
  /** Tells a listener what happens. A listener that throws changes nothing. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): void;
}

/** What is drawn at once: a draw of sixteen bytes takes as long. */
const DRAWN = 1_024;

/** Random bytes as text, base64url; none is given out twice. */
function randomText(): (bytes: number) => string {
  let drawn = randomBytes(DRAWN);
  let used = 0;
  return (bytes) => {
    if (used + bytes > drawn.length) {
      drawn = randomBytes(Math.max(DRAWN, bytes));
      used = 0;
    }
    used += bytes;
    return drawn.toString('base64url', used - bytes, used);
  };
}

/**
 * Makes the second factor of an app. Throws a `TypeError` for a wrong option, naming it, its value
 * and the cure.
 */
export function createSecondFactor<User = unknown>(
  options: SecondFactorOptions<User>,
): SecondFactor {
  const settings = checkOptions(options) as Settings;
  const { appName, clock, domain, logger, sessionStore: store, steady } = settings;
  const tell = operatorLog(logger, steady);
  const events = createEventHub((name, error) => {
    tell(
      'error',
      `listener ${name}`,
      `a listener of the event ${name} failed: ${wordsOf(error)} What it was told of is not told again.`,
    );
  });
  const namespace = namespaceOf((store as { prefix?: unknown }).prefix, appName, domain);
  const keyring = createKeyring(settings.secrets, namespace);
  const enrollments = cachedEnrollments(
    guardedEnrollments(settings.enrollments),
    readEnrollment,
    steady,
  );
  const records = sessionStoreRecords(store, clock, steady);
  const counter = guardedCounter(settings.counter ?? chooseCounter(store, steady), clock);
  const sessions = followSessions({
    store,
    counter,
    records,
    clock,
    steady,
    lifetime: settings.limits.verifiedSession * 1_000,
    recordKey: keyring.recordKey,
    kin: kinOf({ keyring, records, clock }),
    isRevoked: (userId, verifiedAt) => isRevoked({ keyring, records }, userId, verifiedAt),
    isRecord: isRecordKey,
  });
  let hooks: CheckedWebhooks | undefined;
  const core: Core = {
    appName,
    domain,
    defaultCountry: settings.defaultCountry,
    allowedCountries: settings.allowedCountries,
    numberOverrides: settings.numberOverrides,
    limits: settings.limits,
    keyring,
    clock,
    random: randomText(),
    counter,
    records,
    enrollments,
    sender: settings.sender,
    email: settings.email,
    testCode: settings.testCode,
    beforeSend: settings.beforeSend,
    listens: () => hooks !== undefined,
    answers: () => hooks?.answers ?? {},
    links: settings.links,
    // Loaded when something is said.
    say: (name, facts) => settings.locales.best([]).sayText(name, facts),
    emit: emitWithLog(emitWithNotices(events.emit), tell),
    tell,
  };
  let isChecked = ['production', 'test'].includes(process.env.NODE_ENV ?? '');
  const edge: Edge = {
    settings,
    core,
    enrollments,
    sessions,
    // The request that asks does not wait for it.
    atFirstRequest: () => {
      if (!isChecked) setImmediate(() => rooms.check().checkForOperator(setup));
    },
  };
  const setup = { edge, records, readEnrollment };
  const makers = calledByApps(
    {
      strategy: () => new (rooms.strategy().SmsSecondFactorStrategy)(edge),
      router: () => rooms.router().createRouter(edge),
      enforce: (given?: EnforceOptions) => rooms.gate().enforceFactor(edge, checkEnforce(given)),
      require: (given?: RequireOptions) =>
        rooms.gate().requireFactor(edge, checkRequire(given, settings)),
      challenge: (given?: ChallengeOptions) =>
        rooms.sendChallenge().sendChallenge(edge, checkChallenge(given)),
      requireStore: () => rooms.sessionState().requireStore(edge),
      webhooks: (given?: WebhookOptions) => {
        hooks = checkWebhooks(given, settings);
        const read = rooms.readCallback().readFlowrouteCallback;
        return rooms.webhooks().createWebhooks(edge, read, hooks);
      },
    },
    (name) =>
      `${name} was handed over as it is. Write ${name}(), with parentheses: it makes what handles requests.`,
  );
  const questions = calledByApps(
    {
      status: (req: IncomingMessage) => rooms.status().statusOf(edge, req),
      isVerified: (req: IncomingMessage, given?: ProofOptions) =>
        rooms.ownProof().isVerified(edge, req, given),
      decide: async (req: IncomingMessage, given?: DecideOptions) =>
        rooms.gate().decide(edge, req, checkDecide(given, settings)),
      admits: async (req: IncomingMessage) => rooms.gate().admits(edge, req),
      satisfy: (req: IncomingMessage, methods: readonly string[]) =>
        rooms.ownProof().satisfy(edge, req, methods),
    },
    (name) =>
      `${name} is no middleware: it answers nobody. Call it in one of yours, as await ${name}(req); to shut a route, mount require() or enforce().`,
  );
  const atStart = calledByApps(
    {
      check: async (given?: CheckOptions) => {
        isChecked = true;
        return rooms.check().checkSetup(setup, checkWhom(given));
      },
      on: <Name extends EventName>(...to: [Name, Listener<Name>]) => events.on(...to),
    },
    (name) =>
      `${name} is no middleware: it answers nobody. Call it where the app starts: ${name === 'on' ? "on('notice', listener)" : 'await check()'}.`,
  );
  return {
    ...makers,
    strategy: Object.defineProperties(makers.strategy, unmadeStrategy()),
    ...questions,
    trustIdentityProvider: (given) => {
      const trust = checkTrust(given);
      return (req, claims) => rooms.ownProof().passByProvider(edge, req, trust, claims);
    },
    webhookToken: keyring.webhookTokens[0] ?? '',
    ...atStart,
    campaign: () => campaignOf(core, hooks ?? checkWebhooks({}, settings), settings.mountPath),
    admin: {
      ...createAdmin(core),
      list: (users) => list(core, rooms.requester().peopleOf(edge), users),
    },
  };
}
