import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import request from 'supertest';
import {
  addCookie,
  hasGone,
  isForm,
  isJson,
  isSafe,
  languageOf,
  onEnd,
  sendJson,
} from '../../lib/express/http';
import { startApp } from '../helpers/app';
import { listen } from '../helpers/servers';
import { gateWorld } from './gate-world';

const OURS = '__Host-x=1; Path=/';

interface Answer {
  status: number | undefined;
  message: string | undefined;
  cookies: string[];
  headers: IncomingMessage['headers'];
  body: string;
}

/** What a browser gets of a handler that runs behind a gate, which had a cookie to give. */
async function answerOf(
  handler: (res: ServerResponse, req: IncomingMessage) => void,
  lines: [name: string, line: string][] = [['__Host-x', OURS]],
): Promise<Answer> {
  const server = createServer((req, res) => {
    for (const [name, line] of lines) addCookie(res, name, line);
    handler(res, req);
  });
  const { url, close } = await listen(server);
  try {
    return await new Promise((resolve, reject) => {
      get(url, (answer) => {
        let body = '';
        answer.on('data', (chunk: Buffer) => (body += String(chunk)));
        answer.on('end', () => {
          const { statusCode: status, statusMessage: message, headers } = answer;
          resolve({ status, message, cookies: headers['set-cookie'] ?? [], headers, body });
        });
      }).on('error', reject);
    });
  } finally {
    await close();
  }
}

test.each<[string, string[], (res: ServerResponse) => void]>([
  ['end', [], (res) => res.end('x')],
  ['write and end', [], (res) => (res.write('x'), res.end())],
  ['flushHeaders', [], (res) => (res.flushHeaders(), res.end('x'))],
  ['setHeader', ['a=1'], (res) => (res.setHeader('Set-Cookie', 'a=1'), res.end('x'))],
  [
    'setHeader with a list, twice',
    ['b=2', 'c=3'],
    (res) => {
      res.setHeader('set-cookie', 'a=1');
      res.setHeader('SET-COOKIE', ['b=2', 'c=3']);
      res.end('x');
    },
  ],
  ['appendHeader', ['a=1'], (res) => (res.appendHeader('Set-Cookie', 'a=1'), res.end('x'))],
  ['removeHeader', [], (res) => (res.removeHeader('Set-Cookie'), res.end('x'))],
  ['writeHead', [], (res) => res.writeHead(200).end('x')],
  [
    'writeHead with an object',
    ['a=1'],
    (res) => res.writeHead(200, { 'Set-Cookie': 'a=1' }).end('x'),
  ],
  [
    'writeHead with an object, a reason and a list',
    ['a=1', 'b=2'],
    (res) => {
      res.setHeader('Set-Cookie', 'lost=1');
      res.writeHead(200, 'OK', { 'set-cookie': ['a=1', 'b=2'] }).end('x');
    },
  ],
  [
    'writeHead with no reason and an object',
    ['a=1'],
    (res) => res.writeHead(200, undefined, { 'Set-Cookie': 'a=1' }).end('x'),
  ],
  [
    'writeHead with a flat list',
    ['a=1', 'b=2'],
    (res) =>
      res.writeHead(200, ['Set-Cookie', 'a=1', 'X-Of', 'the app', 'set-cookie', 'b=2']).end('x'),
  ],
  [
    'writeHead with a list of pairs',
    ['a=1', 'b=2'],
    (res) => {
      const pairs = [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ];
      res.writeHead(200, pairs as never).end('x');
    },
  ],
  [
    'a flat list with lists in it',
    ['a=1', 'b=2'],
    (res) => res.writeHead(200, ['Set-Cookie', ['a=1', 'b=2']]).end('x'),
  ],
])('[S183] %s does not drop the cookie, nor the app’s own', async (_how, apps, handler) => {
  const { status, cookies, headers, body } = await answerOf(handler);
  expect([status, cookies, body]).toEqual([200, [...apps, OURS], 'x']);
  expect(headers['cache-control']).toBe('no-store');
});

