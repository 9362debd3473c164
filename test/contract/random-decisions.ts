import { memoryCounter } from '../../lib/counters/memory-counter';
import { heldOf, type Count, type Held, type Settlement, type Wish } from '../../lib/ports/counter';
import { seeded } from '../helpers/web';
import { newSubject, useCounter, type CounterKind } from './counter-under-test';

const LISTS = 40;
const WISHES = 12;
/** Windows are this far from each other, so that each place says which one it was taken in. */
const APART = 20_000;

/** Whoever settles, with a name of each count for itself. */
interface Side {
  settle: (wish: Wish) => Promise<Settlement>;
  named: (key: string) => string;
  /** What was taken by a wish of the list, by its number and the key. */
  held: Map<string, Held>;
}

/** A wish about counts by their short names; what goes back by the wish that took it. */
interface Drawn {
  read: string[];
  clear: string[];
  take: { key: string; window: number; limit: number; by: number; common: boolean }[];
  give: { of: number; key: string }[];
  lasting: boolean;
}

const KEYS = ['a#x', 'a#y', 'b#x', 'b#y', 'c#x', 'c#y', 'd#x', 'd#y'];

/**
 * What any decisions come to, one after the other, is the same as in the memory of one process: what is
 * granted, what is read, and what is counted afterwards. A lesser counter names fewer of the full places.
 */
export function decisionsAsInMemory(kind: CounterKind): void {
  const { reach, make } = kind;
  const { tellsWindows = reach !== 'count' } = kind;
  const counts = useCounter(make);

  test(`${LISTS * WISHES} random decisions come to the same as in memory`, async () => {
    for (let list = 1; list <= LISTS; list += 1) {
      const memory = memoryCounter({ clock: () => 0 });
      const ours = sideOf((wish) => counts.settle(wish));
      const theirs = sideOf((wish) => memory.settle(wish));
      for (const [number, drawn] of drawnWishes(list).entries()) {
        const isThere = async ({ key, ends }: Held): Promise<boolean> =>
          (await memory.settle({ read: [key] })).read.get(key)?.ends === ends;
        // Whoever cannot tell a window from the next one would take it back into that.
        const give = [];
        for (const each of drawn.give) {
          const held = theirs.held.get(nameOf(each));
          const isOld = held === undefined || !(await isThere(held));
          if (tellsWindows || !(isOld || drawn.clear.includes(each.key))) give.push(each);
        }
        const [got, wanted] = [
          await settledBy(ours, { ...drawn, give }, number),
          await settledBy(theirs, { ...drawn, give }, number),
        ];
        expect({ list, number, ...shown(got, wanted, reach) }).toEqual({
          list,
          number,
          ...shown(wanted, wanted, reach),
        });
      }
    }
  });
}

function sideOf(settle: Side['settle']): Side {
  const subjects = new Map<string, string>();
  const named = (key: string): string => {
    const [subject = '', count = ''] = key.split('#');
    if (!subjects.has(subject)) subjects.set(subject, newSubject());
    return `${subjects.get(subject) ?? ''}#${count}`;
  };
  return { settle, named, held: new Map() };
}

const nameOf = ({ of, key }: { of: number; key: string }): string => `${of} ${key}`;

/** What came of it, by the short names; and what is counted then. */
interface Came {
  ok: boolean;
  read: Record<string, number>;
  places: Record<string, number>;
  full: string[];
  after: Record<string, number>;
}

async function settledBy(side: Side, drawn: Drawn, number: number): Promise<Came> {
  const { settle, named, held } = side;
  const take = drawn.take.map((place) => ({ ...place, key: named(place.key) }));
  const { ok, read, places, full } = await settle({
    read: drawn.read.map(named),
    clear: drawn.clear.map(named),
    take,
    give: drawn.give.flatMap((each) => held.get(nameOf(each)) ?? []),
    lasting: drawn.lasting,
  });
  const short = new Map(KEYS.map((key) => [named(key), key]));
  const shortOf = (key: string): string => short.get(key) ?? key;
  for (const each of ok ? heldOf(take, places) : []) {
    held.set(nameOf({ of: number, key: shortOf(each.key) }), each);
  }
  const byName = (found: ReadonlyMap<string, Count>): Record<string, number> =>
    Object.fromEntries([...found].map(([key, { count }]) => [shortOf(key), count]));
  const after = await settle({ read: KEYS.map(named) });
  return {
    ok,
    read: byName(read),
    places: byName(places),
    full: full.map(({ key }) => shortOf(key)),
    after: byName(after.read),
  };
}

/** What must be the same: of a refusal a lesser counter tells a part. */
function shown(came: Came, memory: Came, reach: CounterKind['reach']): object {
  const { ok, read, after } = came;
  if (ok || reach === 'decision') return came;
  const { places, full } = came;
  const isRight = ([key, count]: [string, number]): boolean => memory.places[key] === count;
  return {
    ok,
    read,
    after,
    isFull: full.length > 0 && full.every((key) => memory.full.includes(key)),
    areSo: Object.entries(places).every(isRight),
  };
}

/** The same for each run of a list: half of the places are narrow, and a place goes back once. */
function drawnWishes(list: number): Drawn[] {
  const random = seeded(list);
  const below = (end: number): number => Math.floor(random() * end);
  const some = (chance: number, most: number): string[] => {
    const found = Array.from({ length: most }, () => KEYS[below(KEYS.length)] ?? '');
    return [...new Set(found)].filter(() => random() < chance);
  };
  const wishes: Drawn[] = [];
  const given = new Set<string>();
  for (let number = 0; number < WISHES; number += 1) {
    const take = some(0.5, 4).map((key) => ({
      key,
      window: 3 * APART + APART * (number * KEYS.length + KEYS.indexOf(key)),
      limit: random() < 0.5 ? 2 + below(6) : below(3),
      by: below(3),
      common: random() < 0.4,
    }));
    const of = below(Math.max(1, number));
    const give = (wishes[of]?.take ?? [])
      .filter(({ by }) => by > 0 && random() < 0.5)
      .map(({ key }) => ({ of, key }))
      .filter((each) => !given.has(nameOf(each)));
    for (const each of give) given.add(nameOf(each));
    const [read, clear] = [some(0.4, 3), some(0.4, 3)];
    wishes.push({ read, clear, take, give, lasting: random() < 0.2 });
  }
  return wishes;
}
