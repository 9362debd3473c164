import { createServer, IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setTimeout as setTimer } from 'node:timers';
import express, { type RequestHandler } from 'express';
import { bodyOf, readBody } from '../../lib/express/post';
import { warnerOf } from '../../lib/options/check-features';
import type { Edge } from '../../lib/express/edge';
import type { HttpRequest } from '../../lib/express/http';
import { createLocales } from '../../lib/locales/locales';
import { checkWebhooks } from '../../lib/options/check-webhooks';
import { listen } from '../helpers/servers';

const EDGE = {} as Edge;

afterEach(() => jest.restoreAllMocks());

/** A request whose body has come with its head. */
function requestWith(body: string | Buffer, headers: Record<string, string> = {}): HttpRequest {
  const req: HttpRequest = new IncomingMessage(new PassThrough() as unknown as Socket);
  req.headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  req.push(body);
  req.push(null);
  req.complete = true;
  return req;
}

/** What is made of a body: a refusal's code, or the body. */
async function outcomeOf(req: HttpRequest): Promise<unknown> {
  const refusal = await readBody(EDGE, req);
  return refusal === undefined ? { body: req.body } : refusal.code;
}

/** A spelling of the type that is left to the parsers. */
const FOR_PARSERS = { 'content-type': 'application/json; charset="utf-8"' };

test.each([
  ['{"code":"123456"}', { body: { code: '123456' } }],
  [' \r\n{"code":"ä€😀"}', { body: { code: 'ä€😀' } }],
  ['\ufeff{"code":"1"}', { body: { code: '1' } }],
  ['[]', { body: [] }],
  ['{"__proto__":{"code":"1"}}', { body: JSON.parse('{"__proto__":{"code":"1"}}') as object }],
  ['{"code":', 'request_malformed'],
  ['"123456"', 'request_malformed'],
  ['7', 'request_malformed'],
  ['null', 'request_malformed'],
  ['code=123456', 'request_malformed'],
  [JSON.stringify({ code: '1'.repeat(10_229) }), { body: { code: '1'.repeat(10_229) } }],
  [JSON.stringify({ code: '1'.repeat(10_230) }), 'request_too_large'],
  [JSON.stringify({ more: 'x'.repeat(20_000) }), 'request_too_large'],
])('JSON that is at hand is read as the parsers read it: %p', async (body, outcome) => {
  expect(await outcomeOf(requestWith(body))).toEqual(outcome);
  expect(await outcomeOf(requestWith(body, FOR_PARSERS))).toEqual(outcome);
});

test.each([
  'application/json',
  'application/json;charset=utf-8',
  'Application/JSON; charset=UTF-8',
])('what is at hand is not waited for: %p', async (type) => {
  const req = requestWith('{"code":"1"}', { 'content-type': type });
  const listened = jest.spyOn(req, 'on');
  expect(await outcomeOf(req)).toEqual({ body: { code: '1' } });
  expect(listened).not.toHaveBeenCalled();
  // A parser of the app's own leaves it as it is.
  expect(req).toHaveProperty('_body', true);
});

test('a body that has not come is waited for, and one that somebody has read is left alone', async () => {
  const coming = requestWith('', { 'content-length': '12' });
  const late: HttpRequest = new IncomingMessage(new PassThrough() as unknown as Socket);
  late.headers = coming.headers;
  late.push('{"code"');
  const outcome = outcomeOf(late);
  late.push(':"1"}');
  late.push(null);
  expect(await outcome).toEqual({ body: { code: '1' } });
  const read = requestWith('{"code":"1"}');
  read.body = JSON.parse(String(read.read())) as unknown;
  await new Promise((resolve) => read.once('end', resolve).resume());
  expect(await outcomeOf(read)).toEqual({ body: { code: '1' } });
});

test('what is of another type in front of JSON is not read as JSON', async () => {
  const type = { 'content-type': 'text/plain; application/json' };
  expect(await outcomeOf(requestWith('{"code":"1"}', type))).toEqual({ body: undefined });
});

