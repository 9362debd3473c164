import { SecondFactorError } from '../../../lib/errors';
import type { Limits } from '../../../lib/core/limits';
import { counted, met, ordinary, signIn, signUp, type Habits, type Journey } from './people';
import { addressOf, makeSite, mostWithin, type Person, type Refused, type Site } from './site';

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** What one scenario showed. */
export interface Outcome {
  site: Site;
  /** Honest attempts, by what was wanted. */
  honest: Record<string, Journey[]>;
  /** What attackers got. */
  attacker: {
    /** Texts until the first hour was over, and the first day. */
    firstHour: number;
    firstDay: number;
    /** Texts in the busiest 60 minutes and 24 hours, wherever they begin. */
    hour: number;
    day: number;
    all: number;
  };
}

export interface Scenario {
  name: string;
  /** Played by the long run alone: takes minutes, or shows what a shorter one shows, too. */
  long?: 'takes minutes' | 'has a shorter one';
  play: (seed?: number) => Promise<Outcome>;
}

/** Runs a site to its end. */
async function played(site: Site, honest: Outcome['honest']): Promise<Outcome> {
  await site.run();
  const { attacker } = site.texts;
  const since = (seconds: number): number =>
    attacker.filter((at) => at - (attacker[0] ?? at) < seconds * 1_000).length;
  return {
    site,
    honest,
    attacker: {
      firstHour: since(HOUR),
      firstDay: since(DAY),
      hour: mostWithin(attacker, HOUR),
      day: mostWithin(attacker, DAY),
      all: attacker.length,
    },
  };
}

/** Honest sign-ups from addresses of their own, so many a day at any hour, for so many days. */
function traffic(site: Site, days: number, perDay: number, habits = ordinary(site)): Journey[] {
  const journeys: Journey[] = [];
  for (let each = 0; each < days * perDay; each += 1) {
    site.begin(site.chance() * days * DAY, async () => {
      journeys.push(await signUp(site, site.person('honest'), habits));
    });
  }
  return journeys;
}

/** Two people a day add a phone; each comes back about once in two months. */
async function youngSite(seed?: number): Promise<Outcome> {
  const site = makeSite({}, seed);
  const habits = ordinary(site);
  const signUps: Journey[] = [];
  const signIns: Journey[] = [];
  const life = async (until: number): Promise<void> => {
    const person = site.person('honest');
    const first = await signUp(site, person, habits);
    signUps.push(first);
    while (first.done) {
      await site.sleep((20 + 80 * site.chance()) * DAY);
      if (site.now() > until) return;
      signIns.push(await signIn(site, person, habits));
    }
  };
  const end = site.now() + 365 * DAY * 1_000;
  for (let each = 0; each < 365 * 2; each += 1) {
    site.begin(site.chance() * 365 * DAY, () => life(end));
  }
  return played(site, { 'sign-ups': signUps, 'sign-ins': signIns });
}

/** A stream that the issue fixes: everybody answers, after 45 s. */
const prompt: Habits = { answerAfter: () => 45 };

/** One sign-up each 1.5 s, from addresses of their own. */
async function launchMinutes(seed?: number): Promise<Outcome> {
  const site = makeSite({}, seed);
  const signUps: Journey[] = [];
  for (let each = 0; each < 120; each += 1) {
    site.begin(each * 1.5, async () => {
      signUps.push(await signUp(site, site.person('honest'), prompt));
    });
  }
  return played(site, { 'sign-ups': signUps });
}

/** A day in the news: half of the sign-ups in two hours. */
async function launchDay(seed?: number): Promise<Outcome> {
  const site = makeSite({}, seed);
  const habits = ordinary(site);
  const signUps: Journey[] = [];
  for (let each = 0; each < 1_500; each += 1) {
    const at = each % 2 === 0 ? site.chance() * DAY : 9 * HOUR + site.chance() * 2 * HOUR;
    site.begin(at, async () => {
      signUps.push(await signUp(site, site.person('honest'), habits));
    });
  }
  return played(site, { 'sign-ups': signUps });
}

