import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { browser, readCodes } from './browser.mjs';
import { serve } from './processes.mjs';

/** How long replies are held back: what is sent without waiting for them is then surely seen before. */
const HOLD = 5;

/**
 * A proxy before Redis that counts commands, and waits: a command that goes out after all replies
 * to earlier ones were in waits for its own; one that goes out while others are on their way does not.
 */
export async function countingProxy(redisPort) {
  let commands = [];
  let waits = 0;
  let open = 0;
  const server = createServer((app) => {
    const redis = connect(redisPort, '127.0.0.1');
    const sent = values((command) => {
      if (open++ === 0) waits++;
      commands.push(command.map(String));
    });
    const received = values(() => open--);
    app.on('data', (chunk) => (sent(chunk), redis.write(chunk)));
    redis.on('data', (chunk) => {
      setTimeout(() => (received(chunk), app.write(chunk)), HOLD);
    });
    app.on('close', () => redis.destroy());
    app.on('error', () => redis.destroy());
    redis.on('error', () => app.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${server.address().port}`,
    /** What went over the wire while `work` ran. */
    during: async (work) => {
      [commands, waits] = [[], 0];
      await work();
      while (open > 0) await new Promise((resolve) => setTimeout(resolve, HOLD));
      return { waits, commands: [...commands] };
    },
    stop: () => server.close(),
  };
}

/** Waits and commands of each operation of an app, the second time it is done. */
async function operationsOf(name, redis, proxy) {
  const app = await serve(name, proxy.url);
  const found = {};
  for (const userId of ['u1', 'u2']) {
    const user = browser(app, userId);
    for (const operation of ['signIn', 'send', 'wrong', 'verify', 'gated']) {
      if (operation === 'wrong') await readCodes(app, [user]);
      if (operation === 'gated' && !['library', 'bare'].includes(name)) continue;
      found[operation] = await proxy.during(() => user.perform(operation));
    }
  }
  await app.stop();
  await redis.client.flushDb();
  return found;
}

/** What goes over the wire for each operation of the library, of the bare app and of its peers. */
export async function measureWire(redis) {
  const proxy = await countingProxy(redis.port);
  const apps = {};
  for (const name of ['bare', 'library', 'floor', 'better-auth']) {
    apps[name] = await operationsOf(name, redis, proxy);
  }
  proxy.stop();
  return apps;
}

/** Reads RESP from chunks; `on` gets each whole value of the outermost level. */
function values(on) {
  let buffer = Buffer.alloc(0);
  const read = (at) => {
    const end = buffer.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const type = String.fromCharCode(buffer[at]);
    const line = buffer.toString('utf8', at + 1, end);
    const next = end + 2;
    if ('$=!'.includes(type)) {
      const length = Number(line);
      if (length < 0) return [null, next];
      if (buffer.length < next + length + 2) return undefined;
      return [buffer.toString('utf8', next, next + length), next + length + 2];
    }
    if (!'*%~>'.includes(type)) return [line, next];
    const list = [];
    let from = next;
    for (let left = Number(line) * (type === '%' ? 2 : 1); left > 0; left--) {
      const item = read(from);
      if (item === undefined) return undefined;
      list.push(item[0]);
      from = item[1];
    }
    return [list, from];
  };
  return (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (let found; buffer.length > 0 && (found = read(0)) !== undefined;) {
      buffer = buffer.subarray(found[1]);
      on(found[0]);
    }
  };
}
