import { createServer } from 'node:http';
import express, { type Express } from 'express';
import request from 'supertest';
import { seenPath } from '../../lib/express/paths';
import type { SecondFactorOptions } from '../../lib';
import { codeIn, newestCode, startApp, type TestApp, type User } from '../helpers/app';
import { Browser } from '../helpers/browser';
import { startProxy } from '../helpers/proxy';
import { listen } from '../helpers/servers';

type Options = Partial<SecondFactorOptions<User>>;

/** How an app is reached: what browsers see before its paths, and how they get to it. */
interface Place {
  name: string;
  prefix: string;
  options: Options;
  reach: (app: Express, url: string) => Promise<{ url: string }>;
}

const below = (path: string) => async (app: Express) =>
  listen(createServer(express().use(path, app)));
const strip = (url: string) =>
  startProxy(url, (path) => (path.startsWith('/shop/') ? path.slice(5) : undefined));
const add = (url: string) => startProxy(url, (path) => `/app${path}`);
const whole: Options = {
  mountPath: '/shop/second-factor',
  homePath: '/shop/',
  loginPath: '/shop/login',
  logoutPath: '/shop/logout',
};

const PLACES: Place[] = [
  { name: 'by itself', prefix: '', options: {}, reach: async (_app, url) => ({ url }) },
  { name: 'below another app', prefix: '/shop', options: whole, reach: below('/shop') },
  {
    name: 'behind a proxy that strips',
    prefix: '/shop',
    options: { basePath: '/shop', loginPath: '/shop/login' },
    reach: (_app, url) => strip(url),
  },
  {
    name: 'behind a proxy that strips, all paths given as browsers see them',
    prefix: '/shop',
    options: { ...whole, basePath: '/shop/' },
    reach: (_app, url) => strip(url),
  },
  {
    name: 'behind a proxy that adds',
    prefix: '',
    options: { basePath: { browser: '/', app: '/app' } },
    reach: async (app) => add((await below('/app')(app)).url),
  },
  {
    name: 'behind one that strips and one that adds',
    prefix: '/shop',
    options: { basePath: { browser: '/shop', app: '/app' }, loginPath: '/shop/login' },
    reach: async (app) => strip((await add((await below('/app')(app)).url)).url),
  },
];

/** Pages of the app itself, whose links are as its browsers see them. */
function ownPages(prefix: string) {
  return {
    before: (app: Express): void => {
      app.get('/login', (_req, res) => {
        res.send(
          `<form action="${prefix}/login"><input name="username"><input name="password"></form>`,
        );
      });
    },
    after: (app: Express, secondFactor: TestApp['secondFactor']): void => {
      app.get('/form', (_req, res) => {
        res.send(`<form action="${prefix}/pay?x=1"><input name="to" value="bob"></form>`);
      });
      const gate = secondFactor.require({ maxAge: 300, resume: true });
      app.post('/pay', gate, (req, res) => res.json({ paid: req.originalUrl, body: req.body }));
      const loop = secondFactor.require({ maxAge: 1, redirectTo: `${prefix}/confirm?why` });
      app.get('/confirm', loop, (_req, res) => void res.send('confirmed'));
    },
  };
}

test.each(PLACES)('every path that a browser gets leads there: $name', async (place) => {
  const { prefix, options, reach } = place;
  const app = await startApp({ factor: options, ...ownPages(prefix) });
  const { url } = await reach(app.app, app.url);
  const browser = new Browser(url);
  const at = (): string => browser.url.slice(url.length);

  await browser.visit(`${prefix}/secret`);
  expect(at()).toBe(`${prefix}/login`);
  await browser.submit(`${prefix}/login`, { username: 'A', password: 'right' });
  await browser.visit(`${prefix}/secret?a=1`);
  expect(at()).toBe(`${prefix}/second-factor/`);
  for (const [, file = ''] of browser.page.matchAll(/(?:href|src)="([^"]+\.(?:css|js))"/g)) {
    expect((await fetch(new URL(file, url))).status).toBe(200);
  }
  await browser.submit(`${prefix}/second-factor/challenge`);
  await browser.submit(`${prefix}/second-factor/verify`, { code: newestCode(app) });
  expect([at(), browser.page]).toEqual([`${prefix}/secret?a=1`, 'the secret marker']);

  // A form that is held up waits, and goes to the app once more.
  await app.clock.advance(400);
  await browser.visit(`${prefix}/form`);
  await browser.submit(`${prefix}/pay?x=1`);
  expect(at()).toBe(`${prefix}/second-factor/`);
  await browser.submit(`${prefix}/second-factor/challenge`);
  await browser.submit(`${prefix}/second-factor/verify`, { code: newestCode(app) });
  expect(at()).toBe(`${prefix}/second-factor/resume`);
  expect(browser.page).toContain(`<a href="${prefix}/">`);
  await browser.submit(`${prefix}/pay?x=1`);
  expect(browser.page).toMatch(/"paid":".*\/pay\?x=1","body":\{"to":"bob"\}/);

  // A page that sends browsers to itself is an error, not a loop.
  await app.clock.advance(400);
  await browser.visit(`${prefix}/confirm`);
  expect(browser.status).toBe(500);
});

