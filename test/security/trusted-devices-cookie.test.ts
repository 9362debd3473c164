import { createServer, get } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Express, type Response } from 'express';
import type { TestApp } from '../helpers/app';
import { atOnce } from '../helpers/parallel';
import { listen as listening } from '../helpers/servers';
import { listen, startTrusting, TrustingBrowser, type Answer } from './trusting-browser';

let app: TestApp;
let browser: TrustingBrowser;

async function start(after: (app: Express) => void): Promise<void> {
  app = await startTrusting({ after });
  browser = await new TrustingBrowser(app).trust();
}

/** The next sign-in of the browser opens this path: the token comes with its answer. */
async function expectToken(path: string, cookies: string[], status = 200): Promise<Answer> {
  const told = listen(app, 'device_copied');
  const before = browser.token;
  await browser.signIn();
  const answer = await browser.ask('GET', path);
  expect([path, answer.status]).toEqual([path, status]);
  const own = answer.set.filter((line) => !/^(__Host-|connect\.sid)/.test(line));
  expect(own).toEqual(cookies);
  expect(browser.token).not.toBe(before);
  // The session with its new id comes along, and the next sign-in passes.
  expect(await browser.knock()).toBe(200);
  await browser.signIn();
  expect(await browser.knock()).toBe(200);
  expect(told).toEqual([]);
  return answer;
}

/** What handlers do with their answer, and the cookies of the app's own that come of it. */
const HANDLERS: Record<string, [cookies: string[], handler: (res: Response) => unknown]> = {
  '/set': [['a=1'], (res) => res.setHeader('Set-Cookie', 'a=1').end()],
  '/header': [['a=1'], (res) => res.header('Set-Cookie', 'a=1').send('x')],
  '/object': [['a=1'], (res) => res.writeHead(200, { 'Set-Cookie': 'a=1' }).end()],
  '/list': [['a=1'], (res) => res.writeHead(200, ['Set-Cookie', 'a=1']).end()],
  '/cookie': [['a=1; Path=/'], (res) => res.cookie('a', '1').json({})],
  '/remove': [[], (res) => (res.removeHeader('Set-Cookie'), res.end())],
  '/stream': [
    ['a=1'],
    (res) => {
      res.setHeader('Set-Cookie', ['a=1']);
      res.write('x');
      setImmediate(() => res.end('y'));
    },
  ],
  '/flush': [
    ['a=1'],
    (res) => (res.setHeader('Set-Cookie', ['a=1']), res.flushHeaders(), res.end()),
  ],
  '/public': [[], (res) => res.set('Cache-Control', 'public, max-age=86400').send('x')],
};

test.each(Object.keys(HANDLERS))(
  '[S183] what a handler does at %s does not drop the token',
  async (path) => {
    const [cookies, handler] = HANDLERS[path]!;
    await start((routes) => routes.get(path, (_req, res) => void handler(res)));
    const { headers } = await expectToken(path, cookies);
    expect(headers).toMatch(/^cache-control: no-store\r$/im);
  },
);

test('[S183] nor do a redirect, an error page, and a file that the browser has already', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'files-'));
  try {
    await writeFile(join(folder, 'picture.txt'), 'a picture');
    await start((routes) => {
      routes.use(
        express.static(folder, { setHeaders: (res) => void res.setHeader('Set-Cookie', 'f=1') }),
      );
      routes.get('/elsewhere', (_req, res) => {
        res.setHeader('Set-Cookie', 'e=1');
        res.redirect('/');
      });
      routes.get('/broken', () => {
        throw new Error('the page broke');
      });
    });
    const { headers } = await expectToken('/picture.txt', ['f=1']);
    const etag = /^etag: (.*)\r$/im.exec(headers)![1]!;
    const again = await browser.signIn().then(() => {
      const request = browser.request('GET', '/picture.txt');
      return atOnce(app.url, [
        { ...request, headers: { ...request.headers, 'if-none-match': etag } },
      ]);
    });
    const { status, set } = browser.take(again[0]!);
    expect([status, set.some((line) => line.startsWith('__Host-'))]).toEqual([304, true]);
    expect(await browser.knock()).toBe(200);
    await expectToken('/elsewhere', ['e=1'], 302);
    const silenced = jest.spyOn(console, 'error').mockReturnValue();
    await expectToken('/broken', [], 500);
    silenced.mockRestore();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('[S183] nor does an answer that is passed on from another server, headers and all', async () => {
  const behind = await listening(
    createServer((_req, res) => {
      const length = ['Content-Length', '11', 'Connection', 'close'];
      res.writeHead(200, [
        'Set-Cookie',
        'p=1',
        'Set-Cookie',
        'q=2',
        'Cache-Control',
        'public',
        ...length,
      ]);
      res.end('from behind');
    }),
  );
  await start((routes) =>
    routes.get('/behind', (_req, res) => {
      get(behind.url, (answer) => {
        // In both ways that proxies write them.
        for (const [name, value] of Object.entries(answer.headers)) res.setHeader(name, value!);
        res.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
        answer.pipe(res);
      });
    }),
  );
  const { body, headers } = await expectToken('/behind', ['p=1', 'q=2']);
  expect(body).toBe('from behind');
  expect(headers.match(/^cache-control: .*\r$/gim)).toEqual(['Cache-Control: no-store\r']);
});

test('[S183] the cookie of a browser that is being trusted is not dropped by the app’s own answer', async () => {
  await start(() => undefined);
  const later = await startTrusting({
    before: (routes) => {
      routes.use((_req, res, next) => {
        const end = res.end.bind(res);
        res.end = ((...given: []) => {
          if (!res.headersSent) res.setHeader('Set-Cookie', 'z=1');
          return end(...given);
        }) as typeof res.end;
        next();
      });
    },
  });
  const other = new TrustingBrowser(later);
  await other.trust();
  expect(other.deviceCookies()).toHaveLength(1);
});

test('[S83] two apps on one host, with equal user ids, have each a cookie of their own', async () => {
  await start(() => undefined);
  const named = { appName: 'Bank', domain: 'acme.example' };
  const other = await startTrusting({ factor: named });
  const there = await new TrustingBrowser(other).trust();
  expect(there.deviceCookies()[0]![0]).not.toBe(browser.deviceCookies()[0]![0]);
  const third = await startTrusting({ factor: { domain: 'other.example' } });
  const elsewhere = await new TrustingBrowser(third).trust();
  const names = [browser, there, elsewhere].map((each) => each.deviceCookies()[0]![0]);
  expect(new Set(names).size).toBe(3);
});
