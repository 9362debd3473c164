/** A clock that a test sets forward. It starts at the real time, which the stores go by. */
export interface TestClock {
  (): number;
  advance(seconds: number): Promise<void>;
  set(milliseconds: number): void;
  /** Called after each step, so that stores with a clock of their own can follow. */
  onAdvance(follow: (milliseconds: number) => Promise<void>): void;
}

export function testClock(start = Date.now()): TestClock {
  let now = start;
  const followers: ((milliseconds: number) => Promise<void>)[] = [];
  const clock = (): number => now;
  return Object.assign(clock, {
    advance: async (seconds: number) => {
      now += seconds * 1_000;
      for (const follow of followers) await follow(seconds * 1_000);
    },
    set: (milliseconds: number) => {
      now = milliseconds;
    },
    onAdvance: (follow: (milliseconds: number) => Promise<void>) => {
      followers.push(follow);
    },
  });
}
