import { NO_LIMIT, type Count, type Place } from '../../ports/counter';
import type { Core } from '../core';
import type { Floors } from '../limits';
import type { Budget } from './budgets';

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
interface Area {
  name: string;
  subject: string;
  floors: Floors;
}

export interface Destination {
  phone: string;
  country: string;
}

function areas({ limits, keyring }: Core, { phone, country }: Destination): Area[] {
  const { subjects } = keyring;
  return [
    {
      name: 'conversion-country',
      subject: subjects.country(country),
      floors: limits.conversionPerCountry,
    },
    {
      name: 'conversion-block',
      subject: subjects.block(phone),
      floors: limits.conversionPerBlock,
    },
  ];
}

/** What the budgets follow, to be read before. */
export function verifiedKeys(core: Core, destination: Destination, now: number): string[] {
  return areas(core, destination).flatMap(({ subject }) => [
    ...dayKeys(subject, now),
    ...hourKeys(subject, now),
  ]);
}

/** The budgets of texts nobody has answered yet, as wide as they are now. */
export function conversionBudgets(
  core: Core,
  destination: Destination,
  read: ReadonlyMap<string, Count>,
  now: number,
): Budget[] {
  return areas(core, destination).flatMap(({ name, subject, floors }) => {
    const counts = (keys: string[]) => keys.map((key) => read.get(key)?.count ?? 0);
    const days = counts(dayKeys(subject, now));
    const entered: Entered = {
      bestDay: Math.max(...days),
      lastDay: sliding(days, now, DAY),
      lastHour: sliding(counts(hourKeys(subject, now)), now, HOUR),
    };
    const { hour, day } = thresholds(floors, entered);
    return [
      { name, key: `${subject}#unverified.hour`, limit: hour, window: HOUR, common: true },
      { name, key: `${subject}#unverified.day`, limit: day, window: DAY, common: true },
    ];
  });
}

/** What was verified in an area. */
interface Entered {
  bestDay: number;
  lastDay: number;
  lastHour: number;
}

/** How many may be unanswered. */
export function thresholds(floors: Floors, entered: Entered): Floors {
  const day = Math.max(floors.day, SHARE * entered.bestDay, SHARE * entered.lastDay);
  const hour = Math.max(floors.hour, day / 6, SHARE * entered.lastHour);
  return { hour: Math.floor(hour), day: Math.floor(day) };
}

/** Counts a code to an unconfirmed number that came back: the place has earned more room. */
export function verifiedPlaces(core: Core, destination: Destination, now: number): Place[] {
  return areas(core, destination).flatMap(({ subject }) => [
    {
      key: bucket('day', DAY, subject, now),
      window: (DAYS + 2) * DAY,
      limit: NO_LIMIT,
      common: true,
    },
    { key: bucket('hour', HOUR, subject, now), window: 3 * HOUR, limit: NO_LIMIT, common: true },
  ]);
}

/** This day and the ones before it, newest first. */
function dayKeys(subject: string, now: number): string[] {
  return Array.from({ length: DAYS + 1 }, (_, ago) => bucket('day', DAY, subject, now - ago * DAY));
}

function hourKeys(subject: string, now: number): string[] {
  return [bucket('hour', HOUR, subject, now), bucket('hour', HOUR, subject, now - HOUR)];
}

function bucket(kind: string, length: number, subject: string, at: number): string {
  return `${subject}#verified.${kind}.${Math.floor(at / length)}`;
}

/** The last full length up to now: this bucket, and of the one before what still belongs to it. */
function sliding([current = 0, previous = 0]: number[], now: number, length: number): number {
  return current + previous * (1 - (now % length) / length);
}