test('[S112] a body that does not come is refused in the end, and its connection closed; one that is wrong closes none', async () => {
  const wait = jest.spyOn(globalThis, 'setTimeout');
  wait.mockImplementation((go: () => void) => setTimer(go, 0));
  const setHeader = jest.fn();
  const over = (req: HttpRequest): HttpRequest => Object.assign(req, { res: { setHeader } });
  expect(await outcomeOf(over(requestWith('{"code":', FOR_PARSERS)))).toBe('request_malformed');
  expect(setHeader).not.toHaveBeenCalled();
  const late = requestWith('', { ...FOR_PARSERS, 'content-length': '12' });
  const open: HttpRequest = new IncomingMessage(new PassThrough() as unknown as Socket);
  open.headers = late.headers;
  open.push('{"code"');
  expect(await outcomeOf(over(open))).toBe('request_malformed');
  expect(setHeader.mock.calls).toEqual([['Connection', 'close']]);
  expect(wait.mock.calls.map(([, milliseconds]) => milliseconds)).toContain(5_000);
});

test('another encoding, charset or length is the parsers’ affair', async () => {
  const sent = Buffer.from('\ufeff{"code":"1"}', 'utf16le');
  const type = { 'content-type': 'application/json; charset=utf-16' };
  expect(await outcomeOf(requestWith(sent, type))).toEqual({ body: { code: '1' } });
  const packed = { 'content-encoding': 'compress' };
  expect(await outcomeOf(requestWith('{"code":"1"}', packed))).toBe('request_malformed');
  const longer = { 'content-length': '13' };
  expect(await outcomeOf(requestWith('{"code":"1"}', longer))).toBe('request_malformed');
});

interface Parsers {
  json: () => RequestHandler;
  urlencoded: (options: object) => RequestHandler;
  raw: (options: object) => RequestHandler;
  text: (options: object) => RequestHandler;
}

/* eslint-disable @typescript-eslint/no-require-imports -- without types of their own, or loaded twice */
const express4 = require('express4') as typeof express;
/** It marks no request that it has read. */
const bodyParser2 = require('body-parser') as Parsers;

/** What reads bodies, over one version of Express, as an app has it. */
function over(version: typeof express) {
  const modules = {} as typeof import('../../lib/express/post') &
    typeof import('../../lib/express/webhooks');
  jest.isolateModules(() => {
    jest.doMock('express', () => version);
    Object.assign(
      modules,
      require('../../lib/express/post'),
      require('../../lib/express/webhooks'),
    );
  });
  return { ...modules, version };
}
/* eslint-enable */

const VERSIONS = [
  ['4', over(express4)],
  ['5', over(express)],
] as const;

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=x';
const ANY = { type: () => true };

/** A parser that takes in the whole body and leaves what it makes of it. */
const leaving =
  (make: (text: string) => unknown): RequestHandler =>
  async (req, _res, next) => {
    let text = '';
    for await (const chunk of req) text += String(chunk);
    req.body = make(text);
    next();
  };
const nothing: RequestHandler = (_req, _res, next) => next();
const later: RequestHandler = (_req, _res, next) => void setImmediate(next);
const paused: RequestHandler = (req, _res, next) => {
  req.pause();
  setImmediate(next);
};
/** Has begun, and does not wait for the end. */
const hasty: RequestHandler = (req, _res, next) => {
  req.on('data', () => undefined);
  setImmediate(next);
};
const pairs = [['code', '1']] as const;
const twice = [...pairs, ['code', '2']] as const;
const bare = (): object => Object.assign(Object.create(null) as object, { code: '1' });
const form = (entries: readonly (readonly [string, string])[]): FormData => {
  const made = new FormData();
  for (const [name, value] of entries) made.append(name, value);
  return made;
};

const FOUND = { code: '1', fields: true };
const NONE = { fields: false };
const MALFORMED = { refusal: 'request_malformed' };
const TOO_LARGE = { refusal: 'request_too_large' };

