import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import session from 'express-session';
import { WebSocket } from 'ws';
import { until } from '../helpers/cluster';
import { cookieFrom, hold } from '../helpers/web';
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

/** Asks for a socket over a connection that the test itself reads and closes. */
async function dial(cookie: string): Promise<{ client: Socket; heard: () => string }> {
  const { port, host } = new URL(bank.url);
  const client = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  let heard = '';
  client.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
  client.on('error', () => undefined);
  await once(client, 'connect');
  const headers = Object.entries({ host, cookie, origin: bank.url, ...UPGRADE });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  client.write(`GET /live HTTP/1.1\r\n${lines.join('')}\r\n`);
  return { client, heard: () => heard };
}

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

test('an open socket goes on for as long as its session is verified', async () => {
  const carol = bank.agent();
  const dave = bank.agent();
  await enroll(bank, carol, 'carol');
  await enroll(bank, dave, 'dave', '12065550178');
  const { socket } = await open(carol);
  for (const balance of ['101.00', '102.00']) {
    await bank.clock.advance(10);
    const pushed = next(socket);
    await send(dave, 'carol').expect(200);
    expect(await pushed).toEqual({ balance });
  }
});

test('a tab that is closed takes no other tab with it, and is not asked for again', async () => {
  await bank.close();
  const store = new session.MemoryStore();
  bank = await startBank({ sessionStore: store });
  const carol = bank.agent();
  const dave = bank.agent();
  await enroll(bank, carol, 'carol');
  await enroll(bank, dave, 'dave', '12065550178');
  const { socket } = await open(carol);
  const { socket: other } = await open(carol);
  const own = /bank=s%3A([^.]+)\./.exec(cookieFrom(carol))?.[1];
  const asked = jest.spyOn(store, 'get');
  for (const [closing, left] of [
    [socket, 1],
    [other, 0],
  ] as const) {
    closing.close();
    await once(closing, 'close');
    await bank.clock.advance(10);
    asked.mockClear();
    const pushed = left === 0 ? undefined : next(other);
    await send(dave, 'carol').expect(200);
    await pushed;
    expect(asked.mock.calls.filter(([id]) => id === own)).toHaveLength(left);
  }
});

test('a client that goes away while it is looked at harms nobody', async () => {
  await bank.close();
  const store = new session.MemoryStore();
  bank = await startBank({ sessionStore: store });
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  const held = hold();
  const get = store.get.bind(store);
  store.get = (...given) => {
    held.enter();
    void held.released.then(() => get(...given));
  };
  const upgraded = once(bank.server, 'upgrade');
  const { client } = await dial(cookieFrom(agent));
  const [, taken] = (await upgraded) as [unknown, Socket];
  await held.entered;
  client.resetAndDestroy();
  await new Promise((resolve) => taken.once('close', resolve));
  held.release();
  store.get = get;
  expect((await open(agent)).first).toEqual({ balance: '100.00' });
  expect(bank.logged).toEqual([]);
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

/** The connections of the bank that are open. */
const connections = (): Promise<number> =>
  new Promise((resolve) => bank.server.getConnections((_error, count) => resolve(count)));

test.each([
  ['is refused', ''],
  ['says more than it should', 'verified'],
])('a client that %s and does not hang up is hung up on', async (_name, whose) => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  const others = await connections();
  const { client, heard } = await dial(whose === '' ? '' : cookieFrom(agent));
  if (whose === '') await until('it is refused', () => heard().includes(' 401 '));
  else {
    await until('it is let in', () => heard().includes('"balance"'));
    // The head of a frame of 65,535 bytes, masked as those of clients are.
    client.write(Buffer.from([0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0]));
  }
  await until('its connection is closed', async () => (await connections()) === others);
  client.destroy();
});

test('newer versions of Node learn which requests are to be upgraded', () => {
  const { shouldUpgradeCallback } = bank.server as unknown as {
    shouldUpgradeCallback: (request: object) => boolean;
  };
  const asked = (method: string, headers: object) => shouldUpgradeCallback({ method, headers });
  expect(asked('GET', { upgrade: 'WebSocket' })).toBe(true);
  expect(asked('POST', { upgrade: 'websocket' })).toBe(false);
  expect(asked('GET', { upgrade: 'h2c' })).toBe(false);
  expect(asked('GET', {})).toBe(false);
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
