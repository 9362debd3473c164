import { misuse } from '../misuse';
import type { Clock } from '../ports/clock';

/** The clock of a counter's options; `Date.now` where none is given. */
export function checkClock(verb: string, options: unknown): Clock {
  if (typeof options !== 'object' || options === null) {
    throw misuse(`the argument of ${verb}()`, options, 'Give an object, or leave it out.');
  }
  const { clock = Date.now } = options as { clock?: unknown };
  if (typeof clock === 'function') return clock as Clock;
  throw misuse(`${verb}({ clock })`, clock, 'Give a function such as Date.now, or leave it out.');
}
