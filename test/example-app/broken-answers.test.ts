import session from 'express-session';
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
