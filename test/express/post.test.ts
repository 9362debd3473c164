import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { HttpRequest } from '../../lib/express/http';
import { readBody } from '../../lib/express/post';

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
  const refusal = await readBody(req);
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

test('another encoding, charset or length is the parsers’ affair', async () => {
  const sent = Buffer.from('\ufeff{"code":"1"}', 'utf16le');
  const type = { 'content-type': 'application/json; charset=utf-16' };
  expect(await outcomeOf(requestWith(sent, type))).toEqual({ body: { code: '1' } });
  const packed = { 'content-encoding': 'compress' };
  expect(await outcomeOf(requestWith('{"code":"1"}', packed))).toBe('request_malformed');
  const longer = { 'content-length': '13' };
  expect(await outcomeOf(requestWith('{"code":"1"}', longer))).toBe('request_malformed');
});
