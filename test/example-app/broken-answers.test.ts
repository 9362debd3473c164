import express from 'express';
import session from 'express-session';
import { handleErrors } from '../../example-app/src/web/errors';
import { createServer } from 'node:http';
import { listen } from '../helpers/servers';
import { signUp, startBank } from './bank';

test('[S67] while the session store is away the bank answers 503, and the log gets one line', async () => {
  const store = new session.MemoryStore();
  const bank = await startBank({ sessionStore: store });
  const agent = bank.agent();
  await signUp(agent, 'carol');
  store.get = (_sid, done) => done(new Error('connection refused'));
  const answer = await agent.get('/account').expect(503).expect('Retry-After', '5');
  expect(answer.body).toMatchObject({ error: 'unavailable' });
  expect(bank.logged).toEqual(['The session store failed: connection refused']);
});

test('an answer that breaks in the middle does not look whole, and one that is whole stays', async () => {
  const logged: unknown[] = [];
  const app = express();
  app.get('/half', (_req, res, next) => {
    res.write('half');
    next(new Error('the database is gone'));
  });
  app.get('/whole', (_req, res, next) => {
    res.end('whole');
    next(new Error('the session could not be written'));
  });
  app.use(handleErrors((error) => logged.push(error)));
  const { url } = await listen(createServer(app));
  const half = await fetch(`${url}/half`);
  await expect(half.text()).rejects.toThrow();
  const whole = await fetch(`${url}/whole`);
  expect(await whole.text()).toBe('whole');
  expect(logged).toHaveLength(2);
});

test.each([
  [{ status: 200 }, 500],
  [{ status: 399 }, 500],
  [{ status: 600 }, 500],
  [{ status: 404.5 }, 500],
  [{ status: '404' }, 500],
  [undefined, 500],
  [{ status: 400 }, 400],
  [{ status: 413 }, 413],
])('what is thrown with %j is answered with %i', async (facts, status) => {
  const app = express();
  app.use((_req, _res, next) => next(Object.assign(new Error('broken'), facts)));
  app.use(handleErrors(() => undefined));
  const { url } = await listen(createServer(app));
  const answer = await fetch(url);
  expect(answer.status).toBe(status);
  expect(await answer.text()).not.toContain('broken');
});
