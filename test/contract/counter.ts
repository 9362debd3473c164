import type { CounterKind } from './counter-under-test';
import { promisesOfCounts } from './counts';
import { promisesOfDecisions } from './decisions';
import { decisionsAsInMemory } from './random-decisions';

/** What every `Counter` promises, whatever it counts in. */
export function counterContract(name: string, kind: CounterKind): void {
  describe(`${name} keeps the contract of a counter`, () => {
    promisesOfCounts(kind);
    promisesOfDecisions(kind);
    decisionsAsInMemory(kind);
  });
}
