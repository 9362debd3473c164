import express from 'express';
import { connect, expressApp, storeOn } from './common.mjs';

/** The same app without a second factor, which answers at once: what its sessions alone cost. */
export async function createApp(redisUrl) {
  const { app } = expressApp(storeOn(await connect(redisUrl)));
  app.post('/second-factor/challenge', express.json(), (req, res) => res.status(202).json({}));
  app.post('/second-factor/verify', express.json(), (req, res) => {
    res.status(req.body.code === CODE ? 200 : 403).json({});
  });
  app.get('/gated', (req, res) => res.json({ hello: req.user.id }));
  return { listener: app, codeOf: () => CODE };
}

const CODE = '000000';
