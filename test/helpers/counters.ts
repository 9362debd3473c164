import type { Counter, Wish } from '../../lib';

/** The keys of the places that a wish is to take. */
export function takenBy({ take = [] }: Wish): string[] {
  return take.filter(({ by = 1 }) => by > 0).map(({ key }) => key);
}

/** A counter that tells of every place that is asked for, before it is taken. */
export function watchedCounter(counter: Counter, tell: (key: string) => void): Counter {
  return {
    settle: (wish) => {
      takenBy(wish).forEach(tell);
      return counter.settle(wish);
    },
  };
}
