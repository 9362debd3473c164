import { part, textPart } from './json';
import { plusNumber } from './north-american-number';

/** A number on the account. */
export interface AccountNumber {
  /** E.164 with the plus sign. */
  number: string;
  /** The name that the account's owner gave it. */
  alias: string | undefined;
  /** `longcode` or `toll-free`; older accounts know other words. */
  type: string | undefined;
  state: string | undefined;
  rateCenter: string | undefined;
}

/** Which numbers to list; each is a part of the 11 digits. */
export interface NumberFilter {
  startsWith?: string | undefined;
  contains?: string | undefined;
  endsWith?: string | undefined;
}

/** Reads an item of an answer; `undefined` where it is no number. */
export function readAccountNumber(item: unknown): AccountNumber | undefined {
  const fields = part(item, 'attributes');
  const number = plusNumber(part(fields, 'value') ?? part(item, 'id'));
  if (number === undefined) return undefined;
  return {
    number,
    alias: textPart(fields, 'alias'),
    type: textPart(fields, 'number_type'),
    state: textPart(fields, 'state'),
    rateCenter: textPart(fields, 'rate_center'),
  };
}
