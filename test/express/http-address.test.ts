import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as ask, ServerResponse, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import { addressOf, readAddress } from '../../lib/express/http';
import { type Agent, type TestApp, signIn, startApp, verified } from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { askFor, inBlock, newcomer, signUp, startBehindProxy } from '../helpers/sending';
import { closedWithTest } from '../helpers/servers';
import { cookieFrom, cookieOf } from '../helpers/web';
import { gateWorld } from './gate-world';

beforeEach(() => jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined));
afterEach(() => jest.restoreAllMocks());

const TWO = { limits: { unconfirmedPerAddress: [{ count: 2, seconds: 3_600 }] } };

/** What a new phone of each of these clients is answered, one after the other. */
async function answers(app: TestApp, addresses: string[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const [index, address] of addresses.entries()) {
    const agent = await newcomer(app, `U${index}`);
    statuses.push((await askFor(agent, inBlock(index), address)).status);
  }
  return statuses;
}

test.each([
  ['with a port, as Azure writes it', (host: number, port: number) => `203.0.113.${host}:${port}`],
  ['in quotes', (host: number, port: number) => `"203.0.113.${host}:${port}"`],
  ['in brackets', (host: number) => `[2001:db8:${host}::1]`],
  ['in brackets with a port', (host: number, port: number) => `[2001:db8:${host}::1]:${port}`],
  ['in quotes and brackets', (host: number, port: number) => `"[2001:db8:${host}::1]:${port}"`],
])('[S37] an address %s is that of one client, whatever its port', async (_name, written) => {
  const app = await startBehindProxy({ factor: TWO });
  const clients = [written(1, 50_001), written(1, 50_002), written(1, 50_003), written(2, 50_001)];
  expect(await answers(app, clients)).toEqual([202, 202, 429, 202]);
});

test.each(['unknown', '_hidden', '"', 'not an address'])(
  'where the proxy writes %j the 11th user of the site is not stopped',
  async (written) => {
    const app = await startBehindProxy();
    expect(await answers(app, Array<string>(12).fill(written))).toEqual(Array(12).fill(202));
  },
);

test('behind a unix socket the 11th user of the site is not stopped', async () => {
  const app = await startApp();
  const folder = mkdtempSync(join(tmpdir(), 'sms2fa-'));
  const socketPath = join(folder, 'app.sock');
  const server = createServer(app.app).listen(socketPath);
  await once(server, 'listening');
  closedWithTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });
  const post = async (path: string, body: object, cookie = '') => {
    const headers = { 'content-type': 'application/json', accept: 'application/json', cookie };
    const sent = ask({ socketPath, path, method: 'POST', headers });
    sent.end(JSON.stringify(body));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    return { status: answer.statusCode, headers: answer.headers as Record<string, unknown> };
  };
  for (let each = 0; each < 12; each += 1) {
    const username = signUp(app, `U${each}`);
    const cookie = cookieOf(await post('/login', { username, password: 'right' }));
    const { status } = await post(ROUTER.enrollment, { phone: inBlock(each) }, cookie);
    expect([each, status]).toEqual([each, 202]);
  }
});

const UPGRADES: [string, (app: TestApp, agent: Agent) => Promise<unknown>, object][] = [
  ['nobody', () => Promise.resolve(), { enforced: true, required: 401, admitted: true }],
  [
    'one factor passed',
    (_app, agent) => signIn(agent),
    { enforced: 401, required: 401, admitted: false },
  ],
  [
    'no factor',
    (_app, agent) => signIn(agent, 'C'),
    { enforced: true, required: 403, admitted: true },
  ],
  [
    'both',
    (app, agent) => verified(app, agent),
    { enforced: true, required: true, admitted: true },
  ],
];

test.each(UPGRADES)(
  '[S79] decide and admits answer for the upgrade of a websocket: %s',
  async (_name, arrive, expected) => {
    const app = await startApp();
    const agent = app.agent();
    await arrive(app, agent);
    const sockets = new WebSocketServer({ noServer: true });
    // eslint-disable-next-line @typescript-eslint/unbound-method -- they need no this
    const { decide, admits } = app.secondFactor;
    const told = async (req: IncomingMessage): Promise<object> => {
      for (const each of app.sessions) {
        await new Promise(
          (next) => void each(req as never, new ServerResponse(req) as never, next),
        );
      }
      const enforced = await decide(req, { gate: 'enforce' });
      const required = await decide(req);
      return {
        enforced: enforced.allowed || enforced.status,
        required: required.allowed || required.status,
        admitted: await admits(req),
      };
    };
    app.server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      void told(req).then((said) =>
        sockets.handleUpgrade(req, socket, head, (opened) => opened.send(JSON.stringify(said))),
      );
    });
    const headers = { cookie: cookieFrom(agent) };
    const client = new WebSocket(app.url.replace('http', 'ws'), { headers });
    const [data] = (await once(client, 'message')) as [Buffer];
    client.terminate();
    expect(JSON.parse(data.toString())).toEqual(expected);
  },
);

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:51234', '203.0.113.9'],
  ['"203.0.113.9:51234"', '203.0.113.9'],
  [' 203.0.113.9 ', '203.0.113.9'],
  ['203.0.113.9:_port', '203.0.113.9'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['"[2001:db8::1]:4711"', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%25eth0]:80', 'fe80::1'],
  ['::ffff:203.0.113.9', '::ffff:203.0.113.9'],
  ['unknown', undefined],
  ['_hidden', undefined],
  ['"_SEVKISEK"', undefined],
  ['', undefined],
  [undefined, undefined],
  ['203.0.113.999', undefined],
  ['203.0.113.9, 198.51.100.1', undefined],
  ['203.0.113', undefined],
  ['[203.0.113.9', undefined],
  ['evil.example:80', undefined],
  // What is written around an address or into it is no part of one.
  ['1"92.0.2.1"', undefined],
  ['"192.0.2.1"5', undefined],
  ['x[2001:db8::1]', undefined],
  ['[2001:db8::1]x', undefined],
  ['fe80:%:1', undefined],
])('an address that a proxy writes as %p is read as %p', (given, address) => {
  expect(readAddress(given)).toBe(address);
});

test('who hung up has an unknown address, and a unix socket none', () => {
  const world = gateWorld();
  const address = (more: object) => addressOf(world.request(more));
  expect(address({ ip: '203.0.113.9:51234' })).toBe('203.0.113.9');
  expect(address({ ip: undefined })).toBeUndefined();
  expect(address({ ip: undefined, socket: { destroyed: false } })).toBeUndefined();
  expect(address({ ip: undefined, socket: { destroyed: true } })).toBe('unknown');
  // A reset that Node has not noticed yet.
  const localAddress = '127.0.0.1';
  const reset = { destroyed: false, localAddress, remoteAddress: undefined };
  expect(address({ ip: undefined, socket: reset })).toBe('unknown');
  // A server that is not Express: everybody would share one key.
  const other = { destroyed: false, localAddress, remoteAddress: '203.0.113.9' };
  expect(address({ ip: undefined, socket: other })).toBeUndefined();
});
