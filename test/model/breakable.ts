export type BreakMode = 'error' | 'late';

/** Functions that answer with promises, one call of which can be made to go wrong. */
export interface Breakable<T extends object = object> {
  whole: T;
  /** The k-th call (from 1) of this function from now on goes wrong. */
  fail(operation: string, k: number, mode: BreakMode): void;
  fired(): boolean;
  heal(): void;
}

type Call = (...args: unknown[]) => unknown;

/** `error`: not carried out, and rejected. `late`: carried out, and rejected. */
export function breakable<T extends object>(
  whole: T,
  broken: () => Error = () => new Error('the fault of the test'),
): Breakable<T> {
  let plan: { operation: string; k: number; mode: BreakMode } | undefined;
  let fired = false;
  const wrapped = Object.fromEntries(
    Object.entries(whole).map(([name, value]) => {
      if (typeof value !== 'function') return [name, value];
      const call: Call = async (...args) => {
        if (plan?.operation !== name) return (value as Call)(...args);
        plan.k -= 1;
        if (plan.k !== 0) return (value as Call)(...args);
        fired = true;
        if (plan.mode === 'late') {
          await (value as Call)(...args);
          throw new Error('the fault of the test: no answer');
        }
        throw broken();
      };
      return [name, call];
    }),
  );
  return {
    whole: wrapped as T,
    fail: (operation, k, mode) => {
      plan = { operation, k, mode };
      fired = false;
    },
    fired: () => fired,
    heal: () => {
      plan = undefined;
      fired = false;
    },
  };
}
