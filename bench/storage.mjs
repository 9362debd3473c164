import { browser, everybody, readCodes } from './browser.mjs';
import { serve } from './processes.mjs';

/** What a user takes in Redis beyond the session: while a code is on its way, and after it. */

const USERS = 1_000;
/** By then the sessions before a verification are over, and Redis has let go of them; milliseconds. */
const SESSION_STAYS = 12_000;
/** By then it is no longer known which session took the place of which; milliseconds. */
const HOUR = 3_600_000;

async function steps(redis, name) {
  const app = await serve(name, redis.url);
  const first = browser(app, 'u1');
  await passAll([first], app, () => undefined); // loads scripts, opens connections
  await redis.client.flushDb();
  const before = await usedMemory(redis);
  const users = Array.from({ length: USERS }, (_, index) => browser(app, `u${index + 10_000}`));
  const found = {};
  await passAll(users, app, async (operation) => {
    const used = (await usedMemory(redis)) - before;
    found[operation] = { used: used / USERS, ...(await keys(redis)) };
  });
  await pass(redis, HOUR);
  found.hour = { used: ((await usedMemory(redis)) - before) / USERS, ...(await keys(redis)) };
  await app.stop();
  return found;
}

async function passAll(users, app, after) {
  for (const operation of ['signIn', 'send', 'verify']) {
    if (operation === 'verify') await readCodes(app, users);
    await everybody(users, app, operation);
    await after(operation);
  }
  await new Promise((resolve) => setTimeout(resolve, SESSION_STAYS));
  await after('later');
}

/** Lets this time pass for each key: Redis has let go of what ends by then. */
async function pass({ client }, milliseconds) {
  const names = await client.keys('*');
  await Promise.all(
    names.map(async (name) => client.pExpire(name, (await client.pTTL(name)) - milliseconds)),
  );
}

/** What Redis has in use, once it has moved its table of keys to a larger one. */
async function usedMemory({ client }) {
  await client.keys('*'); // what has ended goes now, and not with the next turns of Redis
  for (let last; ;) {
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1]);
    if (Math.abs(used - last) < 1_024) return used;
    last = used;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function keys({ client }) {
  const names = await client.keys('*');
  // One that ends meanwhile has none.
  const sizes = await Promise.all(names.map((name) => client.memoryUsage(name)));
  const lengths = await Promise.all(
    names.map(async (name) => name.length + ((await client.dump(name))?.length ?? 0)),
  );
  const sum = (all) => all.reduce((total, one) => total + one, 0) / USERS;
  return { keys: names.length / USERS, usage: sum(sizes), length: sum(lengths) };
}

export async function measureStorage(redis) {
  const bare = (await steps(redis, 'bare')).signIn;
  const library = await steps(redis, 'library');
  const listening = await steps(redis, 'library-webhooks');
  const beyond = (found) =>
    Object.fromEntries(Object.entries(found).map(([key, value]) => [key, value - bare[key]]));
  return {
    'pending challenge': beyond(library.send),
    'after a verified sign-in': beyond(library.verify),
    'the same, 12 seconds later': beyond(library.later),
    'the same, an hour later': beyond(library.hour),
    'pending challenge, with `webhooks()`': beyond(listening.send),
    'after a verified sign-in, with `webhooks()`': beyond(listening.verify),
  };
}
