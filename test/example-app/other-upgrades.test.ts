import { once } from 'node:events';
import { IncomingMessage, Server } from 'node:http';
import { connect, Socket } from 'node:net';
import { handBack } from '../../example-app/src/live/hand-back';
import { raw } from '../helpers/parallel';
import { cookieFrom } from '../helpers/web';
import { enroll, PASSWORD, signUp, startBank, type RunningBank } from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
});

const OFFER = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';

async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(bank.url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the bank closes the connection. */
async function answerOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

test.each(['h2c', 'TLS/1.0', 'websocket, h2c', 'x'])(
  'a request that offers %j is answered as an ordinary one',
  async (upgrade) => {
    const agent = bank.agent();
    await enroll(bank, agent, 'carol');
    const headers = { connection: 'Upgrade', upgrade, accept: 'application/json' };
    const request = { path: '/api/account', cookie: cookieFrom(agent), headers };
    const { status, body } = await raw(bank.url, request);
    expect([status, body]).toEqual([200, expect.stringContaining('"balance":"100.00"')]);
    expect((await raw(bank.url, { ...request, path: '/nowhere' })).status).toBe(404);
  },
);

test('a post that offers h2c keeps its body, also where it arrives in pieces', async () => {
  await signUp(bank.agent(), 'carol');
  const body = JSON.stringify({ username: 'carol', password: PASSWORD });
  const head =
    `POST /login HTTP/1.1\r\nHost: bank\r\n${OFFER}Accept: application/json\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const socket = await open();
  const answer = answerOf(socket);
  const asked = once(bank.server, 'request');
  socket.write(head + body.slice(0, 9));
  await asked;
  socket.write(body.slice(9));
  const text = await answer;
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(text).toContain('"username":"carol"');
  expect(text).toMatch(/\r\nConnection: close\r\n/i);
});

test('every other header of such a request arrives as it came, byte for byte', async () => {
  const socket = await open();
  const answer = answerOf(socket);
  const asked = once(bank.server, 'request');
  const headers = {
    'x-name': 'Andr\u00e9',
    'proxy-connection': 'keep-alive',
    'upgrade-insecure-requests': '1',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET /healthz HTTP/1.1\r\nHost: bank\r\n${OFFER}${lines.join('')}\r\n`, 'latin1');
  const [request] = (await asked) as [IncomingMessage];
  expect(request.headers).toEqual({
    ...headers,
    host: 'bank',
    'http2-settings': 'AAMAAABk',
    connection: 'close',
  });
  expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

test('a chunked body is read as well', async () => {
  const socket = await open();
  const answer = answerOf(socket);
  socket.write(
    `POST /login HTTP/1.1\r\nHost: bank\r\n${OFFER}Accept: application/json\r\n` +
      'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  );
  expect(await answer).toContain('request_malformed');
});

test('a websocket that is posted is an ordinary request, too', async () => {
  const headers = { connection: 'Upgrade', upgrade: 'websocket', accept: 'application/json' };
  expect((await raw(bank.url, { method: 'POST', path: '/live', headers })).status).toBe(404);
  expect((await raw(bank.url, { path: '/healthz', headers })).status).toBe(404);
});

test('a client that goes away before it is answered harms nobody', async () => {
  for (const text of [`GET /healthz HTTP/1.1\r\nHost: bank\r\n${OFFER}\r\n`, OFFER]) {
    const socket = await open();
    socket.on('error', () => undefined);
    socket.write(text, () => socket.resetAndDestroy());
    await once(socket, 'close');
  }
  await bank.agent().get('/healthz').expect(200);
});

test('a connection that breaks before it is read again is left alone', async () => {
  const server = new Server();
  const socket = new Socket();
  const read: unknown[] = [];
  server.on('connection', (connection) => read.push(connection));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  handBack(server, new IncomingMessage(socket), socket, Buffer.alloc(0));
  socket.destroy(new Error('reset by the peer'));
  await closed;
  await new Promise((resolve) => setImmediate(resolve));
  expect(read).toEqual([]);
});
