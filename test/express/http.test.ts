import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { addCookie } from '../../lib/express/http';
import { listen } from '../helpers/servers';

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
  expect(error).toMatchObject({ code: 'ERR_HTTP_HEADERS_SENT' });
});
