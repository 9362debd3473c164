import type { Enrollment } from '../../lib/ports/enrollments';
import type { World } from '../helpers/core';

/** Parks writes of enrollments until so many are in: each of them has read the same before. */
export function crossWrites({ core }: Pick<World, 'core'>, count: number): void {
  const { enrollments } = core;
  let inside = 0;
  let release = (): void => undefined;
  const allIn = new Promise<void>((resolve) => (release = resolve));
  core.enrollments = {
    ...enrollments,
    set: async (...write) => {
      inside += 1;
      if (inside === count) release();
      await allIn;
      return enrollments.set(...write);
    },
  };
}

/**
 * Just before each of the next writes and removals another process leaves one of these for user A;
 * `undefined` where it removes. Answers the versions that were expected by those who came too late.
 */
export function overtake(
  { core, users }: Pick<World, 'core' | 'users'>,
  ...others: (Enrollment | undefined)[]
): number[] {
  const { enrollments } = core;
  const expected: number[] = [];
  const beOvertaken = (version: number): void => {
    expected.push(version);
    if (others.length === 0) return;
    const other = others.shift();
    if (other === undefined) users.delete('A');
    else users.set('A', other);
  };
  core.enrollments = {
    ...enrollments,
    set: (userId, enrollment, version) => {
      beOvertaken(version);
      return enrollments.set(userId, enrollment, version);
    },
    delete: (userId, version) => {
      beOvertaken(version);
      return enrollments.delete(userId, version);
    },
  };
  return expected;
}
