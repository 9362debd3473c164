import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** docs/testing.md has an example for Vitest: it runs here under Vitest, on what is built. */
const require = createRequire(import.meta.url);
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const page = readFileSync(at('../../docs/testing.md'), 'utf8');
const [, example] =
  [...page.matchAll(/^```js\n(.*?)^```/gms)].find(([, block]) => block.includes("'vitest'")) ?? [];

/** The reader's app: alice has no phone. */
const APP = `
import express from 'express';
import session from 'express-session';
import { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { createSecondFactor, mapEnrollments, memoryCounter } from 'passport-sms-2fa';

export async function createApp({ sender, clock }) {
  const passport = new Passport();
  passport.use(new LocalStrategy((id, password, done) => done(null, password === 'right' && { id })));
  passport.serializeUser((user, done) => done(null, user.id));
  passport.deserializeUser((id, done) => done(null, { id }));
  const sessionStore = new session.MemoryStore();
  const secret = 'a secret of a test, 32 characters or more';
  const secondFactor = createSecondFactor({
    appName: 'Acme', secret, sessionStore, sender, clock, logger: false,
    enrollments: mapEnrollments(new Map()), counter: memoryCounter(),
  });
  const app = express().use(express.json());
  app.use(session({ store: sessionStore, secret, resave: false, saveUninitialized: false }));
  app.use(passport.session());
  app.post('/login', passport.authenticate('local'), (req, res) => res.json({}));
  return app.use('/second-factor', secondFactor.router());
}
`;
const CONFIG = `
export default {
  test: {
    include: ['*.spec.mjs'],
    server: { deps: { external: [new RegExp('^' + ${JSON.stringify(at('../../dist/'))})] } },
  },
  resolve: {
    alias: [
      { find: /^passport-sms-2fa$/, replacement: ${JSON.stringify(at('../../dist/index.js'))} },
      { find: /^passport-sms-2fa\\/testing$/, replacement: ${JSON.stringify(at('../../dist/testing/index.js'))} },
    ],
  },
};
`;

test('the example for Vitest runs under Vitest', async () => {
  const folder = at('./dist/vitest');
  mkdirSync(folder, { recursive: true });
  const files = { 'vitest.config.mjs': CONFIG, 'app.mjs': APP };
  files['page.spec.mjs'] = example.replace("'./app'", "'./app.mjs'");
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
  const bin = require.resolve('vitest/vitest.mjs');
  const env = { ...process.env, CI: 'true', NO_COLOR: '1' };
  const ran = promisify(execFile)(process.execPath, [bin, 'run'], { cwd: folder, env });
  const { stdout, stderr } = await ran.catch((error) => error);
  assert.match(stdout, /Tests +1 passed/, stdout + stderr);
});
