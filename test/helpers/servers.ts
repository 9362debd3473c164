import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';

/** What the running test has opened and not closed yet. */
const opened = new Set<() => Promise<void>>();
/** What stays open from test to test. */
const kept: (() => Promise<unknown>)[] = [];

// The process of worker.ts loads this as well; it has no tests, and lives until it is killed.
if (typeof afterEach === 'function') {
  afterEach(async () => {
    await Promise.all([...opened].map((close) => close()));
  });
  afterAll(async () => {
    await Promise.all(kept.map((close) => close()));
  });
}

/** Has `close` called when the last test of this file, or of all that are loaded as one, is over. */
export function closedWithFile(close: () => Promise<unknown>): void {
  kept.push(close);
}

/** Has `close` called once: by the test itself, or else when the test is over, however it ended. */
export function closedWithTest(close: () => Promise<unknown>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const closeOnce = (): Promise<void> => {
    opened.delete(closeOnce);
    closed ??= close().then(() => undefined);
    return closed;
  };
  opened.add(closeOnce);
  return closeOnce;
}

/** A server that listens on a free port of this machine until the test is over. */
export interface Listening {
  /** By http. */
  url: string;
  port: number;
  close: () => Promise<void>;
}

export async function listen(server: Server | HttpServer): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = closedWithTest(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${port}`, port, close };
}
