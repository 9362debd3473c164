import { createHmac, hash, hkdfSync } from 'node:crypto';
import { RECORD_PREFIX } from '../ports/session-store';
import { oneSpelling } from './phone-number';

/** The keys made from the configured secrets, newest first, and the names made with them. */
export interface Keyring {
  /** Names the key that new codes are derived with. */
  readonly newestId: string;
  /** The code key with this name, or `undefined` where its secret is no longer configured. */
  codeKey(id: string): Buffer | undefined;
  /**
   * A keyed fingerprint of something that must not be readable where keys and marks are kept
   * (phone numbers, IP addresses). Made with the oldest secret: adding a new one in front changes
   * no fingerprint, so budgets and marks survive the first half of a rotation. Of the kind `phone`
   * the spellings of one phone have one.
   */
  fingerprint(kind: string, value: string): string;
  /**
   * A digest for what needs no secrecy but a name of fixed length and harmless characters: user ids
   * and session ids. It does not depend on a secret, so that a lock survives a rotation.
   */
  digest(kind: string, value: string): string;
  /** A keyed digest of what must not be remembered, such as a code that was typed. */
  seal(value: string): string;
  /** What counts are kept under; see `Subjects`. */
  readonly subjects: Subjects;
  /** Where a record lies in the session store: 32 letters and digits, as a session id may have. */
  recordKey: (kind: RecordKind, value: string) => string;
  /** Unguessable names for the address that the carrier calls; one a secret, newest first. */
  readonly webhookTokens: readonly string[];
}

/** Whom and what is counted. Each begins with the app's namespace; none can be read back. */
interface Subjects {
  user(userId: string): string;
  session(sessionId: string): string;
  /** A phone of an enrolled user; a stranger who types its number counts elsewhere. */
  phone(phone: string): string;
  unconfirmedPhone(phone: string): string;
  /** An IPv4 address, or the /64 of an IPv6 address; where it cannot be read, the user stands for it. */
  address(address: string | undefined, userId?: string): string;
  /** The number without its last four digits. */
  block(phone: string): string;
  country(country: string): string;
  /** A text, by the carrier's name for it. */
  receipt(receipt: string): string;
  inbound(id: string): string;
  /** A form that was kept. */
  form(id: string): string;
  readonly everybody: string;
  /** What each of them begins with. */
  readonly namespace: string;
}

/** What is kept in the session store, by the letter that follows the prefix of its key. */
const RECORD_KINDS = {
  'sign-in': 'i',
  'step-up': 'u',
  enroll: 'e',
  replace: 'p',
  reset: 'w',
  live: 'l',
  texted: 't',
  receipt: 'r',
  revoked: 'v',
  successor: 's',
  ended: 'x',
  check: 'c',
} as const;

export type RecordKind = keyof typeof RECORD_KINDS;

/** How many names of a kind are remembered: the gate asks for the same few on every request. */
const MOST_REMEMBERED = 1_024;
/** 96 bits of a digest, base64url: names are kept by the million, and each lies in memory. */
const NAME_LENGTH = 16;
/** The length of the name of a record, that every store's column for session ids takes. */
const RECORD_LENGTH = 32;

function subkey(secret: string, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `passport-sms-2fa ${label}`, 32));
}

/**
 * Derives one key per use from each secret (HKDF, RFC 5869). `namespace` is the app's own: two apps
 * over one store share no name.
 */
export function createKeyring(secrets: readonly string[], namespace = ''): Keyring {
  const codeKeys = new Map<string, Buffer>();
  for (const secret of secrets) {
    const key = subkey(secret, 'code');
    codeKeys.set(hash('sha256', key, 'hex').slice(0, 12), key);
  }
  const webhookTokens = secrets.map((secret) => subkey(secret, 'webhook').toString('base64url'));
  const fingerprintKey = subkey(secrets[secrets.length - 1] ?? '', 'fingerprint');
  const sealKey = subkey(secrets[secrets.length - 1] ?? '', 'seal');
  const fingerprint = remembered((kind: string, value) => {
    const name = `${kind}\0${kind === 'phone' ? oneSpelling(value) : value}`;
    return createHmac('sha256', fingerprintKey)
      .update(name)
      .digest('base64url')
      .slice(0, NAME_LENGTH);
  });
  const digest = remembered((kind: string, value) =>
    plainDigest(namespace, kind, value).slice(0, NAME_LENGTH),
  );
  const recordKey = remembered((kind: RecordKind, value) => {
    const digits = hash('sha256', `${namespace}\0record\0${kind}\0${value}`, 'hex');
    return (RECORD_PREFIX + RECORD_KINDS[kind] + digits).slice(0, RECORD_LENGTH);
  });
  const secret = (letter: string, kind: string, value: string): string =>
    `${namespace}${letter}:${fingerprint(kind, value)}`;
  const plain = (letter: string, kind: string, value: string): string =>
    `${namespace}${letter}:${digest(kind, value)}`;
  return {
    newestId: [...codeKeys.keys()][0] ?? '',
    codeKey: (id) => codeKeys.get(id),
    fingerprint,
    digest,
    seal: (value) => createHmac('sha256', sealKey).update(value).digest('base64url'),
    subjects: {
      user: (userId) => plain('u', 'user', userId),
      session: (sessionId) => plain('s', 'session', sessionId),
      phone: (phone) => secret('p', 'phone', phone),
      unconfirmedPhone: (phone) => secret('n', 'phone', phone),
      address: (address, userId = '') =>
        address === undefined
          ? secret('a', 'user', userId)
          : secret('a', 'address', addressBlock(address)),
      block: (phone) => secret('b', 'block', numberBlock(phone)),
      country: (country) => `${namespace}c:${country}`,
      receipt: (receipt) => plain('r', 'receipt', receipt),
      inbound: (id) => plain('i', 'inbound', id),
      form: (id) => plain('f', 'form', id),
      everybody: `${namespace}all`,
      namespace,
    },
    recordKey,
    webhookTokens,
  };
}

