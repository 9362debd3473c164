/**
 * What broke, in words that stay the same from version to version. Each is also the `code` of the
 * problem document that the router answers with.
 */
export type SecondFactorErrorCode =
  | 'delivery_failed'
  | 'phone_opted_out'
  | 'phone_invalid'
  | 'store_unavailable'
  | 'sending_suspended'
  | 'misconfigured';

/** Why the carrier did not take a text; tells an operator what to mend. */
export type DeliveryFailureReason =
  | 'credentials_rejected'
  | 'from_rejected'
  | 'to_rejected'
  | 'opted_out'
  | 'rate_limited'
  | 'rejected'
  | 'unavailable'
  | 'unknown_outcome';

/** What `check()` found of a set-up. */
export interface SetupFinding {
  readonly check:
    | 'counter'
    | 'clock'
    | 'store'
    | 'enrollments'
    | 'mountPath'
    | 'trust proxy'
    | 'userId'
    | 'body'
    | 'onRefused';
  /**
   * `wrong`: it cannot work so. `away`: it does not answer now, and may later. `warning`: it works, and
   * not as it should. `unknown`: that could not be seen, or not yet.
   */
  readonly state: 'wrong' | 'away' | 'warning' | 'unknown';
  readonly says: string;
  /** What to do about it. */
  readonly cure: string;
}

const STATUS: Record<SecondFactorErrorCode, number> = {
  delivery_failed: 502,
  phone_opted_out: 409,
  phone_invalid: 422,
  store_unavailable: 503,
  sending_suspended: 503,
  misconfigured: 500,
};

/**
 * What a carrier said of a text that it did not take, and what to do about it: for an operator, never
 * for a user. One line each, without a number, a code or a key; `SecondFactorError` sees to that.
 */
export interface CarrierReport {
  /** The HTTP status of its answer; none where it did not answer. */
  status?: number | undefined;
  /** In its own words, at most 200 characters. */
  says?: string | undefined;
  /** Its own name for the failure; its support asks for it. */
  supportId?: string | undefined;
  /** What to do about it. */
  cure?: string | undefined;
}

export interface SecondFactorErrorDetails {
  /** The error underneath. Kept for the app's log, never shown to a user. */
  cause?: unknown;
  /** Why a text was not taken. */
  reason?: DeliveryFailureReason;
  /**
   * True where the carrier surely did not take the text. False (the default) where nobody knows:
   * then the text is never sent again by itself.
   */
  refused?: boolean;
  /** What the carrier said; what could be a number, a code or a key is taken out of it. */
  carrier?: CarrierReport | undefined;
  /** All that `check()` found, warnings included. */
  findings?: readonly SetupFinding[];
}

/**
 * Something broke: the store, the counter or the carrier. Never thrown for what a user does
 * (a wrong code, a lock, a send too soon): those are returned. The gate stays shut whenever one
 * of these is thrown.
 */
export class SecondFactorError extends Error {
  override readonly name = 'SecondFactorError';
  readonly code: SecondFactorErrorCode;
  /** The HTTP status that the router and the gate answer with; Express reads it, too. */
  readonly status: number;
  declare readonly reason: DeliveryFailureReason | undefined;
  readonly refused: boolean;
  /** What the carrier said of it, fit for a log; `undefined` where no carrier had a part in it. */
  declare readonly carrier: CarrierReport | undefined;
  /** What `check()` found, where it is what rejects. */
  declare readonly findings: readonly SetupFinding[] | undefined;

  constructor(
    code: SecondFactorErrorCode,
    message: string,
    details: SecondFactorErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = STATUS[code];
    this.refused = details.refused ?? false;
    // What there is none of is no member: Node prints them all below the stack.
    const { reason, carrier, findings } = details;
    if (reason !== undefined) this.reason = reason;
    if (carrier !== undefined) this.carrier = safeReport(carrier);
    if (findings !== undefined) this.findings = findings;
  }
}

const LONGEST_CURE = 400;

/** Senders of an app's own may repeat whatever their carrier says. */
function safeReport({ status, says, supportId, cure }: CarrierReport): CarrierReport {
  return {
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof says === 'string' && says !== '' ? { says: safeWords(says) } : {}),
    ...(isSupportId(supportId) ? { supportId } : {}),
    ...(typeof cure === 'string' ? { cure: safeWords(cure, {}, LONGEST_CURE) } : {}),
  };
}

