import { localPath, own, saidAtOnce } from '../../lib/core/untrusted';

test('[S108] a property of the value itself is read', () => {
  expect(own({ code: '1' }, 'code')).toBe('1');
  expect(own({ code: undefined }, 'code')).toBeUndefined();
  expect(own(['a'], '0')).toBe('a');
  expect(own(Object.assign(Object.create(null), { code: '1' }), 'code')).toBe('1');
  expect(own(JSON.parse('{"__proto__": 1}'), '__proto__')).toBe(1);
});

test.each([undefined, null, 'text', 7, true, Symbol('x'), () => 1])(
  '[S108] %p has none',
  (value) => {
    expect(own(value, 'length')).toBeUndefined();
  },
);

test('[S108] what a prototype has is not read', () => {
  for (const key of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
    expect(own({}, key)).toBeUndefined();
  }
  expect(own(Object.create({ code: '1' }), 'code')).toBeUndefined();
  class WithGetter {
    get code(): string {
      return ['1'].join();
    }
  }
  expect(own(new WithGetter(), 'code')).toBeUndefined();
});

test('[S108] a value that says it has every property is not believed', () => {
  expect(own({ hasOwnProperty: () => true }, 'code')).toBeUndefined();
});

test.each([
  ['/', '/'],
  ['/account', '/account'],
  ['/account?tab=1&x=%20', '/account?tab=1&x=%20'],
  ['/account#top', '/account'],
  ['/a/../b', '/b'],
  ['/a//b', '/a//b'],
  ['/@evil.example', '/@evil.example'],
  ['/a?next=https://evil.example/', '/a?next=https://evil.example/'],
  ['/?//evil.example', '/?//evil.example'],
  ['/second-factor', '/second-factor'],
])('[S118] %s is a path of this app: %s', (given, path) => {
  expect(localPath(given)).toBe(path);
});

test.each([
  '',
  'account',
  './account',
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/..//evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  '/a/../../..//evil.example',
  '/%2e%2e//evil.example',
  '/%2E//evil.example',
  '/..%2f/evil.example/../..//evil.example',
  '/%2fevil.example',
  '/%2Fevil.example',
  '/%5cevil.example',
  '/%5Cevil.example',
  '/a/../%5cevil.example',
  '/./%2f/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r\nSet-Cookie: x=1',
  '/\u0000/evil.example',
  '/a b',
  ' /account',
  '/\u00a0',
  '/\u3000evil',
  '/ﬀ',
  '/‮live',
  'https://evil.example/',
  'https:evil.example',
  'http:/\\evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '/\\\\evil.example',
  `/${'a'.repeat(2_048)}`,
  undefined,
  null,
  7,
  true,
  {},
  ['/account'],
  { toString: () => '/account' },
])('[S118] %p is not a path of this app', (given) => {
  expect(localPath(given)).toBeUndefined();
});

test('[S119] a path of two kilobytes is the longest', () => {
  const longest = `/${'a'.repeat(2_047)}`;
  expect(localPath(longest)).toBe(longest);
});

test('[S118] what comes out goes in again unchanged', () => {
  for (const given of ['/', '/a/../b', '/a?x=1', '/a//b/', '/%41', '/a;b', '/[x]']) {
    const path = localPath(given);
    expect(path).toBeDefined();
    expect(localPath(path)).toBe(path);
  }
});

test('a promise where an answer was asked for at once is handed back, and what it rejects with ends nothing', async () => {
  const stray = jest.fn();
  process.on('unhandledRejection', stray);
  const answer = Promise.reject(new Error('late'));
  expect(saidAtOnce(answer)).toBe(answer);
  expect(saidAtOnce('now')).toBe('now');
  await new Promise((resolve) => setTimeout(resolve));
  process.off('unhandledRejection', stray);
  expect(stray).not.toHaveBeenCalled();
});
