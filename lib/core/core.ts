import type { Clock } from '../ports/clock';
import type { Counter } from '../ports/counter';
import type { Enrollments } from '../ports/enrollments';
import type { Records } from '../ports/records';
import type { SmsSender } from '../ports/sms-sender';
import type { Emit } from './events';
import type { Keyring } from './keyring';
import type { Limits } from './limits';

/** Everything the flows need, handed in: the core has no clock, randomness or store of its own. */
export interface Core {
  appName: string;
  domain: string | undefined;
  defaultCountry: string;
  allowedCountries: ReadonlySet<string>;
  limits: Limits;
  keyring: Keyring;
  clock: Clock;
  /** This many random bytes, base64url. */
  random: (bytes: number) => string;
  counter: Counter;
  records: Records;
  enrollments: Enrollments;
  sender: SmsSender;
  emit: Emit;
}

/** Who asks: facts of one request of a signed-in user. */
export interface Requester {
  userId: string;
  /** What the app put into `req.user`. */
  user: unknown;
  sessionId: string;
  /** The IP address as the app's `trust proxy` vouches for it. */
  address: string | undefined;
  /** The app's credentials epoch for this user; '' where it names none. */
  credentialsEpoch: string;
}
