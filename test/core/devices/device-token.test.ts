import { createHash } from 'node:crypto';
import {
  firstToken,
  handedOut,
  matchOf,
  nextSecret,
  OVERLAP,
  overlapOf,
  readDeviceToken,
  secretDigest,
  writeDeviceToken,
} from '../../../lib/core/devices/device-token';
import { createKeyring } from '../../../lib/core/keyring';
import type { TrustedDevice } from '../../../lib/ports/enrollments';
import { makeWorld, SECRETS, START, type World } from '../../helpers/core';

const ID = 'abcdefghijklmnopqrst-_';
const SECRET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcde-_';

let world: World;
beforeEach(() => {
  world = makeWorld();
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
  expect(secretDigest(SECRET)).toBe(createHash('sha256').update(SECRET).digest('base64url'));
});

test('[S83] the next secret is one for each device and session, and needs the app’s own secret', () => {
  const { keyring } = world.core;
  const next = nextSecret(keyring, ID, 'session');
  expect(Buffer.from(next, 'base64url')).toHaveLength(32);
  expect(next).toBe(secretDigest(keyring.fingerprint('device secret', `${ID}\0session`)));
  expect(nextSecret(keyring, ID, 'session')).toBe(next);
  const others = [
    nextSecret(keyring, `${ID.slice(1)}A`, 'session'),
    nextSecret(keyring, ID, 'another session'),
    nextSecret(createKeyring([`another ${SECRETS[0]}`]), ID, 'session'),
  ];
  expect(new Set([next, ...others]).size).toBe(4);
});

test('[S83] the first token is one for each user and session, and needs the app’s own secret', () => {
  const { keyring } = world.core;
  const token = firstToken(keyring, 'A', 'session');
  expect(readDeviceToken(writeDeviceToken(token))).toEqual(token);
  // 132 and 256 bits.
  expect(Buffer.from(token.secret, 'base64url')).toHaveLength(32);
  expect(firstToken(keyring, 'A', 'session')).toEqual(token);
  const others = [
    firstToken(keyring, 'B', 'session'),
    firstToken(keyring, 'A', 'another session'),
    firstToken(createKeyring([`another ${SECRETS[0]}`]), 'A', 'session'),
  ];
  const parts = [token, ...others].flatMap(({ id, secret }) => [id, secret, secret.slice(0, 22)]);
  expect(new Set(parts).size).toBe(12);
});

const device: TrustedDevice = {
  id: ID,
  digest: 'seen',
  epoch: 'e',
  name: 'Firefox on Linux',
  trustedAt: START,
  lastUsedAt: START,
  expiresAt: START + 9e6,
};
const state = { epoch: 'e', now: START, lifetimeMs: 9e6 };
const until = START + 60_000;
const match = (shown: TrustedDevice, given: string): string => matchOf(shown, given, state);

test('the token before stays good until the one after has been seen', () => {
  expect(OVERLAP).toBe(60_000);
  const once = handedOut(device, 'seen', 'after', START);
  expect(once).toEqual({ ...device, next: [{ digest: 'after', until }], lost: [] });
  expect([match(once, 'seen'), match(once, 'after'), match(once, 'x')]).toEqual([
    'seen',
    'next',
    'copied',
  ]);
  const twice = handedOut(once, 'after', 'third', START + 1);
  const next = [{ digest: 'third', until: until + 1 }];
  expect(twice).toEqual({ ...device, digest: 'after', next, lost: [], lastUsedAt: START + 1 });
  expect(['seen', 'after', 'third'].map((each) => match(twice, each))).toEqual([
    'copied',
    'seen',
    'next',
  ]);
});

test('each session is handed a token of its own; those that are not the first to come are lost, not copied', () => {
  const both = handedOut(handedOut(device, 'seen', 'a', START), 'seen', 'b', START + 1);
  expect(both.next).toEqual([
    { digest: 'b', until: until + 1 },
    { digest: 'a', until },
  ]);
  expect(['seen', 'a', 'b'].map((each) => match(both, each))).toEqual(['seen', 'next', 'next']);
  expect([overlapOf(both, 'a'), overlapOf(both, 'b')]).toEqual([until, until + 1]);
  expect(overlapOf(both, 'seen')).toBeUndefined();
  const third = handedOut(both, 'a', 'c', START + 2);
  expect(['seen', 'a', 'b', 'c'].map((each) => match(third, each))).toEqual([
    'copied',
    'seen',
    'lost',
    'next',
  ]);
  expect(match(handedOut(third, 'c', 'd', START), 'b')).toBe('copied');
});

test('a device that one token is shown for in ever more sessions does not grow without end', () => {
  let kept = device;
  for (let each = 0; each < 50; each += 1) kept = handedOut(kept, 'seen', `t${each}`, START);
  expect([kept.next!.length, kept.lost!.length]).toEqual([5, 5]);
  const found = ['t49', 't45', 't44', 't40', 't39'].map((each) => match(kept, each));
  expect(found).toEqual(['next', 'next', 'lost', 'lost', 'copied']);
});

test('a device of an older version reads: what it handed out last is next, the one before it was seen', () => {
  const old: TrustedDevice = { ...device, before: { digest: 'before', until } };
  expect(['before', 'seen', 'x'].map((each) => match(old, each))).toEqual([
    'seen',
    'next',
    'copied',
  ]);
  expect(overlapOf(old, 'seen')).toBe(until);
  const used = handedOut(old, 'before', 'b', START);
  expect(used).not.toHaveProperty('before');
  expect(['before', 'seen', 'b'].map((each) => match(used, each))).toEqual([
    'seen',
    'next',
    'next',
  ]);
  expect(match(handedOut(old, 'seen', 'b', START), 'before')).toBe('copied');
});

test('[S83] a device of another state of the account, or past its time, is none, whatever the token', () => {
  for (const given of ['seen', 'x']) {
    expect(matchOf(undefined, given, state)).toBe('none');
    expect(matchOf(device, given, { ...state, epoch: 'f' })).toBe('none');
    expect(matchOf(device, given, { ...state, now: device.expiresAt })).toBe('none');
    const shorter = { ...state, now: START + 5, lifetimeMs: 5 };
    expect(matchOf(device, given, shorter)).toBe('none');
  }
  expect(matchOf(device, 'seen', { ...state, now: device.expiresAt - 1 })).toBe('seen');
});

test('[S83] the first token is one for each user and session, however their ids are divided', () => {
  const { keyring } = world.core;
  const ids = [
    ['A', 'session'],
    ['B', 'session'],
    ['A', 'another'],
    ['As', 'ession'],
  ].map(([userId = '', session = '']) => firstToken(keyring, userId, session));
  expect(new Set(ids.map(({ id }) => id)).size).toBe(ids.length);
  expect(new Set(ids.map(({ secret }) => secret)).size).toBe(ids.length);
  // Its id, which is no secret, says nothing of the rest.
  for (const { id, secret } of ids) expect(secret).not.toContain(id);
});

test('[S83] a token that is handed out once more is not among the lost', () => {
  const until = START + OVERLAP;
  const [one, two, three] = ['one', 'two', 'three'].map((digest) => ({ digest, until }));
  const device = {
    ...{ id: ID, digest: 'seen', epoch: 'e', name: 'Firefox', trustedAt: START },
    ...{ lastUsedAt: START, expiresAt: START * 2, next: [one!, two!, three!] },
  };
  const after = handedOut(device, 'one', 'two', START);
  expect(after).toMatchObject({ digest: 'one', next: [two], lost: ['three'] });
});
