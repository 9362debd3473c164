import { randomUUID } from 'node:crypto';

import type { ErrorRequestHandler, RequestHandler, Response } from 'express';

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
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
