import { PASSWORD } from './apps/common.mjs';
import { connection } from './connection.mjs';

const get = (path) => ({ method: 'GET', path });
const post = (path, body) => ({ method: 'POST', path, body: JSON.stringify(body) });
const wrong = (code) => code.replace(/^./, (digit) => (Number(digit) + 1) % 10);

/** The request of each operation. */
const OPERATIONS = {
  signIn: ({ userId }) => post('/login', { username: userId, password: PASSWORD }),
  send: () => post('/second-factor/challenge', {}),
  wrong: ({ code }) => post('/second-factor/verify', { code: wrong(code) }),
  verify: ({ code }) => post('/second-factor/verify', { code }),
  gated: () => get('/gated'),
  ungated: () => get('/ungated'),
};
/** Thirteen numbers are right at any time, so that the neighbour of one can be right as well. */
const TOTP = {
  ...OPERATIONS,
  wrong: ({ code }) => post('/second-factor/verify', { code: code.replace(/^./, 'x') }),
};
const BETTER_AUTH = {
  signIn: ({ userId }) =>
    post('/api/auth/sign-in/email', { email: `${userId}@acme.example`, password: PASSWORD }),
  send: () => post('/api/auth/two-factor/send-otp', {}),
  wrong: ({ code }) => post('/api/auth/two-factor/verify-otp', { code: wrong(code) }),
  verify: ({ code }) => post('/api/auth/two-factor/verify-otp', { code }),
};

const OPERATIONS_OF = { 'better-auth': BETTER_AUTH, 'passport-totp': TOTP };

/** One user's browser at one app: does operations and keeps the cookies it is given. */
export function browser({ name, port }, userId) {
  const operations = OPERATIONS_OF[name] ?? OPERATIONS;
  const cookies = new Map();
  const user = { userId, code: undefined };
  return {
    user,
    /** Rejects where the answer is not the one of an operation that was done. */
    perform: async (operation, over = connection(port)) => {
      const cookie = [...cookies].map(([key, value]) => `${key}=${value}`).join('; ');
      const answer = await over.request({ ...operations[operation](user), cookie });
      const { status, body } = answer;
      const refused = status >= 400 && status !== 429 && status < 500;
      if (operation === 'wrong' ? !refused : status >= 300) {
        throw new Error(`${name}: ${operation} of ${userId}: ${status} ${body}`);
      }
      for (const [key, value] of answer.cookies) {
        if (value === '') cookies.delete(key);
        else cookies.set(key, value);
      }
    },
  };
}

const IN_FLIGHT = 16;

/** Lets each browser do the operation, 16 at a time; returns how many were done in a second. */
export async function everybody(browsers, app, operation) {
  const connections = Array.from({ length: IN_FLIGHT }, () => connection(app.port));
  const open = browsers.values();
  const begun = performance.now();
  await Promise.all(
    connections.map(async (over) => {
      for (const one of open) await one.perform(operation, over);
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  for (const each of connections) each.close();
  return browsers.length / seconds;
}

/** Asks the app which code each of these browsers was texted. */
export async function readCodes(app, browsers) {
  const userIds = browsers.map(({ user }) => user.userId);
  const codes = await app.ask('codes', userIds);
  browsers.forEach(({ user }, index) => (user.code = codes[index]));
}
