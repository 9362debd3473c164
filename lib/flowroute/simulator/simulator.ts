import type { RequestListener } from 'node:http';

import { simulatorApp } from './app';
import { newCarrier, stopCarrier } from './carrier';
import { listen, type RunningSimulator } from './listen';
import { readSimulatorOptions, type SimulatorOptions } from './options';

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
