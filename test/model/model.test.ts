import fc from 'fast-check';
import * as codes from '../../lib/core/challenge/code';
import { PHONES } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { LONG } from '../helpers/long';
import { hasRedis } from '../helpers/redis-server';
import { carryOut } from './commands';
import type { Invariants } from './invariants';
import type { Numbers } from './accounts';
import { Model } from './model';
import { lookAround } from './probes';
import { steps, type Step } from './steps';
import { startWorld, type Setting } from './start-world';
import { memoryStores, redisStores, type Stores } from './stores';
import { JARS } from './world';

const DEFAULTS: Numbers = { guessesPerChallenge: 5, lockAfter: 10, lockEvery: 5, hardStop: 100 };
/** Numbers that a run of forty commands gets to the end of. */
const TIGHT: Numbers = { guessesPerChallenge: 3, lockAfter: 4, lockEvery: 2, hardStop: 10 };

const setting: fc.Arbitrary<Setting> = fc.record({
  numbers: fc.constantFrom(DEFAULTS, TIGHT),
  shared: fc.boolean(),
});

const tally: Record<string, number> = {};
const count = (what: string, by = 1): void => void (tally[what] = (tally[what] ?? 0) + by);
let watching: Invariants | undefined;
const rejected: unknown[] = [];
const onRejection = (reason: unknown): void => void rejected.push(reason);

beforeAll(() => {
  process.on('unhandledRejection', onRejection);
  const { deriveCode, codesMatch } = codes;
  jest.spyOn(codes, 'deriveCode').mockImplementation((key, binding, digits) => {
    const code = deriveCode(key, binding, digits);
    watching?.derive(binding, code);
    return code;
  });
  jest.spyOn(codes, 'codesMatch').mockImplementation((expected, given) => {
    const matches = codesMatch(expected, given);
    count('compares');
    watching?.compare(expected, matches);
    return matches;
  });
});
afterAll(() => {
  process.off('unhandledRejection', onRejection);
  jest.restoreAllMocks();
  process.stderr.write(`model: ${JSON.stringify(tally)}\n`);
});

/** Runs that were interrupted by the time limit go on; none may overlap the next. */
let last: Promise<void> = Promise.resolve();
async function inTurn(work: () => Promise<void>): Promise<void> {
  const mine = last.then(work);
  last = mine.catch(() => undefined);
  return mine;
}

async function run(stores: Stores, chosen: Setting, commands: Step[]): Promise<void> {
  const world = await startWorld(stores, chosen);
  const { invariants } = world;
  watching = invariants;
  const factors = { A: PHONES.A, B: chosen.shared ? PHONES.A : PHONES.B, C: undefined };
  const model = new Model(stores.clock(), JARS, chosen.numbers, factors);
  count('runs');
  try {
    for (const [index, step] of commands.entries()) {
      count('steps');
      invariants.begin();
      try {
        await carryOut(step, world, model);
        world.newTexts();
        if (step.do === 'fault') continue;
        if (world.faulty) count('faults');
        world.heal();
        await lookAround(world, model, 'jar' in step ? step.jar : 0);
        if (rejected.length > 0) invariants.hold('I7', false, `unhandled: ${String(rejected[0])}`);
        if (invariants.violations.length > 0) throw new Error(invariants.violations.join('\n'));
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        throw new Error(`command ${index + 1} (${JSON.stringify(step)}): ${said}`, {
          cause: error,
        });
      }
    }
  } finally {
    for (const [name, times] of world.events) count(name, times);
    count('successes', invariants.successes);
    rejected.length = 0;
    watching = undefined;
    await world.close();
  }
}

interface Plan {
  runs: number;
  seed?: number;
  faults: boolean;
}

/** How many walks the long run has for each of these. */
const LONGER = 20;

/** A failing run prints its seed and path, and its commands, shortened as far as time allows. */
async function check(makeStores: () => Promise<Stores>, { runs, seed, faults }: Plan) {
  const property = fc.asyncProperty(setting, steps(faults), async (chosen, commands) => {
    await inTurn(async () => run(await makeStores(), chosen, commands));
  });
  await fc.assert(property, {
    numRuns: LONG ? runs * LONGER : runs,
    ...(seed === undefined ? {} : { seed }),
    interruptAfterTimeLimit: LONG ? 600_000 : 280_000,
    markInterruptAsFailure: true,
  });
}

const LIMIT = LONG ? 700_000 : 300_000;

describe('[S87] random walks (MemoryStore)', () => {
  const stores = (): Promise<Stores> => Promise.resolve(memoryStores(testClock()));
  test(
    '[S87] the same walks each time',
    async () => {
      await check(stores, { runs: 10, seed: 87, faults: false });
      // They must get somewhere, or they show nothing.
      for (const what of ['verified', 'failed', 'locked', 'enrolled', 'replaced', 'removed']) {
        expect({ what, count: tally[what] }).toEqual({ what, count: expect.any(Number) });
      }
    },
    LIMIT,
  );
  test('[S87] with faults', () => check(stores, { runs: 5, seed: 134, faults: true }), LIMIT);
  // Walks that nobody has seen before belong to the long run: a change must not be held up by a
  // walk that has nothing to do with it.
  const unseen = LONG ? test : test.skip;
  unseen('[S87] other walks', () => check(stores, { runs: 7, faults: false }), LIMIT);
  unseen('[S87] with other faults', () => check(stores, { runs: 4, faults: true }), LIMIT);
});

(hasRedis() ? describe : describe.skip)('[S87] random walks (Redis)', () => {
  const stores = redisStores();
  test('[S87] without faults', () => check(stores, { runs: 2, seed: 87, faults: false }), LIMIT);
  test('[S87] with faults', () => check(stores, { runs: 2, seed: 134, faults: true }), LIMIT);
});
