import type { Mail } from '../../example-app/src/mail/mailer';
import type { Agent } from '../helpers/app';
import { enroll, NEW_PASSWORD, PASSWORD, startBank, type RunningBank } from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
});

const MINUTE = 60;
const HOUR = 60 * MINUTE;

const newRecoveryCodes = (agent: Agent) =>
  agent.post('/second-factor/recovery-codes').send({}).expect(200);

async function signUpWith(username: string, email: string): Promise<void> {
  await bank.agent().post('/signup').send({ username, password: PASSWORD, email }).expect(201);
}

const forgot = (username: string) =>
  bank.agent().post('/forgot-password').send({ username }).expect(202);

/** What went out so far, and is not looked at again. */
async function mails(): Promise<Mail[]> {
  // A request, so that what the one before left for after its answer is done.
  await bank.agent().get('/healthz').expect(200);
  return Promise.all(bank.mails.unread().map(() => bank.mails.next()));
}

test('of equal happenings within a minute the first is mailed at once, and the others in one mail that counts them', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  for (let call = 0; call < 20; call += 1) await newRecoveryCodes(agent);
  const [first, ...others] = await mails();
  expect(first?.text).toContain('New recovery codes were made');
  expect(first?.text).not.toContain('times');
  expect(others).toEqual([]);
  await bank.clock.advance(MINUTE);
  const [second, ...more] = await mails();
  expect(second?.text).toContain('This happened 19 times within a minute. The last time:');
  expect(more).toEqual([]);
  await bank.clock.advance(MINUTE);
  await newRecoveryCodes(agent);
  const [third] = await mails();
  expect(third?.text).not.toContain('times');
});

test('what goes on and on is told once a minute, and five times an hour', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  const atOnce: number[] = [];
  const afterwards: number[] = [];
  for (let minute = 0; minute < 6; minute += 1) {
    await newRecoveryCodes(agent);
    await newRecoveryCodes(agent);
    atOnce.push((await mails()).length);
    await bank.clock.advance(MINUTE);
    afterwards.push((await mails()).length);
  }
  expect(atOnce).toEqual([1, 0, 0, 0, 0, 0]);
  expect(afterwards).toEqual([1, 1, 1, 1, 0, 0]);
  expect(new Set(bank.logged)).toEqual(
    new Set(['A mail was held back: its mailbox had five of its subject within the hour.']),
  );
});

test('different happenings are told apart, also where their mails go together', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  const { recoveryCodes } = (await newRecoveryCodes(agent)).body as { recoveryCodes: string[] };
  expect((await mails()).map(({ subject }) => subject)).toEqual([
    'Pebble Bank: new recovery codes were made',
  ]);
  const other = bank.agent();
  for (const recoveryCode of recoveryCodes.slice(0, 3)) {
    await other.post('/login').send({ username: 'carol', password: PASSWORD }).expect(200);
    await other.post('/second-factor/recovery').send({ recoveryCode }).expect(200);
  }
  expect((await mails()).map(({ text }) => /\d are left/.exec(text)?.[0])).toEqual(['9 are left']);
  await bank.clock.advance(MINUTE);
  const [together] = await mails();
  expect(together?.text).toMatch(/8 are left\.\n.*7 are left\.\nThis happened 2 times/);
});

test('a mailbox gets at most five links an hour, whoever they are for and however it is written', async () => {
  const spellings = ['victim@mail.example', 'Victim@Mail.example', 'victim+bank@mail.example'];
  for (const [index, email] of spellings.entries()) await signUpWith(`user${index}`, email);
  for (let round = 0; round < 3; round += 1) {
    for (const index of spellings.keys()) await forgot(`user${index}`);
  }
  expect(await mails()).toHaveLength(5);
  await signUpWith('other', 'other@mail.example');
  await forgot('other');
  expect(await mails()).toMatchObject([{ to: 'other@mail.example' }]);
  await bank.clock.advance(HOUR);
  await forgot('user0');
  expect(await mails()).toHaveLength(1);
});

test('a link that is held back leaves the one before it as it is, and other mails go out', async () => {
  await signUpWith('carol', 'carol@mail.example');
  for (let asked = 0; asked < 5; asked += 1) await forgot('carol');
  const links = (await mails()).map(({ text }) => /token=([\w-]+)/.exec(text)?.[1]);
  await bank.clock.advance(15 * MINUTE);
  await forgot('carol');
  expect(await mails()).toEqual([]);
  const token = links.at(-1);
  await bank.agent().post('/reset-password').send({ token, password: NEW_PASSWORD }).expect(200);
  expect(await mails()).toMatchObject([{ subject: 'Pebble Bank: your password was changed' }]);
});

test('links are limited for each name and client alike, whether there is such a user', async () => {
  await signUpWith('carol', 'carol@mail.example');
  for (const username of ['carol', 'nobody']) {
    const answers = [];
    for (let asked = 0; asked < 6; asked += 1) {
      answers.push(await bank.agent().post('/forgot-password').send({ username }));
    }
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 429]);
    expect(answers[5]?.headers['retry-after']).toBe('900');
  }
  await bank.clock.advance(15 * 60);
  await bank.agent().post('/forgot-password').send({ username: 'CAROL' }).expect(202);
});

test('a username does not get into a mail', async () => {
  await signUpWith('evil.example', 'victim@mail.example');
  await forgot('evil.example');
  const [mail] = await mails();
  expect(mail?.text).toContain('https://bank.example/reset-password');
  expect(JSON.stringify(mail)).not.toContain('evil');
});

test('a bank that closes sends what it holds back first', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  for (let call = 0; call < 3; call += 1) await newRecoveryCodes(agent);
  expect(await mails()).toHaveLength(1);
  await bank.mailed();
  expect((await mails())[0]?.text).toContain('2 times');
});