function plainDigest(...parts: string[]): string {
  return hash('sha256', parts.join('\0'), 'base64url');
}

/**
 * Remembers the last names of each kind, by the value as it came: what was made once is not made on each
 * request. All of a kind are let go at once, and those that were asked for meanwhile stay: a `Map` from
 * which the oldest is taken each time walks over all that were taken before.
 */
function remembered<Kind>(make: (kind: Kind, value: string) => string): typeof make {
  const kinds = new Map<Kind, Names>();
  return (kind, value) => {
    let names = kinds.get(kind);
    if (names === undefined) kinds.set(kind, (names = { known: new Map(), before: new Map() }));
    // One request asks for a name several times in a row.
    if (names.last?.value === value) return names.last.name;
    let name = names.known.get(value);
    if (name === undefined) {
      name = names.before.get(value) ?? make(kind, value);
      if (names.known.size >= MOST_REMEMBERED) {
        names.before = names.known;
        names.known = new Map();
      }
      names.known.set(value, name);
    }
    names.last = { value, name };
    return name;
  };
}

interface Names {
  last?: { value: string; name: string };
  known: Map<string, string>;
  before: Map<string, string>;
}

/**
 * The namespace of an app: what tells it from its twin, and what its store's keys begin with. In this
 * order: what walks over the sessions of a store, such as its `clear`, must not forget a lock.
 */
export function namespaceOf(
  storePrefix: unknown,
  appName: string,
  domain: string | undefined,
): string {
  const app = plainDigest('app', appName, domain ?? '').slice(0, 6);
  // The first `#` of a key ends its subject.
  return `${app}:${typeof storePrefix === 'string' ? storePrefix.replaceAll('#', '%') : ''}`;
}

/** The number block that pumping walks through: the number without its last four digits. */
function numberBlock(phone: string): string {
  return oneSpelling(phone).slice(0, -4);
}

/** The key that all share of whom nobody can say where they are. */
export const UNKNOWN = 'unknown';

/**
 * The key under which requests of one client are counted: an IPv4 address, or the /64 of an IPv6
 * address (a household gets at least that much, so a single address means nothing). A mapped IPv4
 * address (`::ffff:192.0.2.1`) counts as the IPv4 address it is, and so does one that a translator has
 * put behind the well-known prefix (`64:ff9b::192.0.2.1`, RFC 6052): its /64 is all of IPv4. What cannot be
 * read shares one key.
 */
export function addressBlock(address = ''): string {
  if (/^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(address)) {
    return address.split('.').every((part) => Number(part) < 256) ? address : UNKNOWN;
  }
  const groups = ipv6Groups(address.replace(/%.*$/, ''));
  if (groups === undefined) return UNKNOWN;
  const prefix = groups.slice(0, 6).join();
  if (prefix === MAPPED || prefix === TRANSLATED)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

const MAPPED = [0, 0, 0, 0, 0, 0xffff].join();
const TRANSLATED = [0x64, 0xff9b, 0, 0, 0, 0].join();

/** The eight groups of an IPv6 address, after the URL parser has checked and normalized it. */
function ipv6Groups(address: string): number[] | undefined {
  if (!/^[0-9A-Fa-f:.]{2,45}$/.test(address)) return undefined;
  const host = URL.canParse(`http://[${address}]/`) ? new URL(`http://[${address}]/`).hostname : '';
  if (host === '') return undefined;
  const [head = '', tail] = host.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right];
  return groups.map((group) => Number.parseInt(group, 16));
}

/** A subject that the challenge itself names is written as its letter, any other without namespace. */
export function shortened({ subjects }: Keyring, key: string): string {
  const bare = key.slice(subjects.namespace.length);
  return 'upnb'.includes(bare.charAt(0)) ? bare.charAt(0) + bare.slice(bare.indexOf('#')) : bare;
}

/** The same, back again. */
export function lengthened(
  { subjects }: Keyring,
  userId: string,
  phone: string,
  key: string,
): string {
  const count = key.slice(1);
  if (!count.startsWith('#')) return subjects.namespace + key;
  switch (key.charAt(0)) {
    case 'u':
      return subjects.user(userId) + count;
    case 'p':
      return subjects.phone(phone) + count;
    case 'n':
      return subjects.unconfirmedPhone(phone) + count;
    default:
      return subjects.block(phone) + count;
  }
}
