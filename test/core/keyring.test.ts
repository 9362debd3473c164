import {
  addressBlock,
  createKeyring,
  namespaceOf,
  type Keyring,
  type RecordKind,
  lengthened,
  shortened,
} from '../../lib/core/keyring';
import { isRecordKey } from '../../lib/stores/calls';
import { PHONE, SECRETS } from '../helpers/core';

test('a code key is found by its name, the newest names itself, and each secret has its own', () => {
  const [old, fresh] = [createKeyring(['old']), createKeyring(['new'])];
  const both = createKeyring(['new', 'old']);
  expect(both.newestId).toBe(fresh.newestId);
  expect(both.newestId).toMatch(/^[0-9a-f]{12}$/);
  expect(old.newestId).not.toBe(fresh.newestId);
  expect(both.codeKey(old.newestId)).toEqual(old.codeKey(old.newestId));
  expect(both.codeKey(fresh.newestId)).toHaveLength(32);
  expect(fresh.codeKey(old.newestId)).toBeUndefined();
  expect(createKeyring([]).newestId).toBe('');
});

test('a new secret in front changes no fingerprint, and a fingerprint says nothing', () => {
  const old = createKeyring(['old']);
  const print = old.fingerprint('phone', PHONE);
  expect(print).toMatch(/^[\w-]{16}$/);
  expect(createKeyring(['new', 'old']).fingerprint('phone', PHONE)).toBe(print);
  expect(createKeyring(['new']).fingerprint('phone', PHONE)).not.toBe(print);
  expect(createKeyring([]).fingerprint('phone', PHONE)).not.toBe(print);
  expect(old.fingerprint('block', PHONE)).not.toBe(print);
  expect(old.fingerprint('phone', '+12065550143')).not.toBe(print);
});

test('[S108] a name that stands on a polluted Object.prototype is nobody’s', () => {
  const namesOf = (keyring: Keyring): string[] => [
    keyring.subjects.user('A'),
    keyring.fingerprint('known browser', 'A'),
    keyring.recordKey('revoked', 'A'),
  ];
  const names = namesOf(createKeyring(SECRETS));
  const polluted = Object.prototype as unknown as Record<string, unknown>;
  polluted.last = { value: 'A', name: 'of somebody else' };
  try {
    expect(namesOf(createKeyring(SECRETS))).toEqual(names);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'last');
  }
});

test('what stands in stores and marks must not change from version to version', () => {
  const keyring = createKeyring(SECRETS);
  expect(keyring.newestId).toBe('a1fe547db637');
  expect(keyring.fingerprint('phone', PHONE)).toBe('oW5qg2WfNnrSCjFu');
  expect(keyring.digest('user', 'A')).toBe('3apS8nzCGPrqPlX2');
  expect(keyring.webhookTokens).toEqual(['dOZc3Yo4DFkNjVq5E2rcn4J6BI0tt59k9FVqdRmj1e8']);
  expect(keyring.recordKey('sign-in', 'x')).toBe('sms2fai937341ef04fc183940d85a254');
  expect(everySubject(keyring)).toEqual([
    'u:3apS8nzCGPrqPlX2',
    's:mYijwuSOOA18q398',
    'p:oW5qg2WfNnrSCjFu',
    'n:oW5qg2WfNnrSCjFu',
    'a:cWXOr7V8jTmnRXq1',
    'b:GYKo3q6zEvrzgcUb',
    'c:US',
    'r:iPGS_NzMYPyZDEcP',
    'i:wzJhnau0lUYaDE1j',
    'all',
  ]);
  expect(namespaceOf('sess:', 'Acme', 'acme.example')).toBe('wCABVL:sess:');
});

function everySubject({ subjects }: Keyring): string[] {
  return [
    subjects.user('A'),
    subjects.session('x'),
    subjects.phone(PHONE),
    subjects.unconfirmedPhone(PHONE),
    subjects.address('192.0.2.1'),
    subjects.block(PHONE),
    subjects.country('US'),
    subjects.receipt('r'),
    subjects.inbound('i'),
    subjects.everybody,
  ];
}

test('phones and addresses need the secret to be named, users and sessions survive a rotation', () => {
  const subjects = (...secrets: string[]) => createKeyring(secrets).subjects;
  for (const name of ['phone', 'unconfirmedPhone', 'address', 'block'] as const) {
    const value = name === 'address' ? '192.0.2.1' : PHONE;
    const named = subjects('old')[name](value);
    expect(subjects('other')[name](value)).not.toBe(named);
    expect(subjects('new', 'old')[name](value)).toBe(named);
  }
  for (const name of ['user', 'session', 'receipt', 'inbound'] as const) {
    expect(subjects('other')[name]('x')).toBe(subjects('old')[name]('x'));
  }
});

test('an IPv6 address counts as its /64, and a number as its block', () => {
  const { subjects } = createKeyring(SECRETS);
  expect(subjects.address('2001:db8::1')).toBe(subjects.address('2001:db8::2'));
  expect(subjects.address('2001:db8:0:1::1')).not.toBe(subjects.address('2001:db8::1'));
  expect(subjects.address('unknown')).toBe(subjects.address('no address'));
  expect(subjects.block('+12065550142')).toBe(subjects.block('+12065559999'));
  expect(subjects.block('+12065550142')).not.toBe(subjects.block('+12065560142'));
});

test('[S174] the spellings of one phone have one name, whatever is counted of it', () => {
  const keyring = createKeyring(SECRETS);
  const { subjects } = keyring;
  const names = (phone: string) => [
    subjects.phone(phone),
    subjects.unconfirmedPhone(phone),
    subjects.block(phone),
    keyring.fingerprint('phone', phone),
  ];
  expect(names('+541123456789')).toEqual(names('+5491123456789'));
  expect(names('+5215512345678')).toEqual(names('+525512345678'));
  expect(names('+541123456789')).not.toEqual(names('+5491123456788'));
  // What is no phone has no spellings.
  expect(subjects.user('+541123456789')).not.toBe(subjects.user('+5491123456789'));
});

