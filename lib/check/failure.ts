import type { SetupFinding } from '../errors';
import { layersOf, serverFailureOf } from '../server-failures';

type Part = SetupFinding['check'];
type Say = (says: string, cure: string) => SetupFinding;

/** The findings of one part, by their state. */
export function findingsAbout(check: Part): Record<'wrong' | 'warning' | 'unknown', Say> {
  const as =
    (state: SetupFinding['state']): Say =>
    (says, cure) => ({ check, state, says, cure });
  return { wrong: as('wrong'), warning: as('warning'), unknown: as('unknown') };
}

/** How drivers say that the other side cannot be reached, or not now: it may be there in a moment. */
const AWAY_CODE =
  /^(?:E(?:CONN\w+|TIMEDOUT|NOTFOUND|AI_AGAIN|PIPE|HOST\w+|NET\w+)|UND_ERR_\w*(?:SOCKET|TIMEOUT)|NR_CLOSED|PROTOCOL_(?:CONNECTION_LOST|ENQUEUE\w*)|ER_(?:CON_COUNT_ERROR|SERVER_SHUTDOWN)|CONNECTION_\w+|08\w{3}|53300|57P0[123])$/;
const AWAY_NAME =
  /^(?:MongoNetwork\w*|MongoServerSelectionError|Sequelize(?:Connection|Host)(?!AccessDenied)\w*|Client(?:Closed|Offline)Error|SocketClosedUnexpectedlyError|ConnectionTimeoutError|MaxRetriesPerRequestError|PrismaClientInitializationError)$/;
const AWAY_WORDS =
  /^(?:LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS)\b|\bno answer within [\d.]+ s\b|\bconnect ENOENT\b|\bconnect(?:ion)? (?:is |was )?(?:closed|lost|refused|terminated|timed out|timeout)\b|\bthe client is (?:closed|offline)\b|\bsocket (?:was )?closed\b|\bstream isn't writeable\b/i;

/** What databases say of a table, a column or a right that is missing. */
const UNMADE =
  /^(?:42P01|42703|42501|42883|3F000|3D000|28\w{3}|ER_NO_SUCH_TABLE|ER_BAD_(?:FIELD|DB)_ERROR|ER_\w*ACCESS_DENIED\w*|P2021|P2022)$|no such (?:table|column)|relation "[^"]*" does not exist|permission denied|\b(?:NOPERM|NOAUTH|WRONGPASS)\b/;

/** Whether it is simply not there, so that to ask again later is all that is to be done. */
export function isAway(error: unknown): boolean {
  const known = serverFailureOf(error);
  if (known !== undefined) return known.passes;
  return [...layersOf(error)].some(
    ({ code, name, message }) =>
      AWAY_CODE.test(code) || AWAY_NAME.test(name) || AWAY_WORDS.test(message),
  );
}

/** Whether a database says that something was not made, or may not be used. */
export function isUnmade(error: unknown): boolean {
  const isSaid = [...layersOf(error)].some(
    ({ code, message }) => UNMADE.test(code) || UNMADE.test(message),
  );
  return isSaid || serverFailureOf(error) !== undefined;
}

/** Whether the app's own code has a mistake in it. */
export function isBug(error: unknown): boolean {
  const bugs = ['TypeError', 'ReferenceError'];
  return [...layersOf(error)].some(({ name }) => bugs.includes(name));
}

const LONGEST = 400;

/**
 * What it says, without what no log should have: credentials in an address, numbers, names of records.
 * Host, port and codes stay, which `safeWords` takes out: they are what is to be mended.
 */
export function messageOf(error: unknown): string {
  const { message } = error as { message?: unknown };
  const words = typeof message === 'string' && message !== '' ? message : String(error);
  return (
    words
      .replace(/(?<=:\/\/)\S*@/g, '')
      .replace(/sms2fa[a-z][\da-f]{8,}/g, '(a record)')
      // No dots and colons between the digits: an address with its port is worth to be told.
      .replace(/\+?\d(?:[\s()/_-]*\d){8,}/g, '(a number)')
      // One line, whatever the driver made of it.
      .replace(/[\p{C}\p{Z}]+/gu, ' ')
      .replace(/[\s.]+$/, '')
      .slice(0, LONGEST)
  );
}

/** How errors name the line that gives a user of Redis what it lacks. */
const NEEDS =
  /(?:It|The counter|The user of Redis) needs: (ACL SETUSER .+?)(?: \(docs\/counters\.md\))?$/;

/** What an error says, and the cure that it names itself, where it is a right that is missing. */
export function cureNamedIn(error: unknown): { words: string; cure: string } | undefined {
  const words = messageOf(error);
  const needs = NEEDS.exec(words);
  if (needs === null || isAway(error)) return undefined;
  return {
    words: words.slice(0, needs.index).replace(/[\s.]+$/, ''),
    cure: `Run ${needs[1] ?? ''} (docs/counters.md).`,
  };
}

/** The finding of what failed: `away`, or `wrong` with what is to be mended. */
export function failure(
  check: Part,
  error: unknown,
  cures: { away: string; wrong: string },
): SetupFinding {
  const words = messageOf(error);
  const name = `The ${NAMES[check]}`;
  const known = serverFailureOf(error);
  if (known !== undefined) {
    const state = known.passes ? 'away' : 'wrong';
    return { check, state, says: `${name} ${known.is} (${words}).`, cure: known.cure };
  }
  const missing = cureNamedIn(error);
  if (missing !== undefined) {
    const says = `${name} does not work: ${missing.words}.`;
    return { check, state: 'wrong', says, cure: missing.cure };
  }
  return isAway(error)
    ? { check, state: 'away', says: `${name} does not answer: ${words}.`, cure: cures.away }
    : { check, state: 'wrong', says: `${name} does not work: ${words}.`, cure: cures.wrong };
}

const NAMES: Partial<Record<Part, string>> = {
  counter: 'counter',
  store: 'session store',
  enrollments: 'storage of enrollments',
};
