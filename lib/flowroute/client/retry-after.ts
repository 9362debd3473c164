// Flowroute documents no `Retry-After`; it is read in both forms of RFC 9110 in case one comes.

/** The wait that the carrier asks for, in milliseconds. */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (isSeconds(header)) return Number(header) * 1_000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}

/** The same as a sentence. */
export function sayRetryAfter(header: string | undefined): string {
  if (header === undefined) return '';
  if (isSeconds(header)) return ` It asks to wait ${header} s.`;
  const until = Date.parse(header);
  return Number.isNaN(until) ? '' : ` It asks to wait until ${new Date(until).toISOString()}.`;
}

function isSeconds(header: string): boolean {
  return /^\d{1,5}$/.test(header);
}
