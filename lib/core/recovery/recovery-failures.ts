import type { Counter } from '../../ports/counter';
import type { Core } from '../core';

/**
 * Wrong recovery codes are failures of the user, in levels and locks like wrong codes, but in a
 * budget of their own: whoever locks the texted codes of a user must not take the way back, too.
 */
export function recoveryCounter({ counter }: Pick<Core, 'counter'>): Counter {
  const key = (name: string): string => `recovery:${name}`;
  return {
    add: (name, lifetimeMs, by) => counter.add(key(name), lifetimeMs, by),
    peek: (name) => counter.peek(key(name)),
    clear: (name) => counter.clear(key(name)),
  };
}
