/** An error with those that are underneath it. */
export function* layersOf(
  error: unknown,
  depth = 0,
): Generator<Record<'code' | 'name' | 'message', string>> {
  if (typeof error !== 'object' || error === null || depth > 8) return;
  const { code, name, message, cause, errors } = error as Record<string, unknown>;
  const { errorCode } = error as Record<string, unknown>;
  // Prisma's errors of the start have theirs under another name.
  yield { code: textOf(code ?? errorCode), name: textOf(name), message: textOf(message) };
  for (const each of [cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])]) {
    yield* layersOf(each, depth + 1);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A server that says itself what is the matter with it: what that is, and what to do. */
interface ServerFailure {
  /** After the name of what failed. */
  is: string;
  cure: string;
  /** Whether it may be over without anybody mending the set-up. */
  passes: boolean;
}

const SERVER_FAILURES: readonly (ServerFailure & { codes?: RegExp; words: RegExp })[] = [
  {
    is: 'is out of memory or disk space',
    cure: 'Give it more (in Redis raise maxmemory), or free some; until then it takes nothing, so that nobody signs in, or enrolls where it has enrollments.',
    passes: true,
    // PostgreSQL, MySQL, SQLite, a file system.
    codes: /^(?:53[12]00|ER_(?:RECORD_FILE_FULL|DISK_FULL\w*|OUTOFMEMORY)|SQLITE_FULL|ENOSPC)$/,
    words: /^-?OOM\b|^-?MISCONF\b|\bdatabase or disk is full\b|\bno space left on device\b/,
  },
  {
    is: 'takes no writes: it is a replica, or read-only',
    cure: 'Connect to the primary, by a client that follows it where it moves (Sentinel, a cluster, a replica set).',
    passes: true,
    codes: /^(?:25006|ER_(?:OPTION_PREVENTS_STATEMENT|READ_ONLY_MODE)|SQLITE_READONLY\w*|EROFS)$/,
    words:
      /^-?READONLY\b|\bread-only (?:transaction|replica|mode)\b|\bnot (?:master|(?:writable )?primary)\b|\breadonly database\b/i,
  },
  {
    is: 'has no connection left',
    cure: 'Share one client or pool in each process and make pools smaller, or raise the limit of the server (max_connections, in Redis maxclients).',
    passes: true,
    codes:
      /^(?:53300|ER_(?:CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|USER_LIMIT_REACHED)|P2024|P2037)$/,
    words:
      /\btoo many (?:clients|connections)\b|\bmax(?:imum)? number of clients\b|\bconnection slots are reserved\b|\bno more connections allowed\b|\bpool is probably full\b|\btimeout exceeded when trying to connect\b/i,
  },
  {
    is: 'gave up at a time limit of its own, or while it waited for a lock',
    cure: 'Find what holds it up (a long transaction, a migration, a slow script), or raise that limit (statement_timeout, lock_timeout, max_statement_time, busy_timeout).',
    passes: true,
    codes:
      /^(?:57014|55P03|40P01|40001|ER_(?:LOCK_WAIT_TIMEOUT|LOCK_DEADLOCK|QUERY_TIMEOUT|STATEMENT_TIMEOUT)|SQLITE_(?:BUSY|LOCKED)\w*|P2028|P2034)$/,
    words:
      /^-?BUSY\b|\bcanceling statement due to\b|\block (?:wait )?timeout\b|\bcould not obtain lock\b|\bdeadlock (?:detected|found)\b|\bmax(?:imum)?[ _]statement[ _](?:execution )?time\b|\bdatabase (?:table )?is locked\b|\bexceeded time limit\b/i,
  },
  {
    is: 'is not ready yet',
    cure: 'Nothing, where it was just started: it answers when it has read its data. Where it stays so, see its own log.',
    passes: true,
    codes: /^57P03$/,
    words: /^-?LOADING\b|\bdatabase system is (?:starting up|in recovery mode)\b/i,
  },
  {
    is: 'has an address whose host name cannot be looked up',
    cure: 'Check the host in its address, and that this machine has a name server that knows it.',
    passes: true,
    codes: /^(?:ENOTFOUND|EAI_\w+)$/,
    words: /\bgetaddrinfo (?:ENOTFOUND|EAI_\w+)\b/,
  },
  {
    is: 'was reached without the encryption (TLS) that it and its client agree on',
    cure: 'Have TLS on at both or at neither; name the authority of its certificate (ca, or NODE_EXTRA_CA_CERTS), and the host that the certificate is for.',
    passes: false,
    codes:
      /^(?:EPROTO|ERR_(?:SSL|TLS)_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)\w*|HANDSHAKE_(?:SSL_ERROR|NO_SSL_SUPPORT))$/,
    words: /\bdoes not support SSL\b|\bself[- ]signed certificate\b|\b(?:no encryption|SSL off)$/i,
  },
  {
    is: 'does not know this user or password',
    cure: 'Check user and password in its address, and that this user may come from this machine.',
    passes: false,
    codes: /^(?:28\w{3}|ER_ACCESS_DENIED_ERROR|P1000|P1010)$/,
    words:
      /^-?(?:WRONGPASS|NOAUTH)\b|\bauthentication failed\b|\bERR invalid password\b|\bERR AUTH\b/i,
  },
  {
    is: 'has something else under a name of ours',
    cure: 'See what else writes there (another app, another version), give each a prefix or a database of its own, and delete what lies under that name: docs/counters.md says how it is found.',
    passes: false,
    words: /^-?WRONGTYPE\b|^-?ERR (?:value|hash value) is not an integer or out of range/,
  },
  {
    is: 'has no such database',
    cure: 'Make the database, or name the right one in its address.',
    passes: false,
    codes: /^(?:3D000|ER_BAD_DB_ERROR|P1003|SQLITE_CANTOPEN)$/,
    words: /\bDB index is out of range\b|\binvalid DB index\b/i,
  },
];

