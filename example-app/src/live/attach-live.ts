import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer, type WebSocket } from 'ws';

import type { Accounts } from '../accounts/accounts';
import { formatAmount } from '../accounts/money';
import type { User } from '../accounts/users';
import type { BalanceFeed } from './balance-feed';
import { handBack } from './hand-back';
import type { FindVerified } from './live-session';

export interface LiveDependencies {
  accounts: Accounts;
  feed: BalanceFeed;
  findVerified: FindVerified;
  clock: () => number;
  log: (error: unknown) => void;
}

export interface Live {
  /** Ends every socket; a server does not close before they are gone. */
  close(): void;
}

const PATH = '/live';
/** How long a socket may go on by an older answer. */
const TRUSTED_MS = 10_000;
/** The browser has nothing to say here. */
const MOST_BYTES_IN = 1_024;

/**
 * Pushes each user's balance to `/live`. An upgrade passes none of the app's middleware, so what
 * guards the pages must be asked here once more: own origin, session, second factor.
 */
export function attachLive(server: Server, dependencies: LiveDependencies): Live {
  const { accounts, feed, findVerified, clock, log } = dependencies;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES_IN });

  // Newer versions of Node ask whether a request is to be upgraded; older ones have it handed back.
  Object.assign(server, { shouldUpgradeCallback: wantsSocket });
  server.on('upgrade', (req, socket, head) => {
    if (!wantsSocket(req)) {
      handBack(server, req, socket, head);
      return;
    }
    // A client that goes away in the middle is no error of the bank's; its socket ends by itself.
    socket.on('error', () => undefined);
    admit(req, socket, head).catch((error: unknown) => {
      log(error);
      refuse(socket, '503 Service Unavailable');
    });
  });

  async function admit(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (req.url?.split('?', 1)[0] !== PATH) {
      refuse(socket, '404 Not Found');
      return;
    }
    const user = comesFromHere(req) ? await findVerified(req) : undefined;
    if (user === undefined) {
      refuse(socket, '401 Unauthorized');
      return;
    }
    sockets.handleUpgrade(req, socket, head, (webSocket) => follow(webSocket, req, user));
  }

  function follow(webSocket: WebSocket, req: IncomingMessage, user: User): void {
    let askedAt = clock();
    const push = async () => {
      if (clock() - askedAt >= TRUSTED_MS) {
        const now = await findVerified(req);
        if (now?.id !== user.id) throw new Error('The session is no longer verified');
        askedAt = clock();
      }
      webSocket.send(JSON.stringify({ balance: formatAmount(accounts.balance(user.id)) }));
    };
    // Whatever the reason that it cannot be asked: a socket that is not known to be verified ends.
    const pushOrEnd = () => void push().catch(() => webSocket.close(1008));
    const stop = feed.follow(user.id, pushOrEnd);
    webSocket.on('close', stop);
    webSocket.on('error', () => webSocket.terminate());
    pushOrEnd();
  }

  return {
    close() {
      for (const webSocket of sockets.clients) webSocket.terminate();
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  const answer = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(answer, () => socket.destroy());
}

/** Anything else that is offered, such as HTTP/2, need not be taken up (RFC 9110 §7.8). */
function wantsSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** Browsers send cookies along to a socket that any page opens, but they say whose page it is. */
function comesFromHere({ headers: { origin = '', host } }: IncomingMessage): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}
