import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Where a server listens for upgrades, Node hands it every request that offers one, such as the
 * `Upgrade: h2c` of some clients, as a bare connection. This has the server read such a request
 * once more, without the offer: as the ordinary request that it is, body and time limits included.
 */
export function handBack(server: Server, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  // A client that goes away meanwhile is no error of the bank's; its socket ends by itself.
  socket.on('error', () => undefined);
  // Not before the parser has let go of the connection, for it may be the one that reads again.
  setImmediate(() => {
    if (socket.destroyed) return;
    // Node reads header bytes as latin1, so this writes them as they came.
    socket.unshift(Buffer.concat([Buffer.from(withoutOffer(req), 'latin1'), head]));
    server.emit('connection', socket);
  });
}

/** Ends the connection after its answer: one that offers an upgrade each time would pile up listeners. */
function withoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!/^(?:connection|upgrade)$/i.test(name)) lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  return [...lines, 'Connection: close', '', ''].join('\r\n');
}
