import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { twoFactor } from 'better-auth/plugins';
import express from 'express';
import { connect, PASSWORD } from './common.mjs';

/**
 * As many as the load has for it. In memory few: to consume a code its adapter copies all tables,
 * so with more users it is the copying that is measured.
 */
export const USERS = { memory: 32, redis: 320 };

const emailOf = (userId) => `${userId}@acme.example`;

/**
 * better-auth with its `twoFactor` plugin. Users are in its memory adapter; sessions and
 * verifications, too, or in Redis as its secondary storage.
 */
export async function createApp(redisUrl) {
  const client = await connect(redisUrl);
  const codes = new Map();
  const tables = { user: [], session: [], account: [], verification: [], twoFactor: [] };
  const auth = betterAuth({
    secret: 'a secret of the benchmark, 32 characters or more',
    baseURL: 'http://127.0.0.1',
    trustedOrigins: ['http://127.0.0.1:*'],
    database: memoryAdapter(tables),
    ...(client && { secondaryStorage: storageOn(client) }),
    // As at all others here, a password costs nothing and no limit stops the load.
    emailAndPassword: {
      enabled: true,
      password: {
        hash: (password) => Promise.resolve(password),
        verify: ({ hash, password }) => Promise.resolve(hash === password),
      },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    plugins: [
      twoFactor({
        otpOptions: {
          sendOTP: ({ user, otp }) => {
            codes.set(user.email, otp);
            return Promise.resolve();
          },
        },
      }),
    ],
  });
  const app = express();
  app.all('/api/auth/*path', toNodeHandler(auth));
  return {
    listener: app,
    codeOf: (userId) => codes.get(emailOf(userId)),
    prepare: () => addUsers(tables, USERS[client === undefined ? 'memory' : 'redis']),
  };
}

/** Its rows as a sign-up and `two-factor/enable` leave them. */
function addUsers(tables, count) {
  const now = new Date();
  const times = { createdAt: now, updatedAt: now };
  for (let index = 0; index < count; index++) {
    const id = `u${index}`;
    tables.user.push({
      id,
      name: id,
      email: emailOf(id),
      emailVerified: true,
      twoFactorEnabled: true,
      ...times,
    });
    tables.account.push({
      id: `a${index}`,
      accountId: id,
      userId: id,
      providerId: 'credential',
      password: PASSWORD,
      ...times,
    });
  }
}

function storageOn(client) {
  return {
    get: (key) => client.get(key),
    set: (key, value, ttl) => client.set(key, value, ttl ? { EX: ttl } : undefined),
    delete: (key) => client.del(key),
    getAndDelete: (key) => client.getDel(key),
  };
}
