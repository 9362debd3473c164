import { misuse } from '../misuse';
import { NO_LIMIT, type Counter, type Settlement, type Wish } from '../ports/counter';
import { readReply } from './settlement-reply';

export interface PostgresCounterOptions {
  /** Runs one statement, as a `Pool` of pg does: `(text, values) => pool.query(text, values)`. */
  query(text: string, values: string[]): Promise<{ rows: unknown[] } | unknown[]>;
  /** The table, with or without its schema; default `second_factor_counts`. */
  table?: string | undefined;
}

export interface PostgresCounter extends Counter {
  /** One statement that makes the table, its index and its function, for a migration. */
  readonly schema: string;
  /** Runs `schema`. May be called at each start, also by several processes at once. */
  createTable(): Promise<void>;
}

/** SQLSTATE: serialization_failure, deadlock_detected. Nothing was done, so it may be tried again. */
const AGAIN = ['40001', '40P01'];
const TRIES = 3;

/**
 * Counts in PostgreSQL 12 or newer, for any number of processes. A decision is one statement that
 * calls a function: atomic, one round trip. The clock is that of the database. `createTable()` or
 * `schema` must have made its table first.
 */
export function postgresCounter(options: PostgresCounterOptions): PostgresCounter {
  const { table } = checkOptions(options);
  const schema = schemaOf(table);
  const statement = `SELECT ${settleOf(table)}($1) AS settled`;
  const cures = curesFor(table);
  const run = async (text: string, values: string[], mends: typeof cures): Promise<unknown[]> => {
    try {
      return rowsOf(await options.query(text, values));
    } catch (error) {
      throw explained(error, mends);
    }
  };
  const settle = async (wish: Wish): Promise<Settlement> => {
    if (isEmpty(wish)) return { ok: true, read: new Map(), places: new Map(), full: [] };
    const [row] = await run(statement, [written(wish)], cures);
    const settled = readReply(parsed((row as { settled?: unknown } | undefined)?.settled), wish);
    if (settled === undefined)
      throw new Error('PostgreSQL answered a count with something else (docs/counters.md).');
    return settled;
  };
  return {
    settle: async (wish) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await settle(wish);
        } catch (error) {
          if (tries === TRIES || !AGAIN.includes(stateOf(error))) throw error;
        }
      }
    },
    schema,
    createTable: async () => {
      await run(schema, [], NOT_THE_OWNER);
    },
  };
}

/** The wish as the function reads it. */
function written({ read = [], clear = [], take = [], give = [] }: Wish): string {
  return JSON.stringify([
    read,
    clear,
    take.map(({ key, window, limit, by = 1 }) => [
      key,
      Math.ceil(window),
      Math.min(limit, NO_LIMIT),
      by,
    ]),
    give.map(({ key, ends, by = 1 }) => [key, ends, by]),
  ]);
}

function isEmpty({ read = [], take = [], give = [], clear = [] }: Wish): boolean {
  return read.length + take.length + give.length + clear.length === 0;
}

function parsed(text: unknown): unknown {
  return typeof text === 'string' ? (JSON.parse(text) as unknown) : undefined;
}

function stateOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** SQLSTATE: what each says of the set-up, and what mends it. */
function explained(error: unknown, cures: Record<string, string>): unknown {
  const state = stateOf(error);
  const cure = cures[state];
  if (!(error instanceof Error) || cure === undefined) return error;
  const told = new Error(`${error.message}. ${cure} (docs/counters.md)`, { cause: error });
  return Object.assign(told, { code: state });
}

const MAKE =
  'Call createTable() of postgresCounter() before the first request, or run its schema as a migration';
const READ_COMMITTED =
  "Say ALTER ROLE <user> SET default_transaction_isolation = 'read committed', or use another pool";

function curesFor(table: string): Record<string, string> {
  return {
    '25001': READ_COMMITTED,
    '3F000': MAKE,
    '42883': MAKE,
    '42P01': MAKE,
    '42501': `The user of the database needs GRANT SELECT, INSERT, UPDATE, DELETE ON ${table}`,
  };
}

const NOT_THE_OWNER: Record<string, string> = {
  '42501': 'Let the owner of the schema run counter.schema as a migration, and leave this call out',
};

function checkOptions(options: unknown): { table: string } {
  const { query, table = 'second_factor_counts' } = (options ??
    {}) as Partial<PostgresCounterOptions>;
  if (typeof query !== 'function') {
    throw misuse(
      'postgresCounter({ query })',
      query,
      'Give (text, values) => pool.query(text, values).',
    );
  }
  // It becomes a part of statements.
  if (
    typeof table !== 'string' ||
    !/^(?:[a-z_][a-z0-9_]{0,39}\.)?[a-z_][a-z0-9_]{0,39}$/.test(table)
  ) {
    throw misuse(
      'postgresCounter({ table })',
      table,
      "Give a name of small letters, digits and _, such as 'second_factor_counts' or 'auth.counts', or leave it out.",
    );
  }
  return { table };
}

/**
 * The table of counts and the function that settles a decision, in one statement that may run again
 * and in several processes at once.
 *
 * The function locks the subjects of the wish in an order that is the same for all, so nobody waits
 * in a circle, and looks at the table only then: under `READ COMMITTED` each of its statements sees
 * what has been committed by then. It gets `[read, clear, take, give]` in JSON and answers as the
 * script in Redis does. Its name has a version: two releases of the library may share a table.
 */
