import { flowrouteSender, readFlowrouteOptions } from '../../lib/senders/flowroute-sender';

const GOOD = { accessKey: 'f1ow4cce', secretKey: 's3cr3t:with-colon', from: '12065550100' };
const make = (changes: object) => () => flowrouteSender({ ...GOOD, ...changes });

test('the defaults are v2.2, the carrier itself and five seconds', () => {
  expect(readFlowrouteOptions(GOOD)).toEqual({
    ...GOOD,
    apiVersion: 'v2.2',
    baseUrl: 'https://api.flowroute.com',
    timeoutMs: undefined,
  });
});

test('the from number is kept as digits', () => {
  expect(readFlowrouteOptions({ ...GOOD, from: '+12065550100' }).from).toBe('12065550100');
});

test.each([undefined, null, '', 7, {}, 'with space', 'with:colon', 'line\n', 'umlaut-ä'])(
  'an access key %p is refused',
  (accessKey) => {
    expect(make({ accessKey })).toThrow(TypeError);
    expect(make({ accessKey })).toThrow(
      /flowrouteSender\(\{ accessKey \}\) is .* copy the API access key/,
    );
  },
);

test.each([undefined, null, '', 7, 'with space', 'line\n'])(
  'a secret key %p is refused',
  (secretKey) => {
    expect(make({ secretKey })).toThrow(TypeError);
    expect(make({ secretKey })).toThrow(
      /flowrouteSender\(\{ secretKey \}\) is .* copy the API secret key/,
    );
  },
);

test('a missing key is told from a wrong one, whose value stays hidden', () => {
  expect(make({ secretKey: undefined })).toThrow('is undefined');
  expect(make({ secretKey: 'nearly-right\n' })).toThrow('is a string of 13 characters');
  expect(make({ secretKey: 'nearly-right\n' })).not.toThrow('nearly-right');
  expect(make({ accessKey: 'nearly-right\n' })).not.toThrow('nearly-right');
});

test.each([
  undefined,
  12065550100,
  '2065550100',
  '+442071838750',
  '11065550100',
  '12061550100',
  '120655501000',
  '+1 206 555 0100',
])('a from number %p is refused', (from) => {
  expect(make({ from })).toThrow(TypeError);
  expect(make({ from })).toThrow(/from \}\) is .* Give a US or Canadian number.*'\+12065550100'/);
});

test.each(['v1', 'v2.0', '2.2', 2, null])('an API version %p is refused', (apiVersion) => {
  expect(make({ apiVersion })).toThrow(TypeError);
  expect(make({ apiVersion })).toThrow(/apiVersion \}\) is .* Give one of 'v2', 'v2.1' and 'v2.2'/);
});

test.each([
  'http://api.flowroute.com',
  'http://127.0.0.1.example',
  'http://localhost.example',
  'http://10.0.0.1',
  'ftp://localhost',
  'api.flowroute.com',
  'https://user:password@api.flowroute.com',
  'https://api.flowroute.com/?a=b',
  'https://api.flowroute.com/#a',
  '',
  7,
  null,
])('a base address %p is refused', (baseUrl) => {
  expect(make({ baseUrl })).toThrow(TypeError);
  expect(make({ baseUrl })).toThrow(/baseUrl \}\) is .*plain http is for a simulator/);
  expect(make({ baseUrl })).not.toThrow('password');
});

test.each([
  ['https://proxy.example/flowroute/', 'https://proxy.example/flowroute'],
  ['http://localhost:3001', 'http://localhost:3001'],
  ['http://127.0.0.1:3001/', 'http://127.0.0.1:3001'],
  ['http://[::1]:3001', 'http://[::1]:3001'],
])('a base address %s is taken', (baseUrl, kept) => {
  expect(readFlowrouteOptions({ ...GOOD, baseUrl }).baseUrl).toBe(kept);
});

test.each([999, 30_001, 1500.5, NaN, Infinity, '5000', null])(
  'a time limit %p is refused',
  (timeoutMs) => {
    expect(make({ timeoutMs })).toThrow(TypeError);
    expect(make({ timeoutMs })).toThrow(/timeoutMs \}\) is .*1000 to 30000/);
  },
);

test.each([1000, 30_000])('a time limit %i is taken', (timeoutMs) => {
  expect(make({ timeoutMs })).not.toThrow();
});

test.each([{}, 7, null])('a counter %p is refused', (counter) => {
  expect(make({ counter })).toThrow(TypeError);
  expect(make({ counter })).toThrow(/flowrouteSender\(\{ counter \}\) is .* Give redisCounter/);
});

test.each(['yes', 1, null])('lookUpDelivery %p is refused', (lookUpDelivery) => {
  expect(make({ lookUpDelivery })).toThrow(TypeError);
  expect(make({ lookUpDelivery })).toThrow(/lookUpDelivery \}\) is .* Give true or false/);
});

test('an option that does not exist is refused by name', () => {
  expect(make({ timeout: 1000 })).toThrow(TypeError);
  expect(make({ timeout: 1000 })).toThrow('There is no such option. Did you mean `timeoutMs`?');
});

test('no options at all are refused by name', () => {
  expect(() => flowrouteSender(undefined as never)).toThrow(/accessKey/);
});