test('[S183] what else is in writeHead arrives as it would: reason, other headers, nothing of undefined', async () => {
  const { status, message, headers } = await answerOf((res) => {
    res.setHeader('X-Before', 'set');
    res.setHeader('X-Both', 'set');
    res.writeHead(418, 'Short', { 'X-Both': 'given', 'X-Given': 7, 'X-None': undefined }).end();
  });
  expect([status, message]).toEqual([418, 'Short']);
  expect(headers).toMatchObject({ 'x-before': 'set', 'x-both': 'given', 'x-given': '7' });
  expect(headers).not.toHaveProperty('x-none');
});

test('[S183] a 304 brings it, too, and an answer that others could cache is kept by none', async () => {
  const { status, cookies, headers } = await answerOf((res) => {
    res.writeHead(304, { 'Cache-Control': 'public, max-age=9', ETag: '"x"' }).end();
  });
  expect([status, cookies, headers['cache-control']]).toEqual([304, [OURS], 'no-store']);
  expect(headers.etag).toBe('"x"');
});

test('[S183] of two cookies of one name the later one is brought, also where an app had the same', async () => {
  const lines: [string, string][] = [
    ['__Host-x', 'first'],
    ['__Host-y', '__Host-y=2'],
    ['__Host-x', OURS],
  ];
  const { cookies } = await answerOf((res) => {
    res.setHeader('Set-Cookie', ['__Host-x=old; Path=/', '__Host-xy=3']);
    res.end();
  }, lines);
  expect(cookies).toEqual(['__Host-xy=3', OURS, '__Host-y=2']);
});

test('[S183] headers that are written twice are the app’s own error, as Node says it', async () => {
  let error: unknown;
  await answerOf((res) => {
    res.writeHead(200, { 'X-Of': 'the app' });
    try {
      res.writeHead(201, { 'X-Late': '1' });
    } catch (thrown) {
      error = thrown;
    }
    res.end();
  });
  expect(error).toMatchObject({
    code: 'ERR_HTTP_HEADERS_SENT',
    message: expect.stringMatching(/^Cannot write headers/) as string,
  });
});

test('[S183] of a flat list no header arrives but those in it', async () => {
  const { headers } = await answerOf((res) => {
    res.sendDate = false;
    res.writeHead(200, ['X-Of', 'the app', 'Connection', 'close', 'Content-Length', '0']).end();
  });
  expect(headers).toEqual({
    'set-cookie': [OURS],
    'cache-control': 'no-store',
    'x-of': 'the app',
    connection: 'close',
    'content-length': '0',
  });
});

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
test('[S78] who prefers HTML gets a page; a script, curl and who sends JSON a document', async () => {
  const { url } = await startApp();
  const headers = (accept: string | undefined, type?: string) => ({
    ...(accept === undefined ? {} : { accept }),
    ...(type === undefined ? {} : { 'content-type': type }),
  });
  for (const [accept, type, status] of [
    [BROWSER, undefined, 302],
    ['text/html', undefined, 302],
    ['text/html, application/json;q=0.9', undefined, 302],
    [undefined, undefined, 401],
    ['*/*', undefined, 401],
    ['application/json', undefined, 401],
    ['application/json, text/html', undefined, 401],
    ['text/html;q=0.9, application/json', undefined, 401],
    ['text/plain', undefined, 401],
    [BROWSER, 'application/json', 401],
  ] as const) {
    const answer = await request(url).get('/secret').set(headers(accept, type));
    expect([accept, type, answer.status]).toEqual([accept, type, status]);
  }
});

test.each<[string | undefined, boolean, boolean]>([
  ['application/json', true, false],
  ['application/json; charset=utf-8', true, false],
  ['Application/JSON', true, false],
  ['application/merge-patch+json', true, false],
  ['application/x-www-form-urlencoded', false, true],
  ['APPLICATION/X-WWW-FORM-URLENCODED;charset=utf-8', false, true],
  ['application/jsonp', false, false],
  ['application/x-www-form-urlencoded2', false, false],
  ['application/a;+json', false, false],
  ['text/plain; application/json', false, false],
  ['text/plain; application/x-www-form-urlencoded', false, false],
  ['multipart/form-data', false, false],
  [undefined, false, false],
])('a body of %s is JSON: %p, and a form: %p', (type, json, form) => {
  const req = gateWorld().request({ headers: type === undefined ? {} : { 'content-type': type } });
  expect([isJson(req), isForm(req)]).toEqual([json, form]);
});

test('to view a page, or only its head, changes nothing', () => {
  const safe = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get'].filter(
    (method) => isSafe(gateWorld().request({ method })),
  );
  expect(safe).toEqual(['GET', 'HEAD']);
});

