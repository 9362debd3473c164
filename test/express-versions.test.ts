/* eslint-disable @typescript-eslint/unbound-method -- functions without their parentheses are the subject */
import { createServer } from 'node:http';
import { inspect } from 'node:util';
import type express from 'express';
import express5 from 'express';
import session from 'express-session';
import passport from 'passport';
import { createSecondFactor, mapEnrollments, outboxSender, type SecondFactor } from '../lib';
import { Browser } from './helpers/browser';
import { newestCode, pending, SECRET, startApp } from './helpers/app';
import { listen } from './helpers/servers';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- an alias without types of its own
const express4 = require('express4') as typeof express;

describe.each([
  ['4', express4],
  ['5', express5],
])('Express %s', (_version, make) => {
  test('the whole way by JSON: password, text, code, gate, step-up, enrollment', async () => {
    const app = await startApp({ express: make });
    try {
      const agent = app.agent();
      const code = await pending(app, agent);
      await agent.get('/secret').expect(401);
      await agent.post('/second-factor/verify').send({}).expect(400);
      await agent
        .post('/second-factor/verify')
        .set('Content-Type', 'application/json')
        .send('{')
        .expect(400);
      await agent.post('/second-factor/verify').send({ code }).expect(200);
      await agent.get('/secret').expect(200);
      await app.clock.advance(301);
      await agent.post('/transfer').send({}).expect(401);
      await agent.post('/second-factor/challenge').send({}).expect(202);
      await agent
        .post('/own/verify')
        .type('form')
        .send({ code: newestCode(app) })
        .expect(302);
      await agent.post('/transfer').send({}).expect(200);
      await agent.post('/second-factor/nothing').send({}).expect(404);
      await agent.put('/second-factor/verify').send({}).expect(405).expect('Allow', 'POST');
    } finally {
      await app.close();
    }
  });

  test('the whole way by forms', async () => {
    const app = await startApp({
      express: make,
      before: (target) => {
        target.get(
          '/login',
          (_req, res) =>
            void res.send(
              '<form action="/login"><input name="username"><input name="password"></form>',
            ),
        );
      },
    });
    try {
      const browser = new Browser(app.url);
      await browser.visit('/login');
      await browser.submit('/login', { username: 'A', password: 'right' });
      await browser.visit('/secret');
      await browser.submit('/second-factor/challenge');
      await browser.submit('/second-factor/verify', { code: newestCode(app) });
      expect(browser.page).toBe('the secret marker');
    } finally {
      await app.close();
    }
  });
});

type Handed = (factor: SecondFactor, app: express.Express) => void;
/** Types stop who writes TypeScript. */
const use = (app: express.Express, ...given: unknown[]): void => {
  (app.use as (...all: unknown[]) => void)(...given);
};
const handedToPassport =
  (...name: string[]): Handed =>
  (factor, app) => {
    const authenticator = new passport.Passport();
    (authenticator.use as (...all: unknown[]) => void)(...name, factor.strategy);
    app.use(authenticator.authenticate('sms-2fa') as express.RequestHandler);
  };

const MAKERS = [
  'router',
  'enforce',
  'require',
  'challenge',
  'requireStore',
  'webhooks',
  'strategy',
] as const;
const QUESTIONS = ['status', 'isVerified', 'decide', 'admits', 'satisfy'] as const;

test.each<[string, string, Handed]>([
  ...MAKERS.map((name): [string, string, Handed] => [
    `app.use(secondFactor.${name})`,
    `Write ${name}(), with parentheses`,
    (factor, app) => use(app, factor[name]),
  ]),
  ...QUESTIONS.map((name): [string, string, Handed] => [
    `app.use(secondFactor.${name})`,
    `await ${name}(req)`,
    (factor, app) => use(app, '/', factor[name]),
  ]),
  ['passport.use(secondFactor.strategy)', 'strategy()), with', handedToPassport()],
  [
    "passport.use('sms-2fa', secondFactor.strategy)",
    'strategy()), with',
    handedToPassport('sms-2fa'),
  ],
])('%s answers with the cure, and not never', async (_written, cure, hand) => {
  const factor = createSecondFactor({
    appName: 'Acme',
    secret: SECRET,
    sessionStore: new session.MemoryStore(),
    sender: outboxSender(),
    enrollments: mapEnrollments(new Map()),
  });
  // Whoever logs it sees it.
  expect(inspect(factor)).toContain('router');
  for (const make of [express4, express5]) {
    const app = make();
    hand(factor, app);
    const told: unknown[] = [];
    app.use(((error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
      told.push(error);
      res.sendStatus(500);
    }) as express.ErrorRequestHandler);
    const { url } = await listen(createServer(app));
    expect((await fetch(url)).status).toBe(500);
    expect(told).toMatchObject([{ code: 'misconfigured', message: expect.stringContaining(cure) }]);
  }
});

test('whoever calls one of them with no next step is told as well', () => {
  const { router } = createSecondFactor({
    appName: 'Acme',
    secret: SECRET,
    sessionStore: new session.MemoryStore(),
    sender: outboxSender(),
    enrollments: mapEnrollments(new Map()),
  });
  const listener = router as unknown as (...given: object[]) => void;
  expect(() => listener({ headers: {} }, { setHeader: () => undefined })).toThrow('Write router()');
});
