import { NO_COUNT, type Count, type Settlement, type Wish } from '../ports/counter';

/**
 * What a script answered to a wish: `count, ms left, end` for each key that was read and for each
 * place (an end of 0: there is none; a count of -1: it is not one). Then 1 for each place that was full
 * and 0 for each that was not, or one 0 where none was. `undefined` where it is no such answer.
 */
export function readReply(reply: unknown, { read = [], take = [] }: Wish): Settlement | undefined {
  const numbers = Array.isArray(reply) ? reply.map(wholeNumber) : [];
  const counts = 3 * (read.length + take.length);
  const flags = numbers.length - counts;
  const noneFull = flags === 1 && take.length > 0 && numbers[counts] === 0;
  const isWhole = noneFull || flags === take.length;
  if (!isWhole || !numbers.every(Number.isSafeInteger)) return undefined;
  let at = 0;
  const tell = (key: string, found: Map<string, Count>): void => {
    const count = numbers[at] ?? 0;
    const left = numbers[at + 1] ?? 0;
    const ends = numbers[at + 2] ?? 0;
    at += 3;
    if (ends > 0) found.set(key, { count: count < 0 ? NO_COUNT : count, left, ends });
  };
  const settled = { read: new Map<string, Count>(), places: new Map<string, Count>() };
  for (const key of read) tell(key, settled.read);
  for (const { key } of take) tell(key, settled.places);
  const full = noneFull ? [] : take.filter((_, index) => numbers[counts + index] === 1);
  return { ok: full.length === 0, ...settled, full };
}

/** `Number` makes 0 of nothing, and 0 of a count that is not there would fail open. */
function wholeNumber(part: unknown): number {
  if (typeof part === 'number') return part;
  const told = typeof part === 'bigint' || typeof part === 'string';
  return told && part !== '' ? Number(part) : Number.NaN;
}
