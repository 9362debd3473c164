import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SettingsError } from './settings-error';

/** Whoever sends a request slowly must not hold it open until it says something else. */
const SLOWEST_REQUEST_MS = 30_000;

export interface Listening {
  server: Server;
  port: number;
}

/** Listens on PORT; a port that cannot be had is told in a sentence. */
export function listen(
  app: RequestListener,
  port: number,
  host: string | undefined,
): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: SLOWEST_REQUEST_MS,
      requestTimeout: SLOWEST_REQUEST_MS,
      // Node's default would look every 30 seconds only.
      connectionsCheckingInterval: 5_000,
    },
    app,
  );
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(portTaken(error, 'PORT', port)));
    server.listen(port, host, () => {
      resolve({ server, port: (server.address() as AddressInfo).port });
    });
  });
}

/** The error as a sentence with a cure, where it is about a port; else the error itself. */
export function portTaken(error: Error, variable: string, port: number): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new SettingsError(
      `${variable} is ${port}, but another program listens there. ` +
        `Stop it, or set ${variable} to a free port.`,
    );
  }
  if (code === 'EACCES') {
    return new SettingsError(
      `${variable} is ${port}, but this user may not listen there. ` +
        `Set ${variable} to a port above 1023.`,
    );
  }
  return error;
}
