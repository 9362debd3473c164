import type { Agent } from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { enroll, newestCode, signUp, startBank, type RunningBank } from './bank';

let bank: RunningBank;
let agent: Agent;
beforeEach(async () => {
  bank = await startBank();
  agent = bank.agent();
  await signUp(bank.agent(), 'dave');
  await enroll(bank, agent, 'carol');
});

const account = async () => (await agent.get('/api/account').expect(200)).body as object;

const BOTH = 'Enter a username and an amount.';
const AMOUNT = 'Enter an amount such as 25 or 25.50.';

const REFUSED: [transfer: object, status: number, error: string, message: string][] = [
  [{ to: 'dave' }, 400, 'request_malformed', BOTH],
  [{ amount: '1' }, 400, 'request_malformed', BOTH],
  [{ to: '', amount: '1' }, 400, 'request_malformed', BOTH],
  [{ to: ['dave'], amount: '1' }, 400, 'request_malformed', BOTH],
  [{ to: 'dave', amount: ' ' }, 400, 'request_malformed', BOTH],
  [{ to: 'dave', amount: 'all' }, 422, 'amount_invalid', AMOUNT],
  [{ to: 'dave', amount: '-1' }, 422, 'amount_invalid', AMOUNT],
  [{ to: 'dave', amount: '1e3' }, 422, 'amount_invalid', AMOUNT],
  [{ to: 'nobody', amount: '1' }, 422, 'recipient_unknown', 'No one here has this username.'],
  [{ to: 'CAROL', amount: '1' }, 422, 'recipient_self', "You can't send money to yourself."],
  [
    { to: 'dave', amount: '100.01' },
    422,
    'insufficient_funds',
    "You don't have enough money in your account.",
  ],
];

test('a transfer that is none moves nothing and is told why', async () => {
  for (const [transfer, status, error, message] of REFUSED) {
    const { body } = await agent.post('/transfer').send(transfer).expect(status);
    expect([transfer, body]).toEqual([transfer, { error, message }]);
  }
  expect(await account()).toMatchObject({ balance: '100.00', transfers: [] });
});

test('a transfer is answered with what went where, however it was written', async () => {
  const first = await agent.post('/transfer').send({ to: ' DAVE ', amount: ' 12.5 ' }).expect(200);
  const id = expect.any(Number) as unknown;
  expect(first.body).toEqual({ transfer: { id, to: 'dave', amount: '12.50' }, balance: '87.50' });
  const second = await agent.post('/transfer').send({ to: 'dave', amount: 7 }).expect(200);
  expect(second.body).toMatchObject({ transfer: { amount: '7.00' }, balance: '80.50' });
  expect(await account()).toMatchObject({
    username: 'carol',
    balance: '80.50',
    transfers: [{ amount: '7.00' }, { amount: '12.50' }],
    secondFactor: { verified: true },
  });
});

test('a browser goes back to the account, which says once what went where', async () => {
  const form = agent.post('/transfer').accept('html').type('form');
  const { headers } = await form.send({ to: 'dave', amount: '12.50' }).expect(303);
  expect(headers.location).toBe('/account');
  const look = async () => (await agent.get('/account').accept('html').expect(200)).text;
  const said = '$12.50 went to dave.';
  expect(await look()).toContain(said);
  const again = await look();
  expect(again).not.toContain(said);
  expect(again).not.toContain('done');
});

test('the account asks whether the recovery codes are kept, until they are', async () => {
  const look = async () => (await agent.get('/account').accept('html').expect(200)).text;
  expect(await look()).toContain('Did you save your recovery codes?');
  await agent.post('/second-factor/recovery-codes/kept').send({}).expect(204);
  expect(await look()).not.toContain('Did you save your recovery codes?');
});

test('the settings say who is signed in and where mails go', async () => {
  const { text } = await agent.get('/settings').accept('html').expect(200);
  expect(text).toMatch(/<dd>carol<\/dd>[^]*<dd>carol@mail\.example<\/dd>/);
});

test('[S157] what waits for a code is shown as it was typed where it is no amount', async () => {
  await bank.clock.advance(301);
  const form = agent.post('/transfer').accept('html').type('form');
  await form.send({ to: 'Dave', amount: 'all' }).expect(303);
  await agent.post(ROUTER.challenge).send({}).expect(202);
  await agent
    .post(ROUTER.verify)
    .send({ code: newestCode(bank) })
    .expect(200);
  const { text } = await agent.get('/second-factor/resume').accept('html').expect(200);
  expect(text).toContain('Send money');
  expect(text).toMatch(/<dd>dave<\/dd>[^]*<dd>all<\/dd>/);
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
