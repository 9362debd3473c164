import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A simulator that takes connections. */
export interface RunningSimulator {
  /** Where it listens, without a slash at its end: `http://127.0.0.1:3001`. */
  url: string;
  /** Ends every connection, also those that hang, and frees the port. May be called again. */
  close: () => Promise<void>;
}

/** Rejects with the system's error where the port is taken. */
export async function listen(
  app: RequestListener,
  port: number,
  host: string,
): Promise<RunningSimulator> {
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      })),
  };
}
