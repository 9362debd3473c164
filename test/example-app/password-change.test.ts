import {
  enroll,
  expectHalfWay,
  expectStranger,
  NEW_PASSWORD,
  passSecondFactor,
  PASSWORD,
  signUp,
  startBank,
  type RunningBank,
} from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
});

const CHANGE = { current: PASSWORD, password: NEW_PASSWORD };

test('[S81] a changed password keeps this browser signed in by one factor, and ends every other session', async () => {
  const agent = bank.agent();
  const other = bank.agent();
  await enroll(bank, agent, 'carol');
  await other.post('/login').send({ username: 'carol', password: PASSWORD }).expect(200);
  await passSecondFactor(bank, other);
  await passSecondFactor(bank, agent);
  await agent.post('/password').send(CHANGE).expect(200, { passwordChanged: true });
  expect((await bank.mails.next()).subject).toBe('Pebble Bank: your password was changed');
  await expectHalfWay(agent);
  await expectStranger(other);
  await passSecondFactor(bank, agent);
  await agent.get('/api/account').expect(200);
  await bank.agent().post('/login').send({ username: 'carol', password: PASSWORD }).expect(401);
});

test('a password changes only within five minutes of a code', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  await bank.clock.advance(301);
  const { body } = await agent.post('/password').send(CHANGE).expect(401);
  expect(body.code).toBe('second_factor_required');
  await agent.get('/password').expect(401);
  await passSecondFactor(bank, agent);
  await agent.get('/password').expect(200);
  await agent.post('/password').send(CHANGE).expect(200);
});

test('nobody without a second factor changes a password', async () => {
  const half = bank.agent();
  await signUp(half, 'carol');
  await half.post('/password').send(CHANGE).expect(403);
  await bank.agent().post('/password').send(CHANGE).expect(401);
});

test('the current password must be right, and is not guessed for ever', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  for (let guess = 0; guess < 10; guess += 1) {
    const wrong = await agent.post('/password').send({ ...CHANGE, current: `wrong ${guess}` });
    expect([wrong.status, wrong.body.error]).toEqual([422, 'current_incorrect']);
  }
  const { body } = await agent.post('/password').send(CHANGE).expect(429);
  expect(body).toEqual({
    error: 'too_many_attempts',
    message: 'Too many attempts. Wait a few minutes.',
  });
  // Nobody else waits for it.
  const other = bank.agent();
  await enroll(bank, other, 'dave', '12065550178');
  await other.post('/password').send(CHANGE).expect(200);
});

test('the form is for its user, keeps no password, and a browser is told that it is done', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  const named = /name="username" value="carol"/;
  expect((await agent.get('/password').accept('html').expect(200)).text).toMatch(named);
  const send = (fields: object) => agent.post('/password').accept('html').type('form').send(fields);
  const refused = await send({ ...CHANGE, current: 'wrong one' }).expect(422);
  expect(refused.text).toContain('This is not your password.');
  expect(refused.text).toMatch(named);
  expect(refused.text).not.toMatch(/wrong one|another long/);
  const { headers } = await send(CHANGE).expect(303);
  expect(headers.location).toBe('/account');
  const { text } = await agent.get('/').accept('html').expect(200);
  expect(text).toContain('Your password is changed.');
});

test('a change that is none is told why, and changes nothing', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  for (const [change, status, error] of [
    [{}, 400, 'request_malformed'],
    [{ current: PASSWORD }, 400, 'request_malformed'],
    [{ password: NEW_PASSWORD }, 400, 'request_malformed'],
    [{ current: [PASSWORD], password: NEW_PASSWORD }, 400, 'request_malformed'],
    [{ current: PASSWORD, password: 'short' }, 422, 'password_too_short'],
    [{ current: PASSWORD, password: 'é'.repeat(65) }, 422, 'password_too_long'],
  ] as const) {
    const answer = await agent.post('/password').send(change);
    expect([change, answer.status, answer.body.error]).toEqual([change, status, error]);
  }
  await bank.agent().post('/login').send({ username: 'carol', password: PASSWORD }).expect(200);
});
