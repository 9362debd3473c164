import { charactersOver } from '../core/message';
import { own } from '../core/own';
import { checkLimits } from './check-limits';
import {
  checkCountries,
  checkCountry,
  checkDomain,
  checkOrigins,
  checkPath,
  checkSecrets,
  checkText,
  optionalFunction,
  port,
} from './check-values';
import { misuse } from './misuse';
import type { SecondFactorOptions, Settings } from './options';

const NAMES = [
  'appName',
  'domain',
  'secret',
  'sessionStore',
  'sender',
  'enrollments',
  'userId',
  'credentialsEpoch',
  'counter',
  'mountPath',
  'loginPath',
  'homePath',
  'enrollment',
  'allowedCountries',
  'defaultCountry',
  'origins',
  'limits',
  'clock',
] as const satisfies (keyof SecondFactorOptions)[];

/** Checks every option once and fills in the defaults. Throws a `TypeError` with the cure. */
export function checkOptions<User>(options: SecondFactorOptions<User>): Settings<User> {
  if (typeof options !== 'object' || options === null) {
    throw misuse('the argument of createSecondFactor', options, 'Give an object of options.');
  }
  for (const name of Object.keys(options)) {
    if (!(NAMES as readonly string[]).includes(name)) {
      throw misuse(
        name,
        own(options, name),
        `There is no such option. There are ${NAMES.join(', ')}.`,
      );
    }
  }
  const given = (name: keyof SecondFactorOptions): unknown => own(options, name);
  const limits = checkLimits(given('limits'));
  const appName = checkText('appName', given('appName'));
  const domain = checkDomain(given('domain'));
  const { codeLength, challengeLifetime: lifetimeSeconds } = limits;
  const over = charactersOver({ appName, domain, codeLength, lifetimeSeconds });
  if (over > 0) {
    throw misuse(
      'appName',
      appName,
      `With this domain and code length a text would be longer than 160 characters; shorten it by ${over}.`,
    );
  }
  const enrollment = given('enrollment') ?? 'optional';
  if (enrollment !== 'optional' && enrollment !== 'required') {
    throw misuse('enrollment', enrollment, "Give 'optional' or 'required'.");
  }
  return Object.freeze({
    appName,
    domain,
    secrets: checkSecrets(given('secret')),
    sessionStore: port<Settings['sessionStore']>(
      'sessionStore',
      given('sessionStore'),
      ['get', 'set', 'destroy'],
      'Give the same store that express-session uses, such as new session.MemoryStore().',
    ),
    sender: port<Settings['sender']>(
      'sender',
      given('sender'),
      ['send'],
      'Give flowrouteSender({ accessKey, secretKey, from }), or outboxSender() in tests.',
    ),
    enrollments: port<Settings<User>['enrollments']>(
      'enrollments',
      given('enrollments'),
      ['get', 'set', 'delete'],
      'Give { get, set, delete }, or mapEnrollments(new Map()) to try things out.',
    ),
    userId:
      optionalFunction<Settings<User>['userId']>('userId', given('userId')) ??
      ((user: User) => own(user, 'id')),
    credentialsEpoch:
      optionalFunction<Settings<User>['credentialsEpoch']>(
        'credentialsEpoch',
        given('credentialsEpoch'),
      ) ?? (() => ''),
    counter:
      given('counter') === undefined
        ? undefined
        : port<NonNullable<Settings['counter']>>(
            'counter',
            given('counter'),
            ['add', 'peek', 'clear'],
            'Give redisCounter({ sendCommand }) or memoryCounter(), or leave it out.',
          ),
    mountPath: checkPath('mountPath', given('mountPath') ?? '/second-factor').replace(/\/+$/, ''),
    loginPath:
      given('loginPath') === undefined ? undefined : checkPath('loginPath', given('loginPath')),
    homePath: checkPath('homePath', given('homePath') ?? '/'),
    enrollmentRequired: enrollment === 'required',
    allowedCountries: checkCountries(given('allowedCountries') ?? ['US', 'CA']),
    defaultCountry: checkCountry('defaultCountry', given('defaultCountry') ?? 'US'),
    origins: checkOrigins(given('origins') ?? []),
    limits,
    clock: optionalFunction<() => number>('clock', given('clock')) ?? Date.now,
  });
}
