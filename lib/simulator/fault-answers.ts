import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { requestFields, sendCarrierError } from './carrier-http';
import { MAGIC_NUMBERS, SLOW_MS, type Fault, type FaultMode } from './fault-modes';
import { readNumber } from './message-record';
import type { Carrier } from './simulated-carrier';
import type { Timers } from './callback-posts';

interface FaultLocals {
  fault?: Fault;
}

/** Plays the next fault that was armed, whoever sends. */
export function meetArmedFault(carrier: Carrier): RequestHandler {
  return (req, res, next) => {
    const fault = carrier.faults.next();
    if (fault === undefined) next();
    else meet(fault, carrier, req, res, next);
  };
}

/** Plays the fault of the phone, where it is one with a fixed course and nothing else was armed. */
export function meetMagicNumber(carrier: Carrier): RequestHandler {
  return (req, res, next) => {
    const mode = MAGIC_NUMBERS[readNumber(requestFields(req.body).to) ?? ''];
    if (mode === undefined || faultMode(res) !== undefined) next();
    else meet({ mode, delayMs: SLOW_MS }, carrier, req, res, next);
  };
}

/** The fault that this attempt met, for those that show only after the text was taken. */
export function faultMode(res: Response): FaultMode | undefined {
  return (res.locals as FaultLocals).fault?.mode;
}

function meet(
  fault: Fault,
  { timers }: Carrier,
  req: Request,
  res: Response,
  next: NextFunction,
): void {
  (res.locals as FaultLocals).fault = fault;
  playFault(fault, timers, req, res, next);
}

/**
 * As Flowroute's help pages describe it; where the number stands in the real answer is not known.
 */
export const OPTED_OUT: [status: number, detail: string] = [
  400,
  '1110: Message accepted by the SMSC but the phone rejected the message',
];

const SIGN_IN = '<html><head><title>Sign in</title></head><body>Sign in to go on</body></html>';
const BAD_GATEWAY =
  '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>';

/** Breaks the connection in the middle, as a crashed proxy does. */
export function resetConnection(req: Request): void {
  req.socket.resetAndDestroy();
}

/** Faults that are one answer in the generic shape. */
const PLAIN: Partial<Record<FaultMode, [status: number, detail: string]>> = {
  '401': [401, 'There is an issue with your API credentials.'],
  '403': [403, "You don't have permission to access this resource."],
  '422': [422, 'You tried to enter an incorrect value.'],
  '429': [429, 'Rate limits are defined per API endpoint.'],
  '500': [500, 'An unexpected error occurred.'],
  '503': [503, 'The service is down for maintenance.'],
  'opted-out': OPTED_OUT,
  '402': [402, 'Payment is required.'],
  // Neither the status nor the words of these three were seen.
  unregistered: [422, 'The from number is not registered for 10DLC.'],
  'not-enabled': [400, 'The from number is not SMS enabled.'],
  'landline-refused': [422, 'The to number is a landline and cannot receive texts.'],
};

/** Plays a fault that shows before the text is looked at; calls `next` where the text goes on. */
function playFault(
  fault: Fault,
  timers: Timers,
  req: Request,
  res: Response,
  next: NextFunction,
): void {
  const plain = PLAIN[fault.mode];
  if (plain !== undefined) {
    sendCarrierError(res, ...plain);
    return;
  }
  switch (fault.mode) {
    case 'html-202':
      res.status(202).type('html').send(SIGN_IN);
      break;
    case 'empty-202':
      res.status(202).end();
      break;
    case 'ok-200':
      res.status(200).type('text').send('OK');
      break;
    case 'media-too-large':
      // As Flowroute was seen to say it.
      sendItem(res, {
        detail: 'Error fetching media: File at "https://..." is over 767840 byte limit.',
      });
      break;
    case 'html-502':
      res.status(502).type('html').send(BAD_GATEWAY);
      break;
    case 'no-title':
      // Flowroute leaves out titles at times.
      sendItem(res, { detail: 'You tried to enter an incorrect value.' });
      break;
    case 'object-detail':
      sendItem(res, { detail: { data: { attributes: { to: ['Not a valid number.'] } } } });
      break;
    case 'hang':
      break;
    case 'reset':
      resetConnection(req);
      break;
    case 'slow':
      // Whoever gave up waiting does not get the text later.
      res.on('close', timers.after(fault.delayMs, next));
      break;
    default:
      next();
  }
}

function sendItem(res: Response, item: { detail: unknown }): void {
  res.status(422).json({ errors: [{ ...item, id: randomUUID(), status: 422 }] });
}