/** Everybody in a room, told to sign up now; their phones are of one company where `block` is one. */
async function room(people: number, oneBlock: boolean, seed?: number): Promise<Outcome> {
  const site = makeSite({}, seed);
  const signUps: Journey[] = [];
  const habits: Habits = { answerAfter: () => 15 + 45 * site.chance() };
  for (let each = 0; each < people; each += 1) {
    const phone = oneBlock ? `+1206234${4_000 + each}` : site.newPhone();
    site.begin(3 * MINUTE * site.chance(), async () => {
      const person = site.person('honest', { address: '192.0.2.1', phone });
      signUps.push(await signUp(site, person, habits));
    });
  }
  return played(site, { 'sign-ups': signUps });
}

/** A school year's first weeks: pupils add their phones in class, then all sign in each morning. */
async function school(
  pupils: number,
  mornings: number,
  seed?: number,
  limits: Partial<Limits> = {},
): Promise<Outcome> {
  const site = makeSite(limits, seed);
  const habits = { ...ordinary(site), neverAnswer: 0.01 };
  const signUps: Journey[] = [];
  const signIns: Journey[] = [];
  for (let each = 0; each < pupils; each += 1) {
    // A class of 30 an hour, four hours a day.
    const lesson = Math.floor(each / 30);
    const at = Math.floor(lesson / 4) * DAY + (9 + (lesson % 4)) * HOUR;
    site.begin(at + 10 * MINUTE * site.chance(), async () => {
      const person = site.person('honest', { address: '192.0.2.1' });
      const first = await signUp(site, person, habits);
      signUps.push(first);
      if (!first.done) return;
      const term = Math.ceil(pupils / 120) * DAY;
      await site.sleep(term - at + 8 * HOUR - 10 * MINUTE);
      for (let day = 0; day < mornings; day += 1) {
        const late = site.chance() * 50 * MINUTE;
        await site.sleep(late);
        const { took, ...rest } = await signIn(site, person, habits);
        signIns.push({ took, ...rest });
        await site.sleep(DAY - late - took);
      }
    });
  }
  return played(site, { 'sign-ups': signUps, 'sign-ins': signIns });
}

/** Whom an attacker with accounts at will is, for one text. */
interface Attack {
  days: number;
  /** Addresses in turn. */
  addresses: number;
  country: 'US' | 'CA';
  /** Seconds between two attempts that go through. */
  pace: number;
  /** Days of peace before. */
  peace?: number;
}

/**
 * Pumping: a new account for each text, a new number, the next address; nobody answers. Once refused
 * three times in a row it comes back an hour later.
 */
function pump(site: Site, { days, addresses, country, pace, peace = 0 }: Attack): void {
  let next = 0;
  site.begin(peace * DAY + HOUR, async () => {
    const end = site.now() + days * DAY * 1_000;
    while (site.now() < end) {
      for (let refusals = 0; refusals < 3 && site.now() < end;) {
        next += 1;
        const address = addressOf(2 ** 30 + (next % addresses) * 256);
        const account = site.person('attacker', { address, phone: site.newPhone(country) });
        const refused = await account.signUp();
        refusals = refused === undefined ? 0 : refusals + 1;
        await site.sleep(pace);
      }
      await site.sleep(HOUR);
    }
  });
}

async function pumped(attack: Attack, honestPerDay = 0, seed?: number): Promise<Outcome> {
  const site = makeSite({}, seed);
  const journeys = traffic(site, (attack.peace ?? 0) + attack.days, honestPerDay);
  pump(site, attack);
  return played(site, honestPerDay === 0 ? {} : { 'sign-ups': journeys });
}

/** A day of peace, then one of pumping; those who came before and after all were refused are told apart. */
async function pumpedBusy(seed?: number): Promise<Outcome> {
  const attack: Attack = { days: 1, addresses: 1_000, country: 'US', pace: 1, peace: 1 };
  const outcome = await pumped(attack, 1_200, seed);
  const { site, honest } = outcome;
  const second = site.events.find(
    ({ name, facts }) => name === 'conversion_low' && facts.step === 'second',
  );
  const all = honest['sign-ups'] ?? [];
  const isBefore = ({ at }: Journey): boolean => at < (second?.at ?? Infinity);
  return {
    ...outcome,
    honest: {
      'sign-ups until the second step': all.filter(isBefore),
      'sign-ups after that': all.filter((journey) => !isBefore(journey)),
    },
  };
}

