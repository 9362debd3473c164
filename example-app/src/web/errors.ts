import type { ErrorRequestHandler, Request, RequestHandler } from 'express';

import { sendRefusal, type Refusal } from './answers';
import { messagePage } from '../pages/pages';
import { currentUser } from '../sign-in/sign-in';

const KNOWN: Record<number, Omit<Refusal, 'status'>> = {
  400: { error: 'request_malformed', message: 'The request could not be read.' },
  404: { error: 'not_found', message: 'There is nothing at this address.' },
  413: { error: 'request_too_large', message: 'The request is too large.' },
  415: { error: 'media_type_unsupported', message: 'The request is in a form we do not read.' },
  503: { error: 'unavailable', message: 'We cannot answer right now. Please try again soon.' },
};

/** Something the bank needs is away for now; the client may come again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly status = 503;
}

export const notFound: RequestHandler = (req, res) => {
  sendRefusal(req, res, refusalFor(404), (message) =>
    messagePage('Not found', message, usernameOf(req)),
  );
};

/** The last handler: a calm answer without a word of what is inside; the log gets the error. */
export function handleErrors(log: (error: unknown) => void): ErrorRequestHandler {
  return function answerError(error: unknown, req, res, next) {
    const status = statusOf(error);
    if (status >= 500) log(error instanceof UnavailableError ? inOneLine(error) : error);
    if (res.headersSent) {
      // Too late for an answer. One that is cut short must not look whole; one that is whole stays.
      if (!res.writableEnded) next(error);
      return;
    }
    if (status === 503) res.set('Retry-After', '5');
    sendRefusal(req, res, refusalFor(status), (message) =>
      messagePage('Sorry', message, usernameOf(req)),
    );
  };
}

/** Whoever is signed in keeps the frame of somebody who is. */
const usernameOf = (req: Request) => currentUser(req)?.username;

/** An outage fails every request alike: the log needs what is away, not a stack for each. */
function inOneLine({ message, cause }: UnavailableError): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

function statusOf(error: unknown): number {
  const { status } = error as { status?: unknown };
  const usable = Number.isInteger(status) ? (status as number) : 500;
  return usable >= 400 && usable <= 599 ? usable : 500;
}

function refusalFor(status: number): Refusal {
  const known = KNOWN[status] ?? (status < 500 ? KNOWN[400] : undefined);
  const { error, message } = known ?? {
    error: 'internal_error',
    message: 'Something went wrong on our side. Nothing was changed that you did not see.',
  };
  return { status, error, message };
}
