import { once } from 'node:events';
import session from 'express-session';
import { WebSocket } from 'ws';
import { cookieFrom } from '../helpers/web';
import { raw } from '../helpers/parallel';
import type { Agent } from '../helpers/app';
import {
  enroll,
  passSecondFactor,
  PASSWORD,
  resetPassword,
  signUp,
  startBank,
  type RunningBank,
} from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
});

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

const knock = (cookie: string, headers: Record<string, string> = { origin: bank.url }) =>
  raw(bank.url, { path: '/live', cookie, headers: { ...UPGRADE, ...headers } });

/** A socket that is open, with the first balance already read. */
async function open(agent: Agent): Promise<{ socket: WebSocket; first: unknown }> {
  const socket = new WebSocket(`${bank.url.replace('http', 'ws')}/live`, {
    headers: { cookie: cookieFrom(agent), origin: bank.url },
  });
  return { socket, first: await next(socket) };
}

async function next(socket: WebSocket): Promise<unknown> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString());
}

/** Sends a dollar from one to the other. */
const send = (agent: Agent, to: string) => agent.post('/transfer').send({ to, amount: '1' });

test('both sides of a transfer see their balance at once', async () => {
  const carol = bank.agent();
  const dave = bank.agent();
  await enroll(bank, carol, 'carol');
  await enroll(bank, dave, 'dave', '12065550178');
  const sockets = [await open(carol), await open(dave)];
  expect(sockets.map(({ first }) => first)).toEqual([{ balance: '100.00' }, { balance: '100.00' }]);
  const pushed = Promise.all(sockets.map(({ socket }) => next(socket)));
  await send(carol, 'dave').expect(200);
  expect(await pushed).toEqual([{ balance: '99.00' }, { balance: '101.00' }]);
});

test('[S79] a session that has passed the password only gets no socket', async () => {
  await enroll(bank, bank.agent(), 'carol');
  const half = bank.agent();
  await half.post('/login').send({ username: 'carol', password: PASSWORD }).expect(200);
  const answer = await knock(cookieFrom(half));
  expect(answer.headers).toMatch(/^HTTP\/1\.1 401 Unauthorized/);
  await passSecondFactor(bank, half);
  expect((await open(half)).first).toEqual({ balance: '100.00' });
});

test('[S79] strangers, users without a phone and signed-out sessions get no socket', async () => {
  expect((await knock('')).status).toBe(401);
  expect((await knock('bank=s%3Aforged.signature')).status).toBe(401);
  const plain = bank.agent();
  await signUp(plain, 'carol');
  expect((await knock(cookieFrom(plain))).status).toBe(401);
  const agent = bank.agent();
  await enroll(bank, agent, 'dave');
  const cookie = cookieFrom(agent);
  await agent.post('/logout').send({}).expect(204);
  expect((await knock(cookie)).status).toBe(401);
});

test('[S82] a remembered browser gets no socket', async () => {
  await enroll(bank, bank.agent(), 'carol');
  const agent = bank.agent();
  const login = { username: 'carol', password: PASSWORD, remember: true };
  await agent.post('/login').send(login).expect(200);
  const remembered = cookieFrom(agent).replace(/(^|; )bank=[^;]*/, '');
  expect((await knock(remembered)).status).toBe(401);
});

test.each([
  ['another site', { origin: 'https://evil.example' }],
  ['another port of this host', { origin: 'http://127.0.0.1:1' }],
  ['an opaque origin', { origin: 'null' }],
  ['no origin at all', {}],
])('a page of %s gets no socket, with a good session as well', async (_name, headers) => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  expect((await knock(cookieFrom(agent), headers as Record<string, string>)).status).toBe(401);
});

test('another path has no socket', async () => {
  const headers = { ...UPGRADE, origin: bank.url };
  expect((await raw(bank.url, { path: '/account', headers })).status).toBe(404);
});

test.each([
  ['signed out', (agent: Agent) => agent.post('/logout').send({}).expect(204)],
  ['without a phone', (agent: Agent) => agent.delete('/second-factor/enrollment').expect(204)],
  ['of an older password', () => resetPassword(bank, 'carol')],
])('an open socket is closed once its session is %s', async (_name, end) => {
  const carol = bank.agent();
  const dave = bank.agent();
  await enroll(bank, carol, 'carol');
  await enroll(bank, dave, 'dave', '12065550178');
  const { socket } = await open(carol);
  const heard: unknown[] = [];
  socket.on('message', (data: Buffer) => heard.push(data.toString()));
  await end(carol);
  await bank.clock.advance(10);
  await send(dave, 'carol').expect(200);
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(1008);
  expect(heard).toEqual([]);
});

test('an open socket is asked again at most every 10 seconds', async () => {
  await bank.close();
  const store = new session.MemoryStore();
  bank = await startBank({ sessionStore: store });
  const carol = bank.agent();
  const dave = bank.agent();
  await enroll(bank, carol, 'carol');
  await enroll(bank, dave, 'dave', '12065550178');
  const { socket } = await open(carol);
  // Taken away behind the bank's back: only asking the store shows it.
  const own = /bank=s%3A([^.]+)\./.exec(cookieFrom(carol))?.[1] ?? '';
  await new Promise((resolve) => store.destroy(own, resolve));
  await bank.clock.advance(9);
  const pushed = next(socket);
  await send(dave, 'carol').expect(200);
  expect(await pushed).toEqual({ balance: '101.00' });
  await bank.clock.advance(1);
  const closed = once(socket, 'close');
  await send(dave, 'carol').expect(200);
  expect((await closed)[0]).toBe(1008);
});

test('a session store that fails lets nobody in', async () => {
  await bank.close();
  const store = new session.MemoryStore();
  bank = await startBank({ sessionStore: store });
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  const cookie = cookieFrom(agent);
  store.get = (_id, done) => done(new Error('the store is away'));
  expect((await knock(cookie)).status).toBe(503);
  store.emit('disconnect');
  expect((await knock(cookie)).status).toBe(503);
});

test('a socket that says more than it should is closed, and the bank goes on', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  const { socket } = await open(agent);
  socket.on('error', () => undefined);
  socket.send('x'.repeat(2_000));
  await once(socket, 'close');
  expect((await open(agent)).first).toEqual({ balance: '100.00' });
});

test('the account page opens the socket by a script file, and the policy stays strict', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  const page = await agent.get('/account').set('Accept', 'text/html').expect(200);
  expect(page.text).toContain('<script src="/live.js" defer></script>');
  expect(page.text).toContain('<strong id="balance">$100.00</strong>');
  const policy = page.headers['content-security-policy'];
  expect(policy).toMatch(/^default-src 'none';.* script-src 'self';/);
  expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
  const script = await agent.get('/live.js').expect(200);
  expect(script.headers['content-type']).toContain('javascript');
});
