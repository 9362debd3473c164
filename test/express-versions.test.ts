import type express from 'express';
import express5 from 'express';
import { Browser } from './helpers/browser';
import { newestCode, pending, startApp } from './helpers/app';

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
