import { UsageError } from '../failures';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const WRITTEN = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** A time: a date, a date with a time (UTC unless it says else), or how long ago, such as 2h. */
export function readTime(name: string, text: string, now: number): Date {
  const ago = /^(\d{1,5})([mhd])$/.exec(text);
  if (ago) return new Date(now - Number(ago[1]) * (UNITS[ago[2] ?? ''] ?? 0));
  const [, day = '', zone] = WRITTEN.exec(text) ?? [];
  const at = new Date(text === day || zone !== undefined ? text : `${text}Z`);
  if (isDay(day) && !Number.isNaN(at.getTime())) return at;
  throw new UsageError(
    `${name} must be a time such as 2026-01-31, 2026-01-31T09:30 (UTC), 30m, 2h or 7d.`,
  );
}

/** `Date` takes February 31 for March 3. */
function isDay(day: string): boolean {
  const at = new Date(day);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}