/** What is the matter with a server that says so itself; `undefined` for any other failure. */
export function serverFailureOf(error: unknown): ServerFailure | undefined {
  const layers = [...layersOf(error)];
  return SERVER_FAILURES.find(({ codes, words }) =>
    layers.some(({ code, message }) => codes?.test(code) === true || words.test(message)),
  );
}

/** What the user of a Redis may not do. */
export interface MissingRight {
  /** Where Redis names it. */
  user: string | undefined;
  command: string | undefined;
  /** It is the name of a key that is not for this user. */
  keys: boolean;
}

/** How Redis 6 and newer, and Valkey, say that a command or a key is not for this user. */
const REFUSED = /NOPERM|ACL failure|can't (?:run this command|access at least one of the keys)/;
const ABOUT_KEYS = /\bkeys?\b/;
const NAMED = /run the '([\w|]+)' command/;
const USER = /User (\S+) has no permissions/;

/** The right that a user of Redis lacks, by what Redis says; `undefined` where it says something else. */
export function missingRightIn(said: string): MissingRight | undefined {
  if (!REFUSED.test(said)) return undefined;
  const command = NAMED.exec(said)?.[1];
  const keys = command === undefined && ABOUT_KEYS.test(said);
  return { user: USER.exec(said)?.[1], command, keys };
}

/** The line that gives a user of Redis what is missing. */
export function ruleFor(
  commands: readonly string[],
  { keys = '', user = '<user>' }: { keys?: string | undefined; user?: string | undefined } = {},
): string {
  const rules = [...(keys === '' ? [] : [keys]), ...commands.map((name) => `+${name}`)];
  return `ACL SETUSER ${user} ${rules.join(' ')}`;
}

/** The keys with this prefix, as a rule names them. */
export function keysWith(prefix: string): string {
  return `~${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
}

/**
 * What is said after the words of a Redis whose user lacks a right: the line that gives it. Nothing where
 * they have it already.
 */
export function rightFor(words: string): string {
  const missing = missingRightIn(words);
  if (missing === undefined || words.includes('ACL SETUSER')) return '';
  const { user, command, keys } = missing;
  if (command === undefined && !keys) return '';
  const line = ruleFor(command === undefined ? [] : [command], {
    user,
    keys: keys ? '~<their prefix>*' : undefined,
  });
  return `${/[.!?]$/.test(words) ? '' : '.'} The user of Redis needs: ${line} (docs/counters.md)`;
}
