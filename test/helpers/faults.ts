import type session from 'express-session';

export type Operation = 'get' | 'set' | 'destroy';

/**
 * `error`: not carried out, and reported. `late`: carried out, and reported as failed. `hang`: no
 * answer; carried out when `release` is called.
 */
export type FaultMode = 'error' | 'late' | 'hang';

export interface Faults {
  /** The k-th call (from 1) of this kind from now on goes wrong. */
  fail(operation: Operation, k: number, mode?: FaultMode): void;
  /** Every call of this kind from now on goes wrong. */
  failAll(operation: Operation): void;
  /** Whether the call came. */
  fired(): boolean;
  /** Nothing goes wrong any more. */
  heal(): void;
  /** Carries out what hung. */
  release(): Promise<void>;
}

type Done = (error?: unknown, value?: unknown) => void;
type Call = (...args: unknown[]) => unknown;

/** Makes single calls of a session store go wrong. To be put on before an app is made with it. */
export function faultsOf(store: session.Store): Faults {
  let plan: { operation: Operation; k: number; mode: FaultMode; all: boolean } | undefined;
  let seen = 0;
  let fired = false;
  let hung: (() => Promise<void>)[] = [];
  const broken = (): Error => new Error('the fault of the test: connection to 10.0.0.7 refused');

  const methods = store as unknown as Record<Operation, Call>;
  for (const operation of ['get', 'set', 'destroy'] as const) {
    const call = methods[operation].bind(store);
    methods[operation] = (...args: unknown[]) => {
      if (plan?.operation !== operation) return call(...args);
      seen += 1;
      if (!plan.all && seen !== plan.k) return call(...args);
      fired = true;
      const done = args.at(-1);
      const answer: Done = typeof done === 'function' ? (done as Done) : () => undefined;
      const inputs = typeof done === 'function' ? args.slice(0, -1) : args;
      const carryOut = (): Promise<void> =>
        new Promise((resolve) => void call(...inputs, () => resolve()));
      if (plan.mode === 'hang') hung.push(carryOut);
      else if (plan.mode === 'late') void carryOut().then(() => answer(broken()));
      else setImmediate(() => answer(broken()));
      return undefined;
    };
  }

  const arm = (operation: Operation, k: number, mode: FaultMode, all: boolean): void => {
    plan = { operation, k, mode, all };
    seen = 0;
    fired = false;
  };
  return {
    fail: (operation, k, mode = 'error') => arm(operation, k, mode, false),
    failAll: (operation) => arm(operation, 0, 'error', true),
    fired: () => fired,
    heal: () => {
      plan = undefined;
    },
    release: async () => {
      const waiting = hung;
      hung = [];
      for (const carryOut of waiting) await carryOut();
    },
  };
}
