import type { Agent } from '../helpers/app';
import { signUp, startBank, type RunningBank } from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
  await signUp(bank.agent(), 'carol');
});

const asking = (agent: Agent, accept: string, fields: object) =>
  agent.post('/forgot-password').set('Accept', accept).type('form').send(fields);

test('whoever asks for a link, by a page or a program, is told the same for every name', async () => {
  const agent = bank.agent();
  const { text } = await agent.get('/forgot-password').set('Accept', 'text/html').expect(200);
  expect(text).toContain('action="/forgot-password"');
  for (const username of ['carol', 'nobody']) {
    const page = await asking(agent, 'text/html', { username }).expect(202);
    expect(page.text).toContain('If this account exists and has an email address');
    const program = await asking(agent, 'application/json', { username }).expect(202);
    expect(program.body).toEqual({ sent: 'if_known' });
  }
  await bank.mails.next();
  expect(bank.logged).toEqual([]);
});

test('without a name nothing is asked for; after five times the page says to wait, and keeps the name', async () => {
  const agent = bank.agent();
  for (const fields of [{}, { username: '' }]) {
    const page = await asking(agent, 'text/html', fields).expect(400);
    expect(page.text).toContain('Enter your username.');
    const { body } = await asking(agent, 'application/json', fields).expect(400);
    expect(body).toEqual({ error: 'request_malformed', message: 'Enter your username.' });
  }
  // Names are told apart by their first 64 letters, so that longer ones fill no memory.
  const name = 'x'.repeat(64);
  for (let each = 0; each < 5; each += 1) {
    await asking(agent, 'text/html', { username: `${name}${each}` }).expect(202);
  }
  const message = 'Too many attempts. Wait a few minutes, then try again.';
  const program = await asking(agent, 'application/json', { username: name }).expect(429);
  expect(program.body).toEqual({ error: 'too_many_attempts', message });
  const page = await asking(agent, 'text/html', { username: name }).expect(429);
  expect(page.text).toContain(message);
  expect(page.text).toContain(`value="${name}"`);
});

test('what fails after the answer is told in the log', async () => {
  bank.database.exec('ALTER TABLE users RENAME TO gone');
  await asking(bank.agent(), 'application/json', { username: 'carol' }).expect(202);
  await bank.agent().get('/login').expect(200);
  expect(bank.logged).toEqual([
    expect.objectContaining({ message: expect.stringContaining('users') as unknown }),
  ]);
});
