import type { NextFunction, Request, RequestHandler, Response } from 'express';

import type { Carrier } from '../carrier';
import { playFault } from '../faults/fault-answers';
import { SLOW_MS, type Fault, type FaultMode } from '../faults/fault-modes';
import { MAGIC_NUMBERS } from '../faults/magic-numbers';
import { readNumber } from '../numbers';
import { requestFields } from './request-body';

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
