import express from 'express';
import notp from 'notp';
import { Strategy } from 'passport-totp';
import { connect, expressApp, storeOn } from './common.mjs';

const PERIOD = 30;
const keyOf = (userId) => `a key of the user ${userId}`;

/** passport-totp as its README shows it: nothing is sent, nothing counted. */
export async function createApp(redisUrl) {
  const { app, passport } = expressApp(storeOn(await connect(redisUrl)));
  passport.use(new Strategy((user, done) => done(null, keyOf(user.id), PERIOD)));
  app.post(
    '/second-factor/verify',
    express.json(),
    passport.authenticate('totp', { keepSessionInfo: true }),
    (req, res) => {
      req.session.secondFactor = 'totp';
      res.json({ verified: true });
    },
  );
  return {
    listener: app,
    codeOf: (userId) => notp.totp.gen(keyOf(userId), { time: PERIOD }),
  };
}
