import type { EventEmitter } from 'node:events';
import express, { type Express } from 'express';
import { findingsOf } from '../../lib/express/operator';
import {
  allowedPaths,
  lostBrowsers,
  lostRouter,
  misplacedRouter,
  mountable,
  noteSent,
  placeOfRouter,
  refererPath,
  unmountedRouter,
} from '../../lib/express/paths';
import { gateWorld } from './gate-world';

beforeEach(() => jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined));
afterEach(() => jest.restoreAllMocks());

type Router = express.Handler;

const edgeAt = (mountPath: string, browser = '', app = '') =>
  gateWorld({ mountPath, basePath: { browser, app } }).edge;

/** An app of its own, mounted later or never. */
const sub = (path: string, router: Router): Express => express().use(path, router);

describe('where the router is, as Express says it', () => {
  test.each<[string, string, (app: Express, router: Router) => unknown, string]>([
    ['is there', '/2fa', (app, router) => app.use('/2fa', router), 'right'],
    ['is at the root', '/2fa', (app, router) => app.use(router), 'unknown'],
    ['is at the root, by a slash', '/2fa', (app, router) => app.use('/', router), 'unknown'],
    ['is in capitals', '/2fa', (app, router) => app.use('/2FA', router), 'right'],
    ['is wanted in capitals', '/2FA', (app, router) => app.use('/2fa', router), 'right'],
    ['ends in slashes', '/2fa', (app, router) => app.use('/2fa//', router), 'right'],
    ['is elsewhere', '/2fa', (app, router) => app.use('/sms', router), 'wrong'],
    ['is above', '/2fa', (app, router) => app.use('/2fa/a', router), 'wrong'],
    ['has a slash within', '/2fa', (app, router) => app.use('/a/2fa', router), 'wrong'],
    ['has two places', '/2fa', (app, router) => app.use(['/sms', '/2fa'], router), 'right'],
    ['has the root, too', '/2fa', (app, router) => app.use(['/', '/2fa'], router), 'right'],
    ['has two wrong places', '/2fa', (app, router) => app.use(['/sms', '/x'], router), 'wrong'],
    ['has a parameter', '/t/2fa', (app, router) => app.use('/:t/2fa', router), 'unknown'],
    ['has a pattern', '/2fa', (app, router) => app.use(/^\/2fa/, router), 'unknown'],
    ['is nowhere', '/2fa', () => undefined, 'unknown'],
    [
      'is in a Router',
      '/2fa',
      (app, router) => app.use('/sms', express.Router().use(router)),
      'unknown',
    ],
    [
      'ends in what is known of it',
      '/a/2fa',
      (app, router) => app.use('/a', express.Router().use(sub('/2fa', router))),
      'right',
    ],
    ['is below an app', '/a/2fa', (app, router) => app.use('/a', sub('/2fa', router)), 'right'],
    ['is below another app', '/2fa', (app, router) => app.use('/a', sub('/2fa', router)), 'wrong'],
    [
      'is below an app that was mounted before',
      '/2fa',
      (app, router) => {
        const inner = express();
        app.use('/a', inner);
        inner.use('/2fa', router);
      },
      'wrong',
    ],
    [
      'is below an app with two places',
      '/2fa',
      (app, router) => {
        const inner = sub('/2fa', router);
        app.use('/a', inner).use('/b', inner);
      },
      'unknown',
    ],
    [
      'is twice below an app with one place',
      '/2fa',
      (app, router) => app.use('/a', sub('/2fa', router).use('/sms', router)),
      'wrong',
    ],
  ])('%s: with mountPath %j', (_name, mountPath, mount, place) => {
    const edge = edgeAt(mountPath);
    expect(placeOfRouter(edge)).toBe('none');
    mount(express(), mountable(edge, () => undefined) as Router);
    expect(lostRouter(edge)?.code).toBe(place === 'wrong' ? 'misconfigured' : undefined);
    expect(placeOfRouter(edge)).toBe(place);
  });

  test('the gate says at which place it is', () => {
    const edge = edgeAt('/second-factor');
    express().use(['/2FA/', '/sms'], mountable(edge, () => undefined) as Router);
    expect(lostRouter(edge)?.message).toBe(
      "router() is at '/2fa', and browsers are sent to '/second-factor' (mountPath). One of these: mount it at '/second-factor'; give mountPath: '/2fa'.",
    );
  });

  test('of two routers one is enough', () => {
    const edge = edgeAt('/2fa');
    const app = express();
    app.use('/sms', mountable(edge, () => undefined) as Router);
    expect(placeOfRouter(edge)).toBe('wrong');
    app.use('/2fa', mountable(edge, () => undefined) as Router);
    expect(placeOfRouter(edge)).toBe('right');
  });

  test('of another framework, whose apps say less than those of Express, nothing breaks', () => {
    const edge = edgeAt('/2fa');
    const router = mountable(edge, () => undefined) as unknown as Pick<EventEmitter, 'emit'>;
    const parent = {};
    router.emit('mount', parent);
    Object.assign(router, { mountpath: '/2fa', parent });
    expect(placeOfRouter(edge)).toBe('right');
  });

  test.each([
    ['/shop/2fa', '/shop', '', '/2fa', 'right'],
    ['/2fa', '', '/app', '/app/2fa', 'right'],
    ['/shop/2fa', '/shop', '/app', '/app/2fa', 'right'],
    ['/shop/2fa', '/shop', '/app', '/app/sms', 'wrong'],
    ['/shop', '/shop', '', '/', 'unknown'],
    // The router says it itself when it is asked: no path of the app leads to that place.
    ['/2fa', '/shop', '/app', '/sms', 'right'],
  ])(
    'behind a proxy: mountPath %s, browsers at %j, the app at %j, the router at %s',
    (mountPath, browser, app, at, place) => {
      const edge = edgeAt(mountPath, browser, app);
      express().use(at, mountable(edge, () => undefined) as Router);
      expect(placeOfRouter(edge)).toBe(place);
    },
  );

  test('a router that was asked for something where it should be is there, and no browser is lost', () => {
    const edge = edgeAt('/2fa');
    mountable(edge, () => undefined);
    expect(lostBrowsers(edge)).toBe(0);
    for (let time = 0; time < 3; time += 1) noteSent(edge);
    expect([placeOfRouter(edge), lostBrowsers(edge)]).toEqual(['unknown', 3]);
    const req = gateWorld().request({ baseUrl: '/2fa', originalUrl: '/2fa/', url: '/' });
    expect(misplacedRouter(edge, req)).toBeUndefined();
    expect([placeOfRouter(edge), lostBrowsers(edge)]).toEqual(['right', 0]);
  });
});

