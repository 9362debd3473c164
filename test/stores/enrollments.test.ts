import type { Enrollment, Enrollments } from '../../lib/ports/enrollments';
import {
  cachedEnrollments,
  guardedEnrollments,
  mapEnrollments,
} from '../../lib/stores/enrollments';
import { newestCode, signIn, startApp } from '../helpers/app';
import { enrollmentOf } from '../helpers/core';
import { ROUTER } from '../helpers/paths';
import { enrollmentsContract } from '../docs/contract';

const FAILS = { code: 'store_unavailable', status: 503 };

enrollmentsContract('mapEnrollments with a Map', () =>
  Promise.resolve(mapEnrollments(new Map<string, Enrollment>())),
);

/** Enrollments that answer like this. */
const answering = (answer: () => unknown): Enrollments =>
  guardedEnrollments({
    get: answer as Enrollments['get'],
    set: answer as Enrollments['set'],
    delete: answer,
  });

test('what works is passed through, with what the app knows of the user', async () => {
  const calls: unknown[][] = [];
  const guarded = guardedEnrollments({
    get: (...args) => {
      calls.push(args);
      return undefined;
    },
    set: (...args) => {
      calls.push(args);
      return false;
    },
    delete: (...args) => {
      calls.push(args);
    },
  });
  const user = { id: 'A' };
  expect(await guarded.get('A', user)).toBeUndefined();
  expect(await guarded.set('A', enrollmentOf(), 3)).toBe(false);
  await guarded.delete('A', 3);
  expect(calls).toEqual([
    ['A', user],
    ['A', enrollmentOf(), 3],
    ['A', 3],
  ]);
});

test.each<[string, () => unknown]>([
  ['throws', () => { throw new Error('away'); }], // prettier-ignore
  ['rejects with', () => Promise.reject(new Error('away'))],
])('[S134] what an app’s function %s is store_unavailable', async (_, answer) => {
  const guarded = answering(answer);
  const calls = {
    get: () => guarded.get('A'),
    set: () => guarded.set('A', enrollmentOf(), 1),
    delete: () => guarded.delete('A', 1),
  };
  for (const [verb, call] of Object.entries(calls)) {
    const message = `enrollments.${verb} failed: away`;
    await expect((async () => call())()).rejects.toMatchObject({ ...FAILS, message });
  }
});

test.each([[undefined], [null], [1], ['true'], [{}]])(
  '[S134] %j is no answer to whether an enrollment was kept',
  async (answer) => {
    await expect(answering(() => answer).set('A', enrollmentOf(), 1)).rejects.toMatchObject(FAILS);
  },
);

test('an app whose set() does not say whether it wrote enrolls nobody, and the gate stays shut', async () => {
  const kept = mapEnrollments(new Map<string, Enrollment>());
  const set = (async (...given: Parameters<Enrollments['set']>) => {
    await kept.set(...given);
  }) as unknown as Enrollments['set'];
  const app = await startApp({ factor: { enrollments: { ...kept, set } } });
  const failures: string[] = [];
  app.secondFactor.on('store_failed', ({ error }) => void failures.push(String(error)));
  const agent = app.agent();
  await signIn(agent, 'C');
  await agent.post(ROUTER.enrollment).send({ phone: '+12065550177' }).expect(202);
  const code = newestCode(app);
  await agent.post(ROUTER.confirm).send({ code }).expect(503);
  expect(failures).toEqual([
    expect.stringContaining('enrollments.set failed: it must answer true'),
  ]);
  await agent.get('/secret').expect(401);
});

