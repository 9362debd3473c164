import { timingSafeEqual } from 'node:crypto';

/** Compares two texts in a time that does not tell where they differ; never throws. */
export function equalInConstantTime(expected: string, given: string): boolean {
  const a = Buffer.from(expected, 'utf8');
  const b = Buffer.from(given, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}
