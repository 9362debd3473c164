import fc from 'fast-check';
import { startCalledApp } from '../express/carrier-calls';
import { testClock } from '../helpers/clock';
import { LONG } from '../helpers/long';
import { hasRedis } from '../helpers/redis-server';
import { carryOut } from './honest/commands';
import { KNOWN, walks, type Step } from './honest/steps';
import { Town } from './honest/town';
import { memoryStores, redisStores, type Stores } from './stores';

/*
 * Three browsers of one user, with tabs, lost and late answers and restored jars, and a thief who has
 * the password and copies jars: the honest lose no more than a code, and the thief gets no further
 * than the sign-out, the revocation or NO.
 */

const MANY = [{ count: 10_000, seconds: 3_600 }];
/** Budgets have tests of their own; here nobody may be refused for one. */
const LIMITS = {
  codeLength: 10,
  resendWait: [15],
  waitAfterSuccess: 1,
  textsPerPhone: MANY,
  textsPerUser: MANY,
  textsPerAddress: MANY,
  sentPerUser: MANY,
  sentPerPhone: MANY,
  sentPerAddress: MANY,
};

const tally: Record<string, number> = {};
afterAll(() => void process.stderr.write(`honest walk: ${JSON.stringify(tally)}\n`));

async function walk({ store, clock, counter }: Stores, steps: Step[]): Promise<void> {
  const factor = { counter, limits: LIMITS, trustedDevices: { days: 30 } };
  const app = await startCalledApp({ store, clock, factor });
  const town = new Town(app);
  try {
    for (const [index, step] of steps.entries()) {
      town.begin();
      try {
        await carryOut(step, town);
        await town.lookAround();
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        throw new Error(`step ${index + 1} (${JSON.stringify(step)}): ${said}`, { cause: error });
      }
    }
  } finally {
    for (const [what, times] of Object.entries({ ...town.tally, walks: 1, steps: steps.length })) {
      tally[what] = (tally[what] ?? 0) + times;
    }
    await app.close();
  }
}

/** Walks that were interrupted by the time limit go on; none may overlap the next. */
let last: Promise<void> = Promise.resolve();
async function inTurn(work: () => Promise<void>): Promise<void> {
  const mine = last.then(work);
  last = mine.catch(() => undefined);
  return mine;
}

/** A walk that fails prints its seed and path, and its steps, shortened as far as time allows. */
async function check(makeStores: () => Promise<Stores>, runs: number, seed?: number) {
  const property = fc.asyncProperty(walks(), (steps) =>
    inTurn(async () => walk(await makeStores(), steps)),
  );
  await fc.assert(property, {
    examples: KNOWN,
    numRuns: LONG ? runs * 30 : runs,
    ...(seed === undefined ? {} : { seed }),
    interruptAfterTimeLimit: LONG ? 600_000 : 280_000,
    markInterruptAsFailure: !LONG,
  });
}

const LIMIT = LONG ? 700_000 : 300_000;

describe('[S179] [S182] [S187] honest hands and a thief (MemoryStore)', () => {
  const stores = () => Promise.resolve(memoryStores(testClock()));
  test('the same walks each time', () => check(stores, 8, 11), LIMIT);
  // Walks that nobody has seen before belong to the long run.
  const unseen = LONG ? test : test.skip;
  unseen('other walks', () => check(stores, 27), LIMIT);
});

(hasRedis() ? describe : describe.skip)(
  '[S179] [S182] [S187] honest hands and a thief (Redis)',
  () => {
    const stores = redisStores();
    test('the same walks each time', () => check(stores, 5, 12), LIMIT);
  },
);
