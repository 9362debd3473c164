import { iso } from '../core/outcomes';
import { E164 } from '../core/phone-number';
import { hiddenMisuse, misuse } from '../misuse';
import type { Clock } from '../ports/clock';

/**
 * The options `testNumbers` and `testNumbersUntil`, as a look-up. A door left open is the usual end
 * of fixed codes [S18], so they have one of their own: after the date there are none.
 */
export function checkTestNumbers(
  given: unknown,
  until: unknown,
  codeLength: number,
  clock: Clock,
): ((phone: string) => string | undefined) | undefined {
  if (given === undefined && until === undefined) return undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw misuse('testNumbers', given, "Give { '+12065550199': '123456' }, or leave it out.");
  }
  const end = endOf(until, clock());
  const codes = new Map(Object.entries(given as Record<string, unknown>));
  for (const [phone, code] of codes) {
    const whole = typeof code === 'string' && /^[0-9]+$/.test(code) && code.length === codeLength;
    if (E164.test(phone) && whole) continue;
    const cure = `Give numbers as +12065550199, each with a code of ${codeLength} digits.`;
    throw hiddenMisuse('testNumbers', given, cure);
  }
  if (clock() < end) warn(codes.size, end);
  return (phone) => (clock() < end ? (codes.get(phone) as string | undefined) : undefined);
}

/** Further off than this is never, in milliseconds. */
const LONGEST = 366 * 86_400_000;

function endOf(until: unknown, now: number): number {
  const day = typeof until === 'string' && /^\d{4}-\d{2}-\d{2}(?:T.*)?$/.test(until);
  const end = day ? Date.parse(until) : NaN;
  // A day that there is not, such as February 31, is read as a later one.
  const text = String(until).slice(0, 10);
  const isDay = !Number.isNaN(end) && iso(Date.parse(text)).startsWith(text);
  if (isDay && end - now <= LONGEST) return end;
  const cure =
    "Say when testNumbers end, at most a year from now, such as '2027-01-31': fixed codes must not be forgotten.";
  throw misuse('testNumbersUntil', until, cure);
}

function warn(count: number, end: number): void {
  const until = iso(end);
  process.emitWarning(
    `${count} test numbers have fixed codes until ${until}. Whoever knows one passes the second factor of its user.`,
    { code: 'SMS2FA_TEST_NUMBERS' },
  );
}
