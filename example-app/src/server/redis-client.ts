import { createClient } from 'redis';

import { SettingsError } from './settings-error';

const CONNECT_TIMEOUT_MS = 2000;
const PING_EVERY_MS = 1000;
/** A Redis that is there but silent for this long counts as away. */
const PING_TIMEOUT_MS = 1000;
/** Longer than a ping takes to come, so that a quiet connection is not cut. */
const SILENCE_TIMEOUT_MS = 3000;
const MAX_RECONNECT_WAIT_MS = 2000;

/**
 * Connects, and from then on comes back by itself. Commands fail at once while Redis is away: a
 * request that waits for it is worse than one that is told to come again.
 */
export async function connectRedis(url: URL) {
  let connectedOnce = false;
  const client = createClient({
    url: url.href,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      // At the start a wrong address must be told, not tried for ever; later on, never give up.
      reconnectStrategy: (retries) =>
        connectedOnce && Math.min(50 * 2 ** Math.min(retries, 10), MAX_RECONNECT_WAIT_MS),
    },
  });
  // Without a listener, an 'error' event ends the process. `watch` tells what it means to the app.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new SettingsError(
      `REDIS_URL names ${url.host}, but no connection could be made (${messageOf(error)}). ` +
        `Start Redis there, correct REDIS_URL, or leave it out to keep sessions in memory.`,
    );
  }
  connectedOnce = true;
  let stop = () => undefined as unknown;

  /** Calls `listener` whenever Redis goes away or comes back. */
  function watch(listener: (up: boolean) => void): void {
    let up = true;
    const tell = (now: boolean) => {
      if (now === up) return;
      up = now;
      listener(now);
    };
    client.on('ready', () => tell(true));
    client.on('error', () => tell(client.isReady));
    client.on('reconnecting', () => tell(false));
    // A connection can die without a word, as when a network is cut: only asking shows it. One ping
    // at a time: each write would start the socket's own silence timeout anew.
    let asking = false;
    const timer = setInterval(() => {
      if (asking || !client.isReady) return;
      asking = true;
      const late = setTimeout(() => tell(false), PING_TIMEOUT_MS);
      client
        .ping()
        .then(() => tell(true))
        .catch(() => undefined) // the client's own events tell
        .finally(() => {
          asking = false;
          clearTimeout(late);
        });
    }, PING_EVERY_MS);
    timer.unref();
    stop = () => clearInterval(timer);
  }

  function close(): void {
    stop();
    client.destroy();
  }

  return { client, watch, close };
}

function messageOf(error: unknown): string {
  // Where a name has several addresses, Node's error holds one error for each and says nothing.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}
