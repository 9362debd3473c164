import type { Counter } from '../../ports/counter';
import type { Budget } from './budgets';
import type { Keyring } from '../keyring';
import type { Floors, Limits } from '../limits';
import { numberBlock } from '../phone-number';

/**
 * The conversion guard against SMS pumping: per country and per number block, codes that were texted
 * to unconfirmed numbers and never entered may not exceed a budget that follows what was verified
 * there before. Whoever pumps texts does not enter codes; honest users mostly do.
 *
 *   a day:   max(floor, 0.3 × the best of the last 14 days, 0.3 × the last 24 h)
 *   an hour: max(floor, a sixth of the day's, 0.3 × the last hour)
 *
 * The shape is Authgear's (its specification of fraud protection), with a wider share. Confirmed
 * numbers are not guarded: each has been answered once, has budgets of its own, and an attack on
 * sign-ups must not keep the users there are from signing in.
 */
const SHARE = 0.3;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = 14;

/** One place that texts go to: a country, or a number block. */
interface Place {
  name: string;
  subject: string;
  floors: Floors;
}

export interface Destination {
  phone: string;
  country: string;
}

function places(limits: Limits, keyring: Keyring, { phone, country }: Destination): Place[] {
  const block = keyring.fingerprint('block', numberBlock(phone));
  return [
    {
      name: 'conversion-country',
      subject: `country:${country}`,
      floors: limits.conversionPerCountry,
    },
    {
      name: 'conversion-block',
      subject: `block:${block}`,
      floors: limits.conversionPerBlock,
    },
  ];
}

/** The budgets of texts nobody has answered yet, as wide as they are now. */
export async function conversionBudgets(
  counter: Counter,
  limits: Limits,
  keyring: Keyring,
  destination: Destination,
  now: number,
): Promise<Budget[]> {
  const budgets = await Promise.all(
    places(limits, keyring, destination).map(async ({ name, subject, floors }) => {
      const verified = await verifiedAt(counter, subject, now);
      const { hour, day } = thresholds(floors, verified);
      return [
        { name, key: `unverified:hour:${subject}`, limit: hour, windowMs: HOUR },
        { name, key: `unverified:day:${subject}`, limit: day, windowMs: DAY },
      ];
    }),
  );
  return budgets.flat();
}

/** What was verified at a place. */
export interface Verified {
  bestDay: number;
  lastDay: number;
  lastHour: number;
}

export function thresholds(
  floors: { hour: number; day: number },
  verified: Verified,
): { hour: number; day: number } {
  const day = Math.max(floors.day, SHARE * verified.bestDay, SHARE * verified.lastDay);
  const hour = Math.max(floors.hour, day / 6, SHARE * verified.lastHour);
  return { hour: Math.floor(hour), day: Math.floor(day) };
}

/** A code to an unconfirmed number came back: the place has earned more room. */
export async function countVerified(
  counter: Counter,
  limits: Limits,
  keyring: Keyring,
  destination: Destination,
  now: number,
): Promise<void> {
  await Promise.all(
    places(limits, keyring, destination).flatMap(({ subject }) => [
      counter.add(bucket('day', DAY, subject, now), (DAYS + 2) * DAY),
      counter.add(bucket('hour', HOUR, subject, now), 3 * HOUR),
    ]),
  );
}

function bucket(kind: string, length: number, subject: string, at: number): string {
  return `verified:${kind}:${subject}:${Math.floor(at / length)}`;
}

async function verifiedAt(counter: Counter, subject: string, now: number): Promise<Verified> {
  const read = async (kind: string, length: number, ago: number): Promise<number> =>
    (await counter.peek(bucket(kind, length, subject, now - ago * length)))?.count ?? 0;
  const [days, hours] = await Promise.all([
    Promise.all(Array.from({ length: DAYS + 1 }, (_, ago) => read('day', DAY, ago))),
    Promise.all([read('hour', HOUR, 0), read('hour', HOUR, 1)]),
  ]);
  return {
    bestDay: Math.max(...days),
    lastDay: sliding(days, now, DAY),
    lastHour: sliding(hours, now, HOUR),
  };
}

/** The last full length up to now: this bucket, and of the one before what still belongs to it. */
function sliding([current = 0, previous = 0]: number[], now: number, length: number): number {
  return current + previous * (1 - (now % length) / length);
}
