import { createServer, request as ask, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { isSignedIn } from '../../lib/express/requester';
import { lookForProxy } from '../../lib/express/trust-proxy';
import { startApp } from '../helpers/app';
import { enrollmentOf } from '../helpers/core';
import { ROUTER } from '../helpers/paths';
import { inBlock, newcomer } from '../helpers/sending';
import { listen } from '../helpers/servers';
import { cookieFrom } from '../helpers/web';
import { gateWorld, type GateWorld } from './gate-world';

let world: GateWorld;
let warnings: jest.SpyInstance;
beforeEach(() => {
  world = gateWorld();
  world.users.set('A', enrollmentOf());
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => warnings.mockRestore());

describe('a proxy that Express does not trust', () => {
  test.each([
    ['127.0.0.1', 'x-forwarded-for', false, true],
    ['::1', 'forwarded', false, true],
    ['::ffff:10.1.2.3', 'x-forwarded-proto', false, true],
    ['172.16.0.1', 'x-forwarded-for', false, true],
    [undefined, 'x-forwarded-for', false, true],
    ['172.32.0.1', 'x-forwarded-for', false, false],
    ['203.0.113.9', 'x-forwarded-for', false, false],
    ['127.0.0.1', 'x-other', false, false],
    ['127.0.0.1', 'x-forwarded-for', true, false],
    ['127.0.0.1', 'x-real-ip', false, true],
    ['127.0.0.1', 'x-real-ip', true, true],
    ['127.0.0.1', 'forwarded', true, true],
    ['127.0.0.1', 'x-forwarded-proto', true, false],
    ['203.0.113.9', 'x-real-ip', true, false],
  ])('at %s with %s, trusted %p, is told once: %p', (remoteAddress, name, trusted, is) => {
    const app = { get: () => () => trusted };
    const headers = { [name]: '198.51.100.1' };
    const req = world.request({ app, headers, socket: { remoteAddress } });
    isSignedIn(world.edge, req);
    isSignedIn(world.edge, req);
    const codes = warnings.mock.calls.map(([, about]) => about);
    expect(codes).toEqual(is ? [{ code: 'SMS2FA_TRUST_PROXY' }] : []);
  });
});

test.each([
  [
    'x-forwarded-for',
    false,
    /trust that proxy: no session cookie with secure is set, all .*\. Name your proxies/,
  ],
  ['x-real-ip', false, /without x-forwarded-for, .*\. Have the proxy write .*\. Name your proxies/],
  [
    'forwarded',
    true,
    /without x-forwarded-for, which Express reads: all .*\. Have the proxy write X-Forwarded-For\.$/,
  ],
])('of a proxy with %s, trusted %p, the cure is all that is missing', (name, trusted, said) => {
  const headers = { [name]: 'for=198.51.100.1' };
  const socket = { remoteAddress: '127.0.0.1' };
  isSignedIn(world.edge, world.request({ app: { get: () => () => trusted }, headers, socket }));
  const lines = warnings.mock.calls.map(([line]) => line);
  expect(lines).toEqual([expect.stringMatching(said)]);
});

/** What is told of a request that came over this peer, with this header. */
function toldOf(more: object, name = 'x-forwarded-for'): string[] {
  const warn = jest.fn();
  const asked = gateWorld({ warn });
  for (let times = 0; times < 2; times += 1) lookForProxy(asked.edge, asked.request(more), name);
  return warn.mock.calls.map(([code, line]) => `${String(code)}: ${String(line)}`);
}
const trusting = (...trusted: string[]) => ({
  get: () => (address: string) => trusted.includes(address),
});
const from = (remoteAddress: string | undefined, more: object = {}) => ({
  app: trusting(),
  socket: { remoteAddress },
  ...more,
});

test.each([
  ...['127.0.0.1', '127.255.0.1', '10.0.0.1', '192.168.0.1', '169.254.0.1'],
  ...['172.16.0.1', '172.19.0.1', '172.20.0.1', '172.29.0.1', '172.30.0.1', '172.31.0.1'],
  ...['100.64.0.1', '100.69.0.1', '100.70.0.1', '100.99.0.1', '100.100.0.1', '100.119.0.1'],
  ...['100.120.0.1', '100.127.0.1', '::1', 'fc00::1', 'fdab::1', 'fe80::1', 'febf::1', 'FE90::1'],
  ...['::ffff:10.0.0.1', '::FFFF:192.168.0.1'],
])('a peer at %s is on this machine or in a private network', (peer) => {
  expect(toldOf(from(peer))).toHaveLength(1);
});

test.each([
  ...['126.0.0.1', '210.0.0.1', '1.10.0.1', '11.0.0.1', '192.167.0.1', '169.253.0.1'],
  ...['172.15.0.1', '172.32.0.1', '172.160.0.1', '100.6.0.1', '100.60.0.1', '100.63.0.1'],
  ...['100.128.0.1', '100.130.0.1', '100.200.0.1', '::1:2', '2001:db8::1', '2001:fd00::1'],
  ...['fb00::1', 'fe00::1', 'fec0::1', '1::ffff:0.0.0.1', '::ffff:203.0.113.9'],
])('a peer at %s is anybody, and so is what it says of a client', (peer) => {
  expect(toldOf(from(peer))).toEqual([]);
});

test('a proxy is told with its address and what it wrote, or as the unix socket that it is', () => {
  const name = `Name your proxies, such as app.set('trust proxy', 'loopback, uniquelocal') or the number of them.`;
  const shared = 'all clients are taken for one, and the 11th new phone of an hour is refused.';
  const but = 'but Express does not trust that proxy: no session cookie with secure is set';
  for (const [peer, said] of [
    ['10.0.0.1', '10.0.0.1'],
    [undefined, 'a unix socket'],
  ]) {
    expect(toldOf(from(peer))).toEqual([
      `SMS2FA_TRUST_PROXY: A request from ${said} came with x-forwarded-for, ${but}, ${shared} ${name}`,
    ]);
  }
});

test('of who has hung up, and of what is not Express, nothing is told', () => {
  expect(
    toldOf(from('10.0.0.1', { socket: { destroyed: true, remoteAddress: '10.0.0.1' } })),
  ).toEqual([]);
  for (const app of [undefined, {}, { get: () => undefined }, { get: () => true }]) {
    expect(toldOf(from('10.0.0.1', { app }))).toEqual([]);
  }
  expect(toldOf({ app: trusting() })).toHaveLength(1);
});

test.each<[trusted: string[], forwarded: string | undefined, told: string | undefined]>([
  [['10.0.0.1'], '203.0.113.9, 10.0.0.3, 10.0.0.2', '10.0.0.2'],
  [['10.0.0.1', '10.0.0.2'], '203.0.113.9,10.0.0.3 , 10.0.0.2', '10.0.0.3'],
  [['10.0.0.1', '10.0.0.2'], '203.0.113.9, [fd00::3]:80, 10.0.0.2', 'fd00::3'],
  // The last one is the client, and one of the internet is nobody's proxy.
  [['10.0.0.1', '10.0.0.2', '10.0.0.3'], '203.0.113.9, 10.0.0.3, 10.0.0.2', undefined],
  [['10.0.0.1'], '203.0.113.9, 198.51.100.9', undefined],
  [['10.0.0.1'], '10.0.0.9', undefined],
  [['10.0.0.1', '10.0.0.9'], '10.0.0.9', undefined],
  [['10.0.0.1'], undefined, undefined],
])(
  'where Express trusts %j and %s is forwarded, %s is taken for a client, and told',
  (trusted, forwarded, told) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    const more = from('10.0.0.1', { app: trusting(...trusted), headers });
    const line = expect.stringMatching(
      `^SMS2FA_TRUST_PROXY: Express takes ${told}, of a private network, for a client, and X-Forwarded-For names another one behind it\\. Where that is a proxy, all clients .* Name your proxies`,
    ) as string;
    expect(toldOf(more)).toEqual(told === undefined ? [] : [line]);
  },
);

/** A proxy that writes down whom it heard, and calls from an address of its own. */
async function hop(target: string, from: string): Promise<string> {
  const proxy = createServer((req, res) => {
    const { method, url = '', socket, headers } = req;
    const heard = [headers['x-forwarded-for'] ?? [], socket.remoteAddress ?? ''].flat().join(', ');
    const sent = { ...headers, 'x-forwarded-for': heard };
    const onward = ask(target + url, { method, headers: sent, localAddress: from }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  });
  return (await listen(proxy)).url;
}

test.each<[string, number | boolean | string, string, boolean]>([
  ['their number', 2, '127.0.0.9', false],
  ['one less', 1, '127.0.0.8', true],
  ['one more', 3, '198.51.100.7', false],
  ['whoever says so', true, '198.51.100.7', false],
  ['nobody', false, '127.0.0.7', true],
  ['their addresses', '127.0.0.7, 127.0.0.8', '127.0.0.9', false],
])(
  'behind two proxies of which Express trusts %s (%p) the client is %s, and a shared address is told: %s',
  async (_which, trusted, address, isTold) => {
    const app = await startApp({ before: (each) => each.set('trust proxy', trusted) });
    const sent: (string | undefined)[] = [];
    app.secondFactor.on('sent', ({ ip }) => sent.push(ip));
    const agent = await newcomer(app, 'U');
    const outer = await hop(await hop(app.url, '127.0.0.7'), '127.0.0.8');
    const [answer] = (await once(
      ask(`${outer}${ROUTER.enrollment}`, {
        method: 'POST',
        localAddress: '127.0.0.9',
        headers: {
          cookie: cookieFrom(agent),
          'content-type': 'application/json',
          // What a client writes itself is believed by whoever trusts too many.
          ...(address.startsWith('198.') && { 'x-forwarded-for': address }),
        },
      }).end(JSON.stringify({ phone: inBlock(1) })),
      'response',
    )) as [IncomingMessage];
    expect(answer.statusCode).toBe(202);
    expect(sent.map((each) => each?.replace('::ffff:', ''))).toEqual([address]);
    const told = warnings.mock.calls.filter(
      ([, about]) => (about as { code?: string }).code === 'SMS2FA_TRUST_PROXY',
    );
    expect(told.map(([says]) => String(says))).toEqual(
      isTold ? [expect.stringMatching(/all clients are taken for one.*Name your proxies/)] : [],
    );
  },
);
