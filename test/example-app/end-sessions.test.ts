import { createCredentialsEpochs } from '../../example-app/src/accounts/credentials-epoch';
import { createEndLinks } from '../../example-app/src/accounts/end-links';
import { SESSION_SECRET, signUp, startBank, type RunningBank } from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
  await signUp(bank.agent(), 'carol');
});

function newToken(): string {
  const { id } = bank.database.prepare('SELECT id FROM users').get() as { id: string };
  const epochs = createCredentialsEpochs(bank.database);
  return createEndLinks(SESSION_SECRET, epochs, bank.clock).tokenFor(id) ?? '';
}

const page = () => bank.agent().set('Accept', 'text/html');

test('the link shows a button, and nothing of its address is told to other pages', async () => {
  const token = newToken();
  const { text, headers } = await page().get(`/end-sessions?token=${token}`).expect(200);
  expect(text).toContain(`<input type="hidden" name="token" value="${token}" />`);
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['cache-control']).toBe('no-store');
});

test('the button ends every session, once, and says so', async () => {
  const agent = bank.agent();
  await agent.post('/login').send({ username: 'carol', password: 'a long enough password' });
  await agent.get('/api/account').expect(403);
  const token = newToken();
  const done = await page().post('/end-sessions').type('form').send({ token }).expect(200);
  expect(done.text).toMatch(/Signed out everywhere[^]*every browser asks for a code\. Now change/);
  await agent.get('/api/account').expect(401);
  await bank.agent().post('/end-sessions').send({ token }).expect(400);
  const answer = await bank.agent().post('/end-sessions').send({ token: newToken() }).expect(200);
  expect(answer.body).toEqual({ ended: true });
});

test.each(['', '?token=', '?token=a.b.c', '?token=a&token=b', '?token[a]=b'])(
  'the link %p is dead, and says why, as a page and as JSON',
  async (query) => {
    const message =
      'This link was used or is older than a week, or your password was changed since.';
    const { text, headers } = await page().get(`/end-sessions${query}`).expect(400);
    expect(text).toMatch(/This link does not work any more[^]*This link was used or is older/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    const { body } = await bank.agent().get(`/end-sessions${query}`).expect(400);
    expect(body).toEqual({ error: 'link_invalid', message });
  },
);

test('a post without a token ends nothing', async () => {
  for (const fields of [{}, { token: 'a.b.c' }, { token: 7 }]) {
    const { body } = await bank.agent().post('/end-sessions').send(fields).expect(400);
    expect(body).toMatchObject({ error: 'link_invalid' });
  }
});
