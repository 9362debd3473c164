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
  await agent.post('/password').send(CHANGE).expect(429);
});

test.each([
  [{}, 400, 'request_malformed'],
  [{ current: PASSWORD }, 400, 'request_malformed'],
  [{ current: PASSWORD, password: 'short' }, 422, 'password_too_short'],
  [{ current: PASSWORD, password: 'é'.repeat(65) }, 422, 'password_too_long'],
  [{ current: [PASSWORD], password: NEW_PASSWORD }, 400, 'request_malformed'],
])('the change %j is refused', async (body, status, error) => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  const answer = await agent.post('/password').send(body);
  expect([answer.status, answer.body.error]).toEqual([status, error]);
});
