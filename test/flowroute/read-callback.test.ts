import fc from 'fast-check';
import { readFlowrouteCallback } from '../../lib/flowroute/read-callback';
import type { Delivery } from '../../lib';

const ID = 'mdr2-39cadeace66e11e7aff806cd7f24ba2d';
const [FROM, TO] = ['12065550142', '12065550100'];

const received = (delivery: Delivery): unknown =>
  expect.objectContaining({ kind: 'receipt', id: ID, delivery });
const inbound = (body: string) => ({
  kind: 'inbound',
  id: ID,
  text: { id: ID, from: `+${FROM}`, to: `+${TO}`, body },
});

const wrapped = (attributes: object) => ({
  data: { attributes, id: ID, type: 'delivery_receipt' },
});
const flat = (attributes: object) => ({ attributes, id: ID, type: 'delivery_receipt' });

test('a receipt as the carrier documents it is read', () => {
  const body = {
    data: {
      attributes: {
        body: 'test sms on v2',
        level: 2,
        status: 'message buffered',
        status_code: 1003,
        status_code_description: 'Message accepted by Carrier',
        timestamp: '2017-12-21T16:44:35+00:00',
      },
      id: ID,
      links: { related: `https://api.flowroute.com/v2.2/messages/${ID}` },
      type: 'delivery_receipt',
    },
  };
  expect(readFlowrouteCallback(body)).toEqual({
    kind: 'receipt',
    id: ID,
    delivery: 'sent',
    status: 'message buffered',
    code: 1003,
    description: 'Message accepted by Carrier',
  });
});

test('[S195] the words of a receipt are on one short line, without numbers, codes and addresses', () => {
  const echo = `739201 to ${FROM}\n(206) 555-0142 https://acme.example/token ${'word '.repeat(80)}`;
  const read = readFlowrouteCallback(
    wrapped({ status: `blocked ${echo}`, status_code: FROM, status_code_description: echo }),
  );
  expect(read).toMatchObject({
    delivery: 'failed',
    status: expect.stringMatching(/^blocked \(digits\) to \(digits\) \(address\) word/),
    description: expect.stringMatching(/^\(digits\) to \(digits\) \(address\) word/),
  });
  expect(read).not.toHaveProperty('code');
  for (const words of Object.values(read!)) expect(String(words).length).toBeLessThanOrEqual(200);
  expect(JSON.stringify(read).replace(ID, '')).not.toMatch(/\d{3}|\\n/);
});

test.each<[string, object, Delivery]>([
  ['a code that is a number', { status: 'message buffered', status_code: 1003 }, 'sent'],
  ['a code that is a string', { status: 'message buffered', status_code: '1003' }, 'sent'],
  ['a code that is null', { level: 1, status: 'smsc submit', status_code: null }, 'sent'],
  ['no code', { to: FROM, from: TO, body: 'hello', status: 'smsc submit' }, 'sent'],
  ['a code alone', { level: 2, status_code: '1003' }, 'sent'],
  ['the code of a phone that refused', { status: 'message buffered', status_code: 1110 }, 'failed'],
  ['the same as a string', { status_code: '1110' }, 'failed'],
  ['a code that is an object', { status: 'smsc submit', status_code: { code: 1110 } }, 'sent'],
  ['a code that is a list', { status: 'smsc submit', status_code: [1110] }, 'sent'],
  ['a picture that was taken', { status: 'mmsc submit' }, 'sent'],
  ['capitals and blanks', { status: ' Delivery Success ' }, 'delivered'],
  ['a text that arrived', { status: 'delivered' }, 'delivered'],
  ['a text that was lost', { status: 'delivery failure' }, 'failed'],
  ['a text that was refused', { status: 'smsc reject' }, 'failed'],
  ['words that nobody knows', { status: 'teleported' }, 'unknown'],
  ['a status that is no text', { status: 7 }, 'unknown'],
  ['nothing at all', {}, 'unknown'],
])('a receipt with %s is read, wrapped and flat', (_what, attributes, delivery) => {
  expect(readFlowrouteCallback(wrapped(attributes))).toEqual(received(delivery));
  expect(readFlowrouteCallback(flat(attributes))).toEqual(received(delivery));
});