/** A name, and no run of digits that could be a number. */
function isSupportId(id: unknown): id is string {
  return typeof id === 'string' && /^(?!\+?\d+$)[\w-]{1,64}$/.test(id);
}

/** What must not stand in words of a carrier. */
export interface HiddenFromLogs {
  /** Hidden wherever they stand. */
  keys?: readonly string[];
  /** Texts and addresses of a request: hidden as a whole, not as a part of other words. */
  values?: readonly string[];
}

const LONGEST = 200;
/** Shorter ones would be found within words that have nothing to do with them. */
const SHORTEST_KEY = 8;

/**
 * Makes words of a carrier fit for a log: what it echoed of the request is taken out, so are
 * addresses and digits that could be a number or a code, and they stay on one short line.
 */
export function safeWords(
  text: string,
  { keys = [], values = [] }: HiddenFromLogs = {},
  longest = LONGEST,
): string {
  let words = text;
  for (const key of keys) words = hide(words, key, key.length >= SHORTEST_KEY);
  for (const value of values) words = hide(words, value, false);
  words = words
    // An address may hold a secret, as callback addresses do.
    .replace(/\bhttps?:\/\/[^\s"']+/gi, '(address)')
    // Keys and texts come back encoded, too: a word of a language is not as long.
    .replace(/(?:[\w+/=-]|%[0-9a-f]{2}){20,}/gi, '(hidden)')
    // Four digits or more, whatever stands between them that is no word: (206) 555-0142, 206/555/0142.
    .replace(/\p{N}(?:[^\p{L}\p{N}]*\p{N}){3,}/gu, '(digits)')
    // Control and formatting characters could forge lines of a log.
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  return words.length > longest ? `${words.slice(0, longest - 3)}...` : words;
}

const PART_OF_A_WORD = /^[\p{L}\p{N}]$/u;

function hide(text: string, value: string, anywhere: boolean): string {
  // It may have been echoed inside of JSON.
  const forms = new Set([value, JSON.stringify(value).slice(1, -1)]);
  let words = text;
  for (const form of forms) {
    if (form === '') continue;
    words = words.split(form).reduce((before, after) => {
      const isPart =
        PART_OF_A_WORD.test(before.at(-1) ?? '') || PART_OF_A_WORD.test(after[0] ?? '');
      return `${before}${isPart && !anywhere ? form : '(hidden)'}${after}`;
    });
  }
  return words;
}

/** An error with those that are underneath it. */
export function* layersOf(
  error: unknown,
  depth = 0,
): Generator<Record<'code' | 'name' | 'message', string>> {
  if (typeof error !== 'object' || error === null || depth > 8) return;
  const { code, name, message, cause, errors } = error as Record<string, unknown>;
  yield { code: textOf(code), name: textOf(name), message: textOf(message) };
  for (const each of [cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])]) {
    yield* layersOf(each, depth + 1);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A server that answers, and takes no writes: what is the matter with it, and what to do. */
interface Plight {
  /** After the name of what failed. */
  is: string;
  cure: string;
}

const PLIGHTS: readonly (Plight & { codes: RegExp; words: RegExp })[] = [
  {
    is: 'is out of memory or disk space',
    cure: 'Give it more (in Redis raise maxmemory), or free some; until then it takes nothing, and nobody passes.',
    // PostgreSQL, MySQL, SQLite, a file system.
    codes: /^(?:53[12]00|ER_(?:RECORD_FILE_FULL|DISK_FULL\w*|OUTOFMEMORY)|SQLITE_FULL|ENOSPC)$/,
    words: /^-?OOM\b|\bdatabase or disk is full\b|\bno space left on device\b/,
  },
  {
    is: 'takes no writes: it is a replica, or read-only',
    cure: 'Connect to the primary, by a client that follows it where it moves (Sentinel, a cluster, a replica set).',
    codes: /^(?:25006|ER_(?:OPTION_PREVENTS_STATEMENT|READ_ONLY_MODE)|SQLITE_READONLY\w*)$/,
    words:
      /^-?READONLY\b|\bread-only (?:transaction|replica|mode)\b|\bnot (?:master|(?:writable )?primary)\b|\breadonly database\b/i,
  },
];

/** What is the matter with a server that says so itself; `undefined` for any other failure. */
export function plightOf(error: unknown): Plight | undefined {
  const layers = [...layersOf(error)];
  return PLIGHTS.find(({ codes, words }) =>
    layers.some(({ code, message }) => codes.test(code) || words.test(message)),
  );
}
