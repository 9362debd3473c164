import {
  beginLock,
  failureKeys,
  guessesLeft,
  guessPlaces,
  type Standing,
} from '../../lib/core/failures';
import { makeWorld, standing } from '../helpers/core';
import { LONG } from '../helpers/long';

const MINUTE = 60_000;

/** The rules of locks, told the plain way: a number of failures, and the end of the last lock. */
class Model {
  failures = 0;
  until = 0;
  constructor(
    private readonly limits: { lockAfter: number; lockEvery: number; hardStop: number },
  ) {}

  state(at: number): Standing['state'] {
    if (this.failures >= this.limits.hardStop) return 'disabled';
    return at < this.until ? 'locked' : 'open';
  }

  fail(at: number): void {
    this.failures += 1;
    const { lockAfter, lockEvery } = this.limits;
    const past = this.failures - lockAfter;
    if (past < 0 || past % lockEvery !== 0) return;
    this.until = at + Math.min(15 * 2 ** (past / lockEvery), 1_440) * MINUTE;
  }

  succeed(): void {
    this.failures = 0;
    this.until = 0;
  }
}

/** A small generator of numbers, so that a failing run can be run again (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test.each(Array.from({ length: LONG ? 60 : 20 }, (_, seed) => seed))(
  'any order of guesses, successes and waits keeps to the rules (seed %i)',
  async (seed) => {
    const next = random(seed);
    const pick = (least: number, most: number): number =>
      least + Math.floor(next() * (most - least + 1));
    const lockAfter = pick(3, 12);
    const limits = { lockAfter, lockEvery: pick(1, 7), hardStop: pick(lockAfter, 100) };
    const model = new Model(limits);
    const world = makeWorld({}, limits);
    const { core } = world;
    const keys = failureKeys(core, 'A');
    // Compared at the end: a comparison for each step would take longer than all of the steps.
    const seen: unknown[] = [];
    const expected: unknown[] = [];
    for (let step = 0; step < 400; step += 1) {
      const dice = next();
      const now = core.clock();
      if (dice < 0.12) world.pass(pick(0, 1_500) * 60);
      else {
        const before = await standing(world);
        const from = before.state === 'open' ? before.failures : model.failures;
        const { ok } = await core.counter.settle({ take: guessPlaces(core, keys, from) });
        const allowed = model.state(now) === 'open';
        // Where one is locked or disabled, the places themselves refuse it, too.
        seen.push([step, before.state === 'open', ok]);
        expected.push([step, allowed, allowed]);
        if (ok && dice > 0.99) {
          await core.counter.settle({ clear: keys.all });
          model.succeed();
        } else if (ok) {
          model.fail(now);
          const last = guessesLeft(core, model.failures) === 0;
          if (last) await beginLock(core, keys, model.failures);
          seen.push([step, last]);
          expected.push([step, model.state(now) !== 'open']);
        }
      }
      const stands = await standing(world);
      const state = model.state(core.clock());
      seen.push([step, stands.state, stands.state === 'locked' ? stands.until : undefined]);
      expected.push([step, state, state === 'locked' ? model.until : undefined]);
    }
    expect(seen).toEqual(expected);
  },
);
