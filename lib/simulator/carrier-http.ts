import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { asksForMms } from './message-log';
import type { SimulatorSettings } from './simulator-options';

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Answers an error in the one shape that Flowroute documents for all of them. */
export function sendCarrierError(res: Response, status: number, detail: string): void {
  const title = TITLES[status] ?? 'Client Error';
  res.status(status).json({ errors: [{ detail, id: randomUUID(), status, title }] });
}

/** Answers 405 and names the methods that there are. */
export function onlyMethods(...methods: string[]): RequestHandler {
  return (_req, res) => {
    res.set('Allow', methods.join(', '));
    sendCarrierError(res, 405, 'The method is not allowed for the requested URL.');
  };
}

export const notFound: RequestHandler = (_req, res) => {
  sendCarrierError(res, 404, 'The requested URL was not found on the server.');
};

/** What body parsers and the router throw: malformed JSON, too long a body, a broken path. */
export const answerThrown: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) {
    next(error);
    return;
  }
  const status = statusOf(error);
  sendCarrierError(
    res,
    status,
    status < 500 ? (DETAILS[status] ?? 'The request could not be read.') : 'The simulator failed.',
  );
};

const DETAILS: Record<number, string> = {
  400: 'The browser (or proxy) sent a request that this server could not understand.',
  413: 'The data value transmitted exceeds the capacity limit.',
  415: 'The payload format is in an unsupported format.',
};

function statusOf(error: unknown): number {
  const status: unknown =
    typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

const LONGEST_BODY = '64kb';
const PLAIN = /^application\/json\s*(;|$)/i;
const PLAIN_OR_JSON_API = /^application\/(vnd\.api\+)?json\s*(;|$)/i;

/** Reads JSON in the carrier's two content types; anything else is a 415. */
export const carrierBody: RequestHandler = readBody(PLAIN_OR_JSON_API);

/**
 * Reads JSON for the paths beside the carrier's. Insisting on the type also keeps out forms of
 * other sites: a browser sends this type across sites only with a permission that nobody gives.
 */
export const plainBody: RequestHandler = readBody(PLAIN);

function readBody(types: RegExp): RequestHandler {
  const parse: RequestHandler = express.json({ limit: LONGEST_BODY, type: () => true });
  return (req, res, next) => {
    if (types.test(req.headers['content-type'] ?? '')) parse(req, res, next);
    else sendCarrierError(res, 415, 'The payload format is in an unsupported format.');
  };
}

/** The fields of a body, or of any value that should be an object. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/**
 * The fields of a request to the carrier: compact, or JSON:API with all under `data.attributes`. Clients
 * write what they leave out as null or as an empty text.
 */
export function requestFields(requestBody: unknown): Record<string, unknown> {
  const whole = fieldsOf(requestBody);
  const fields = 'data' in whole ? fieldsOf(fieldsOf(whole.data).attributes) : whole;
  const given = Object.entries(fields).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(given);
}

/** Which part of a list is asked for. */
interface Page {
  limit: number;
  offset: number;
}

/** `limit` and `offset` of a query; `undefined` where one of them is malformed. */
export function readPage(
  query: Record<string, unknown>,
  usual: number,
  most: number,
): Page | undefined {
  const limit = readWhole(givenPart(query.limit) ?? String(usual));
  const offset = readWhole(givenPart(query.offset) ?? '0');
  if (limit === undefined || offset === undefined || limit < 1 || limit > most) return undefined;
  return { limit, offset };
}

/** A part of a query; clients write what they leave out as an empty one. */
export function givenPart(value: unknown): unknown {
  return value === '' ? undefined : value;
}

function readWhole(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

const DATE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** A day or an instant, in milliseconds; UTC where it names no zone. `undefined` for anything else. */
export function readDate(value: unknown): number | undefined {
  const [, day, time = '', zone = 'Z'] = DATE.exec(typeof value === 'string' ? value : '') ?? [];
  if (day === undefined || (time === '' && zone !== 'Z')) return undefined;
  // Date.parse makes the second of March of the thirtieth of February.
  const midnight = Date.parse(day);
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return undefined;
  const at = Date.parse(`${day}${time || 'T00:00:00'}${zone.replace(/(\d{2})(\d{2})$/, '$1:$2')}`);
  return Number.isNaN(at) ? undefined : at;
}

/** One page of the items, and the link to the next one where there is more. */
export function pageOf<Item>(
  items: readonly Item[],
  { limit, offset }: Page,
  req: Request,
  fields: Record<string, string>,
): { items: readonly Item[]; links: { next?: string } } {
  const end = offset + limit;
  const shown = items.slice(offset, end);
  if (end >= items.length) return { items: shown, links: {} };
  const query = { limit: String(limit), ...fields, offset: String(end) };
  return {
    items: shown,
    links: { next: `${originOf(req)}${req.baseUrl}?${new URLSearchParams(query).toString()}` },
  };
}

/** Where the simulator was called, as links have to lead back to it. */
export function originOf(req: Request): string {
  return `http://${req.headers.host ?? 'localhost'}`;
}

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
