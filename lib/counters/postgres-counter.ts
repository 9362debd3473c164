import { misuse } from '../misuse';
import { NO_LIMIT, type Counter, type Settlement, type Wish } from '../ports/counter';
import { schemaOf, settleOf } from './postgres-script';
import { readReply } from './settlement-reply';

export interface PostgresCounterOptions {
  /** Runs one statement, as a `Pool` of pg does: `(text, values) => pool.query(text, values)`. */
  query(text: string, values: string[]): Promise<{ rows: unknown[] }>;
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
      return (await options.query(text, values)).rows;
    } catch (error) {
      throw explained(error, mends);
    }
  };
  const settle = async (wish: Wish): Promise<Settlement> => {
    if (isEmpty(wish)) return { ok: true, read: new Map(), places: new Map(), full: [] };
    const [row] = await run(statement, [written(wish)], cures);
    const settled = readReply(parsed((row as { settled?: unknown } | undefined)?.settled), wish);
    if (settled === undefined) throw new Error('PostgreSQL answered a count with something else.');
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
