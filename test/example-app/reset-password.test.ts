import { wrongCode, type Agent } from '../helpers/app';
import { enroll, NEW_PASSWORD, newestCode, signUp, startBank, type RunningBank } from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
});

async function linkFor(username: string): Promise<string> {
  await bank.agent().post('/forgot-password').send({ username }).expect(202);
  return /token=([\w-]+)/.exec((await bank.mails.next()).text)?.[1] ?? '';
}

/** A form that a browser posts, whose answer is not followed. */
const form = (path: string, fields: object, agent: Agent = bank.agent()) =>
  agent.post(path).set('Accept', 'text/html').type('form').send(fields);

test('[S211] where the account has a phone, its page asks for a code, and a wrong one changes nothing', async () => {
  await enroll(bank, bank.agent(), 'carol');
  const token = await linkFor('carol');
  await bank.clock.advance(30);
  const hashes = bank.database.prepare('SELECT password_hash FROM users');
  const hash = () => (hashes.get() as { password_hash: string }).password_hash;
  const before = hash();
  const sent = await form('/reset-password/code', { token }).expect(202);
  expect(sent.text).toContain('A code is on its way.');
  expect(sent.text).toContain('name="code"');
  const code = wrongCode(newestCode(bank));
  const fields = { token, code, password: NEW_PASSWORD };
  const refused = await form('/reset-password', fields).expect(401);
  expect(refused.text).toContain('name="code"');
  expect(refused.text).not.toContain('Try again in');
  await form('/reset-password', { token, password: NEW_PASSWORD }).expect(400);
  expect(hash()).toBe(before);
});

test('the code is asked for by a program as well, and one too soon is told when', async () => {
  await enroll(bank, bank.agent(), 'carol');
  await bank.clock.advance(30);
  const token = await linkFor('carol');
  const ask = () => bank.agent().post('/reset-password/code').send({ token });
  const { body } = await ask().expect(202);
  expect(body).toMatchObject({ codeLength: 6 });
  const { headers } = await ask().expect(429);
  expect(headers['retry-after']).toBe('30');
});

test.each([
  [119, 'Try again in 119 seconds.'],
  [120, 'Try again in 2 minutes.'],
  [121, 'Try again in 3 minutes.'],
])('a wait of %d seconds is told as people say it', async (seconds, told) => {
  bank = await startBank({ limits: { resendWait: [seconds] } });
  await enroll(bank, bank.agent(), 'carol');
  await bank.clock.advance(seconds);
  const token = await linkFor('carol');
  await form('/reset-password/code', { token }).expect(202);
  const { text, headers } = await form('/reset-password/code', { token }).expect(429);
  expect(text).toContain(told);
  expect(headers['retry-after']).toBe(String(seconds));
});

test('without a phone the link is enough, and nothing is said of a code', async () => {
  await signUp(bank.agent(), 'carol');
  const token = await linkFor('carol');
  const page = await bank.agent().get(`/reset-password?token=${token}`).expect(200);
  expect(page.text).not.toContain('name="code"');
  const short = await form('/reset-password', { token, password: 'short' }).expect(422);
  expect(short.text).not.toContain('name="code"');
  const { body } = await bank
    .agent()
    .post('/reset-password')
    .send({ token, password: NEW_PASSWORD });
  expect(body).toEqual({ passwordChanged: true });
});

test('a browser goes on to the sign-in, which says that the password is changed', async () => {
  await signUp(bank.agent(), 'carol');
  const agent = bank.agent();
  const fields = { token: await linkFor('carol'), password: NEW_PASSWORD };
  const { headers } = await form('/reset-password', fields, agent).expect(303);
  expect(headers.location).toBe('/login');
  const { text } = await agent.get('/login').set('Accept', 'text/html').expect(200);
  expect(text).toContain('Your password is changed. Sign in with the new one.');
});

test.each(['', '?token=', '?token=x', '?token=a&token=b', '?token[a]=b'])(
  'the link %p is dead, and says why',
  async (query) => {
    const { body } = await bank.agent().get(`/reset-password${query}`).expect(400);
    const message = 'This link was used, is older than 30 minutes, or a newer one was sent.';
    expect(body).toEqual({ error: 'link_invalid', message });
  },
);
