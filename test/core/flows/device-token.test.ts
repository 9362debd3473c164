import { createHash } from 'node:crypto';
import {
  digestOfSecret,
  makeSecret,
  readDeviceToken,
  writeDeviceToken,
} from '../../../lib/core/devices/device-token';

const ID = 'abcdefghijklmnopqrst-_';
const SECRET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcde-_';

test('[S83] the secret of a device has 256 random bits', () => {
  const random = jest.fn().mockReturnValue(SECRET);
  expect(makeSecret(random)).toBe(SECRET);
  expect(random.mock.calls).toEqual([[32]]);
});

test('a token is read from a cookie as it was written', () => {
  const token = { id: ID, secret: SECRET };
  expect(writeDeviceToken(token)).toBe(`${ID}.${SECRET}`);
  expect(readDeviceToken(writeDeviceToken(token))).toEqual(token);
});

test.each([
  [undefined],
  [''],
  ['.'],
  [ID],
  [`${ID}${SECRET}`],
  [`${ID}x${SECRET}`],
  [`${ID}.${SECRET}.`],
  [`${ID}.${SECRET}x`],
  [`${ID}.${SECRET.slice(1)}`],
  [`x${ID}.${SECRET}`],
  [`${ID.slice(1)}.${SECRET}`],
  [`${ID}.${SECRET}\n`],
  [` ${ID}.${SECRET}`],
  [`${ID.slice(1)}=.${SECRET}`],
  [`${ID}.${SECRET.slice(1)}=`],
])('[S83] %j is no token', (value) => {
  expect(readDeviceToken(value)).toBeUndefined();
});

test('[S83] what is kept of a secret is its SHA-256', () => {
  const digest = createHash('sha256').update(SECRET).digest('base64url');
  expect(digestOfSecret(SECRET)).toBe(digest);
});
