import {
  heldOf,
  withoutHeld,
  type Count,
  type Held,
  type Settlement,
  type Wish,
} from '../ports/counter';

type Settle = (wish: Wish) => Promise<Settlement>;
type Parts = Required<Omit<Wish, 'lasting'>>;

/**
 * A decision over subjects that no single step reaches (a cluster keeps them on several nodes): rounds
 * of steps, each over one subject. First what is the user's own, one after the other in the order of the
 * places, so that of two requests that need the same places one gets all of them; then what others need,
 * too, all at once; and last, all at once, what goes back, is forgotten or begins anew. So whoever is
 * refused a place of their own holds no common one meanwhile, and no refusal has cleared anything: a place
 * goes back, and what was cleared does not. Where the last round fails half-way some of it stays cleared.
 */
export async function settleApart(wish: Wish, settle: Settle): Promise<Settlement> {
  const { take = [] } = wish;
  const taken: Held[] = [];
  const sum = { read: new Map<string, Count>(), places: new Map<string, Count>() };
  const undo = (): Promise<unknown> =>
    Promise.allSettled(bySubject({ give: taken }).map((each) => settle(each)));

  for (const round of roundsOf(wish)) {
    const steps = await Promise.allSettled(
      round.map(async (each) => {
        const settled = await settle(each);
        if (settled.ok) taken.push(...heldOf(each.take, settled.places));
        return settled;
      }),
    );
    const failed = steps.find((step) => step.status === 'rejected');
    if (failed !== undefined) {
      await undo();
      throw failed.reason as Error;
    }
    const settled = steps.flatMap((step) => (step.status === 'fulfilled' ? [step.value] : []));
    // What is read once more may be gone by now.
    for (const key of round.flatMap(({ read }) => read)) sum.read.delete(key);
    for (const each of settled) {
      for (const [key, count] of each.read) sum.read.set(key, count);
      for (const [key, count] of each.places) sum.places.set(key, count);
    }
    if (settled.some(({ ok }) => !ok)) {
      await undo();
      const full = take.filter((place) => settled.some((each) => each.full.includes(place)));
      return { ok: false, read: sum.read, places: withoutHeld(sum.places, taken), full };
    }
  }
  return { ok: true, ...sum, full: [] };
}

/** The steps of each round, one for each subject in it; those of one round go at once. */
function roundsOf({ read = [], take = [], give = [], clear = [] }: Wish): Parts[][] {
  const isCleared = (key: string): boolean => clear.includes(key);
  // Of what was cleared all is free, so it need not be asked for; only more than all is refused.
  const [anew, asked] = split(take, ({ key, by = 1, limit }) => isCleared(key) && by <= limit);
  const all = bySubject({ read, take, give, clear });
  // One subject is one step, which decides by itself. Where nothing is asked for nothing can be full:
  // several subjects are then several steps, but all of them are of the last round.
  if (all.length === 1 || asked.length === 0) return [all];
  const [common, own] = split(asked, (place) => place.common === true);
  const [taking, asking] = split(bySubject({ read, take: own }), takesAny);
  // In the order of the places: whoever names the narrower one first holds nothing of the wider one
  // where it is full. What is read is read at once, so that a refusal knows it, too.
  const placeOf = (each: Parts): number => own.findIndex(({ key }) => key === each.take[0]?.key);
  const [first, ...later] = taking.sort((one, other) => placeOf(one) - placeOf(other));
  const readLater = later.flatMap(({ read: keys }) => bySubject({ read: keys }));
  return [
    // Whoever only asks is in nobody's way.
    [...asking, ...readLater, ...(first === undefined ? [] : [first])],
    ...later.map((each) => [{ ...each, read: [] }]),
    bySubject({ take: common }),
    // What is cleared is read once more, by the step that clears it: of two that cross one finds it.
    bySubject({ read: read.filter(isCleared), take: anew, give, clear }),
  ];
}

function takesAny({ take }: Parts): boolean {
  return take.some(({ by = 1 }) => by > 0);
}

function split<T>(all: readonly T[], is: (each: T) => boolean): [is: T[], isNot: T[]] {
  return [all.filter(is), all.filter((each) => !is(each))];
}

/** Each subject by itself. */
function bySubject(wish: Wish): Parts[] {
  // Parts of its own, each: see `ownParts`.
  const { read, take, give, clear } = { read: [], take: [], give: [], clear: [], ...wish };
  const subjects = new Map<string, Parts>();
  const of = (key: string) => {
    const subject = key.split('#', 1)[0] ?? key;
    const known = subjects.get(subject) ?? { read: [], take: [], give: [], clear: [] };
    subjects.set(subject, known);
    return known as { [Verb in keyof Parts]: Parts[Verb][number][] };
  };
  for (const key of read) of(key).read.push(key);
  for (const place of take) of(place.key).take.push(place);
  for (const held of give) of(held.key).give.push(held);
  for (const key of clear) of(key).clear.push(key);
  return [...subjects.values()];
}
