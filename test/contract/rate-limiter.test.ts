import Libsql from 'libsql';
import { RateLimiterMemory, RateLimiterSQLite } from 'rate-limiter-flexible';
import type { RateLimiterLike } from '../../lib';
import { agingLimiter } from '../helpers/limiter-counter';
import { counterContract } from './counter';

const OPTIONS = { points: 1, duration: 1 };
const KIND = {
  reach: 'count',
  grain: 1_000,
  tellsWindows: true,
  keepsZeros: true,
  crowd: 60,
} as const;
const DAY = 86_400_000;

interface Kept {
  expiresAt: number;
}

counterContract('rateLimiterCounter on RateLimiterMemory', {
  ...KIND,
  longest: 24 * DAY,
  make: () => {
    const limiter = new RateLimiterMemory(OPTIONS);
    const inner = limiter as unknown as { _memoryStorage: { _storage: Map<string, Kept> } };
    return agingLimiter(limiter, (milliseconds) => {
      for (const kept of inner._memoryStorage._storage.values()) kept.expiresAt -= milliseconds;
    });
  },
});

describe('on SQLite', () => {
  const database = new Libsql(':memory:');
  let limiter: RateLimiterLike;
  beforeAll(async () => {
    limiter = await new Promise((resolve, reject) => {
      const made = new RateLimiterSQLite(
        { ...OPTIONS, storeClient: database, storeType: 'better-sqlite3', tableName: 'counts' },
        (error) => (error === undefined ? resolve(made) : reject(error)),
      );
    });
  });

  counterContract('rateLimiterCounter on RateLimiterSQLite', {
    ...KIND,
    make: () =>
      agingLimiter(limiter, (milliseconds) =>
        database.prepare('UPDATE counts SET expire = expire - ?').run(milliseconds),
      ),
  });
});
