import { createServer } from 'node:http';
import express from 'express';
import session from 'express-session';
import { SECRET, startApp } from '../helpers/app';
import { raw } from '../helpers/parallel';
import { listen } from '../helpers/servers';

const ALLOW = ['/healthz', '/assets/*', '/assets/deep/*', '/v1.0/@files/*', '/caf%C3%A9'];

/** An app in which everybody has passed one factor, but at `/healthz`, which has no session. */
async function openPaths(): Promise<(path: string) => Promise<number>> {
  const { store, secondFactor } = await startApp();
  const app = express();
  const sessions = session({ store, secret: SECRET, resave: false, saveUninitialized: false });
  const signIn: express.Handler = (req, _res, next) => {
    req.user = { id: 'id-of-A', passwordVersion: 1 };
    next();
  };
  app.use(
    (req, res, next) => (req.path === '/healthz' ? next() : sessions(req, res, next)),
    signIn,
  );
  app.use('/moved', (req, _res, next) => {
    req.url = '/assets/app.js';
    next();
  });
  app.use(secondFactor.enforce({ allow: ALLOW }));
  app.use((_req, res) => void res.send('open'));
  app.use(
    ((_error, _req, res, _next) => void res.status(400).end()) as express.ErrorRequestHandler,
  );
  const { url } = await listen(createServer(app));
  return async (path) => (await raw(url, { path, headers: { accept: 'application/json' } })).status;
}

test('[S65] what is allowed is open, and needs no session', async () => {
  const status = await openPaths();
  const open = [
    '/healthz',
    '/healthz?deep=/../secret',
    '/assets/app.js',
    '/assets/a/b/c.css?v=1;2',
    '/assets/a/',
    '/assets/caf%C3%A9.png',
    '/assets/a%20b.png',
    '/assets/.well-known',
    '/assets/app..js',
    '/assets/deep/',
    '/assets/deep/x',
    '/v1.0/@files/x',
    '/caf%C3%A9',
  ];
  const answers = await Promise.all(open.map(async (path) => [path, await status(path)]));
  expect(answers).toEqual(open.map((path) => [path, 200]));
});

test('[S65] what could be read as another path is shut', async () => {
  const status = await openPaths();
  const shut = [
    '/secret',
    '/',
    '/assets',
    '/assets/',
    '/assets?/assets/a',
    '/assetsx/a',
    '/Assets/a',
    '/ASSETS/a',
    '/%61ssets/a',
    '/healthz/',
    '/healthz/x',
    '/HEALTHZ',
    '/%68ealthz',
    '/healthz;a',
    '/healthz%20',
    '/caf%c3%a9',
    '/v1x0/@files/x',
    '//assets/a',
    '/./assets/a',
    '/x/../assets/a',
    '/moved/assets/a',
    '/assets//a',
    '/assets//',
    '/assets/a//',
    '/assets/../secret',
    '/assets/..',
    '/assets/.',
    '/assets/./a',
    '/assets/a/../../secret',
    '/assets/%2e%2e/secret',
    '/assets/%2E./secret',
    '/assets/.%2e/secret',
    '/assets/...',
    '/assets/..%20/secret',
    '/assets/%2fsecret',
    '/assets/..%2fsecret',
    '/assets/..%2Fsecret',
    '/assets/%5csecret',
    '/assets/..%5Csecret',
    '/assets/..\\secret',
    '/assets/%252e%252e/secret',
    '/assets/a%25',
    '/assets/a%',
    '/assets/%zz',
    '/assets/%c0%ae%c0%ae/secret',
    '/assets/%ff',
    '/assets/%00',
    '/assets/a%0d%0ab',
    '/assets/a%00.js',
    '/assets/..;/secret',
    '/assets/a;b=c',
    '/assets/%3b',
    '/assets/%ef%bc%8e%ef%bc%8e/secret',
    '/assets/%e2%80%a5/secret',
    '/assets/a%ef%bc%8fb',
    '/assets/%e2%80%8b',
    '/assets/a%3fb',
    '/assets/a%23b',
    '/assets/*',
  ];
  const answers = await Promise.all(shut.map(async (path) => [path, await status(path)]));
  expect(answers).toEqual(shut.map((path) => [path, 401]));
});
