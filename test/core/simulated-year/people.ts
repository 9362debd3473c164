import type { Person, Refused, Site } from './site';

/** How one honest attempt went. */
export interface Journey {
  /** When it began. */
  at: number;
  /** What the first refusal said, where there was one. */
  refused: Refused | undefined;
  /** Seconds from the wish to the right code. */
  took: number;
  done: boolean;
}

/** What people do. */
export interface Habits {
  /** Seconds until the code is typed. */
  answerAfter: () => number;
  /** The share that never types it. */
  neverAnswer?: number;
  /** The share that names a wrong number first, and finds out. */
  wrongNumber?: number;
  /** Seconds after which somebody who is refused goes away for good. */
  patience?: number;
}

/** Between reading a text at once and looking for the phone first. */
export const ordinary = (site: Site): Habits => ({
  answerAfter: () => 10 + 50 * site.chance(),
  neverAnswer: 0.04,
  wrongNumber: 0.03,
});

const HOUR = 3_600;

/** Wants to add a phone, and tries until it is there or patience ends. */
export function signUp(site: Site, person: Person, habits: Habits): Promise<Journey> {
  const { wrongNumber = 0 } = habits;
  const first = site.chance() < wrongNumber ? site.newPhone() : undefined;
  return journey(site, person, habits, (turn) => {
    if (turn > 0 || first === undefined) return { ask: () => person.signUp(), inVain: false };
    return { ask: () => person.signUp(first), inVain: true };
  });
}

/** Wants to sign in with the phone that is there. */
export function signIn(site: Site, person: Person, habits: Habits): Promise<Journey> {
  return journey(site, person, habits, () => ({ ask: () => person.signIn(), inVain: false }));
}

async function journey(
  site: Site,
  person: Person,
  { answerAfter, neverAnswer = 0, patience = HOUR }: Habits,
  next: (turn: number) => { ask: () => Promise<Refused | undefined>; inVain: boolean },
): Promise<Journey> {
  const began = site.now();
  const waited = (): number => (site.now() - began) / 1_000;
  const quits = site.chance() < neverAnswer;
  let refused: Refused | undefined;
  for (let turn = 0; waited() <= patience;) {
    const { ask, inVain } = next(turn);
    const answer = await ask();
    if (answer !== undefined) {
      refused ??= answer;
      // A page that says when it may go on is come back to then; one that does not, soon.
      await site.sleep(Math.max(5, answer.retryAfter ?? 20));
      continue;
    }
    turn += 1;
    // Who waits for a text at a wrong number looks again at what they typed.
    await site.sleep(inVain ? 45 + answerAfter() : answerAfter());
    if (quits) return { at: began, refused, took: waited(), done: false };
    if (!inVain && (await person.answer()))
      return { at: began, refused, took: waited(), done: true };
  }
  return { at: began, refused, took: waited(), done: false };
}

/** What honest people met, in words for the table. */
export function met(journeys: readonly Journey[], what: string): string {
  const refused = journeys.filter((each) => each.refused !== undefined);
  if (refused.length === 0) return `${counted(journeys.length)} ${what}: none refused`;
  const passed = refused.filter(({ done }) => done);
  const longest = Math.max(0, ...passed.map(({ took }) => took));
  const then =
    passed.length === 0
      ? 'none of them got in within the hour'
      : `${counted(passed.length)} of them got in, the last after ${lasting(longest)}`;
  return `${counted(journeys.length)} ${what}: ${counted(refused.length)} refused at first; ${then}`;
}

export const counted = (count: number): string => count.toLocaleString('en-US');

function lasting(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
