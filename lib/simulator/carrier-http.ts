import { randomUUID } from 'node:crypto';
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';

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

/** The fields of a request to the carrier: compact, or JSON:API with all under `data.attributes`. */
export function requestFields(requestBody: unknown): Record<string, unknown> {
  const fields = fieldsOf(requestBody);
  return 'data' in fields ? fieldsOf(fieldsOf(fields.data).attributes) : fields;
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
