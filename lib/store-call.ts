import { SecondFactorError } from './errors';
import { timeLimit } from './time-limit';

/** How long one call to a store may take before the gate answers 503, in milliseconds. */
export const STORE_TIME_LIMIT = 1_500;

/**
 * Runs one store call under a time limit. Whatever goes wrong (an error, a hang) becomes one
 * `SecondFactorError` with the code `store_unavailable`, so that every caller fails closed.
 */
export async function storeCall<T>(what: string, call: () => T | Promise<T>): Promise<T> {
  try {
    const answer = call();
    // What is at hand needs no timer: the gate asks on every request.
    return isPromise(answer) ? await timeLimit(answer, STORE_TIME_LIMIT) : answer;
  } catch (cause) {
    throw brokenStore(what, cause);
  }
}

/** What broke, as the one error that every caller fails closed on. */
export function brokenStore(what: string, cause: unknown): SecondFactorError {
  if (cause instanceof SecondFactorError) return cause;
  return new SecondFactorError('store_unavailable', `${what} failed: ${wordsOf(cause)}`, { cause });
}

/** Some say it in words, or by an object that is no `Error`. */
function wordsOf(cause: unknown): string {
  const { message = cause, code } = (cause ?? {}) as { message?: unknown; code?: unknown };
  const words = [message, code].find((each) => typeof each === 'string' && each !== '');
  return typeof words === 'string' ? words : 'it rejected without an error';
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
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