test('nothing of a document is kept, guessed at or referred from', async () => {
  const { status, headers, body } = await answerOf((res) => sendJson(res, 201, { says: 'é' }), []);
  expect([status, body]).toEqual([201, '{"says":"é"}']);
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'content-type': 'application/json; charset=utf-8',
    'content-length': '13',
  });
});

test('what waits for the end of an answer comes before it, with all that ends it passed on', async () => {
  const said: string[] = [];
  const { body } = await answerOf((res) => {
    onEnd(res, () => said.push(`sent: ${res.headersSent}`));
    res.end('last', 'utf8', () => said.push('finished'));
  }, []);
  expect([said, body]).toEqual([['sent: false', 'finished'], 'last']);
});

test('who is there has not gone, whatever the proxy’s own connection does', () => {
  const gone = { destroyed: false, localAddress: '127.0.0.1', remoteAddress: undefined };
  expect(hasGone({})).toBe(false);
  for (const [more, is] of [
    [{}, true],
    [{ remoteAddress: '192.0.2.7' }, false],
    [{ localAddress: undefined }, false],
    [{ destroyed: true, remoteAddress: '192.0.2.7' }, true],
  ] as const) {
    expect(hasGone({ socket: { ...gone, ...more } as never })).toBe(is);
  }
  expect(hasGone({ ip: '192.0.2.1', socket: gone as never })).toBe(false);
  expect(hasGone({ ip: '192.0.2.1', socket: { ...gone, destroyed: true } as never })).toBe(true);
});

describe('the language of a request', () => {
  const LINE = "locale failed, and the browser's language is used: ";
  const spoken = (locale: unknown, accept?: string) => {
    const world = gateWorld(locale === undefined ? {} : { locale });
    const make = (more?: object) => world.request(more);
    const { edge, core } = world;
    const told: string[][] = [];
    const headers = accept === undefined ? {} : { 'accept-language': accept };
    // Nor does it need a logger.
    const { lang } = languageOf(edge, make({ headers }));
    core.tell = (...line) => void told.push(line);
    expect(languageOf(edge, make({ headers })).lang).toBe(lang);
    return { lang, told };
  };

  test.each<[locale: unknown, accept: string | undefined, lang: string]>([
    [undefined, undefined, 'en'],
    [undefined, 'de', 'de'],
    [undefined, 'xx, fr;q=0.5, de;q=0.1', 'fr'],
    [() => 'es', 'de', 'es'],
    [() => 'es', undefined, 'es'],
    [() => undefined, 'de', 'de'],
    [() => undefined, undefined, 'en'],
    [() => 'xx', 'de', 'de'],
    [() => 'xx', undefined, 'en'],
  ])(
    'where the app says %p and the browser %p, it is the app’s, else the browser’s: %s',
    (locale, accept, lang) => {
      expect(spoken(locale, accept)).toEqual({ lang, told: [] });
    },
  );

  const NO_TEXT = 'it gave no text; look the language up before, and give it or undefined.';
  test.each<[string, () => unknown, string]>([
    [
      'fails',
      () => {
        throw new Error('no user 482913');
      },
      'no user (digits)',
    ],
    [
      'fails with no error',
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- apps do
        throw 'away';
      },
      'away',
    ],
    ['gives null', () => null, NO_TEXT],
    ['gives a list', () => ['es'], NO_TEXT],
    ['gives a promise', () => Promise.resolve('es'), NO_TEXT],
    ['gives one that rejects', () => Promise.reject(new Error('away')), NO_TEXT],
  ])(
    'an app that %s is told so, and its users read what their browsers ask for',
    (_, locale, why) => {
      expect(spoken(locale, 'de')).toEqual({ lang: 'de', told: [['warn', 'locale', LINE + why]] });
      expect(spoken(locale).lang).toBe('en');
    },
  );

  test('the app is asked once for each request, and with it', () => {
    const locale = jest.fn(() => 'es');
    const world = gateWorld({ locale });
    const { edge } = world;
    const req = world.request();
    expect(languageOf(edge, req)).toBe(languageOf(edge, req));
    expect(locale.mock.calls).toEqual([[req]]);
    languageOf(edge, world.request());
    expect(locale).toHaveBeenCalledTimes(2);
  });
});
