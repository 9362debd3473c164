import { browser } from './browser.mjs';
import { connection } from './connection.mjs';
import { serve } from './processes.mjs';
import { quantile } from './statistics.mjs';

/** How long a send takes beside many pending challenges. */

const SENDS = 200;
const IN_MEMORY = [1, 1_000, 100_000, 1_000_000];
const IN_REDIS = [1, 1_000, 100_000];

/** Copies what one send has left in Redis, with its lifetimes. */
const COPY = `
for index = ARGV[1], ARGV[2] - 1 do
  for _, key in ipairs(KEYS) do redis.call('COPY', key, key .. ':' .. string.format('%d', index)) end
end`;

async function memoryFill(app) {
  const first = browser(app, 'u1');
  await first.perform('signIn');
  await app.ask('record', true);
  await first.perform('send');
  await app.ask('record', false);
  return (from, to) => app.ask('fill', { from, to });
}

async function redisFill(app, { client }) {
  const first = browser(app, 'u1');
  await first.perform('signIn');
  const before = await client.keys('*');
  await first.perform('send');
  const keys = (await client.keys('*')).filter((key) => !before.includes(key));
  return async (from, to) => {
    for (let at = from; at < to; at += 1_000) {
      const bounds = [at, Math.min(at + 1_000, to)].map(String);
      await client.eval(COPY, { keys, arguments: bounds });
    }
  };
}

async function sendsOf(app, group) {
  const over = connection(app.port);
  const times = [];
  for (let index = 0; index < SENDS; index++) {
    const user = browser(app, `u${group * SENDS + index + 10}`);
    await user.perform('signIn', over);
    const begun = performance.now();
    await user.perform('send', over);
    times.push(performance.now() - begun);
  }
  over.close();
  return times;
}

async function grow(store, app, sizes, fill) {
  const rows = [];
  await sendsOf(app, 0); // warms up
  let filled = 1;
  for (const [index, pending] of sizes.entries()) {
    await fill(filled, pending);
    filled = pending;
    const times = await sendsOf(app, index + 1);
    rows.push({ store, pending, middle: quantile(times, 0.5), most: Math.max(...times) });
  }
  await app.stop();
  return rows;
}

export async function measureGrowth(redis) {
  const inMemory = await serve('growing', undefined, ['--max-old-space-size=8192']);
  const rows = await grow('memory', inMemory, IN_MEMORY, await memoryFill(inMemory));
  const onRedis = await serve('library', redis.url);
  return [...rows, ...(await grow('Redis', onRedis, IN_REDIS, await redisFill(onRedis, redis)))];
}
