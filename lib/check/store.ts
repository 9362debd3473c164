import { isDeepStrictEqual } from 'node:util';
import type { SetupFinding } from '../errors';
import type { Clock } from '../ports/clock';
import type { SessionStore } from '../ports/session-store';
import { keysWith, missingRightIn, ruleFor, type MissingRight } from '../server-failures';
import { called, nothing, readFrom } from '../stores/calls';
import type { StoredRecords } from '../stores/records';
import { storeCall } from '../time-limit';
import { failure, findingsAbout, messageOf, cureNamedIn } from './failure';

interface StoreUnderCheck {
  store: SessionStore;
  records: StoredRecords;
  clock: Clock;
  /** Where the record lies: a name of the library's own, of nobody's session. */
  key: string;
  /** Milliseconds. */
  wait: (ms: number) => Promise<unknown>;
}

/** What is left behind where the process ends in the middle is gone after so many milliseconds. */
const LIFE = 60_000;
/** A store that takes the milliseconds of a lifetime for something shorter has let go by then. */
const A_MOMENT = 150;
/** Some stores keep whole seconds. */
const ROUNDED = 2_000;

const CURES = {
  away: 'Start it before the app, connect its client, and see that this machine may reach it; then ask again.',
  wrong:
    'It must take, for any session, an id of 32 letters and digits and a session of some kB: see its column for ids, and docs/counters.md on what a session store has to do.',
};

const { wrong, warning } = findingsAbout('store');

/** As large, and as deep, as what the library keeps. */
function sample(now: number): Record<string, unknown> {
  return {
    kind: 'check',
    madeAt: now,
    flag: true,
    none: 0,
    list: ['a', 'b'],
    deep: { list: [{ at: now + 1 }], text: '+.:/= "' },
    long: 'x'.repeat(1_500),
  };
}

/** Whether the session store keeps a record as it is, for its life, and forgets it when it is told to. */
export async function checkStore(given: StoreUnderCheck): Promise<SetupFinding[]> {
  const { records, key } = given;
  try {
    return await examine(given);
  } catch (error) {
    return [(await missingRights(given, error)) ?? failure('store', error, CURES)];
  } finally {
    await records.delete(key).catch(() => undefined);
  }
}

/** As express-session does at the end of a request that changed nothing. */
async function touched({ store, key }: StoreUnderCheck, expiresAt: number): Promise<void> {
  if (typeof store.touch !== 'function') return;
  const cookie = { expires: new Date(expiresAt), originalMaxAge: LIFE, maxAge: LIFE };
  await storeCall('sessionStore.touch', () =>
    called((done) => store.touch?.(key, { cookie }, done), nothing),
  );
}

/** Where the user of a Redis lacks a right: all that it lacks, so that nobody is told of one after the other. */
async function missingRights(
  given: StoreUnderCheck,
  error: unknown,
): Promise<SetupFinding | undefined> {
  const { records, key, clock, store } = given;
  if (missingRightIn(messageOf(error)) === undefined) return undefined;
  const verbs = [
    () => records.get(key),
    () => records.set(key, sample(clock()), clock() + LIFE),
    () => touched(given, clock() + LIFE),
    () => records.delete(key),
  ];
  const missing: MissingRight[] = [];
  for (const verb of verbs) {
    const said = await verb().then(() => '', messageOf);
    const right = missingRightIn(said);
    if (right !== undefined) missing.push(right);
  }
  const { prefix } = store as { prefix?: unknown };
  const commands = missing.flatMap(({ command }) => command ?? []);
  const needsKeys = missing.some(({ keys }) => keys) && typeof prefix === 'string';
  if (commands.length === 0 && !needsKeys) return undefined;
  const line = ruleFor([...new Set(commands)], {
    user: missing.find(({ user }) => user !== undefined)?.user,
    keys: needsKeys ? keysWith(prefix) : undefined,
  });
  const { says } = failure('store', error, CURES);
  return wrong(says, `Run ${line} (docs/counters.md).`);
}

