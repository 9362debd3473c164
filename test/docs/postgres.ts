import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { closedWithFile } from '../helpers/servers';

interface Result {
  rows: unknown[];
  rowCount: number | null;
}

interface Answer {
  id: number;
  result?: Result;
  error?: string;
}

/** A PostgreSQL with the `query` of a `Pool` of the `pg` package, and nothing in it. */
interface Postgres {
  query(text: string, values?: unknown[]): Promise<Result>;
  on(): void;
  listenerCount(): number;
  /** Empties it for whoever asks next. */
  stop(): Promise<void>;
}

let started: Postgres | undefined;

/** One for all tests of a process, one after the other: it takes seconds to start. */
export function startPostgres(): Postgres {
  started ??= start();
  return started;
}

const EMPTY = [
  'RESET ROLE',
  'DROP SCHEMA public CASCADE',
  'CREATE SCHEMA public',
  'GRANT USAGE ON SCHEMA public TO PUBLIC',
];

function start(): Postgres {
  const worker = new Worker(join(__dirname, 'postgres-worker.cjs'));
  closedWithFile(() => worker.terminate());
  const waiting = new Map<number, (answer: Answer) => void>();
  worker.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
  const postgres: Postgres = {
    query: async (text, values = []) => {
      const id = waiting.size;
      const { result, error } = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve);
        worker.postMessage({ id, text, values });
      });
      if (result === undefined) throw new Error(error);
      return result;
    },
    on: () => undefined,
    listenerCount: () => 0,
    stop: async () => {
      for (const step of EMPTY) await postgres.query(step);
    },
  };
  return postgres;
}
