import { DAY_MS, HOUR_MS } from '../../durations';
import { NO_LIMIT, type Count, type Place } from '../../ports/counter';
import type { Core } from '../core';
import type { Floors } from '../limits';
import type { Budget, SendFacts } from './budgets';
import {
  blockPrint,
  countOnTheirWay,
  onItsWay,
  onTheirWayKeys,
  SHARED,
} from './unconfirmed-budgets';

/**
 * The conversion guard against SMS pumping: what is texted to unconfirmed numbers of one country, or of
 * one number block, and never answered. Whoever pumps texts does not enter codes; honest users mostly
 * do. Confirmed numbers are not guarded: each has been answered once, has budgets of its own, and an
 * attack on sign-ups must not keep the users there are from signing in.
 *
 * The threshold follows what was verified there before:
 *
 *   a day:   max(floor, 0.3 × the best of the last 14 days, 0.3 × the last 24 h)
 *   an hour: max(floor, a sixth of the day's, 0.3 × the last hour)
 *
 * The first step counts texts whose challenge ended unanswered: a number once a day, and of one client
 * (an account, an address) no more than 2 a day in a country and 1 in a block, so that no client closes
 * anything. At the threshold clients with an unanswered text of the day are refused; all others go on.
 *
 * The second step counts every text that is unanswered or on its way, whoever asked. At three times
 * the threshold everybody is refused: that bounds the bill.
 *
 * The shape of the threshold is Authgear's (its specification of fraud protection), with a wider share.
 */
const SHARE = 0.3;
const SECOND_STEP = 3;
/** From this share of the threshold on it is told. */
const NEAR = 0.8;
const DAYS = 14;
/** What was told is known for longer than any count lives, so that its end can be told. */
const TOLD = 7 * DAY_MS;

/** How far it has come with an area; each is told once, until it is over. */
export const STEPS = ['over', 'near', 'first', 'second'] as const;

/** One place that texts go to: a country, or a number block. */
interface Area {
  name: 'conversion-country' | 'conversion-block';
  subject: string;
  /** What it is called in the counts of a client. */
  print: string;
  floors: Floors;
  /** How many unanswered texts of a day one client adds to the first step. */
  share: number;
}

interface Destination {
  phone: string;
  country: string;
}

function areasOf(core: Core, { phone, country }: Destination): Area[] {
  const { limits, keyring } = core;
  const { subjects } = keyring;
  const block = subjects.block(phone);
  return [
    {
      name: 'conversion-country',
      subject: subjects.country(country),
      print: country,
      floors: limits.conversionPerCountry,
      share: 2,
    },
    {
      name: 'conversion-block',
      subject: block,
      print: blockPrint(core, block),
      floors: limits.conversionPerBlock,
      share: 1,
    },
  ];
}

type Client = Pick<SendFacts, 'userId' | 'phone' | 'address'>;

interface ClientKeys {
  /** Unanswered texts of the day, by the account and by the address. */
  marks: string[];
  number: string;
}

function clientKeys({ keyring }: Core, { userId, phone, address }: Client, area: Area): ClientKeys {
  const { subjects } = keyring;
  return {
    marks: [subjects.user(userId), subjects.address(address, userId)].map(
      (s) => `${s}#c.${area.print}`,
    ),
    number: `${subjects.unconfirmedPhone(phone)}#c`,
  };
}

const ended = (subject: string, span: keyof Floors): string => `${subject}#c.${span}`;
const every = (subject: string, span: keyof Floors): string => `${subject}#all.${span}`;
const toldKey = (subject: string): string => `${subject}#low`;

/** What the guard asks, to be read before. */
export function conversionKeys(
  core: Core,
  facts: Client,
  destination: Destination,
  now: number,
): string[] {
  return areasOf(core, destination).flatMap((area) => {
    const { subject } = area;
    const { marks, number } = clientKeys(core, facts, area);
    const spans = ['hour', 'day'] as const;
    return [
      ...marks,
      number,
      ...spans.flatMap((span) => [ended(subject, span), every(subject, span)]),
      ...onTheirWayKeys(core, subject, now),
      ...dayKeys(subject, now),
      ...hourKeys(subject, now),
      toldKey(subject),
    ];
  });
}

/** What the guard says of one text, by what was read. */
export interface Guarded {
  /** The places that it takes; those of the second step have a limit. */
  budgets: Budget[];
  /** Where the first step refuses this client. */
  refused?: { budget: string; limit: number; left: number };
  /** Areas whose level has changed. */
  news: ConversionNews[];
}

/** An area that is at another step than was told. */
export interface ConversionNews {
  budget: string;
  /** Index of `STEPS`. */
  step: number;
  limit: number;
  /** The count that says how far it was told. */
  told: string;
}

