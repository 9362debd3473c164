import { promisify } from 'node:util';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session, { MemoryStore } from 'express-session';
import passportModule from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { createClient } from 'redis';

/** What all apps share, so that only the second factor differs. */

export const PASSWORD = 'correct horse battery staple';

/** A number of its own for each user; all of them can be dialed. */
export const phoneOf = (userId) => `+1212${2_000_000 + Number(userId.slice(1))}`;

/** A client of the Redis under measurement, or `undefined` for memory. */
export async function connect(redisUrl) {
  if (redisUrl === undefined) return undefined;
  const client = createClient({ url: redisUrl });
  await client.connect();
  return client;
}

export const storeOn = (client) =>
  client === undefined ? new MemoryStore() : new RedisStore({ client });

export const regenerate = (req) => promisify(req.session.regenerate).call(req.session);
export const save = (req) => promisify(req.session.save).call(req.session);

/** Express with express-session, and Passport's sign-in by password. */
export function expressApp(store, { between = [] } = {}) {
  const passport = new passportModule.Passport();
  passport.use(
    new LocalStrategy((id, password, done) => done(null, password === PASSWORD && { id })),
  );
  passport.serializeUser((user, done) => done(null, user.id));
  passport.deserializeUser((id, done) => done(null, { id }));
  const app = express();
  app.use(session({ store, secret: 'bench', resave: false, saveUninitialized: false }));
  app.use(...between, passport.session());
  app.post('/login', express.json(), passport.authenticate('local'), (req, res) => {
    res.json({ signedIn: true });
  });
  return { app, passport };
}
