import { inspect } from 'node:util';

import { isMessageId } from '../message-id';
import { hidden, readAddress, refusal } from './check-option';
import { readNorthAmericanNumber } from './north-american-number';
import type { CallbackKind } from './requests';

const OWNER = 'FlowrouteClient';
const KINDS: readonly CallbackKind[] = ['sms', 'mms', 'sms_dlr', 'mms_dlr'];

/** A number of the account as 11 digits. Its value stays out of the error: it may be anybody's. */
export function checkNumber(name: string, value: unknown): string {
  const number = readNorthAmericanNumber(value);
  if (number !== undefined) return number;
  const wanted = 'a US or Canadian number with its leading 1';
  throw refusal(OWNER, name, hidden(value), wanted, "Write it like '+12065550100'.");
}

export function checkText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw refusal(OWNER, name, hidden(value), 'a string that is not empty', 'Give the whole of it.');
}

export function checkId(value: unknown): string {
  if (isMessageId(value)) return value;
  const cure = 'Give the id that send() resolved with.';
  throw refusal(OWNER, 'id', inspect(value), 'the id of a message', cure);
}

export function checkKind(value: unknown): CallbackKind {
  const kind = KINDS.find((known) => known === value);
  if (kind !== undefined) return kind;
  const cure = 'The _dlr kinds are delivery receipts.';
  throw refusal(OWNER, 'kind', inspect(value), `one of ${KINDS.join(', ')}`, cure);
}

/** The address stays out of the error, as it may hold a secret. */
export function checkCallbackUrl(name: string, value: unknown): string {
  if (typeof value === 'string' && readAddress(value) !== undefined) return value;
  const cure = 'Callbacks hold texts; plain http is for a server on localhost only.';
  throw refusal(OWNER, name, hidden(value), 'an https address', cure);
}

export function checkDate(name: string, value: unknown): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  throw refusal(OWNER, name, inspect(value), 'a valid Date', 'Give a Date; it is sent as UTC.');
}

export function checkLimit(value: unknown): number {
  if (value === undefined) return Infinity;
  if (Number.isSafeInteger(value) && Number(value) >= 1) return Number(value);
  const cure = 'Leave it out for every message of that time.';
  throw refusal(OWNER, 'limit', inspect(value), 'a whole number from 1', cure);
}

/** A part of a number: digits, with the plus sign where it begins one. */
export function checkDigits(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^\+?\d{1,15}$/.test(value)) return value.replace('+', '');
  throw refusal(OWNER, name, hidden(value), 'digits', "Write it like '1206'.");
}
