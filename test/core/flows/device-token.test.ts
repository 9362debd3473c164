import { createHash } from 'node:crypto';
import {
  secretDigest,
  nextSecret,
  publicDevice,
  readDeviceToken,
  writeDeviceToken,
} from '../../../lib/core/devices/trusted-devices';
import { makeSecret } from '../../../lib/core/devices/device-token';
import { makeWorld, SECRETS } from '../../helpers/core';
import { createKeyring } from '../../../lib/core/keyring';
import { digest } from '../../../lib/core/keyring';

const world = makeWorld();
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
  expect(secretDigest(SECRET)).toBe(digest);
});

test('[S83] lists, events and mails name a device without the id that its token begins with', () => {
  const device = {
    id: ID,
    digest: 'x',
    epoch: 'e',
    name: 'Firefox on Linux',
    trustedAt: 1,
    lastUsedAt: 2,
    expiresAt: 3,
  };
  const id = digest('device id', ID).slice(0, 24);
  expect(publicDevice(device)).toEqual({ id, name: 'Firefox on Linux' });
});

test('[S83] the next secret is one for each token and session, and needs the app’s own secret', () => {
  const { keyring } = world.core;
  const token = { id: ID, secret: SECRET };
  const next = nextSecret(keyring, token, 'session');
  expect(Buffer.from(next, 'base64url')).toHaveLength(32);
  const parts = `${ID}\0${SECRET}\0session`;
  expect(next).toBe(secretDigest(keyring.fingerprint('device secret', parts)));
  expect(nextSecret(keyring, { ...token }, 'session')).toBe(next);
  const others = [
    nextSecret(keyring, { ...token, id: SECRET }, 'session'),
    nextSecret(keyring, { ...token, secret: ID }, 'session'),
    nextSecret(keyring, token, 'another session'),
    nextSecret(createKeyring([`another ${SECRETS[0]}`]), token, 'session'),
  ];
  expect(new Set([next, ...others]).size).toBe(5);
});
