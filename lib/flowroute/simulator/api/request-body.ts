import express, { type RequestHandler } from 'express';

import { sendCarrierError } from './carrier-errors';

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
