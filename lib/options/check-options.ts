import { acrOf } from '../core/account';
import { charactersOver } from '../core/challenge/message';
import { misuse, refuseUnknown, type Naming } from '../misuse';
import type { Clock } from '../ports/clock';
import { steadyClock } from '../time-limit';
import {
  checkEmail,
  checkEnrollmentFunctions,
  checkFirstFactor,
  checkFreshLogin,
  checkLink,
  checkLogger,
  warnerOf,
  checkTrustedDevices,
} from './check-features';
import { checkDestinations, checkTestNumbers } from './check-destinations';
import { checkLimits, checkPreset } from './check-limits';
import { checkPages } from './check-pages';
import { checkCsp, checkOrigins } from './check-origins';
import { checkTheme } from './check-theme';
import {
  checkBasePath,
  checkDomain,
  checkFunction,
  checkMountPath,
  checkPath,
  checkPort,
  checkSecrets,
  checkText,
  ownOr,
} from './check-values';
import type { SecondFactorOptions, Settings } from './options';

/** All there are. */
export const OPTION_NAMES = [
  'appName',
  'domain',
  'secret',
  'sessionStore',
  'sender',
  'enrollments',
  'userId',
  'credentialsEpoch',
  'counter',
  'basePath',
  'mountPath',
  'loginPath',
  'logoutPath',
  'homePath',
  'enrollment',
  'allowedCountries',
  'defaultCountry',
  'numberOverrides',
  'origins',
  'hasOwnFactor',
  'firstFactor',
  'acr',
  'trustedDevices',
  'email',
  'testNumbers',
  'testNumbersUntil',
  'enrollmentNeedsFreshLogin',
  'beforeSend',
  'onRotate',
  'onRefused',
  'csp',
  'theme',
  'terms',
  'privacy',
  'support',
  'logger',
  'messages',
  'locale',
  'layout',
  'views',
  'preset',
  'limits',
  'clock',
] as const satisfies (keyof SecondFactorOptions)[];

/** What the library asks the app; where it is left out there is nothing to ask. */
const HOOKS = [
  'userId',
  'credentialsEpoch',
  'hasOwnFactor',
  'beforeSend',
  'onRotate',
  'onRefused',
] as const;

const EXAMPLES = { loginPath: '/login', logoutPath: '/logout' };

const TOP: Naming = { whole: 'the argument of createSecondFactor()', one: (name) => name };

