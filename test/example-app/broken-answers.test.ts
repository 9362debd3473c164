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