test('two apps over one store share no name', () => {
  const apps = ['', 'one:', 'two:'].map((namespace) => createKeyring(SECRETS, namespace));
  const names = apps.flatMap((each) => [...everySubject(each), each.recordKey('live', 'x')]);
  expect(new Set(names).size).toBe(names.length);
  expect(everySubject(apps[1]!).every((subject) => subject.startsWith('one:'))).toBe(true);
});

test('the namespace of an app is made of its name and domain, and of the prefix of its store', () => {
  const spaces = [
    namespaceOf('sess:', 'Acme', 'acme.example'),
    namespaceOf(undefined, 'Acme', 'acme.example'),
    namespaceOf(undefined, 'Acme', undefined),
    namespaceOf(undefined, 'Other', undefined),
    namespaceOf(undefined, 'Ac', 'me'),
    namespaceOf(undefined, 'Acm', 'e'),
  ];
  expect(new Set(spaces).size).toBe(6);
  // Not behind the prefix: a store that clears its sessions must forget no count.
  expect(spaces[0]).toBe(`${spaces[1]}sess:`);
  expect(namespaceOf('a#b:', 'Acme', 'acme.example')).toBe(`${spaces[1]}a%b:`);
  expect(namespaceOf(() => 'sess:', 'Acme', 'acme.example')).toBe(spaces[1]);
});

const KINDS: RecordKind[] = [
  'sign-in',
  'step-up',
  'enroll',
  'replace',
  'live',
  'texted',
  'receipt',
  'revoked',
  'successor',
];

test('a record lies under a name that a session id could have, apart for each kind', () => {
  const keyring = createKeyring(SECRETS);
  const names = KINDS.flatMap((kind) => ['x', 'y'].map((value) => keyring.recordKey(kind, value)));
  expect(new Set(names.map((name) => name.slice(0, 7))).size).toBe(KINDS.length);
  expect(new Set(names).size).toBe(2 * KINDS.length);
  for (const name of names) {
    expect(name).toMatch(/^sms2fa[a-z][0-9a-f]{25}$/);
    expect(isRecordKey(name)).toBe(true);
  }
  // The same value under another kind has another digest, too.
  expect(new Set(names.map((name) => name.slice(7))).size).toBe(2 * KINDS.length);
});

test('names stay the same when there are more than are remembered', () => {
  const keyring = createKeyring(SECRETS);
  const first = keyring.digest('user', '0');
  const made = new Set(
    Array.from({ length: 5_000 }, (_, each) => keyring.digest('user', String(each))),
  );
  expect(made.size).toBe(5_000);
  expect(keyring.digest('user', '0')).toBe(first);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:c000:0201', '192.0.2.1'],
  ['64:ff9b::192.0.2.1', '192.0.2.1'],
  ['64:FF9B::c000:201', '192.0.2.1'],
  ['64:ff9b:1::192.0.2.1', '64:ff9b:1:0::/64'],
  ['64:ff9b::1:192.0.2.1', '64:ff9b:0:0::/64'],
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
  '1.2.3.256',
  '256.2.3.4',
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

test('[S53] a number block is the number without its last four digits', () => {
  const { subjects } = createKeyring(SECRETS);
  expect(subjects.block('+12065550142')).toBe(subjects.block('+12065559999'));
  expect(subjects.block('+12065550142')).not.toBe(subjects.block('+12065560142'));
});

test('whose address cannot be read is counted by their user, and shares nothing', () => {
  const { subjects } = createKeyring(['a secret that is long enough for it']);
  expect(subjects.address(undefined, 'A')).toBe(subjects.address(undefined, 'A'));
  expect(subjects.address(undefined, 'A')).not.toBe(subjects.address(undefined, 'B'));
  expect(subjects.address('192.0.2.1', 'A')).toBe(subjects.address('192.0.2.1', 'B'));
});

test('what is counted of a form, and of whose address nobody knows, has a name of its own', () => {
  const keyring = createKeyring(SECRETS);
  const { subjects } = keyring;
  expect(subjects.form('x')).toBe(`f:${keyring.digest('form', 'x')}`);
  expect(subjects.address(undefined, 'A')).toBe(`a:${keyring.fingerprint('user', 'A')}`);
});

test('[S174] only phones are one by two spellings: users with such ids are two', () => {
  const keyring = createKeyring(SECRETS);
  const { subjects } = keyring;
  const [old, now] = ['+5215512345678', '+525512345678'];
  expect(keyring.fingerprint('phone', old)).toBe(keyring.fingerprint('phone', now));
  expect(keyring.fingerprint('user', old)).not.toBe(keyring.fingerprint('user', now));
  expect(subjects.address(undefined, old)).not.toBe(subjects.address(undefined, now));
});

test('what a challenge keeps of a key is as short in an app with a namespace, and read back there', () => {
  const keyring = createKeyring(SECRETS, 'app:');
  const { subjects } = keyring;
  const phone = '+12065550142';
  for (const [key, short] of [
    [`${subjects.user('A')}#t60`, 'u#t60'],
    [`${subjects.phone(phone)}#t60`, 'p#t60'],
    [`${subjects.unconfirmedPhone(phone)}#t60`, 'n#t60'],
    [`${subjects.block(phone)}#t60`, 'b#t60'],
    [`${subjects.country('US')}#t60`, 'c:US#t60'],
  ] as const) {
    expect(shortened(keyring, key)).toBe(short);
    expect(lengthened(keyring, 'A', phone, short)).toBe(key);
  }
});
