import { addressBlock } from '../../lib/core/client-address';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:c000:0201', '192.0.2.1'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['2001:db8::7:8', '2001:db8:0:0::/64'],
  ['::2001:db8:1:2', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:192.0.2.1', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['fe80::1%25eth0', 'fe80:0:0:0::/64'],
  ['::ffff:0:192.0.2.1', '0:0:0:0::/64'],
])('[S38] %s counts as %s', (address, block) => {
  expect(addressBlock(address)).toBe(block);
});

test('[S38] a thousand addresses of one /64 share a key, and the next /64 has another', () => {
  const keys = new Set(
    Array.from({ length: 1_000 }, (_, each) =>
      addressBlock(`2001:db8:1:2:${each.toString(16)}:${(each * 7).toString(16)}::${each + 1}`),
    ),
  );
  expect(keys).toEqual(new Set(['2001:db8:1:2::/64']));
  expect(addressBlock('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64');
});

test.each([
  undefined,
  '',
  'unknown',
  'localhost',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.4:80',
  '[::1]',
  ':::1',
  '1::2::3',
  '12345::',
  'g::1',
  '1:2:3:4:5:6:7:8:9',
  '/etc/passwd',
  '192.0.2.1, 192.0.2.2',
  '::1]@evil.example/[',
  'x]@abcd/[',
  'x]@abcd:80/[',
  '\n',
])('[S38] %p, which is no address, shares the key of all such', (address) => {
  expect(addressBlock(address)).toBe('unknown');
});