/** Checks every option once and fills in the defaults. Throws a `TypeError` with the cure. */
export function checkOptions<User>(options: SecondFactorOptions<User>): Settings<User> {
  refuseUnknown(TOP, options, OPTION_NAMES, 'Give an object of options.');
  const given = (name: keyof SecondFactorOptions, otherwise?: unknown): unknown =>
    ownOr(options, name, otherwise);
  const preset = checkPreset(given);
  const limits = checkLimits(given('limits'), preset);
  const appName = checkText('appName', given('appName'));
  const domain = checkDomain(given('domain'));
  const { codeLength, challengeLifetime: lifetimeSeconds } = limits;
  const pages = checkPages(given);
  const { sayText: say } = pages.locales.best([]);
  const over = charactersOver({ appName, domain, codeLength, lifetimeSeconds }, say);
  if (over > 0) {
    throw misuse(
      'appName',
      appName,
      `With this domain and code length a text would be longer than 160 characters; shorten it by ${over}.`,
    );
  }
  const enrollment = given('enrollment', preset === undefined ? 'optional' : 'required');
  if (enrollment !== 'optional' && enrollment !== 'required' && typeof enrollment !== 'function') {
    const cure =
      "Give 'optional', 'required' or a function, such as (user) => ({ requiredFrom: user.due }).";
    throw misuse('enrollment', enrollment, cure);
  }
  const destinations = checkDestinations({
    allowedCountries: given('allowedCountries'),
    defaultCountry: given('defaultCountry'),
    numberOverrides: given('numberOverrides'),
  });
  const clock = (checkFunction('clock', given('clock')) ?? Date.now) as Settings['clock'];
  const deviceLifetimeMs = checkTrustedDevices(given('trustedDevices'));
  const credentialsEpoch = given('credentialsEpoch');
  if (deviceLifetimeMs !== undefined && credentialsEpoch === undefined) {
    throw misuse(
      'credentialsEpoch',
      credentialsEpoch,
      "With trustedDevices a new password must end the trust: give a function, such as (user) => user.passwordChangedAt, or 'none' to say on purpose that it does not.",
    );
  }
  const hook = (name: (typeof HOOKS)[number]): unknown =>
    name === 'credentialsEpoch' && credentialsEpoch === 'none' ? undefined : given(name);
  const path = (name: 'loginPath' | 'logoutPath'): string | undefined =>
    given(name) === undefined ? undefined : checkPath(name, given(name), EXAMPLES[name]);
  const basePath = checkBasePath(given('basePath'));
  const warn = warnerOf(given('logger'));
  return Object.freeze({
    appName,
    domain,
    secrets: checkSecrets(given('secret')),
    ...(checkPorts(given) as Pick<
      Settings<User>,
      'sessionStore' | 'sender' | 'enrollments' | 'counter'
    >),
    ...(Object.fromEntries(HOOKS.map((name) => [name, checkFunction(name, hook(name))])) as Pick<
      Settings<User>,
      (typeof HOOKS)[number]
    >),
    clock,
    steady: (given('clock') as Clock | undefined) ?? steadyClock,
    basePath,
    mountPath: checkMountPath(given('mountPath', `${basePath.browser}/second-factor`)),
    loginPath: path('loginPath'),
    logoutPath: path('logoutPath'),
    homePath: checkPath('homePath', given('homePath', `${basePath.browser}/`), '/account'),
    enrollment: enrollment as Settings<User>['enrollment'],
    ...destinations,
    origins: checkOrigins(given('origins', [])),
    csp: checkCsp(given('csp')),
    firstFactor: checkFirstFactor(given('firstFactor')) as Settings<User>['firstFactor'],
    acr: (checkFunction('acr', given('acr')) ?? acrOf) as Settings['acr'],
    theme: checkTheme(given('theme')),
    email: checkEmail(given('email')) as Settings<User>['email'],
    testCode: checkTestNumbers(given('testNumbers'), given('testNumbersUntil'), {
      warn,
      codeLength: limits.codeLength,
      destinations,
      clock,
    }),
    deviceLifetimeMs,
    ...pages,
    links: Object.freeze({
      terms: checkLink('terms', given('terms')),
      privacy: checkLink('privacy', given('privacy')),
      support: checkLink('support', given('support')),
    }),
    logger: checkLogger(given('logger')),
    warn,
    freshLogin: checkFreshLogin(given('enrollmentNeedsFreshLogin')),
    preset,
    limits,
  });
}

/** The four things an app hands over whole: each must have its verbs. */
function checkPorts(given: (name: keyof SecondFactorOptions) => unknown): object {
  const counter = given('counter');
  return {
    sessionStore: checkPort(
      'sessionStore',
      given('sessionStore'),
      ['get', 'set', 'destroy'],
      'Give the same store that express-session uses, such as new session.MemoryStore().',
    ),
    sender: checkPort(
      'sender',
      given('sender'),
      ['send'],
      'Give flowrouteSender({ accessKey, secretKey, from }), or outboxSender() in tests.',
    ),
    enrollments: checkEnrollmentFunctions(given('enrollments')),
    counter:
      counter === undefined
        ? undefined
        : checkPort(
            'counter',
            counter,
            isSettling(counter) ? ['settle'] : ['add', 'peek', 'clear'],
            'Give redisCounter({ sendCommand }), postgresCounter({ query }), rateLimiterCounter(limiter) or memoryCounter(), or leave it out.',
          ),
  };
}

/** Not looked at with `own`: the verbs of a class stand on its prototype. */
function isSettling(counter: unknown): boolean {
  return typeof counter === 'object' && counter !== null && 'settle' in counter;
}
