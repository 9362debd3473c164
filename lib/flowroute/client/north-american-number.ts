/**
 * Reads a North American number as `+1NPANXXXXXX` or `1NPANXXXXXX` and answers its 11 digits,
 * the form that every version of the Flowroute API takes. `undefined` for anything else.
 */
export function readNorthAmericanNumber(input: unknown): string | undefined {
  if (typeof input !== 'string') return undefined;
  return /^\+?(1[2-9]\d{2}[2-9]\d{6})$/.exec(input)?.[1];
}

/** The digits of a number, as the carrier wants them on the wire. */
export function digitsOf(number: string): string {
  return number.replace(/\D/g, '');
}

/** Names a number in a log without giving it away. */
export function maskNumber(number: string): string {
  return `the number ending in ${digitsOf(number).slice(-2)}`;
}

/** A number as the carrier writes it, as E.164 with the plus sign; `undefined` where it is none. */
export function plusNumber(value: unknown): string | undefined {
  const digits = /^\+?([1-9]\d{6,14})$/.exec(typeof value === 'string' ? value : '')?.[1];
  return digits === undefined ? undefined : `+${digits}`;
}