test('a receipt without its type is told from an inbound text', () => {
  const attributes = { level: 2, status: 'delivery success', from: TO, to: FROM, body: 'hello' };
  expect(readFlowrouteCallback({ data: { attributes, id: ID } })).toEqual(received('delivered'));
  expect(readFlowrouteCallback({ attributes: { level: 1 }, id: ID })).toEqual(received('unknown'));
  expect(readFlowrouteCallback({ ...attributes, id: ID })).toEqual(received('delivered'));
});

test('an inbound text as newer accounts get it is read', () => {
  const body = {
    data: {
      attributes: {
        amount_display: '$0.0070',
        amount_nanodollars: '7000000',
        body: 'Greetings on Friday evening!',
        direction: 'inbound',
        from: FROM,
        is_mms: false,
        message_callback_url: 'https://acme.example/webhooks/flowroute',
        message_encoding: 0,
        message_type: 'longcode',
        status: 'delivered',
        timestamp: '2024-10-19T01:21:21.980000Z',
        to: TO,
      },
      type: 'message',
      id: ID,
    },
  };
  expect(readFlowrouteCallback(body)).toEqual(inbound('Greetings on Friday evening!'));
  const { type: _type, ...untyped } = body.data;
  expect(readFlowrouteCallback({ data: untyped })).toEqual(inbound('Greetings on Friday evening!'));
});

test.each<[string, object, string]>([
  ['as older accounts get it', { to: TO, from: FROM, body: 'Hello there!' }, 'Hello there!'],
  ['with plus signs', { to: `+${TO}`, from: `+${FROM}`, body: 'NO' }, 'NO'],
  ['with numbers that are JSON numbers', { to: Number(TO), from: Number(FROM), body: 'NO' }, 'NO'],
  ['with punctuation', { to: '+1 (206) 555-0100', from: '1-206-555-0142', body: 'NO' }, 'NO'],
  ['without a body', { to: TO, from: FROM }, ''],
  ['with a null body', { to: TO, from: FROM, body: null }, ''],
  ['with a body that is no text', { to: TO, from: FROM, body: ['STOP'] }, ''],
  ['with blanks and letters of any script', { to: TO, from: FROM, body: ' né 💬\n' }, ' né 💬\n'],
])('an inbound text %s is read, flat and wrapped', (_what, fields, text) => {
  expect(readFlowrouteCallback({ ...fields, id: ID })).toEqual(inbound(text));
  const attributes = { ...fields, direction: 'inbound' };
  const data = { attributes, id: ID, type: 'message' };
  expect(readFlowrouteCallback({ data })).toEqual(inbound(text));
});

test.each(['72975', '898211', 'ACME', 'Café Über', '02065550142'])(
  'a sender such as %s, which is no number, is given on as it stands',
  (from) => {
    const fields = { to: TO, from, body: 'Your parcel' };
    const text = { id: ID, from, to: `+${TO}`, body: 'Your parcel' };
    expect(readFlowrouteCallback({ ...fields, id: ID })).toEqual({ kind: 'inbound', id: ID, text });
  },
);

const LINKS = [
  'https://media.example/1.jpg?signature=a',
  'https://media.example/2.gif?signature=b',
];
const picture = (url: unknown) => ({
  ...{ id: 'f1', type: 'media', links: { self: 'https://api.flowroute.com/v2.2/media/f1' } },
  attributes: { file_name: '1.jpg', mime_type: 'image/jpeg', file_size: 48_000, url },
});
const mms = (more: object, body: unknown = 'STOP') => ({
  data: {
    attributes: {
      body,
      direction: 'inbound',
      from: FROM,
      is_mms: true,
      status: 'delivered',
      to: TO,
    },
    relationships: { media: { data: [{ id: 'f1', type: 'media' }] } },
    ...{ id: ID, type: 'message' },
  },
  ...more,
});

test.each<[string, unknown, object]>([
  ['with two pictures', mms({ included: LINKS.map(picture) }), { mediaUrls: LINKS }],
  [
    'without words',
    mms({ included: [picture(LINKS[0])] }, null),
    { body: '', mediaUrls: [LINKS[0]] },
  ],
  ['of words alone', mms({}), {}],
  [
    'flat',
    { id: ID, to: TO, from: FROM, body: 'STOP', is_mms: 'true', media_urls: LINKS },
    { mediaUrls: LINKS },
  ],
  [
    'with a link beside its file',
    mms({ included: [{ links: { self: LINKS[0] } }] }),
    { mediaUrls: [LINKS[0]] },
  ],
  [
    'with what are no links',
    mms({ included: [picture(7), picture('file:///etc/passwd'), null, 'x'] }),
    {},
  ],
  ['with no list of them', mms({ included: 'x' }), {}],
])('an MMS %s is read', (_what, body, more) => {
  const text = { id: ID, from: `+${FROM}`, to: `+${TO}`, body: 'STOP', ...more };
  expect(readFlowrouteCallback(body)).toEqual({ kind: 'inbound', id: ID, text });
});