test.each<[string, RequestHandler, string, string, object]>([
  ['nobody', nothing, JSON_TYPE, '{"code":"1"}', FOUND],
  ['nobody', nothing, FORM, 'code=1', FOUND],
  ['nobody yet, a moment later', later, JSON_TYPE, '{"code":"1"}', FOUND],
  ['nobody yet, but paused', paused, JSON_TYPE, '{"code":"1"}', FOUND],
  ['nobody yet, but paused', paused, FORM, 'code=1', FOUND],
  ['body-parser 2', bodyParser2.json(), JSON_TYPE, '{"code":"1"}', FOUND],
  ['body-parser 2', bodyParser2.urlencoded({ extended: true }), FORM, 'code=1', FOUND],
  ['body-parser 2 of another type', bodyParser2.json(), FORM, 'code=1', FOUND],
  ['body-parser 1', express4.json(), JSON_TYPE, '{"code":"1"}', FOUND],
  [
    'body-parser 1 of another type',
    express4.urlencoded({ extended: true }),
    JSON_TYPE,
    '{"code":"1"}',
    FOUND,
  ],
  ['a Buffer of body-parser 2', bodyParser2.raw(ANY), JSON_TYPE, '{"code":"1"}', FOUND],
  ['a Buffer of body-parser 1', express4.raw(ANY), FORM, 'code=1', FOUND],
  ['a text of body-parser 2', bodyParser2.text(ANY), FORM, 'code=1', FOUND],
  ['a text of body-parser 1', express4.text(ANY), JSON_TYPE, '{"code":"1"}', FOUND],
  ['bytes', leaving((text) => new TextEncoder().encode(text)), FORM, 'code=1', FOUND],
  ['a Map', leaving(() => new Map(pairs)), FORM, 'code=1', FOUND],
  ['URLSearchParams', leaving((text) => new URLSearchParams(text)), FORM, 'code=1', FOUND],
  ['FormData', leaving(() => form(pairs)), MULTIPART, '--x', FOUND],
  ['no prototype, as multer', leaving(bare), MULTIPART, '--x', FOUND],
  ['one name twice', leaving(() => form(twice)), FORM, '', { code: ['1', '2'], fields: true }],
  ['another name', leaving(() => new Map([['constructor', '1']])), FORM, '', { fields: true }],
  ['a list', leaving(() => ['code', '1']), JSON_TYPE, '[]', NONE],
  ['a number', leaving(() => 1), JSON_TYPE, '1', NONE],
  ['null', leaving(() => null), JSON_TYPE, 'null', NONE],
  ['a Buffer that is no JSON', bodyParser2.raw(ANY), JSON_TYPE, '{"code":', MALFORMED],
  ['a text of null', bodyParser2.text(ANY), JSON_TYPE, 'null', MALFORMED],
  ['a Set, whose pairs are none', leaving(() => new Set(['code'])), FORM, '', { fields: true }],
  ['an object that can get', leaving(() => ({ code: '1', get: nothing })), FORM, '', FOUND],
  [
    'a text as long as may be',
    bodyParser2.text(ANY),
    FORM,
    `code=1&a=${'a'.repeat(10_231)}`,
    FOUND,
  ],
  [
    'a text that is longer',
    bodyParser2.text(ANY),
    FORM,
    `code=1&a=${'a'.repeat(10_232)}`,
    TOO_LARGE,
  ],
  ['a Buffer of a bare value', bodyParser2.raw(ANY), JSON_TYPE, '"1"', MALFORMED],
  ['a text of another type', bodyParser2.text(ANY), MULTIPART, '{"code":"1"}', MALFORMED],
  ['who does not wait for its end', hasty, JSON_TYPE, '{"code":"1', MALFORMED],
  [
    'what lets more pass',
    bodyParser2.raw(ANY),
    JSON_TYPE,
    `{"code":"${'1'.repeat(11_000)}"}`,
    TOO_LARGE,
  ],
])(
  'a body is taken from whoever has read it: %s (%#)',
  async (_name, parser, type, body, outcome) => {
    for (const [, { version, readBody: read, field, hasFields }] of VERSIONS) {
      const app = version();
      app.use(parser, async (given, res) => {
        const req = given as unknown as HttpRequest;
        const refusal = await read(EDGE, req);
        const found = { code: field(req, 'code'), fields: hasFields(req) };
        res.json(refusal === undefined ? found : { refusal: refusal.code });
      });
      const { url } = await listen(createServer(app));
      // Without a length, in two pieces: nothing but the stream says how much there is.
      const answer = await new Promise<unknown>((resolve, reject) => {
        const sent = request(url, { method: 'POST', headers: { 'content-type': type } });
        sent.on('error', reject).on('response', (response) => {
          let text = '';
          response.on('data', (chunk) => (text += String(chunk)));
          response.on('end', () => resolve(JSON.parse(text)));
        });
        sent.write(body.slice(0, 4));
        if (parser === hasty) return;
        setImmediate(() => sent.end(body.slice(4)));
      });
      expect(answer).toEqual(outcome);
    }
  },
);