function schemaOf(table: string): string {
  const settle = settleOf(table);
  const index = `${table.split('.').pop() ?? table}_ends`;
  return `DO $do$ BEGIN
PERFORM pg_advisory_xact_lock(${LOCKS}, 0);
CREATE TABLE IF NOT EXISTS ${table} (
  key text COLLATE "C" PRIMARY KEY,
  count bigint NOT NULL CHECK (count BETWEEN 1 AND ${Number.MAX_SAFE_INTEGER}),
  ends bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS ${index} ON ${table} (ends);
CREATE OR REPLACE FUNCTION ${settle}(asked text) RETURNS text LANGUAGE plpgsql AS $settle$
DECLARE
  wish jsonb := asked::jsonb;
  cleared text[] := ARRAY(SELECT jsonb_array_elements_text(wish->1));
  named text[] := ARRAY(
    SELECT jsonb_array_elements_text(wish->0) UNION SELECT unnest(cleared)
    UNION SELECT e->>0 FROM jsonb_array_elements((wish->2) || (wish->3)) e);
  changes boolean := jsonb_array_length((wish->1) || (wish->2) || (wish->3)) > 0;
  kept jsonb;
  each jsonb;
  name text;
  lock integer;
  moment bigint;
  used bigint;
  touched text[] := cleared;
  reply bigint[] := '{}';
  flags bigint[] := '{}';
  refused boolean;
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'the counter needs the isolation level read committed, not %',
      current_setting('transaction_isolation') USING ERRCODE = '25001';
  END IF;
  IF changes THEN
    FOR lock IN SELECT DISTINCT hashtext(split_part(n, '#', 1)) FROM unnest(named) n ORDER BY 1 LOOP
      PERFORM pg_advisory_xact_lock(${LOCKS}, lock);
    END LOOP;
  END IF;
  moment := floor(extract(epoch FROM clock_timestamp()) * 1000);
  SELECT coalesce(jsonb_object_agg(t.key, jsonb_build_array(t.count, t.ends)), '{}') INTO kept
    FROM ${table} t WHERE t.key = ANY (named) AND t.ends > moment;

  FOR name IN SELECT jsonb_array_elements_text(wish->0) LOOP
    reply := reply || ARRAY[coalesce((kept->name->>0)::bigint, 0),
      coalesce((kept->name->>1)::bigint - moment, 0), coalesce((kept->name->>1)::bigint, 0)];
  END LOOP;

  FOR each IN SELECT jsonb_array_elements(wish->2) LOOP
    name := each->>0;
    used := CASE WHEN name = ANY (cleared) THEN 0 ELSE coalesce((kept->name->>0)::bigint, 0) END;
    flags := flags || (used + (each->>3)::bigint > (each->>2)::bigint)::integer::bigint;
  END LOOP;

  refused := 1 = ANY (flags);
  IF refused THEN
    touched := '{}';
  ELSE
    kept := kept - cleared;
    FOR each IN SELECT jsonb_array_elements(wish->2) LOOP
      name := each->>0;
      CONTINUE WHEN (each->>3)::bigint = 0;
      kept := kept || jsonb_build_object(name, jsonb_build_array(
        coalesce((kept->name->>0)::bigint, 0) + (each->>3)::bigint,
        coalesce((kept->name->>1)::bigint, moment + (each->>1)::bigint)));
      touched := touched || name;
    END LOOP;
  END IF;
  FOR name IN SELECT e->>0 FROM jsonb_array_elements(wish->2) e LOOP
    reply := reply || ARRAY[coalesce((kept->name->>0)::bigint, 0),
      coalesce((kept->name->>1)::bigint - moment, 0), coalesce((kept->name->>1)::bigint, 0)];
  END LOOP;
  IF NOT refused THEN
    FOR each IN SELECT jsonb_array_elements(wish->3) LOOP
      name := each->>0;
      CONTINUE WHEN (kept->name->>1)::bigint IS DISTINCT FROM (each->>1)::bigint;
      used := (kept->name->>0)::bigint - (each->>2)::bigint;
      kept := CASE WHEN used > 0
        THEN kept || jsonb_build_object(name, jsonb_build_array(used, kept->name->1))
        ELSE kept - name END;
      touched := touched || name;
    END LOOP;
  END IF;

  IF touched <> '{}' THEN
    DELETE FROM ${table} t WHERE t.key = ANY (touched) AND kept->t.key IS NULL;
    INSERT INTO ${table} AS t (key, count, ends)
      SELECT n, (kept->n->>0)::bigint, (kept->n->>1)::bigint
        FROM (SELECT DISTINCT unnest(touched) AS n) names WHERE kept->n IS NOT NULL
      ON CONFLICT (key) DO UPDATE SET count = excluded.count, ends = excluded.ends;
    -- Nothing is waited for after this, and nothing here waits: so there is no circle.
    DELETE FROM ${table} t WHERE t.key IN (
      SELECT s.key FROM ${table} s WHERE s.ends <= moment
      ORDER BY s.ends LIMIT ${SWEPT_EACH_CALL} FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN array_to_json(reply || flags)::text;
END $settle$;
END $do$`;
}

/** The name of the function. */
function settleOf(table: string): string {
  return `${table}_settle_v1`;
}

/** The space of its advisory locks, so that they are no others of the app: any number will do. */
const LOCKS = 0x2fa;
/** As pg answers them, or the bare list of other drivers. */
function rowsOf(answer: unknown): unknown[] {
  const { rows = answer } = (answer ?? {}) as { rows?: unknown };
  if (Array.isArray(rows)) return rows as unknown[];
  throw new Error(
    'query answered with no rows. Return what the driver answers: { rows }, or a list of them (docs/counters.md).',
  );
}

/** How many rows that are over a change takes away. */
const SWEPT_EACH_CALL = 8;
