import { own } from '../core/own';
import { misuse } from '../misuse';
import type { FreshLogin } from './options';

const DAY = 86_400_000;
const MOST_DAYS = 30;

/** The option `trustedDevices`, as a lifetime in milliseconds. */
export function checkTrustedDevices(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const days = own(given, 'days');
  const whole = Number.isInteger(days) && Number(days) >= 1 && Number(days) <= MOST_DAYS;
  if (whole && Object.keys(given as object).length === 1) return Number(days) * DAY;
  throw misuse(
    'trustedDevices',
    given,
    'Give whole days, { days: 1 } to { days: 30 }, or leave it out.',
  );
}

/** The option `enrollmentNeedsFreshLogin`. */
export function checkFreshLogin(given: unknown): FreshLogin | undefined {
  if (given === undefined) return undefined;
  const seconds = own(given, 'seconds');
  const signedInAt = own(given, 'signedInAt');
  const whole = typeof seconds === 'number' && seconds > 0 && typeof signedInAt === 'function';
  if (whole && Object.keys(given as object).length === 2) return given as FreshLogin;
  throw misuse(
    'enrollmentNeedsFreshLogin',
    given,
    'Give { seconds, signedInAt: (req) => req.session.signedInAt }, or leave it out.',
  );
}
