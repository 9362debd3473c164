import { USERS as BETTER_AUTH_USERS } from './apps/better-auth.mjs';
import { browser, everybody, readCodes } from './browser.mjs';
import { serve } from './processes.mjs';

/**
 * Requests per second of each operation, the library beside its peers, and of the gate; and the
 * processor time that the serving process takes for one, which other work on the machine hardly moves.
 */

export const OPERATIONS = ['signIn', 'send', 'wrong', 'verify'];
export const APPS = ['library', 'floor', 'better-auth', 'passport-totp'];
/** Fewer for a short look, such as `BENCH_ROUNDS=1`. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 10);
/**
 * Rounds before those that count: V8 takes some 2,000 requests of an operation to compile what they run,
 * and until then whoever has more code is measured while it is interpreted.
 */
const WARM_UP = Math.min(6, ROUNDS);
const USERS = 320;
/** Without a text there is nothing to send. */
const HAS_NOT = { 'passport-totp': ['send'] };

/**
 * In each round each app does each operation once, for users of its own; the apps take turns
 * within the operation, and another one begins in each round.
 */
async function roundsOn(redisUrl) {
  const apps = await Promise.all(APPS.map((name) => serve(name, redisUrl)));
  const rates = seriesOfEach();
  const times = seriesOfEach();
  let gate;
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    process.stderr.write(`  ${redisUrl === undefined ? 'memory' : 'Redis'}, round ${round}\n`);
    const users = new Map(apps.map((app) => [app, usersOf(app, redisUrl, round)]));
    for (const operation of OPERATIONS) {
      for (let turn = 0; turn < apps.length; turn++) {
        const app = apps[(turn + round) % apps.length];
        if (HAS_NOT[app.name]?.includes(operation)) continue;
        if (operation === 'wrong' || operation === 'verify') await readCodes(app, users.get(app));
        const { rate, time } = await timed(users.get(app), app, operation);
        if (round < WARM_UP) continue;
        rates[app.name][operation].push(rate);
        times[app.name][operation].push(time);
      }
    }
    if (round === WARM_UP + ROUNDS - 1) gate = await gateRounds(apps[0], users.get(apps[0]));
  }
  await Promise.all(apps.map((app) => app.stop()));
  return { rates, times, gate };
}

const seriesOfEach = () =>
  Object.fromEntries(
    APPS.map((name) => [name, Object.fromEntries(OPERATIONS.map((operation) => [operation, []]))]),
  );

async function timed(users, app, operation) {
  const before = await app.ask('processor');
  const rate = await everybody(users, app, operation);
  return { rate, time: ((await app.ask('processor')) - before) / users.length };
}

/** better-auth sends to one user as often as it is asked to; of the library each user asks once. */
function usersOf(app, redisUrl, round) {
  const few = app.name === 'better-auth';
  const length = few ? BETTER_AUTH_USERS[redisUrl === undefined ? 'memory' : 'redis'] : USERS;
  const first = few ? 0 : (round + 1) * USERS;
  return Array.from({ length }, (_, index) => browser(app, `u${first + index}`));
}

/** Many: what is to be told apart is smaller than what the machine does from one round to the next. */
const GATE_ROUNDS = 4 * ROUNDS;

/** The same answer behind the gate and without it, in turns, first one and then the other before. */
async function gateRounds(app, verified) {
  const rates = { gated: [], ungated: [] };
  const users = [...verified, ...verified, ...verified];
  for (let round = -WARM_UP; round < GATE_ROUNDS; round++) {
    const order = round % 2 === 0 ? ['gated', 'ungated'] : ['ungated', 'gated'];
    for (const route of order) {
      const rate = await everybody(users, app, route);
      if (round >= 0) rates[route].push(rate);
    }
  }
  return rates;
}

export async function measureLoad(redis) {
  return { memory: await roundsOn(undefined), redis: await roundsOn(redis.url) };
}