test('[S185] behind a proxy that strips, JSON gets the path that browsers see', async () => {
  const app = await startApp({ factor: { basePath: '/shop' } });
  const { url } = await strip(app.url);
  const headers = { accept: 'text/html', 'sec-fetch-site': 'none' };
  const json = { 'content-type': 'application/json' };
  const post = (path: string, body: object, cookie = '') =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { ...json, cookie },
      body: JSON.stringify(body),
    });
  const cookie = async (answer: Response): Promise<string> => {
    await answer.arrayBuffer();
    return answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
  };
  const session = await cookie(await post('/shop/login', { username: 'A', password: 'right' }));
  const sent = { headers: { ...headers, cookie: session }, redirect: 'manual' } as const;
  const away = await fetch(`${url}/shop/secret?a=1`, sent);
  expect(away.headers.get('location')).toBe('/shop/second-factor/');
  await post('/shop/second-factor/challenge', {}, session);
  const code = codeIn(app.outbox.last()!.body);
  const answer = await post('/shop/second-factor/verify', { code }, session);
  expect(await answer.json()).toEqual({ verified: true, returnTo: '/shop/secret?a=1' });
});

test.each([
  ['/', '/app', '/app', '/'],
  ['/', '/app', '/app/a?b=/app', '/a?b=/app'],
  ['/', '/app', '/app?b', '/?b'],
  ['/', '/app', '/application', undefined],
  ['/', '/app', '/other', undefined],
  ['/', '/app', '/app//evil.example', undefined],
  ['/', '/app', '/app/\\evil.example', undefined],
  ['/', '/app', '/app/%2fevil.example', undefined],
  ['/', '/app', '/app/..//evil.example', undefined],
  ['/', '/app', '/app/.//evil.example', undefined],
  ['/', '/app', 'http://evil.example/app/', undefined],
  ['/shop', '/', '/a', '/shop/a'],
  ['/shop', '/', '/', '/shop/'],
  ['/shop', '/', '//evil.example', undefined],
  ['/shop', '/', '/../../a', '/shop/a'],
  ['/shop', '/app', '/app/a', '/shop/a'],
  ['/', '/', undefined, undefined],
])(
  '[S185] with browsers at %s and the app at %s, %s is seen at %s',
  (browser, app, asked, seen) => {
    const basePath = { browser: browser.replace(/\/$/, ''), app: app.replace(/\/$/, '') };
    expect(seenPath({ basePath }, asked)).toBe(seen);
  },
);

