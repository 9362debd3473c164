import { once } from 'node:events';
import { connect } from 'node:net';
import { browser, readCodes } from './browser.mjs';
import { serve } from './processes.mjs';
import { median } from './statistics.mjs';
import { countingProxy } from './wire.mjs';

/**
 * What one Redis takes of sign-ins, and what they leave in it. The commands of one sign-in are written
 * down as they went over the wire, and sent again under other keys, pipelined, until Redis does nothing else.
 */

const SIGN_INS = 5_000;
const ROUNDS = 3;
const CONNECTIONS = 8;
/** Sign-ins that go out together on a connection: what processes of an app send at once while they are busy. */
const TOGETHER = 25;
const USERS = [100_000, 1_000_000];
/** By then the session before a verification is over, and Redis has let go of it; milliseconds. */
const SESSION_STAYS = 12_000;

/** Where the keys of a command stand in it. */
function placesOfKeys([name, , count]) {
  if (!/^EVAL/i.test(name)) return [1];
  return Array.from({ length: Number(count) }, (_, index) => 3 + index);
}

/** The commands of a sign-in of an app, of the second user that it sees. */
async function recorded(name, redis) {
  const proxy = await countingProxy(redis.port);
  const app = await serve(name, proxy.url);
  const commands = [];
  for (const userId of ['u1', 'u2']) {
    const user = browser(app, userId);
    for (const operation of ['signIn', 'send', 'verify']) {
      if (operation === 'verify') await readCodes(app, [user]);
      const seen = await proxy.during(() => user.perform(operation));
      if (userId === 'u2') commands.push(...seen.commands);
    }
  }
  await app.stop();
  proxy.stop();
  return commands;
}

const resp = (command) =>
  `*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`;

/** The same key of somebody else: as long, and in a place of its own. */
const another = (key, index) => key.slice(0, -8) + String(index).padStart(8, '0');

function signInOf(commands, index) {
  return commands
    .map((command) => {
      const own = new Set(placesOfKeys(command));
      return resp(command.map((part, at) => (own.has(at) ? another(part, index) : part)));
    })
    .join('');
}

async function numbers({ client }) {
  const text = await client.info('everything');
  const read = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? 0);
  return {
    processor: (read('used_cpu_user') + read('used_cpu_sys')) * 1e6,
    received: read('total_net_input_bytes'),
    sent: read('total_net_output_bytes'),
    errors: read('total_error_replies'),
  };
}

/** Sends so many sign-ins; resolves with what one of them took of Redis. */
async function replayed(redis, commands) {
  await redis.client.flushDb();
  const batches = [];
  for (let from = 0; from < SIGN_INS; from += TOGETHER) {
    const texts = Array.from({ length: TOGETHER }, (_, at) => signInOf(commands, from + at));
    batches.push(Buffer.from(texts.join('')));
  }
  const open = batches.entries();
  const before = await numbers(redis);
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect(redis.port, '127.0.0.1');
      await once(socket, 'connect');
      for (const [index, batch] of open) {
        const end = `end-of-${index}\r\n`;
        const answered = new Promise((resolve) => {
          let tail = '';
          const read = (chunk) => {
            tail = (tail + chunk.toString('latin1')).slice(-end.length);
            if (tail === end) resolve(socket.off('data', read));
          };
          socket.on('data', read);
        });
        socket.write(batch);
        socket.write(resp(['ECHO', `end-of-${index}`]));
        await answered;
      }
      socket.destroy();
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  const after = await numbers(redis);
  if (after.errors > before.errors) throw new Error('Redis refused commands');
  const each = (name) => (after[name] - before[name]) / SIGN_INS;
  return {
    rate: SIGN_INS / seconds,
    processor: each('processor'),
    received: each('received'),
    sent: each('sent'),
  };
}

/** Medians of some rounds; the first one only warms up. */
async function rounds(redis, commands) {
  const all = [];
  for (let round = 0; round <= ROUNDS; round++) all.push(await replayed(redis, commands));
  const [, ...counted] = all;
  const of = (name) => median(counted.map((each) => each[name]));
  return Object.fromEntries(Object.keys(counted[0]).map((name) => [name, of(name)]));
}

/** Copies keys with their lifetimes, under names as long as theirs. */
const COPY = `
for index = ARGV[1], ARGV[2] - 1 do
  local name = string.format('%08d', index)
  for _, key in ipairs(KEYS) do redis.call('COPY', key, string.sub(key, 1, -9) .. name) end
end`;

let next = 10;
/** Leads a user of their own to a state; answers with the keys that are there then. */
async function keysIn(state, redis, app) {
  const user = browser(app, `u${next++}`);
  await user.perform('signIn');
  if (state !== 'signed in') await user.perform('send');
  if (state === 'verified') {
    await readCodes(app, [user]);
    await user.perform('verify');
    await new Promise((resolve) => setTimeout(resolve, SESSION_STAYS));
  }
  return redis.client.keys('*');
}

/** What a user in this state takes in Redis, the app's session with it. */
async function bytesOf(state, redis, app) {
  const bytes = {};
  for (const users of USERS) {
    await redis.client.flushDb();
    const keys = await keysIn(state, redis, app);
    const begun = await usedMemory(redis);
    for (let at = 0; at < users; at += 1_000) {
      await redis.client.eval(COPY, { keys, arguments: [String(at), String(at + 1_000)] });
    }
    bytes[users] = ((await usedMemory(redis)) - begun) / users;
  }
  return bytes;
}

async function usedMemory({ client }) {
  for (let last; ;) {
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1]);
    if (Math.abs(used - last) < 4_096) return used;
    last = used;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export async function measureScale(redis) {
  const apps = {};
  for (const name of ['bare', 'library', 'library-apart']) {
    const commands = await recorded(name, redis);
    const scripts = commands.filter(([command]) => /^EVAL/i.test(command)).length;
    const taken = await rounds(redis, commands);
    apps[name] = { commands: commands.length, scripts, ...taken };
  }
  const app = await serve('library', redis.url);
  const memory = {};
  for (const state of ['signed in', 'code on its way', 'verified']) {
    memory[state] = await bytesOf(state, redis, app);
  }
  await app.stop();
  return { apps, memory };
}