async function examine(given: StoreUnderCheck): Promise<SetupFinding[]> {
  const { store, records, clock, key, wait } = given;
  const record = sample(clock());
  const expiresAt = clock() + LIFE;
  const look = () => storeCall('sessionStore.get', () => readFrom(store, key));

  await records.set(key, record, expiresAt);
  const found = await look();
  if (found === undefined) {
    return [
      wrong(
        'The session store took a record and has nothing under its id right after.',
        'Its column for ids must take 32 characters, and its clock, or that of its database, agree with that of this machine: a record whose cookie ends in a minute must still be there. Read from the primary, past every cache.',
      ),
    ];
  }
  const changed = whatChanged(record, found);
  if (changed !== undefined) {
    return [
      wrong(
        `The session store gives a record back as another one (${changed}).`,
        'It must keep a session as JSON has it, whole: see its serializer and the type of its column (a text of 64 kB, or json).',
      ),
    ];
  }
  await wait(A_MOMENT);
  const unlengthened = await lengthened(given, record, expiresAt);
  if (whatChanged(record, await look()) !== undefined) {
    return [
      wrong(
        'The session store lets a record go before its time: the cookie of it ends in a minute.',
        'Set its lifetime (ttl, often in seconds) to no less than that of a session, or leave it to the cookie; its touch must lengthen a session and change nothing else.',
      ),
    ];
  }
  await records.delete(key);
  if ((await look()) !== undefined) {
    return [
      wrong(
        'The session store still has a record after destroy: a code could be used twice, and a sign-out would not end a session.',
        'Its destroy(id, callback) must remove what lies under that id before it calls back.',
      ),
    ];
  }
  return [...unlengthened, ...endsOf(found, expiresAt)];
}

/** What is in use is lengthened; a store that is not allowed to is a warning: all but that works. */
async function lengthened(
  given: StoreUnderCheck,
  record: object,
  expiresAt: number,
): Promise<SetupFinding[]> {
  const { records, key } = given;
  try {
    if (records.lengthen === undefined) await touched(given, expiresAt);
    else await records.lengthen(key, record, expiresAt);
    return [];
  } catch (error) {
    const missing = records.lengthen === undefined ? cureNamedIn(error) : undefined;
    if (missing === undefined) throw error;
    const says = `Sessions end while they are in use, and each request hands the app an error: ${missing.words}.`;
    return [warning(says, missing.cure)];
  }
}

/** Where what came back is not what was kept, or `undefined`. */
function whatChanged(record: Record<string, unknown>, found: unknown): string | undefined {
  const { sms2fa: kept } = (found ?? {}) as { sms2fa?: unknown };
  if (typeof kept !== 'object' || kept === null) {
    return `what the app put beside the cookie is ${kept === undefined ? 'missing' : 'no object'}`;
  }
  const back = JSON.parse(JSON.stringify(kept)) as Record<string, unknown>;
  const names = new Set([...Object.keys(record), ...Object.keys(back)]);
  const others = [...names].filter((name) => !isDeepStrictEqual(record[name], back[name]));
  return others.length === 0 ? undefined : `changed: ${others.join(', ').slice(0, 80)}`;
}

/** Whether the date in the cookie survived; some stores keep no cookie of a record. */
function endsOf(found: unknown, expiresAt: number): SetupFinding[] {
  const { expires } = ((found as { cookie?: unknown }).cookie ?? {}) as { expires?: unknown };
  if (expires === undefined || expires === null) return [];
  const moment = new Date(expires as string | number | Date).getTime();
  const off = moment - expiresAt;
  if (Math.abs(off) <= ROUNDED) return [];
  const by = Number.isNaN(off) ? 'no date any more' : `${Math.round(off / 1_000)} s off`;
  return [
    warning(
      `The session store gives the date at which a cookie ends back as another one (${by}): sessions and records end early or late.`,
      'Keep it with its time zone: as JSON, or in a column such as timestamptz.',
    ),
  ];
}