const own = JSON.parse(`{"__proto__": {"id": "${ID}", "type": "delivery_receipt"}}`) as object;
const nested = (depth: number): unknown =>
  JSON.parse(`${'{"data":'.repeat(depth)}null${'}'.repeat(depth)}`);
const megabyte = 'a'.repeat(1_048_576);

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a number', 7],
  ['a text', ID],
  ['an empty object', {}],
  ['an empty list', []],
  ['a list of receipts', [flat({ status: 'delivered' })]],
  ['a wrapped list of receipts', { data: [flat({ status: 'delivered' })] }],
  ['a receipt without an id', { attributes: { status: 'delivered' }, type: 'delivery_receipt' }],
  ['an id that is a number', { ...flat({ status: 'delivered' }), id: 7 }],
  ['an id that is a list', { ...flat({ status: 'delivered' }), id: [ID] }],
  ['an id that is an object', { ...flat({}), id: { toString: ID } }],
  ['an empty id', { ...flat({}), id: '' }],
  ['an id with a line break', { ...flat({}), id: `${ID}\n` }],
  ['an id with a path', { ...flat({}), id: '../../messages' }],
  ['an id that is too long', { ...flat({}), id: 'm'.repeat(129) }],
  ['an id of a megabyte', { ...flat({}), id: megabyte }],
  ['an inbound text without a sender', { id: ID, to: TO, body: 'NO' }],
  ['an inbound text to nobody', { id: ID, from: FROM, body: 'NO' }],
  ['a sender that is a truth value', { id: ID, to: TO, from: true, body: 'NO' }],
  ['a sender that is a list', { id: ID, to: TO, from: [FROM], body: 'NO' }],
  ['a sender that is blank', { id: ID, to: TO, from: ' ', body: 'NO' }],
  ['a sender of a page', { id: ID, to: TO, from: 'a'.repeat(33), body: 'NO' }],
  ['a sender with a line break', { id: ID, to: TO, from: `${FROM}\n`, body: 'NO' }],
  ['a type that is unknown', { ...flat({ status: 'delivered' }), type: 'invoice' }],
  ['what lies in the prototype', own],
  ['the same, wrapped', { data: own }],
  ['what is inherited', Object.create(flat({ status: 'delivered' }))],
  ['deep nesting', nested(10_000)],
])('%s is no callback', (_what, body) => {
  expect(readFlowrouteCallback(body)).toBeUndefined();
});

test('a body of a megabyte is read like any other', () => {
  const text = { id: ID, to: TO, from: FROM, body: megabyte };
  expect(readFlowrouteCallback(text)).toEqual(inbound(megabyte));
  expect(readFlowrouteCallback(flat({ status: megabyte }))).toEqual(received('unknown'));
});

test('whatever comes, nothing throws, and what is read has the shape it should have', () => {
  const any = fc.anything({ withNullPrototype: true, withBigInt: true, maxDepth: 3 });
  const fields = fc.record(
    { status: any, status_code: any, level: any, direction: any, from: any, to: any, body: any },
    { requiredKeys: [] },
  );
  const id = fc.oneof(any, fc.constant(ID));
  const item = fc.record(
    { id, type: any, attributes: fc.oneof(any, fields) },
    { requiredKeys: [] },
  );
  const body = fc.oneof(any, item, fc.record({ data: fc.oneof(any, item) }));
  fc.assert(
    fc.property(body, (given) => {
      const read = readFlowrouteCallback(given);
      if (read === undefined) return;
      expect(read.id).toMatch(/^[\w.:-]{1,128}$/);
      // A number, or a short code or name that nobody can answer by.
      if (read.kind === 'inbound') expect(read.text.from).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]{1,32}$/u);
      else expect(['accepted', 'sent', 'delivered', 'failed', 'unknown']).toContain(read.delivery);
    }),
    { numRuns: 2_000 },
  );
});