/** For an hour the carrier takes no text, while somebody signs up each 30 s. */
async function failingCarrier(error: () => Error, seed?: number): Promise<Outcome> {
  const site = makeSite({}, seed);
  const during: Journey[] = [];
  const after: Journey[] = [];
  site.begin(HOUR, async () => {
    site.carrier.fails = error;
    await site.sleep(HOUR);
    site.carrier.fails = undefined;
  });
  for (let at = 10; at < 2.5 * HOUR; at += 30) {
    site.begin(at, async () => {
      const journey = await signUp(site, site.person('honest'), { ...prompt, patience: 300 });
      const isDuring = at >= HOUR && at < 2 * HOUR;
      (isDuring ? during : after).push(journey);
    });
  }
  return played(site, { 'sign-ups meanwhile': during, 'sign-ups before and after': after });
}

const refusesAll = (): Error =>
  new SecondFactorError('delivery_failed', 'The carrier is closed.', { refused: true });
const saysNothing = (): Error =>
  new SecondFactorError('delivery_failed', 'No answer.', { reason: 'unknown_outcome' });

/** Asks and answers without a pause, and where that is refused comes back when it may. */
async function loop(site: Site, days: number, ask: (turn: number) => Asked): Promise<void> {
  const end = site.now() + days * DAY * 1_000;
  for (let turn = 0; site.now() < end; turn += 1) {
    const { refused, answer } = await ask(turn);
    if (refused === undefined) await answer();
    await site.sleep(Math.max(1, Math.min(refused?.retryAfter ?? 1, HOUR)));
  }
}
interface Answered {
  refused: Refused | undefined;
  answer: () => Promise<boolean>;
}
type Asked = Promise<Answered>;

/** Somebody who answers: own phone, codes asked for and entered without a pause. */
async function answering(seed?: number): Promise<Outcome> {
  const site = makeSite({}, seed);
  const person = site.person('attacker');
  site.begin(0, () => loop(site, 2, async () => asks(person)));
  return played(site, {});
}

/** Adds the phone, and from then on signs in with it. */
async function asks(person: Person): Asked {
  const refused = person.isEnrolled() ? await person.signIn() : await person.signUp();
  return { refused, answer: person.answer };
}

/** The same with 60 numbers of one's own, of which one takes the place of the other. */
async function manyNumbers(seed?: number): Promise<Outcome> {
  const site = makeSite({}, seed);
  const person = site.person('attacker');
  const phones = Array.from({ length: 60 }, () => site.newPhone());
  const replacing = async (turn: number): Asked => {
    if (!person.isEnrolled()) return asks(person);
    return { refused: await person.replace(phones[turn % 60] ?? ''), answer: person.answer };
  };
  site.begin(0, () => loop(site, 2, replacing));
  return played(site, {});
}

/** The same with 60 numbers, and an account for each of them, behind one address. */
async function manyAccounts(seed?: number): Promise<Outcome> {
  const site = makeSite({}, seed);
  for (let each = 0; each < 60; each += 1) {
    const person = site.person('attacker', { address: '198.51.100.7' });
    site.begin(each, () => loop(site, 1, async () => asks(person)));
  }
  return played(site, {});
}

/**
 * Many addresses, accounts and numbers, of which each answers once: nothing tells them from people, and
 * `overall` alone bounds them. Meanwhile users with a phone sign in, one a minute.
 */
async function answeringCrowd(seed?: number): Promise<Outcome> {
  const site = makeSite({ overall: [{ count: 500, seconds: DAY }] }, seed);
  const signIns: Journey[] = [];
  for (let each = 0; each < 60; each += 1) {
    site.begin(0, async () => {
      const person = site.person('honest');
      person.enroll();
      await site.sleep(each * MINUTE);
      signIns.push(await signIn(site, person, prompt));
    });
  }
  for (let each = 0; each < 1_000; each += 1) {
    site.begin(each * 3, async () => {
      const person = site.person('attacker', { address: addressOf(2 ** 30 + each * 256) });
      if ((await person.signUp()) !== undefined) return;
      await site.sleep(2);
      await person.answer();
    });
  }
  return played(site, { 'sign-ins': signIns });
}

