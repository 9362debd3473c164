import type { Counter, Wish } from '../../lib';

/** The keys of the places that a wish is to take. */
export function takenBy({ take = [] }: Wish): string[] {
  return take.filter(({ by = 1 }) => by > 0).map(({ key }) => key);
}

/** A counter that tells of every place that was taken. */
export function watchedCounter(counter: Counter, tell: (key: string) => void): Counter {
  return {
    settle: async (wish) => {
      const settled = await counter.settle(wish);
      if (settled.ok) takenBy(wish).forEach((key) => tell(key));
      return settled;
    },
  };
}
