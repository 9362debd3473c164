import { enroll, PASSWORD, rememberCookie, signUp, startBank, type RunningBank } from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
  await signUp(bank.agent(), 'carol');
  await signUp(bank.agent(), 'dave');
});

const login = async (username: string, password: string): Promise<number> =>
  (await bank.agent().post('/login').send({ username, password })).status;
const wrongTimes = async (times: number, username = 'carol'): Promise<Set<number>> => {
  const statuses = new Set<number>();
  for (let each = 0; each < times; each += 1) statuses.add(await login(username, 'guess'));
  return statuses;
};

test('after ten wrong passwords in five minutes even the right one has to wait, however the name is written', async () => {
  expect(await wrongTimes(5)).toEqual(new Set([401]));
  expect(await wrongTimes(5, ' CAROL')).toEqual(new Set([401]));
  const refused = await bank.agent().post('/login').send({ username: 'Carol', password: PASSWORD });
  expect(refused.status).toBe(429);
  expect(refused.body).toMatchObject({ error: 'too_many_attempts' });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(refused.headers['set-cookie']).toBeUndefined();
  // Somebody else is not held up by it.
  expect(await login('dave', PASSWORD)).toBe(200);
  await bank.clock.advance(300);
  expect(await login('carol', PASSWORD)).toBe(200);
});

test('the right password ends the count', async () => {
  expect(await wrongTimes(9)).toEqual(new Set([401]));
  expect(await login('carol', PASSWORD)).toBe(200);
  expect(await wrongTimes(9)).toEqual(new Set([401]));
  expect(await login('carol', PASSWORD)).toBe(200);
});

test('[S64] whoever has a factor and only the password is stopped on every path below the gate', async () => {
  const agent = bank.agent();
  await enroll(bank, bank.agent(), 'frank');
  await agent.post('/login').send({ username: 'dave', password: PASSWORD }).expect(200);
  // No factor yet: the bank asks for one before anything below the gate.
  const added = await agent.get('/nowhere').expect(403);
  expect((added.body as { code: string }).code).toBe('enrollment_required');
  await agent.post('/login').send({ username: 'frank', password: PASSWORD }).expect(200);
  const { body } = await agent.get('/nowhere').expect(401);
  expect((body as { code: string }).code).toBe('second_factor_required');
});

test('a new account in a browser ends the remembered login that it had', async () => {
  const agent = bank.agent();
  const remembered = { username: 'carol', password: PASSWORD, remember: true };
  await agent.post('/login').send(remembered).expect(200);
  const { value } = rememberCookie(agent) ?? { value: '' };
  await signUp(agent, 'erin');
  expect(rememberCookie(agent)).toBeUndefined();
  const { body } = await bank
    .agent()
    .get('/api/account')
    .set('Cookie', `bank-remember=${value}`)
    .expect(401);
  expect((body as { code: string }).code).toBe('not_authenticated');
});
