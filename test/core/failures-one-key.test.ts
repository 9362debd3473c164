import { settlingCounter } from '../../lib/counters/simple-counter';
import { beginLock, failureKeys } from '../../lib/core/failures';
import type { SimpleCounter } from '../../lib/ports/counter';
import { makeWorld, standing } from '../helpers/core';
import { simpleCounter } from '../helpers/simple-counter';

test('[S138] one key at a time, too, a full level is shut at each step of its lock', async () => {
  const world = makeWorld();
  const keys = failureKeys(world.core, 'A');
  const simple = simpleCounter(world.core.clock);
  world.core.counter = settlingCounter(simple, world.core.clock);
  await simple.add(keys.fails, 365 * 86_400_000, 10);
  const seen: string[] = [];
  const look = async (): Promise<void> => void seen.push((await standing(world)).state);
  const dying: SimpleCounter = {
    ...simple,
    add: async (...args) => {
      if (seen.length > 0) throw new Error('killed');
      const count = await simple.add(...args);
      await look();
      return count;
    },
  };
  const core = { ...world.core, counter: settlingCounter(dying, world.core.clock) };
  await expect(beginLock(core, keys, 10)).rejects.toThrow('killed');
  world.pass(901);
  await look();
  expect(seen).toEqual(['locked', 'locked']);
});
