import { types } from 'node:util';
import { SecondFactorError } from '../errors';
import { storeCall } from '../time-limit';

/** Whether a user without a factor must enroll one: never, at once, or from a moment on. */
export type EnrollmentPolicy = 'optional' | 'required' | { requiredFrom: Date };

/** The same for everybody, or asked for each user. */
export type EnrollmentOption<User = unknown> =
  'optional' | 'required' | ((user: User) => EnrollmentPolicy | Promise<EnrollmentPolicy>);

/** What the policy says of one user, at this moment. */
export interface Due {
  /** `enforce()` sends them to enroll. */
  required: boolean;
  /** Where the policy names a moment, whether it is to come or past; milliseconds since the epoch. */
  from?: number;
}

/**
 * Asks the policy of a user. Rejects with `store_unavailable` where the app cannot say, and with `misconfigured`
 * where it says anything else: a policy that is not understood must open nothing [S207].
 */
export async function enrollmentDue(
  option: EnrollmentOption<never>,
  user: unknown,
  now: number,
): Promise<Due> {
  const said: unknown =
    typeof option === 'function'
      ? await storeCall('enrollment', () => option(user as never))
      : option;
  if (said === 'optional' || said === 'required') return { required: said === 'required' };
  const date = (said as { requiredFrom?: unknown } | null | undefined)?.requiredFrom;
  if (types.isDate(date) && !Number.isNaN(date.getTime())) {
    const from = date.getTime();
    return { required: from <= now, from };
  }
  throw new SecondFactorError(
    'misconfigured',
    "The option enrollment gave none of its answers. Return 'optional', 'required' or { requiredFrom: date }, with a valid Date.",
  );
}
