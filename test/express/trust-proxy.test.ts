import { createServer, request as ask, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { isSignedIn } from '../../lib/express/requester';
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
