/** The limits that the model goes by. */
export interface Numbers {
  guessesPerChallenge: number;
  lockAfter: number;
  lockEvery: number;
  hardStop: number;
}

interface Factor {
  phone: string;
  epoch: number;
  disabled: boolean;
}
export interface ModelUser {
  name: string;
  factor: Factor | undefined;
  password: number;
  failures: number;
  lockedUntil: number;
  disabled: boolean;
}
/** How many failures are left before the next lock; begins it at the last one. */
export function countFailure(user: ModelUser, numbers: Numbers, now: number): number {
  const { lockAfter, lockEvery, hardStop } = numbers;
  let level = 0;
  let end = lockAfter;
  while (end < user.failures) {
    level += 1;
    end += lockEvery;
  }
  const left = Math.min(end, hardStop) - user.failures;
  if (left > 0) return left;
  if (user.failures >= hardStop) {
    user.disabled = true;
    if (user.factor !== undefined) user.factor.disabled = true;
  } else user.lockedUntil = now + Math.min(900_000 * 2 ** level, 86_400_000);
  return 0;
}

/** What marks and codes are bound to. */
export function stateOf({ factor, password }: ModelUser): string {
  return `${factor?.epoch ?? 'none'} ${password}`;
}