describe('a router that is asked at a path', () => {
  const said = (mountPath: string, base: [string, string], asked: object): string | undefined => {
    const edge = edgeAt(mountPath, ...base);
    const error = misplacedRouter(edge, gateWorld().request(asked));
    const finding = findingsOf(edge).get('SMS2FA_MOUNT_PATH');
    if (error === undefined) {
      expect([finding, placeOfRouter(edge), lostBrowsers(edge)]).toEqual([undefined, 'none', 0]);
      return undefined;
    }
    expect(error.code).toBe('misconfigured');
    expect(error.message).toBe(`${finding?.says} ${finding?.cure}`);
    return error.message;
  };

  test.each<[string, string, [string, string], object]>([
    ['as Express tells it', '/2fa', ['', ''], { baseUrl: '/2fa', originalUrl: '/x' }],
    ['in capitals', '/2fa', ['', ''], { baseUrl: '/2Fa', originalUrl: '/x' }],
    ['that is wanted in capitals', '/2FA', ['', ''], { baseUrl: '/2fa', originalUrl: '/x' }],
    ['that a proxy made shorter', '/shop/2fa', ['/shop', ''], { baseUrl: '/2fa' }],
    ['that a proxy made longer', '/2fa', ['', '/app'], { baseUrl: '/app/2fa' }],
    ['that is all a proxy left', '/shop', ['/shop', ''], { baseUrl: '' }],
    [
      'that is the root of an app between two proxies',
      '/shop',
      ['/shop', '/app'],
      { baseUrl: '/app', originalUrl: '/x' },
    ],
    ['that was rewritten', '/2fa', ['', ''], { baseUrl: '/inner', originalUrl: '/2FA?x=1' }],
    [
      'with no baseUrl',
      '/a/2fa',
      ['', ''],
      { baseUrl: undefined, originalUrl: '/a/2fa/x', url: '/x' },
    ],
  ])('%s is in its place', (_name, mountPath, base, asked) => {
    expect(said(mountPath, base, asked)).toBeUndefined();
  });

  const to = (mountPath: string) => `and browsers are sent to '${mountPath}' (mountPath).`;

  test.each<[string, string, [string, string], object, string]>([
    [
      'another one',
      '/2fa',
      ['', ''],
      { baseUrl: '/sms', originalUrl: '/sms/2fa' },
      `router() is at '/sms', ${to('/2fa')} One of these: mount it at '/2fa'; give mountPath: '/sms'.`,
    ],
    [
      'the root',
      '/2fa',
      ['', ''],
      { baseUrl: '', originalUrl: '/x' },
      `router() is at '/', ${to('/2fa')} One of these: mount it at '/2fa'; where a proxy takes /2fa away, give basePath: '/2fa'.`,
    ],
    [
      'the end of the wanted one',
      '/shop/2fa',
      ['', ''],
      { baseUrl: '/2fa', originalUrl: '/2fa/' },
      `router() is at '/2fa', ${to('/shop/2fa')} One of these: mount it at '/shop/2fa'; give mountPath: '/2fa'; where a proxy takes /shop away, give basePath: '/shop'.`,
    ],
    [
      'one that ends in the wanted one',
      '/2fa',
      ['', ''],
      { baseUrl: '/app/2fa', originalUrl: '/app/2fa/' },
      `router() is at '/app/2fa', ${to('/2fa')} One of these: mount it at '/2fa'; give mountPath: '/app/2fa'; where a proxy puts /app before it, give basePath: { browser: '/', app: '/app' }.`,
    ],
    [
      'the wanted one behind a proxy that takes more away',
      '/2fa',
      ['/shop', ''],
      { baseUrl: '/2fa', originalUrl: '/2fa/' },
      `router() is at '/2fa', for browsers '/shop/2fa', ${to('/2fa')} One of these: give mountPath: '/shop/2fa'.`,
    ],
    [
      'one that no browser sees',
      '/shop/2fa',
      ['/shop', '/app'],
      { baseUrl: '/sms', originalUrl: '/sms/' },
      `router() is at '/sms', ${to('/shop/2fa')} One of these: mount it at '/app/2fa'; give mountPath: '/sms'.`,
    ],
    [
      'one that nobody can tell',
      '/2fa',
      ['', ''],
      { baseUrl: undefined, originalUrl: '/sms/a', url: '/b' },
      `router() is at '/', ${to('/2fa')} One of these: mount it at '/2fa'; where a proxy takes /2fa away, give basePath: '/2fa'.`,
    ],
    [
      'another one, without Express',
      '/2fa',
      ['', ''],
      { baseUrl: undefined, originalUrl: '/sms/a', url: '/a' },
      `router() is at '/sms', ${to('/2fa')} One of these: mount it at '/2fa'; give mountPath: '/sms'.`,
    ],
    [
      'one with a parameter',
      '/2fa',
      ['', '/app'],
      { baseUrl: '/app/t/acme', originalUrl: '/app/t/acme', params: { tenant: 'acme' } },
      `router() is at '/app/t/acme', for browsers '/t/acme', ${to('/2fa')} Browsers are sent to one path, and :tenant has many: mount it once at '/app/2fa', outside of :tenant, and know the tenant by the session, the user or the host name.`,
    ],
    [
      'one with a parameter, which no path of the app leads to',
      '/2fa',
      ['/shop', '/app'],
      { baseUrl: '/app/acme', originalUrl: '/app/acme', params: { tenant: 'acme' } },
      `router() is at '/app/acme', for browsers '/shop/acme', ${to('/2fa')} Browsers are sent to one path, and :tenant has many: mount it once at '/2fa', outside of :tenant, and know the tenant by the session, the user or the host name.`,
    ],
    [
      'one that is too long to show',
      '/2fa',
      ['', ''],
      { baseUrl: `/${'x'.repeat(100)}`, originalUrl: '/' },
      `router() is at '/${'x'.repeat(79)}', ${to('/2fa')} One of these: mount it at '/2fa'; give mountPath: '/${'x'.repeat(79)}'.`,
    ],
  ])('that is %s says so, with its cures', (_name, mountPath, base, asked, says) => {
    expect(said(mountPath, base, asked)).toBe(says);
  });
});

