/** passport-sms-2fa/simulator: the carrier, and the phones behind it, on your own machine. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type Router } from 'express';
import {
  answerThrown,
  notFound,
  onlyMethods,
  refuseOtherNames,
  refuseOtherSites,
} from './carrier-http';
import { faultsRouter } from './fault-modes';
import { inboxRouter } from './inbox';
import { mailsRouter } from './mails';
import { API_VERSIONS } from './message-log';
import { messagesApi } from './messages-api';
import { numbersApi } from './numbers-api';
import { phoneRouter } from './phone-router';
import { newCarrier, stopCarrier, type Carrier } from './simulated-carrier';
import { readSimulatorOptions, type SimulatorOptions } from './simulator-options';

export { FAULT_MODES, MAGIC_NUMBERS, type FaultMode } from './fault-modes';
export {
  SIMULATOR_CREDENTIALS,
  type CallbackShape,
  type SimulatorOptions,
  type StatusCodeStyle,
} from './simulator-options';
export type { Schedule } from './callback-posts';

/** A stand-in for Flowroute, and the phones behind it. */
export interface Simulator {
  /** The Express app, for whoever has a server already. */
  app: RequestListener;
  /**
   * Starts a server. `port` 0 (the default) takes a free one; `host` is `127.0.0.1` by default,
   * as whoever reaches the simulator can read every code in it.
   */
  listen: (port?: number, host?: string) => Promise<RunningSimulator>;
}

/**
 * Makes a simulated carrier that answers as the Flowroute messaging API v2, v2.1 and v2.2 does.
 * Everything is kept in memory; `POST /reset` forgets it. Throws a `TypeError` where an option is
 * wrong.
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const carrier = newCarrier(readSimulatorOptions(options));
  const app: RequestListener = simulatorApp(carrier);
  return {
    app,
    listen: async (port = 0, host = '127.0.0.1') => {
      const { url, close } = await listen(app, port, host);
      return {
        url,
        close: () => {
          stopCarrier(carrier);
          return close();
        },
      };
    },
  };
}

/** Puts the carrier's paths and those beside them into one Express app. */
function simulatorApp(carrier: Carrier): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_req, res, next) => {
    // Every answer may hold a code.
    res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    next();
  });
  app.use(refuseOtherNames);
  for (const version of API_VERSIONS) {
    app.use(`/${version}/messages`, messagesApi(version, carrier));
  }
  app.use('/v2/numbers', numbersApi(carrier));
  app.use('/inbox', inboxRouter(carrier));
  app.use('/mails', mailsRouter(carrier));
  app.use('/faults', faultsRouter(carrier.faults));
  app.use('/reset', resetRouter(carrier));
  app.use('/', phoneRouter(carrier));
  app.use(notFound);
  app.use(answerThrown);
  return app;
}

/**
 * `POST /reset` makes the simulator what it was when it started: texts, mails, opt-outs, faults,
 * callback addresses and counted attempts are forgotten, and what was still to be posted is not.
 */
function resetRouter(carrier: Carrier): Router {
  const router = express.Router();
  router.post('/', refuseOtherSites, (_req, res) => {
    stopCarrier(carrier);
    const { messages, mails, faults, rate, optOuts, callbacks } = carrier;
    for (const each of [messages, mails, faults, rate, optOuts, callbacks]) each.clear();
    res.status(204).end();
  });
  router.all('/', onlyMethods('POST'));
  return router;
}

/** A simulator that takes connections. */
export interface RunningSimulator {
  /** Where it listens, without a slash at its end: `http://127.0.0.1:3001`. */
  url: string;
  /** Ends every connection, also those that hang, and frees the port. May be called again. */
  close: () => Promise<void>;
}

/** Rejects with the system's error where the port is taken. */
async function listen(app: RequestListener, port: number, host: string): Promise<RunningSimulator> {
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