test.each(VERSIONS)(
  'over Express %s a callback is taken from whoever has read it',
  async (_version, { version, createWebhooks }) => {
    const sent = '{"data":{"id":"mdr2-1"}}';
    for (const parser of [
      nothing,
      bodyParser2.json(),
      bodyParser2.raw(ANY),
      bodyParser2.text(ANY),
      express4.json(),
    ]) {
      const read = jest.fn();
      const edge = { core: { keyring: { webhookTokens: ['token'] } } } as unknown as Edge;
      const app = version();
      app.use(
        parser,
        createWebhooks(
          edge,
          read,
          checkWebhooks(
            {},
            { appName: 'Acme', domain: undefined, links: {}, locales: createLocales() },
          ),
        ),
      );
      const { url } = await listen(createServer(app));
      const headers = { 'content-type': JSON_TYPE };
      await fetch(`${url}/token`, { method: 'POST', headers, body: sent });
      expect(read.mock.calls).toEqual([[JSON.parse(sent)]]);
    }
  },
);

test('who reads a body and leaves nothing of it is told once', async () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const edge = { settings: { warn: warnerOf(undefined) } } as Edge;
  for (const [body, times] of [
    ['', 0],
    ['{"code":"1"}', 1],
    ['{"code":"1"}', 1],
  ] as const) {
    const req = requestWith(body);
    await new Promise((resolve) => req.once('end', resolve).resume());
    expect(await readBody(edge, req)).toBeUndefined();
    const says =
      'passport-sms-2fa: The body of a post was read before it came to passport-sms-2fa, and req.body is not set: its fields are lost. Mount router() above what reads it, or a parser such as express.json() in its place.';
    expect(warned.mock.calls).toEqual(Array(times).fill([says, { code: 'SMS2FA_BODY' }]));
  }
});

test('so is who does that to a body whose length nobody says, and not who leaves nothing of none', async () => {
  const told = jest.fn();
  const edge = { settings: { warn: told } } as unknown as Edge;
  for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
    expect(told).not.toHaveBeenCalled();
    const req = requestWith('{"code":"1"}');
    req.headers = headers;
    await new Promise((resolve) => req.once('end', resolve).resume());
    expect(await readBody(edge, req)).toBeUndefined();
  }
  expect(told).toHaveBeenCalledTimes(1);
});

test('one name five thousand times in a form is gathered once, not anew for each', () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = new Map([['phone', ['+1', '+2']]]);
  const [code, flat] = [Array<string>(5_000).fill('1'), jest.spyOn(Array.prototype, 'flat')];
  const read = (given: unknown): unknown => bodyOf({ body: given, headers } as never);
  expect(read(`code=${code.join('&code=')}&country=US`)).toEqual({ code, country: 'US' });
  expect(flat.mock.calls.length).toBeLessThan(10);
  flat.mockRestore();
  expect(read(body)).toEqual({ phone: ['+1', '+2'] });
  expect(read([...body, ['phone', '+3']].reduce(append, new FormData()))).toEqual({
    phone: ['+1,+2', '+3'],
  });
});

function append(form: FormData, [name, value]: unknown[]): FormData {
  form.append(String(name), String(value));
  return form;
}
