import type { RequestHandler } from 'express';

import type { SimulatorSettings } from '../options';
import { sendCarrierError } from './carrier-errors';

/** Lets through who shows the simulated account's keys; 401 otherwise. */
export function requireCredentials({ accessKey, secretKey }: SimulatorSettings): RequestHandler {
  const expected = `${accessKey}:${secretKey}`;
  return (req, res, next) => {
    const encoded = /^basic +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? '';
    if (Buffer.from(encoded, 'base64').toString('utf8') === expected) {
      next();
    } else {
      res.set('WWW-Authenticate', 'Basic realm="Flowroute"');
      sendCarrierError(res, 401, 'There is an issue with your API credentials.');
    }
  };
}
