import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readMark } from './core/account';
import { createAdmin, list } from './core/admin/admin';
import type { Core } from './core/core';
import { campaignOf } from './core/challenge/message';
import { createEventHub, emitWithMetrics, emitWithNotices } from './core/emit';
import type { EventName, Listener } from './core/events';
import { createKeyring, namespaceOf } from './core/keyring';
import { readEnrollment } from './core/read-enrollment';
import { isRevoked, kinOf } from './core/sessions';
import { chooseCounter } from './counters/choose-counter';
import { guardedCounter } from './counters/guarded-counter';
import type { Edge } from './express/edge';
import { logEvents, noteTold, operatorLog, tellNoCount, wordsOf } from './express/operator';
import { calledByApps, unmadeStrategy } from './misuse';
import { checkOptions } from './options/check-options';
import {
  checkChallenge,
  checkDecide,
  checkEnforce,
  checkRequire,
  checkTrust,
  checkWhom,
} from './options/check-verbs';
import { checkWebhooks, type CheckedWebhooks } from './options/check-webhooks';
import type { SecondFactorOptions, Settings } from './options/options';
import type {
  ChallengeOptions,
  CheckOptions,
  DecideOptions,
  EnforceOptions,
  IdentityProviderTrust,
  ProofOptions,
  RequireOptions,
  WebhookOptions,
} from './options/verb-options';
import { cachedEnrollments, guardedEnrollments } from './stores/enrollments';
import { followSessions } from './stores/followed-sessions';
import { sessionStoreRecords } from './stores/records';
import type { IdentityProviderProof, SecondFactor } from './verbs';

/** What handles requests is loaded when it is mounted or first asked: an app starts with less. */
const rooms = {
  check: () => require('./check/check') as typeof import('./check/check'),
  gate: () => require('./express/gate') as typeof import('./express/gate'),
  ownProof: () => require('./express/own-proof') as typeof import('./express/own-proof'),
  passwordReset: () =>
    require('./express/password-reset') as typeof import('./express/password-reset'),
  requester: () => require('./express/requester') as typeof import('./express/requester'),
  router: () => require('./express/router/router') as typeof import('./express/router/router'),
  sendChallenge: () =>
    require('./express/send-challenge') as typeof import('./express/send-challenge'),
  sessionState: () =>
    require('./express/session-state') as typeof import('./express/session-state'),
  showPage: () => require('./express/show-page') as typeof import('./express/show-page'),
  status: () => require('./express/status') as typeof import('./express/status'),
  webhooks: () => require('./express/webhooks') as typeof import('./express/webhooks'),
  strategy: () => require('./passport/strategy') as typeof import('./passport/strategy'),
  readCallback: () =>
    require('./flowroute/read-callback') as typeof import('./flowroute/read-callback'),
};

/** How what is no middleware is called where the app starts. */
const CALLS = {
  check: 'await check()',
  on: "on('notice', listener)",
  campaign: 'campaign()',
  trustIdentityProvider: "trustIdentityProvider({ amr: ['otp'], maxAge: 300 })",
};

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
  logEvents(events, tell);
  const namespace = namespaceOf((store as { prefix?: unknown }).prefix, appName, domain);
  const keyring = createKeyring(settings.secrets, namespace);
  const enrollments = cachedEnrollments(
    guardedEnrollments(settings.enrollments),
    readEnrollment,
    steady,
  );
  const records = sessionStoreRecords(store, clock, steady);
  const counter = guardedCounter(
    settings.counter ?? chooseCounter(store, steady, settings.warn),
    clock,
    tellNoCount(tell, namespace),
  );
  const sessions = followSessions({
    store,
    counter,
    records,
    clock,
    steady,
    lifetime: settings.limits.verifiedSession * 1_000,
    // What the app itself asks its store for, as for each session, comes to no guard of ours.
    failed: (error) => {
      noteTold(error);
      core.emit('store_failed', { at: clock(), error });
      return error;
    },
    recordKey: keyring.recordKey,
    kin: kinOf({ keyring, records, clock }),
    readMark,
    isRevoked: (userId, verifiedAt) => isRevoked({ keyring, records }, userId, verifiedAt),
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
    emit: emitWithMetrics(emitWithNotices(events.emit)),
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
      requireStore: () => rooms.sessionState().requireStore(edge, rooms.showPage().sendAway),
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
      campaign: () => campaignOf(core, hooks ?? checkWebhooks({}, settings), settings.mountPath),
      trustIdentityProvider: (given: IdentityProviderTrust): IdentityProviderProof => {
        const trust = checkTrust(given);
        return (req, claims) => rooms.ownProof().passByProvider(edge, req, trust, claims);
      },
    },
    (name) =>
      `${name} is no middleware: it answers nobody. Call it where the app starts: ${CALLS[name as keyof typeof CALLS]}.`,
  );
  return {
    ...makers,
    strategy: Object.defineProperties(makers.strategy, unmadeStrategy()),
    ...questions,
    webhookToken: keyring.webhookTokens[0] ?? '',
    ...atStart,
    reset: {
      send: async (reset) => rooms.passwordReset().passwordResets(edge).send(reset),
      verify: async (reset) => rooms.passwordReset().passwordResets(edge).verify(reset),
    },
    admin: {
      ...createAdmin(core),
      list: (users) => list(core, rooms.requester().peopleOf(edge), users),
    },
  };
}