test.each([
  ['', '', '/2fa/', '/2fa'],
  ['/shop', '', '/shop/2fa/', '/2fa'],
  ['/shop', '/app', '/shop/2fa/', '/app/2fa'],
  ['/shop', '/app', '/2fa/', '/2fa/'],
])(
  'a gate above no router names the path to mount it at: browsers at %j, the app at %j, %s',
  (browser, app, target, at) => {
    const edge = edgeAt(target.replace(/\/$/, ''), browser, app);
    const { code, message } = unmountedRouter(edge, target);
    const says = `The gate was asked for ${target}, so no router() is above it at mountPath.`;
    const cure = `Mount router() at '${at}', above enforce(), or say with mountPath where it is.`;
    expect([code, message]).toEqual(['misconfigured', `${says} ${cure}`]);
    expect([...findingsOf(edge)]).toEqual([['SMS2FA_MOUNT_PATH', { says, cure }]]);
  },
);

test.each(['/assets/caf\u00e9', '/assets/a b', '/assets/a\u0000', '/assets/a\u007f'])(
  '[S65] a path that no browser sends as it is stays shut: %j',
  (path) => {
    const isOpen = allowedPaths(['/assets/*'], []);
    const asked = (each: string) => isOpen(gateWorld().request({ originalUrl: each, path: each }));
    expect([asked('/assets/a'), asked(path)]).toEqual([true, false]);
  },
);

test.each([
  [undefined, undefined],
  ['', undefined],
  ['no URL', undefined],
  ['https://acme.example/pay?to=bob#form', '/pay?to=bob'],
  ['https://acme.example', '/'],
  ['https://evil.example/pay', undefined],
  ['https://acme.example//evil.example', undefined],
])('[S185] whoever says they come from %j has come from the page %j', (referer, page) => {
  const req = gateWorld().request({ headers: { host: 'acme.example', referer } });
  expect(refererPath(req)).toBe(page);
});

test('a request without a host and a referer has come from nowhere', () => {
  expect(refererPath(gateWorld().request({ headers: {} }))).toBeUndefined();
});
