import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import express from 'express';
import { connect, expressApp, phoneOf, regenerate, save, storeOn } from './common.mjs';

const SCRIPT = `local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n`;
const SHA = createHash('sha1').update(SCRIPT).digest('hex');

/** One count, atomic: a script in Redis, or a map. */
function counterOn(client) {
  const counts = new Map();
  return async (key) => {
    if (client !== undefined) return client.evalSha(SHA, { keys: [key], arguments: ['900000'] });
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.get(key);
  };
}

/** The least that can be called a second factor by text: what anybody would write in 25 lines. */
export async function createApp(redisUrl) {
  const client = await connect(redisUrl);
  await client?.scriptLoad(SCRIPT);
  const count = counterOn(client);
  const codes = new Map();
  const { app } = expressApp(storeOn(client));
  const codeFor = (challenge) =>
    (createHmac('sha256', 'secret').update(challenge).digest().readUInt32BE(0) % 1_000_000)
      .toString()
      .padStart(6, '0');

  app.post('/second-factor/challenge', async (req, res) => {
    if ((await count(`sends:${req.user.id}`)) > 5) return res.sendStatus(429);
    req.session.challenge = { id: randomBytes(16).toString('hex'), until: Date.now() + 300_000 };
    codes.set(phoneOf(req.user.id), codeFor(req.session.challenge.id));
    return res.status(202).json({ sent: true });
  });
  app.post('/second-factor/verify', express.json(), async (req, res) => {
    const { challenge, passport } = req.session;
    if (challenge === undefined || challenge.until < Date.now()) return res.sendStatus(410);
    if ((await count(`guesses:${challenge.id}`)) > 5) return res.sendStatus(429);
    const given = Buffer.from(String(req.body.code).padEnd(6).slice(0, 6));
    if (!timingSafeEqual(Buffer.from(codeFor(challenge.id)), given)) return res.sendStatus(403);
    await regenerate(req);
    Object.assign(req.session, { passport, verifiedAt: Date.now() });
    await save(req);
    return res.json({ verified: true });
  });
  return { listener: app, codeOf: (userId) => codes.get(phoneOf(userId)) };
}
