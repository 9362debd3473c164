import { RedisStore } from 'connect-redis';
import { MemoryStore, type Store } from 'express-session';
import { memoryCounter, type Counter } from 'passport-sms-2fa';

import { connectRedis } from './redis-client';

export interface SessionStoreHandle {
  store: Store;
  /** Without Redis the bank is one process, and says so. With it, the library counts there by itself. */
  counter?: Counter;
  close(): void;
}

/** Where sessions are kept: Redis where `url` is given, else this process's memory. */
export async function openSessionStore(url: URL | undefined): Promise<SessionStoreHandle> {
  if (!url) {
    return { store: new MemoryStore(), counter: memoryCounter(), close: () => undefined };
  }
  const connection = await connectRedis(url);
  const store = new RedisStore({ client: connection.client, prefix: 'bank:session:' });
  // express-session stops using a store that says 'disconnect', and begins again at 'connect'.
  // In between, secondFactor.requireStore() answers 503 at once.
  connection.watch((up) => {
    store.emit(up ? 'connect' : 'disconnect');
    console.warn(up ? 'Redis is back.' : 'Redis is away: until it is back, the answer is 503.');
  });
  return { store, close: connection.close };
}
