import {
  heldOf,
  withoutHeld,
  type Count,
  type Held,
  type Place,
  type Settlement,
  type Wish,
} from '../ports/counter';

type Settle = (wish: Wish) => Promise<Settlement>;
type Parts = Required<Omit<Wish, 'lasting'>>;

/**
 * A decision over subjects that no single step reaches (a cluster keeps them on several nodes): one
 * step for each. First what is the user's own, one after the other in the order of the places, so that
 * of two requests that need the same places one gets all of them; then what others need, too, all at
 * once; and last what goes back or is forgotten. So a refusal holds no common place meanwhile.
 */
export async function settleApart(wish: Wish, settle: Settle): Promise<Settlement> {
  const { read = [], take = [], give = [], clear = [] } = wish;
  const own = take.filter(({ common }) => common !== true);
  const common = take.filter((place) => place.common === true);
  // What is cleared to be taken anew belongs into the step that takes it.
  const renewed = clear.filter((key) => take.some((place) => place.key === key));
  const renewedOf = (places: readonly Place[]): string[] =>
    renewed.filter((key) => places.some((place) => place.key === key));
  const [taking, asking] = split(bySubject({ read, take: own, clear: renewedOf(own) }), takesAny);
  // In the order of the places: whoever names the narrower one first holds nothing of the wider one
  // where it is full. What is read is read at once, so that a refusal knows it, too.
  const placeOf = (each: Parts): number => own.findIndex(({ key }) => key === each.take[0]?.key);
  const [first, ...later] = taking.sort((one, other) => placeOf(one) - placeOf(other));
  const readLater = later.flatMap(({ read: keys }) => bySubject({ read: keys }));
  const rounds = [
    // Whoever only asks is in nobody's way.
    [...asking, ...readLater, ...(first === undefined ? [] : [first])],
    ...later.map((each) => [{ ...each, read: [] }]),
    bySubject({ take: common, clear: renewedOf(common) }),
  ];
  const taken: Held[] = [];
  const sum = { read: new Map<string, Count>(), places: new Map<string, Count>() };
  const undo = (): Promise<unknown> => apart({ give: taken }, settle).catch(() => undefined);

  for (const round of rounds) {
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
  try {
    await apart({ give, clear: clear.filter((key) => !renewed.includes(key)) }, settle);
  } catch (error) {
    await undo();
    throw error;
  }
  return { ok: true, ...sum, full: [] };
}

function takesAny({ take }: Parts): boolean {
  return take.some(({ by = 1 }) => by > 0);
}

function split<T>(all: readonly T[], is: (each: T) => boolean): [is: T[], isNot: T[]] {
  return [all.filter(is), all.filter((each) => !is(each))];
}

/** Each subject by itself, all at once. */
async function apart(wish: Wish, settle: Settle): Promise<void> {
  await Promise.all(bySubject(wish).map(settle));
}

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
