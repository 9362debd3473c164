import { createServer } from 'node:http';
import { FlowrouteClient, flowrouteSender } from 'passport-sms-2fa';
import {
  createSimulator,
  SIMULATOR_CREDENTIALS,
  type RunningSimulator,
} from 'passport-sms-2fa/simulator';
import { callbackBase, setCallbacks } from '../../example-app/src/server/callbacks';
import { codeIn, type Agent } from '../helpers/app';
import { listen } from '../helpers/servers';
import {
  expectHalfWay,
  expectStranger,
  PASSWORD,
  rememberCookie,
  signUp,
  startBank,
  type RunningBank,
} from './bank';

const PHONE = '12065550177';
const { from, ...ACCOUNT } = SIMULATOR_CREDENTIALS;

let simulator: RunningSimulator;
let bank: RunningBank;
let warnings: string[];
beforeEach(async () => {
  warnings = [];
  simulator = await createSimulator({ timeScale: 0.001 }).listen(0);
  const baseUrl = simulator.url;
  bank = await startBank({ sender: flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl }) });
});
afterEach(() => simulator.close());

const warn = (problem: string) => void warnings.push(problem);
const clientOf = (baseUrl: string) => new FlowrouteClient({ ...ACCOUNT, baseUrl, retries: 0 });
const loopback = () => callbackBase(undefined, Number(new URL(bank.url).port));

async function newestCode(): Promise<string> {
  const answer = await fetch(`${simulator.url}/inbox?to=${PHONE}`);
  const { messages } = (await answer.json()) as { messages: { body: string }[] };
  return codeIn(messages[0]?.body ?? 'no text');
}

/** A person writes back; the carrier tells the bank in its own time. */
async function reply(body: string): Promise<void> {
  await fetch(`${simulator.url}/inbox/reply`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: PHONE, to: from, body }),
  });
}

async function enroll(agent: Agent): Promise<void> {
  await signUp(agent, 'carol');
  await agent.post('/second-factor/enrollment').send({ phone: PHONE, country: 'US' }).expect(202);
  const code = await newestCode();
  await agent.post('/second-factor/enrollment/verify').send({ code }).expect(200);
  await bank.mails.next();
}

test('[S146][S189] the answer NO ends who asked, and one click on the link in the mail everybody', async () => {
  await setCallbacks(clientOf(simulator.url), loopback(), bank.webhookPath, warn);
  expect(warnings).toEqual([]);
  const owner = bank.agent();
  await enroll(owner);
  await bank.clock.advance(20 * 60);
  const thief = bank.agent();
  await thief
    .post('/login')
    .send({ username: 'carol', password: PASSWORD, remember: true })
    .expect(200);
  await thief.post('/second-factor/challenge').send({}).expect(202);
  await expectHalfWay(thief);
  await owner.get('/api/account').expect(200);
  const remembered = rememberCookie(thief)?.value;

  await reply('NO');
  const mail = await bank.mails.next();
  expect(mail.subject).toBe('Pebble Bank: a text of ours was answered with NO');
  expect(mail.text).toContain('It no longer works, and whoever asked for it was signed out.');
  thief.jar.setCookie('bank-remember=', '127.0.0.1', '/');
  await expectStranger(thief);
  await owner.get('/api/account').expect(200);

  const token = /end-sessions\?token=([\w.-]+)/.exec(mail.text)?.[1] ?? '';
  // What looks at links uses none up, and a browser of anybody's may press the button.
  const reader = bank.agent().set('Accept', 'text/html');
  for (let look = 0; look < 3; look += 1) {
    const page = await reader.get('/end-sessions').query({ token }).expect(200);
    expect(page.text).toContain('Sign out everywhere?');
    expect(page.headers['referrer-policy']).toBe('no-referrer');
  }
  await owner.get('/api/account').expect(200);
  const done = await reader.post('/end-sessions').type('form').send({ token }).expect(200);
  expect(done.text).toContain('Everyone is signed out of your account');
  await expectStranger(owner);
  const later = bank.agent();
  later.jar.setCookie(`bank-remember=${remembered}`, '127.0.0.1', '/');
  await expectStranger(later);
  expect((await bank.mails.next()).text).toContain('The link in our mail ended all your sessions');
  // It has done what it could.
  for (const given of [token, `${token}x`, '', 'a.b.c', token.replace(/\d+/, '9999999999999')]) {
    await reader.get('/end-sessions').query({ token: given }).expect(400);
    await reader.post('/end-sessions').type('form').send({ token: given }).expect(400);
  }
});

test('the callbacks are set for the whole account, where the bank is reached', async () => {
  const client = clientOf(simulator.url);
  await setCallbacks(client, loopback(), bank.webhookPath, warn);
  for (const kind of ['sms', 'sms_dlr'] as const) {
    const { url } = await client.callback(kind);
    expect(url).toBe(`${bank.url}/webhooks/flowroute/${bank.secondFactor.webhookToken}`);
  }
  expect(callbackBase(new URL('https://bank.example'), undefined)).toBe('https://bank.example');
  expect(callbackBase(new URL('https://bank.example'), 3000)).toBe('http://127.0.0.1:3000');
});

test('webhooks need no session, and leave none; a wrong token finds nothing there', async () => {
  const path = bank.webhookPath;
  const answer = await bank.agent().post(path).send({}).expect(400);
  expect(answer.headers['set-cookie']).toBeUndefined();
  await bank.agent().post(`${path}x`).send({}).expect(404);
});

test('a carrier that refuses is told in the log, without the token, and nothing stops', async () => {
  const refusing = await listen(createServer((_req, res) => void res.writeHead(403).end()));
  const client = clientOf(refusing.url);
  await setCallbacks(client, loopback(), bank.webhookPath, warn);
  expect(warnings).toEqual([
    expect.stringMatching(/^The callback sms could not be set/),
    expect.stringMatching(/^The callback sms_dlr could not be set/),
  ]);
  warnings = [];
  // Plain http is for this machine only; the client refuses it by itself.
  await setCallbacks(client, 'http://bank.example', bank.webhookPath, warn);
  expect(warnings).toHaveLength(2);
  expect(warnings.join()).not.toContain(bank.secondFactor.webhookToken);
});

test('without an address that the carrier can reach, the log says what is missing', async () => {
  const base = callbackBase(undefined, undefined);
  await setCallbacks(clientOf(simulator.url), base, bank.webhookPath, warn);
  expect(warnings).toEqual([expect.stringMatching(/^PUBLIC_URL is not set/)]);
});