export function guard(
  core: Core,
  facts: Client,
  destination: Destination,
  read: ReadonlyMap<string, Count>,
  now: number,
): Guarded {
  const guarded: Guarded = { budgets: [], news: [] };
  const count = (key: string): number => read.get(key)?.count ?? 0;
  for (const area of areasOf(core, destination)) {
    const { name, subject } = area;
    const most = thresholds(area.floors, enteredIn(subject, count, now));
    const { marks, number } = clientKeys(core, facts, area);
    const onTheirWay = countOnTheirWay(core, subject, read, now);
    let step = 0;
    for (const span of ['hour', 'day'] as const) {
      const unanswered = Math.max(0, count(ended(subject, span)) - onTheirWay);
      const all = count(every(subject, span));
      const limit = most[span];
      if (unanswered >= limit && marks.some((mark) => count(mark) > 0)) {
        const left = read.get(ended(subject, span))?.left ?? 0;
        if (left > (guarded.refused?.left ?? 0)) guarded.refused = { budget: name, limit, left };
      }
      step = Math.max(step, stepOf(unanswered, all, limit));
      guarded.budgets.push(place(name, every(subject, span), span, SECOND_STEP * limit));
    }
    const told = toldKey(subject);
    if (step > count(told) || (step === 0 && count(told) > 0)) {
      guarded.news.push({ budget: name, step, limit: most.hour, told });
    }
    if (marks.every((mark) => count(mark) < area.share) && count(number) === 0) {
      guarded.budgets.push(
        ...marks.map((mark) => place(SHARED, mark, 'day', area.share)),
        place(name, ended(subject, 'hour'), 'hour', NO_LIMIT),
        place(name, ended(subject, 'day'), 'day', NO_LIMIT),
        onItsWay(core, subject, now),
        place(SHARED, number, 'day', 1),
      );
    }
  }
  // Both areas know the number.
  guarded.budgets = [...new Map(guarded.budgets.map((budget) => [budget.key, budget])).values()];
  return guarded;
}

/** The places that note how far an area was told; where it is over its count was cleared. */
export function toldPlaces(news: readonly ConversionNews[]): Place[] {
  return news
    .filter(({ step }) => step > 0)
    .map(({ told, step }) => ({
      key: told,
      by: step,
      window: TOLD,
      limit: NO_LIMIT,
      common: true,
    }));
}

function place(name: string, key: string, span: keyof Floors, limit: number): Budget {
  return {
    name,
    key,
    limit,
    kept: 0,
    kind: 'unanswered',
    window: span === 'hour' ? HOUR_MS : DAY_MS,
    common: true,
  };
}

/** The step that an area is at; the second one with the text that is about to go out. */
function stepOf(unanswered: number, all: number, limit: number): number {
  if (all + 1 >= SECOND_STEP * limit) return 3;
  if (unanswered >= limit) return 2;
  return unanswered >= NEAR * limit ? 1 : 0;
}

/** What was verified in an area. */
interface Entered {
  bestDay: number;
  lastDay: number;
  lastHour: number;
}

function enteredIn(subject: string, count: (key: string) => number, now: number): Entered {
  const days = dayKeys(subject, now).map(count);
  return {
    bestDay: Math.max(...days),
    lastDay: sliding(days, now, DAY_MS),
    lastHour: sliding(hourKeys(subject, now).map(count), now, HOUR_MS),
  };
}

/** How many may be unanswered before the first step. */
export function thresholds(floors: Floors, entered: Entered): Floors {
  const day = Math.max(floors.day, SHARE * entered.bestDay, SHARE * entered.lastDay);
  const hour = Math.max(floors.hour, day / 6, SHARE * entered.lastHour);
  return { hour: Math.floor(hour), day: Math.floor(day) };
}

/**
 * Counts a code to an unconfirmed number that came back: the place has earned more room. A number
 * counts once a day, or one phone in a loop would widen it without end; the last place says so.
 */
export function verifiedPlaces(core: Core, destination: Destination, now: number): Place[] {
  const earned = areasOf(core, destination).flatMap(({ subject }): Place[] => [
    {
      key: bucket('day', DAY_MS, subject, now),
      window: (DAYS + 2) * DAY_MS,
      limit: NO_LIMIT,
      common: true,
    },
    {
      key: bucket('hour', HOUR_MS, subject, now),
      window: 3 * HOUR_MS,
      limit: NO_LIMIT,
      common: true,
    },
  ]);
  return [...earned, { key: verifiedKey(core, destination.phone), window: DAY_MS, limit: 1 }];
}

export function verifiedKey({ keyring }: Core, phone: string): string {
  return `${keyring.subjects.unconfirmedPhone(phone)}#v`;
}

/** This day and the ones before it, newest first. */
function dayKeys(subject: string, now: number): string[] {
  return Array.from({ length: DAYS + 1 }, (_, ago) =>
    bucket('day', DAY_MS, subject, now - ago * DAY_MS),
  );
}

function hourKeys(subject: string, now: number): string[] {
  return [bucket('hour', HOUR_MS, subject, now), bucket('hour', HOUR_MS, subject, now - HOUR_MS)];
}

function bucket(kind: string, length: number, subject: string, at: number): string {
  return `${subject}#verified.${kind}.${Math.floor(at / length)}`;
}

/** The last full length up to now: this bucket, and of the one before what still belongs to it. */
function sliding([current = 0, previous = 0]: number[], now: number, length: number): number {
  return current + previous * (1 - (now % length) / length);
}
