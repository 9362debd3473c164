import { compare } from 'bcryptjs';
import connectPgSimple from 'connect-pg-simple';
import session from 'express-session';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { customerBy, pool } from './database.mjs';

const PgStore = connectPgSimple(session);
export const store = new PgStore({ pool, createTableIfMissing: true });

export const sessions = session({
  store,
  secret: process.env.SESSION_SECRET,
  resave: false,
  saveUninitialized: false,
  cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: 8 * 3_600_000 },
});

passport.use(
  new LocalStrategy({ usernameField: 'email' }, async (email, password, done) => {
    try {
      const customer = await customerBy('email', email);
      const isRight = customer !== undefined && (await compare(password, customer.password));
      done(null, isRight ? customer : false);
    } catch (error) {
      done(error);
    }
  }),
);
passport.serializeUser((customer, done) => done(null, customer.id));
passport.deserializeUser((id, done) => {
  customerBy('id', id).then((customer) => done(null, customer ?? false), done);
});
