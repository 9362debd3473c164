import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { requestFields, sendCarrierError } from './carrier-http';
import { asksForMms } from './message-log';
import type { SimulatorSettings } from './simulator-options';

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

/** What Flowroute takes by default: 5 attempts in a second, by access key and endpoint. */
const LIMIT = 5;
const WINDOW_MS = 1_000;

/**
 * Counts attempts as Flowroute does: every one of the last 1000 ms counts, also those that were
 * turned away, so whoever keeps hammering stays out.
 */
export class RateWindow {
  readonly #attempts = new Map<string, number[]>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts one attempt and answers whether it is still within the limit. */
  attempt(endpoint: string, limit = LIMIT): boolean {
    const now = this.#clock();
    const recent = (this.#attempts.get(endpoint) ?? []).filter((at) => now - at < WINDOW_MS);
    recent.push(now);
    this.#attempts.set(endpoint, recent);
    return recent.length <= limit;
  }

  clear(): void {
    this.#attempts.clear();
  }
}

/** Answers 429 to what is too much for one endpoint. A simulator has one access key. */
export function limitRate({ rate }: { rate: RateWindow }, endpoint: string): RequestHandler {
  return (_req, res, next) => {
    if (rate.attempt(endpoint)) next();
    else sendCarrierError(res, 429, 'Rate limits are defined per API endpoint.');
  };
}

/** Of texts with pictures Flowroute takes one in a second. */
export function limitMms({ rate }: { rate: RateWindow }, endpoint: string): RequestHandler {
  return (req, res, next) => {
    if (!asksForMms(requestFields(req.body)) || rate.attempt(`${endpoint} mms`, 1)) next();
    else sendCarrierError(res, 429, 'Rate limits are defined per API endpoint: 1 MMS per second.');
  };
}

/**
 * A page of any site may have its own name point to this machine (DNS rebinding); for a browser it
 * then is the simulator, and reads every code. Names that nobody can buy cannot be pointed anywhere:
 * addresses, names without a dot (of a container), and those that are kept for local use.
 */
export const refuseOtherNames: RequestHandler = (req, res, next) => {
  if (isOwnName(req.headers.host ?? '')) next();
  else sendCarrierError(res, 403, 'The simulator is reached by an address or a local name only.');
};

function isOwnName(host: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const name = new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return isIP(name) !== 0 || !name.includes('.') || /\.(localhost|internal|test)$/.test(name);
}

/** Browsers send forms across sites without asking; only the phone page itself may post its own. */
export const refuseOtherSites: RequestHandler = (req, res, next) => {
  const { origin, host } = req.headers;
  const site = req.headers['sec-fetch-site'];
  const own =
    site === undefined
      ? origin === undefined || origin === `http://${host}` || origin === `https://${host}`
      : site === 'same-origin' || site === 'none';
  if (own) next();
  else sendCarrierError(res, 403, 'Forms of other sites are not taken.');
};
