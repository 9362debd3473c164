// The simulator has its own reading of numbers, so that it cannot share a mistake with the client
// that is tested against it.

/** The 11 digits of a North American number written `+1NPANXXXXXX` or `1NPANXXXXXX`. */
export function readNumber(input: unknown): string | undefined {
  if (typeof input !== 'string') return undefined;
  return /^\+?(1[2-9]\d{2}[2-9]\d{6})$/.exec(input)?.[1];
}

/**
 * What a person types to find a number: with or without plus sign, country code and punctuation.
 * A plus sign that a query string turned into a blank is forgiven, too.
 */
export function readTypedNumber(input: string): string {
  const digits = input.replace(/\D/g, '');
  return digits.length === 10 ? `1${digits}` : digits;
}

/** `12065550142` as `+1 206 555 0142`. */
export function showNumber(digits: string): string {
  const parts = /^1(\d{3})(\d{3})(\d{4})$/.exec(digits);
  return parts ? `+1 ${parts.slice(1).join(' ')}` : digits;
}
