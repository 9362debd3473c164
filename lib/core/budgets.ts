import type { Counter } from '../ports/counter';

/** At most `limit` within `windowMs` under `key`. */
export interface Budget {
  /** What is limited, in words for events. */
  name: string;
  key: string;
  limit: number;
  windowMs: number;
}

/** A place taken in a budget, and when the budget's window ends. */
export interface Charge {
  key: string;
  expiresAt: number;
}

export type Charged =
  | { ok: true; charges: Charge[]; left: number; counts: Map<string, number> }
  | { ok: false; budget: Budget; expiresAt: number };

/**
 * Takes a place in every budget, or in none. All places are taken first, each in one atomic step,
 * and only then compared: no number of parallel requests gets more than the limit through.
 */
export async function charge(
  counter: Counter,
  budgets: readonly Budget[],
  now: number,
): Promise<Charged> {
  const taken = await Promise.all(
    budgets.map(async (budget) => ({
      budget,
      ...(await counter.add(budget.key, budget.windowMs)),
    })),
  );
  const charges = taken.map(({ budget, expiresAt }) => ({ key: budget.key, expiresAt }));
  const over = taken
    .filter(({ budget, count }) => count > budget.limit)
    .sort((a, b) => b.expiresAt - a.expiresAt)[0];
  if (over !== undefined) {
    // A refused text costs nobody a place: else a stranger could use up a number's budget by asking.
    await giveBack(counter, charges, now);
    return { ok: false, budget: over.budget, expiresAt: over.expiresAt };
  }
  return {
    ok: true,
    charges,
    left: Math.min(...taken.map(({ budget, count }) => budget.limit - count)),
    counts: new Map(taken.map(({ budget, count }) => [budget.name, count])),
  };
}

/** Gives places back whose window is not over; a new window owes nothing to an old text. */
export async function giveBack(
  counter: Counter,
  charges: readonly Charge[],
  now: number,
): Promise<void> {
  await Promise.all(
    charges
      .filter(({ expiresAt }) => now < expiresAt)
      .map(({ key, expiresAt }) => counter.add(key, expiresAt - now, -1)),
  );
}
