import type { Server } from 'node:http';

/** How long requests that are under way may take to finish. */
const PATIENCE_MS = 10_000;

/**
 * On SIGTERM or SIGINT: takes no new requests, ends sockets that would never end by themselves,
 * finishes requests under way, closes the rest, ends.
 */
export function closeOnSignal(
  server: Server,
  endSockets: () => void,
  closeRest: () => Promise<void>,
): void {
  let closing = false;
  const close = () => {
    if (closing) return;
    closing = true;
    endSockets();
    setTimeout(() => server.closeAllConnections(), PATIENCE_MS).unref();
    server.close(() => {
      closeRest().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}
