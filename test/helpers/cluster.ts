import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { raw, type RawAnswer } from './parallel';

/**
 * Where a process can be told to die, in the order in which a right code passes them. The session and
 * its live record are written side by side: one may come through without the other, or both do.
 */
export const KILL_POINTS = [
  'counted',
  'before the comparison',
  'after the comparison',
  'spent',
  'session saved',
  'live record written',
  'both written',
] as const;

export type KillPoint = (typeof KILL_POINTS)[number];

export type Said =
  | { what: 'ready'; port: number }
  | { what: 'text'; to: string; body: string }
  | { what: 'compare' }
  | { what: 'unhandled'; message: string }
  /** The answer to an order. Whatever was said before it has arrived before it. */
  | { what: 'done'; id: number };

export interface Order {
  id: number;
  /** Die (SIGKILL) the next time that this point is passed. */
  killAt?: KillPoint;
}

/** The test app in a process of its own. */
export interface Worker {
  url: string;
  /** Every text it sent. */
  texts: { to: string; body: string }[];
  /** How many guesses it compared. */
  compares: number;
  /** Rejections that nobody handled. */
  unhandled: string[];
  alive(): boolean;
  /** Everything that it has reported so far has arrived. */
  heard(): Promise<void>;
  /** It dies when it comes to this point. */
  killAt(point: KillPoint): Promise<void>;
  /** Resolves with the signal that ended it. */
  ended: Promise<NodeJS.Signals | null>;
  stop(): Promise<void>;
}

interface WorkerOptions {
  /** Where the counts lie on a Redis of their own. */
  counterUrl?: string;
  /** How long Redis may say nothing, in milliseconds. Long, where no outage is tested. */
  silence?: number;
}

const root = join(__dirname, '..', '..');
const hook = join(__dirname, 'typescript-hook.cjs');
const script = join(__dirname, 'worker.ts');

/** Starts the test app on these Redis servers, in a process of its own. */
export async function startWorker(redisUrl: string, options: WorkerOptions = {}): Promise<Worker> {
  const { counterUrl = redisUrl, silence = 20_000 } = options;
  const child = spawn(process.execPath, ['-r', hook, script], {
    cwd: root,
    env: {
      ...process.env,
      REDIS_URL: redisUrl,
      COUNTER_URL: counterUrl,
      SILENCE: String(silence),
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_code, signal) => resolve(signal));
  });
  const answered = new Map<number, () => void>();
  const order = (wish: Omit<Order, 'id'>): Promise<void> =>
    new Promise((resolve) => {
      const id = answered.size;
      answered.set(id, resolve);
      child.send({ ...wish, id } satisfies Order);
    });
  const worker: Worker = {
    url: '',
    texts: [],
    compares: 0,
    unhandled: [],
    alive: () => child.exitCode === null && child.signalCode === null,
    heard: () => order({}),
    killAt: (point) => order({ killAt: point }),
    ended,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
  await new Promise<void>((resolve, reject) => {
    child.on('message', (said: Said) => {
      if (said.what === 'ready') {
        worker.url = `http://127.0.0.1:${said.port}`;
        resolve();
      } else if (said.what === 'text') worker.texts.push({ to: said.to, body: said.body });
      else if (said.what === 'compare') worker.compares += 1;
      else if (said.what === 'unhandled') worker.unhandled.push(said.message);
      else answered.get(said.id)?.();
    });
    void ended.then(() => reject(new Error('the worker ended before it was ready')));
  });
  return worker;
}

/** Several processes that serve the same app. */
export interface Cluster {
  workers: Worker[];
  /** What all of them reported, once all of it has arrived. */
  report(): Promise<{ texts: { to: string; body: string }[]; compares: number }>;
  /** All of them end and start anew; what they reported before is not forgotten. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(redisUrl: string, size = 4): Promise<Cluster> {
  // The first one alone: it leaves the translated files to the others.
  const start = async (): Promise<Worker[]> => {
    const first = await startWorker(redisUrl);
    const others = Array.from({ length: size - 1 }, () => startWorker(redisUrl));
    return [first, ...(await Promise.all(others))];
  };
  const all: Worker[] = [];
  const cluster: Cluster = {
    workers: await start(),
    report: async () => {
      await Promise.all(cluster.workers.map((worker) => worker.heard()));
      return {
        texts: all.flatMap(({ texts }) => texts),
        compares: all.reduce((sum, { compares }) => sum + compares, 0),
      };
    },
    restart: async () => {
      await cluster.stop();
      cluster.workers = await Promise.all(cluster.workers.map(() => startWorker(redisUrl)));
      all.push(...cluster.workers);
    },
    stop: async () => {
      await Promise.all(cluster.workers.map((worker) => worker.stop()));
    },
  };
  all.push(...cluster.workers);
  return cluster;
}

/** A browser that may come to any of the processes: one cookie, JSON. */
export class Visitor {
  cookie: string | undefined;

  async ask(url: string, path: string, body?: object): Promise<RawAnswer & { json: Json }> {
    const answer = await raw(url, {
      method: body === undefined ? 'GET' : 'POST',
      path,
      ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    this.cookie = cookieIn(answer) ?? this.cookie;
    return { ...answer, json: jsonOf(answer) };
  }

  /** Signs in with the password. */
  async signIn(url: string, username = 'A'): Promise<void> {
    const { status } = await this.ask(url, '/login', { username, password: 'right' });
    if (status !== 200) throw new Error(`the password was answered with ${status}`);
  }

  /** Signs in, asks for a text and returns its code. */
  async pending(worker: Worker, username = 'A'): Promise<string> {
    await this.signIn(worker.url, username);
    return this.text(worker);
  }

  /** Asks for a text and returns its code. */
  async text(worker: Worker): Promise<string> {
    const { status, body } = await this.ask(worker.url, '/second-factor/challenge', {});
    if (status !== 202) throw new Error(`the send was answered with ${status}: ${body}`);
    await worker.heard();
    const code = /^(\d+) is your/.exec(worker.texts.at(-1)?.body ?? '')?.[1];
    if (code === undefined) throw new Error('no text was sent');
    return code;
  }

  async verify(url: string, code: string) {
    return this.ask(url, '/second-factor/verify', { code });
  }

  /** Knocks at the gate: 200 is open. */
  async knock(url: string): Promise<number> {
    return (await this.ask(url, '/secret')).status;
  }
}

type Json = Record<string, unknown>;

export function jsonOf({ body }: RawAnswer): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return {};
  }
}

export function cookieIn({ headers }: RawAnswer): string | undefined {
  return /^set-cookie: (connect\.sid=[^;]+)/im.exec(headers)?.[1];
}

/** Asks again and again until the answer is true; fails after the deadline. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