const many = { addresses: 1_000, country: 'CA', pace: 1 } as const;
const morning = 'sign-ups in class, then mornings on which all sign in within 50 minutes';

export const SCENARIOS = {
  young: {
    name: 'A young site, for a year: two sign-ups a day, each user back about once in two months',
    play: youngSite,
  },
  launch: {
    name: 'A launch: one sign-up each 1.5 s, answered after 45 s, for three minutes',
    play: launchMinutes,
  },
  launchDay: {
    name: 'The day of a launch: 1,500 sign-ups, half of them within two hours',
    long: 'has a shorter one',
    play: launchDay,
  },
  room15: {
    name: 'A training room: 15 people behind one address, within three minutes',
    play: (seed?: number) => room(15, false, seed),
  },
  room30: {
    name: 'A training room of 30',
    play: (seed?: number) => room(30, false, seed),
  },
  company30: {
    name: 'A training room of 30 with company phones, all of one number block',
    play: (seed?: number) => room(30, true, seed),
  },
  school: {
    name: `A school of 180 behind one address: ${morning}`,
    play: (seed?: number) => school(180, 2, seed),
  },
  largeSchool: {
    name: 'A school of 400 behind one address, the same',
    long: 'has a shorter one',
    play: (seed?: number) => school(400, 2, seed),
  },
  turnedSchool: {
    name: 'A school of 400, with `sentPerAddress` at 1,000 an hour',
    play: (seed?: number) =>
      school(400, 2, seed, { sentPerAddress: [{ count: 1_000, seconds: HOUR }] }),
  },
  oneAddress: {
    name: 'A month of pumping from one address, with accounts at will, beside ten honest sign-ups a day',
    long: 'has a shorter one',
    play: (seed?: number) => pumped({ days: 30, addresses: 1, country: 'US', pace: 3 }, 10, seed),
  },
  quietCountry: {
    name: 'Two days of pumping from 1,000 addresses, with accounts at will, in a country without honest traffic',
    play: (seed?: number) => pumped({ ...many, days: 2 }, 0, seed),
  },
  quietMonth: {
    name: 'A month of that',
    long: 'takes minutes',
    play: (seed?: number) => pumped({ ...many, days: 30 }, 0, seed),
  },
  busyCountry: {
    name: 'A day of that in a country with 1,200 honest sign-ups a day, after a day without it',
    play: pumpedBusy,
  },
  refusingCarrier: {
    name: 'A carrier that refuses everything for an hour; a sign-up each 30 s',
    play: (seed?: number) => failingCarrier(refusesAll, seed),
  },
  silentCarrier: {
    name: 'A carrier that does not answer for an hour; a sign-up each 30 s',
    play: (seed?: number) => failingCarrier(saysNothing, seed),
  },
  answering: {
    name: 'An attacker who answers: own phone, codes asked for and entered without a pause, for two days',
    play: answering,
  },
  manyNumbers: {
    name: 'The same with 60 own numbers after each other in one account',
    play: manyNumbers,
  },
  manyAccounts: {
    name: 'The same with 60 own numbers in 60 accounts behind one address, for a day',
    play: manyAccounts,
  },
  answeringCrowd: {
    name: 'A thousand attackers who answer, each with an address, an account and a number, one in three seconds, and `overall` at 500 a day',
    play: answeringCrowd,
  },
} satisfies Record<string, Scenario>;

/** The row of the table that says what a scenario showed. */
export function rowOf({ name }: Scenario, { honest, attacker }: Outcome): string[] {
  const people = Object.entries(honest).map(([what, journeys]) => met(journeys, what));
  const { firstHour, firstDay, hour, day, all } = attacker;
  const texts = `${counted(firstHour)} texts in the first hour, ${counted(firstDay)} in the first day, ${counted(all)} in all; at most ${counted(hour)} in 60 minutes and ${counted(day)} in 24 h`;
  return [name, people.join('; ') || 'nobody', all === 0 ? 'nobody' : texts];
}