describe('a router that is not where browsers are sent', () => {
  let warnings: jest.SpyInstance;
  beforeEach(() => {
    warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });
  afterEach(() => {
    warnings.mockRestore();
  });
  const told = (): unknown[] =>
    (warnings.mock.calls as [string, { code?: string }][])
      .filter(([, about]) => about.code === 'SMS2FA_MOUNT_PATH')
      .map(([message]) => message);

  test.each<[string, Options, Place['reach'], RegExp]>([
    [
      'mountPath is another',
      { mountPath: '/2fa' },
      PLACES[0]!.reach,
      /at '\/second-factor'.* to '\/2fa'.*mount it at '\/2fa'; give mountPath: '\/second-factor'/,
    ],
    [
      'the app is below another one',
      {},
      below('/shop'),
      /'\/shop\/second-factor'.*give mountPath: '\/shop\/second-factor'/,
    ],
    [
      'a proxy strips',
      { mountPath: '/shop/second-factor' },
      (_app, url) => strip(url),
      /takes \/shop away, give basePath: '\/shop'/,
    ],
    [
      'a proxy adds',
      {},
      async (app) => add((await below('/app')(app)).url),
      /give basePath: \{ browser: '\/', app: '\/app' \}/,
    ],
    [
      'basePath is not in mountPath',
      { basePath: '/shop', mountPath: '/second-factor' },
      (_app, url) => strip(url),
      /for browsers '\/shop\/second-factor'.*give mountPath: '\/shop\/second-factor'/,
    ],
  ])('is told at the first request, with its cure: %s', async (_name, options, reach, cure) => {
    const app = await startApp({ factor: options });
    const { url } = await reach(app.app, app.url);
    const paths = ['/second-factor/', '/shop/second-factor/'];
    const seen = new Set<string>();
    for (const path of paths) {
      const page = await fetch(`${url}${path}`, { headers: { accept: 'text/html' } });
      const problem = await fetch(`${url}${path}`, { headers: { accept: 'application/json' } });
      if (page.status === 404) continue;
      seen.add(path);
      expect([page.status, problem.status]).toEqual([500, 500]);
      expect(await page.text()).toContain('on our side');
      expect(await problem.json()).toMatchObject({ code: 'misconfigured' });
    }
    expect(seen.size).toBeGreaterThan(0);
    expect(told()).toEqual([expect.stringMatching(cure)]);
  });

  test('below a parameter is told to move out of it: no mountPath is right for all tenants', async () => {
    const made = await startApp();
    const host = express();
    host.use('/t/:tenant/2fa', made.secondFactor.router());
    await request(host).get('/t/acme/2fa/').expect(500);
    expect(told()).toEqual([
      expect.stringMatching(
        /router\(\) is at '\/t\/acme\/2fa'.* :tenant has many: mount it once at '\/second-factor', outside of :tenant, and know the tenant by the session/,
      ),
    ]);
    expect(String(told()[0])).not.toContain('give mountPath');
  });

  test('is told by the gate, where it would send a browser to nothing', async () => {
    const app = await startApp({ factor: { mountPath: '/2fa' } });
    const agent = app.agent();
    await agent.post('/login').send({ username: 'A', password: 'right' }).expect(200);
    await agent.get('/secret').set('Accept', 'text/html').expect(500);
    expect(told()).toHaveLength(1);
    await agent.get('/secret').expect(401);
    expect(warnings).toHaveBeenCalledTimes(1);
  });

  test('is not told by the gate of an app that is mounted twice, once where it should be', async () => {
    for (const isEarly of [false, true]) {
      const app = await startApp({ factor: { mountPath: '/admin/2fa' } });
      const [host, below] = [express(), express()];
      if (isEarly) host.use('/admin', below);
      below.use(app.sessions);
      below.post(
        '/login',
        express.json(),
        app.authenticator.authenticate('local') as never,
        (_req, res) => void res.json({}),
      );
      below.use('/2fa', app.secondFactor.router());
      below.get('/secret', app.secondFactor.require(), (_req, res) => void res.send('in'));
      if (!isEarly) host.use('/admin', below);
      host.use('/ops', below);
      const agent = request.agent(host);
      await agent.post('/admin/login').send({ username: 'A', password: 'right' }).expect(200);
      const answer = await agent.get('/admin/secret').set('Accept', 'text/html').expect(302);
      expect(answer.headers.location).toBe('/admin/2fa/');
      await agent.get('/admin/2fa/').set('Accept', 'text/html').expect(200);
    }
    expect(warnings).not.toHaveBeenCalled();
  });

  test('is told of each request where nobody but its own path says where it is, not only of the first', async () => {
    const { secondFactor } = await startApp({
      factor: { basePath: { browser: '/', app: '/app' } },
    });
    const router = secondFactor.router() as (req: object, res: object, next: () => void) => void;
    // A server without Express: no request has a `baseUrl`.
    const { url } = await listen(
      createServer((req, res) => {
        const originalUrl = req.url;
        router(
          Object.assign(req, { originalUrl, url: req.url!.replace(/^\/app\/[\w-]+/, '') }),
          res,
          () => res.end(),
        );
      }),
    );
    const statusOf = async (path: string) => (await fetch(`${url}/app/${path}/style.css`)).status;
    expect(await statusOf('elsewhere')).toBe(500);
    expect(await statusOf('second-factor')).toBe(200);
    expect(await statusOf('elsewhere')).toBe(500);
    expect(told()).toHaveLength(1);
  });

  test.each<[string, (app: Express, router: express.Handler) => void, string]>([
    ['in capitals', (app, router) => app.use('/Second-Factor', router), '/SECOND-factor/'],
    ['with a last slash', (app, router) => app.use('/second-factor/', router), '/second-factor/'],
    [
      'in a Router',
      (app, router) => app.use(express.Router().use('/second-factor', router)),
      '/second-factor/',
    ],
    [
      'in an app of a Router',
      (app, router) => app.use('/second-factor', express.Router().use(express().use(router))),
      '/second-factor/',
    ],
    [
      'at two paths',
      (app, router) => app.use(['/2fa', '/second-factor'], router),
      '/second-factor/',
    ],
    [
      'behind a path that was rewritten',
      (app, router) => {
        app.use((req, _res, next) => {
          req.url = req.url.replace('/second-factor', '/inner');
          next();
        });
        app.use('/inner', router);
      },
      '/second-factor/',
    ],
  ])('is none that is mounted %s', async (_name, mount, path) => {
    const { secondFactor } = await startApp();
    const app = express();
    mount(app, secondFactor.router() as express.Handler);
    const { url } = await listen(createServer(app));
    const answer = await fetch(`${url}${path}style.css`);
    expect(answer.status).toBe(200);
    expect(warnings).not.toHaveBeenCalled();
  });
});