describe('a short memory', () => {
  let now = 0;
  let asked: unknown[][] = [];
  let set: () => Promise<boolean>;
  beforeEach(() => {
    now = 0;
    asked = [];
    set = () => Promise.resolve(true);
  });
  const cached = () =>
    cachedEnrollments(
      {
        get: (...args) => {
          asked.push(args);
          return enrollmentOf('+12065550142', { version: asked.length });
        },
        set: () => set(),
        delete: () => true,
      },
      (value) => value as Enrollment,
      () => now,
    );

  test('recent asks once in ten seconds, for each user', async () => {
    const enrollments = cached();
    for (const time of [0, 9_999]) {
      now = time;
      expect(await enrollments.recent('A')).toMatchObject({ version: 1 });
    }
    expect(await enrollments.recent('B')).toMatchObject({ version: 2 });
    now = 10_000;
    expect(await enrollments.recent('A')).toMatchObject({ version: 3 });
  });

  test('what a request brings along is neither asked of the memory nor kept in it', async () => {
    const enrollments = cached();
    await enrollments.recent('A');
    const user = { id: 'A' };
    expect(await enrollments.get('A', user)).toMatchObject({ version: 2 });
    expect(await enrollments.recent('A')).toMatchObject({ version: 1 });
    expect(asked).toEqual([['A'], ['A', user]]);
  });

  test('what was written here is seen at once, also where the write failed', async () => {
    const enrollments = cached();
    await enrollments.recent('A');
    await enrollments.set('A', enrollmentOf(), 1);
    expect(await enrollments.recent('A')).toMatchObject({ version: 2 });
    await enrollments.delete('A', 1);
    expect(await enrollments.recent('A')).toMatchObject({ version: 3 });
    set = () => Promise.reject(new Error('no answer'));
    await expect(enrollments.set('A', enrollmentOf(), 1)).rejects.toThrow('no answer');
    expect(await enrollments.recent('A')).toMatchObject({ version: 4 });
  });
});

describe('a Map or a Keyv', () => {
  const at = (version: number): Enrollment => enrollmentOf('+12065550142', { version });
  test('what somebody else has written meanwhile is neither overwritten nor deleted', async () => {
    const map = new Map([['A', at(2)]]);
    const enrollments = mapEnrollments(map);
    expect(await enrollments.set('A', at(2), 1)).toBe(false);
    expect(await enrollments.set('A', at(1), 0)).toBe(false);
    expect(await enrollments.delete('A', 1)).toBe(false);
    expect(map.get('A')).toEqual(at(2));
    expect(await enrollments.set('A', at(3), 2)).toBe(true);
    expect(await enrollments.delete('A', 3)).toBe(true);
    expect(map.size).toBe(0);
    expect(await enrollments.delete('A', 3)).toBe(true);
  });

  test('of two writers in one process one is first, though the map takes its time', async () => {
    const kept = new Map<string, Enrollment>();
    const slow = <T>(value: T): Promise<T> =>
      new Promise((resolve) => setImmediate(() => resolve(value)));
    const enrollments = mapEnrollments({
      get: (key) => slow(kept.get(key)),
      set: (key, value) => slow(kept.set(key, value)),
      delete: (key) => slow(kept.delete(key)),
    });
    const first = await Promise.all(
      [1, 2, 3].map(async () => enrollments.set('A', enrollmentOf(), 0)),
    );
    expect(first).toEqual([true, false, false]);
    const next = enrollmentOf('+12065550143', { version: 2 });
    const set = enrollments.set('A', next, 1);
    expect([await enrollments.delete('A', 1), await set]).toEqual([false, true]);
  });

  test('a write that failed does not hold up the next one', async () => {
    let down = true;
    const kept = new Map<string, Enrollment>();
    const enrollments = mapEnrollments({
      get: (key) => kept.get(key),
      set: (key, value) => {
        if (down) throw new Error('away');
        return kept.set(key, value);
      },
      delete: (key) => kept.delete(key),
    });
    await expect(enrollments.set('A', enrollmentOf(), 0)).rejects.toThrow('away');
    down = false;
    expect(await enrollments.set('A', enrollmentOf(), 0)).toBe(true);
  });

  test('what a Keyv says that it did not write was not written', async () => {
    const enrollments = mapEnrollments({ get: () => undefined, set: () => false, delete: () => 1 });
    await expect(enrollments.set('A', enrollmentOf(), 0)).rejects.toThrow('not written');
  });

  test.each([[undefined], [null], [{}], ['map'], [{ get: 1, set: 2, delete: 3 }], [new Set()]])(
    'from %p none are made',
    (map) => {
      expect(() => mapEnrollments(map as never)).toThrow(/mapEnrollments\(\).*Map or a Keyv/);
    },
  );

  test('a Keyv that hides its errors is a mistake', () => {
    const keyv = Object.assign(new Map<string, Enrollment>(), { throwOnErrors: false });
    expect(() => mapEnrollments(keyv)).toThrow(/throwOnErrors/);
  });
});
