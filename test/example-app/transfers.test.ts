import { enroll, signUp, startBank, type RunningBank } from './bank';
import type { Agent } from '../helpers/app';

let bank: RunningBank;
let agent: Agent;
beforeEach(async () => {
  bank = await startBank();
  agent = bank.agent();
  await signUp(bank.agent(), 'dave');
  await enroll(bank, agent, 'carol');
});

const account = async () => (await agent.get('/api/account').expect(200)).body as object;

test.each([
  [{ to: 'dave' }, 400, 'request_malformed'],
  [{ amount: '1' }, 400, 'request_malformed'],
  [{ to: '', amount: '1' }, 400, 'request_malformed'],
  [{ to: 'dave', amount: 'all' }, 422, 'amount_invalid'],
  [{ to: 'dave', amount: '-1' }, 422, 'amount_invalid'],
  [{ to: 'dave', amount: '1e3' }, 422, 'amount_invalid'],
])('a transfer of %j moves nothing and is told so', async (transfer, status, error) => {
  const { body } = await agent.post('/transfer').send(transfer).expect(status);
  expect(body).toMatchObject({ error });
  expect(await account()).toMatchObject({ balance: '100.00', transfers: [] });
});

test('a transfer that was refused is shown again as it was typed', async () => {
  const { text } = await agent
    .post('/transfer')
    .accept('html')
    .type('form')
    .send({ to: 'dave', amount: 'all' })
    .expect(422);
  expect(text).toContain('Enter an amount such as 25 or 25.50.');
  expect(text).toMatch(/value="all"/);
});

test('five minutes after the code a transfer asks for another one, and a look at the account does not', async () => {
  await bank.clock.advance(300);
  await agent.post('/transfer').send({ to: 'dave', amount: '1' }).expect(200);
  await bank.clock.advance(1);
  const { body } = await agent.post('/transfer').send({ to: 'dave', amount: '1' }).expect(401);
  expect(body).toMatchObject({ code: 'second_factor_required' });
  expect(await account()).toMatchObject({
    balance: '99.00',
    transfers: [{ amount: '1.00', at: new Date(bank.clock() - 1_000).toISOString() }],
  });
});
