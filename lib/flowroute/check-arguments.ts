import { hiddenMisuse, misuse } from '../misuse';
import { isMessageId } from './carrier-records';
import { readAddress } from './client-options';
import type { CallbackKind } from './requests';
import { readNorthAmericanNumber } from './wire';

/** Whom a message is about. */
export const OWNER = 'FlowrouteClient';
const KINDS: readonly CallbackKind[] = ['sms', 'mms', 'sms_dlr', 'mms_dlr'];

/** What a message calls one of the things that a call was given. */
function argument(name: string): string {
  return `${name} for a call of ${OWNER}`;
}

/** A number of the account as 11 digits. Its value stays out of the error: it may be anybody's. */
export function checkNumber(name: string, value: unknown): string {
  const number = readNorthAmericanNumber(value);
  if (number !== undefined) return number;
  const cure = "Give a US or Canadian number with its leading 1, like '+12065550100'.";
  throw hiddenMisuse(argument(name), value, cure);
}

export function checkText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw hiddenMisuse(argument(name), value, 'Give a string that is not empty.');
}

export function checkId(value: unknown): string {
  if (isMessageId(value)) return value;
  throw misuse(argument('id'), value, 'Give the id of a message that send() resolved with.');
}

export function checkKind(value: unknown): CallbackKind {
  const kind = KINDS.find((known) => known === value);
  if (kind !== undefined) return kind;
  const cure = `Give one of ${KINDS.join(', ')}. The _dlr kinds are delivery receipts.`;
  throw misuse(argument('kind'), value, cure);
}

/** The address stays out of the error, as it may hold a secret. */
export function checkCallbackUrl(name: string, value: unknown): string {
  if (typeof value === 'string' && readAddress(value) !== undefined) return value;
  const cure =
    'Give an https address: callbacks hold texts; plain http is for a server on localhost only.';
  throw hiddenMisuse(argument(name), value, cure);
}

/** Addresses of pictures stay out of the error, as they may be signed. */
export function checkMediaUrls(urls: unknown): readonly string[] {
  const isGood =
    Array.isArray(urls) && urls.length > 0 && urls.every((url) => isPublicAddress(url));
  if (isGood) return urls as readonly string[];
  const cure =
    'Give a list of http or https addresses without credentials, at least one, or leave it out.';
  throw hiddenMisuse(argument('mediaUrls'), urls, cure);
}

function isPublicAddress(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

export function checkDate(name: string, value: unknown): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  throw misuse(argument(name), value, 'Give a valid Date; it is sent as UTC.');
}

export function checkLimit(value: unknown): number {
  if (value === undefined) return Infinity;
  if (Number.isSafeInteger(value) && Number(value) >= 1) return Number(value);
  const cure = 'Give a whole number from 1, or leave it out for every message of that time.';
  throw misuse(argument('limit'), value, cure);
}

/** A part of a number: digits, with the plus sign where it begins one. */
export function checkDigits(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^\+?\d{1,15}$/.test(value)) return value.replace('+', '');
  throw hiddenMisuse(argument(name), value, "Give digits, like '1206'.");
}
