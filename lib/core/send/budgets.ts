import type { Counter } from '../../ports/counter';

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
  | { ok: true; taken: { budget: Budget; count: number; expiresAt: number }[] }
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
  const over = taken
    .filter(({ budget, count }) => count > budget.limit)
    .sort((a, b) => b.expiresAt - a.expiresAt)[0];
  if (over === undefined) return { ok: true, taken };
  // A refused text costs nobody a place: else a stranger could use up a number's budget by asking.
  await giveBack(counter, chargesOf(taken), now);
  return { ok: false, budget: over.budget, expiresAt: over.expiresAt };
}

/** What a challenge remembers of the places its texts took. */
export function chargesOf(taken: { budget: Budget; expiresAt: number }[]): Charge[] {
  return taken.map(({ budget, expiresAt }) => ({ key: budget.key, expiresAt }));
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
