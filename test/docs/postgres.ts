import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

interface Result {
  rows: unknown[];
  rowCount: number | null;
}

interface Answer {
  id: number;
  result?: Result;
  error?: string;
}

/** A PostgreSQL of the test's own, with the `query` of a `Pool` of the `pg` package. */
interface Postgres {
  query(text: string, values?: unknown[]): Promise<Result>;
  on(): void;
  listenerCount(): number;
  stop(): Promise<void>;
}

export function startPostgres(): Postgres {
  const worker = new Worker(join(__dirname, 'postgres-worker.cjs'));
  const waiting = new Map<number, (answer: Answer) => void>();
  worker.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer));
  return {
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
      await worker.terminate();
    },
  };
}
