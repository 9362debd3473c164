import { deviceName } from '../../lib/express/trusted-device';

const LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

test.each([
  [LINUX, 'Firefox on Linux'],
  [PHONE, 'Safari on iOS'],
  ['curl/8.5.0', /^[A-Za-z0-9 ._-]+$/],
])('%s is %s', (header, name) => {
  expect(deviceName(header)).toEqual(typeof name === 'string' ? name : expect.stringMatching(name));
});

test.each([[undefined], ['']])('%j is an unknown browser', (header) => {
  expect(deviceName(header)).toBe('Unknown browser');
});

test('a system without a browser is named, and a browser without a system', () => {
  expect(deviceName('(X11; Linux)')).toBe('Unknown browser on Linux');
  expect(deviceName('Firefox/140.0')).toBe('Firefox');
});

test('only the first 512 characters of the header are looked at', () => {
  expect(deviceName('x'.repeat(512) + LINUX)).not.toContain('Firefox');
  expect(deviceName('('.repeat(512 - 13) + 'Firefox/140.0')).toBe('Firefox');
});

test.each(['<script>/1.0', '<b>x</b>/1 (Linux)', 'a&b/1', 'x\u202e/1', '"x"/1'])(
  '[S83] of the header %j nothing but plain words is kept',
  (header) => {
    const name = deviceName(header);
    expect(name).toMatch(/^[A-Za-z0-9 ._-]+$/);
    expect(name.length).toBeLessThanOrEqual(60);
  },
);

test('a name has sixty characters at most', () => {
  expect(deviceName(`${'A'.repeat(200)}/1.0`).length).toBeLessThanOrEqual(60);
});
