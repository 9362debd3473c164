import { SecondFactorError } from '../../lib/errors';
import type { Enrollment, Enrollments } from '../../lib/ports/enrollments';
import {
  cachedEnrollments,
  guardedEnrollments,
  mapEnrollments,
} from '../../lib/stores/enrollments';
import { readEnrollment } from '../../lib/core/read-enrollment';
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
    await expect(answering(() => answer).set('A', enrollmentOf(), 1)).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringMatching(
        /^enrollments\.set answered (nothing|an? [a-z]+), .* docs\/enrollments\.md\.$/,
      ),
    });
  },
);

describe('the first write of a process is looked at', () => {
  const map = new Map<string, Enrollment>();
  const kept = mapEnrollments(map);
  beforeEach(() => map.clear());
  type Given = Parameters<Enrollments['set']>;
  const first = (): Enrollment | undefined => [...map.values()][0];
  const WRONG: [string, object, RegExp][] = [
    ['set answers nothing', { set: async (...given: Given) => { await kept.set(...given); } }, /set answered nothing, so nobody knows whether it wrote/],
    ['set answers how many rows', { set: async (...given: Given) => Number(await kept.set(...given)) }, /set answered a number/],
    ['set takes a callback', { set: () => undefined }, /set answered nothing/],
    ['set keeps nothing', { set: () => true }, /set answered true, and enrollments\.get then answers nothing/],
    ['set ignores the version', { set: (userId: string, value: Enrollment) => { map.set(userId, value); return true; } }, /wrote although another version is stored .* one statement/],
    ['get finds nothing', { get: () => undefined }, /get then answers nothing/],
    ['get looks for nobody', { get: () => first() }, /answers an enrollment for a user who is not there/],
    ['get answers somebody else’s', { get: async (userId: string) => map.has(userId) ? enrollmentOf('+12065550188', { version: 5 }) : undefined }, /then answers another value\. Both must mean the same user/],
    ['get drops a field', { get: async (userId: string) => { const { newRecoveryCodes, ...rest } = map.get(userId) ?? enrollmentOf(); return map.has(userId) ? rest : undefined; } }, /then answers another value/],
    ['get answers its row', { get: async (userId: string) => map.has(userId) ? { user_id: userId, value: map.get(userId) } : undefined }, /set answered true, and then enrollments\.get answered .*: phone is missing in an object with user_id, value\./],
  ]; // prettier-ignore

  test.each(WRONG)(
    '[S134] %s: nobody is told "enrolled", and the operator reads why',
    async (_, wrong, said) => {
      const app = await startApp({ factor: { enrollments: { ...kept, ...wrong } } });
      const agent = app.agent();
      await signIn(agent, 'C');
      await agent.post(ROUTER.enrollment).send({ phone: '+12065550177' }).expect(202);
      const logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
      const answer = await agent
        .post(ROUTER.confirm)
        .send({ code: newestCode(app) })
        .expect(500);
      logged.mockRestore();
      expect(answer.text).toMatch(said);
      expect(answer.text).not.toMatch(/2065550177|2065550188/);
      expect(answer.text).toContain('docs/enrollments.md');
      await agent.get('/secret').expect(({ status }) => expect(status).not.toBe(200));
    },
  );
});

/** How the functions were called, over a Map, with some of them in other ways. */
function proving(other: Partial<Enrollments> = {}) {
  const kept = mapEnrollments(new Map<string, Enrollment>());
  const calls: string[] = [];
  const told =
    (verb: 'get' | 'set' | 'delete') =>
    (...given: never[]): unknown => {
      calls.push(verb);
      return (other[verb] ?? kept[verb])(...(given as unknown as [never, never, never]));
    };
  const functions = { get: told('get'), set: told('set'), delete: told('delete') } as Enrollments;
  return { kept, calls, cached: cachedEnrollments(functions, readEnrollment, () => 0) };
}

test('storage that does what it says is looked at once, and none of its values is changed', async () => {
  const { kept, calls, cached } = proving();
  expect(await cached.set('A', enrollmentOf(), 3)).toBe(false);
  expect(calls.splice(0)).toEqual(['set']);
  expect(await cached.set('A', enrollmentOf(), 0)).toBe(true);
  expect(calls.splice(0)).toEqual(['set', 'get', 'set', 'get']);
  expect(await kept.get('A')).toEqual(enrollmentOf());
  expect(await cached.set('A', enrollmentOf(undefined, { version: 2 }), 1)).toBe(true);
  expect(calls).toEqual(['set']);
});

test('where a database gets slow or somebody else writes meanwhile the write counts, and the next is looked at', async () => {
  let fails = true;
  const away = proving({
    get: async (userId) => {
      if (fails) throw new Error('away');
      return away.kept.get(userId);
    },
  });
  expect(await away.cached.set('A', enrollmentOf(), 0)).toBe(true);
  fails = false;
  expect(await away.cached.set('A', enrollmentOf(undefined, { version: 2 }), 1)).toBe(true);
  expect(away.calls).toEqual(['set', 'get', 'set', 'get', 'set', 'get']);

  const later = enrollmentOf(undefined, { version: 9, disabledAt: 1 });
  const busy = proving({ get: () => later });
  expect(await busy.cached.set('A', enrollmentOf(), 0)).toBe(true);
  expect(busy.calls).toEqual(['set', 'get']);
  await busy.cached.set('A', enrollmentOf(undefined, { version: 2 }), 1);
  expect(busy.calls).toEqual(['set', 'get', 'set', 'get']);
});

test('where the app says in words of the library that its database is away the write counts, too', async () => {
  const away = new SecondFactorError('store_unavailable', 'away');
  const { cached } = proving({ get: () => Promise.reject(away) });
  expect(await cached.set('A', enrollmentOf(), 0)).toBe(true);
});

test('what get answers instead is told apart: the value before, or one that nobody has written', async () => {
  const other = enrollmentOf('+12065550188', { version: 7, epoch: 'other' });
  const { cached } = proving({ get: () => other, set: () => true });
  await expect(cached.set('A', enrollmentOf(undefined, { version: 5 }), 4)).rejects.toThrow(
    'then answers another value. Both must mean the same user',
  );
});

test('[S134] of an answer that cannot be read the reason is kept for the operator', async () => {
  const { cached } = proving({ get: () => ({ row: 1 }) as never, set: () => true });
  await expect(cached.set('A', enrollmentOf(), 0)).rejects.toMatchObject({
    code: 'misconfigured',
    cause: expect.any(TypeError) as TypeError,
  });
});

test('a get that reads from a replica that lags is told', async () => {
  const before = enrollmentOf(undefined, { version: 4 });
  const { cached } = proving({ get: () => before, set: () => true });
  await expect(cached.set('A', enrollmentOf(undefined, { version: 5 }), 4)).rejects.toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining('That is the one before: read from the primary database'),
  });
});

test('what cannot look for an id that no user has may throw', async () => {
  const { kept, cached, calls } = proving({
    get: async (userId) => {
      if (userId.length > 3) throw new Error('invalid input syntax for type integer');
      return kept.get(userId);
    },
  });
  expect(await cached.set('A', enrollmentOf(), 0)).toBe(true);
  expect(await cached.set('A', enrollmentOf(undefined, { version: 2 }), 1)).toBe(true);
  expect(calls).toEqual(['set', 'get', 'set', 'get', 'set']);
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
    // The second was the look after the write.
    expect(await enrollments.recent('A')).toMatchObject({ version: 3 });
    await enrollments.delete('A', 1);
    expect(await enrollments.recent('A')).toMatchObject({ version: 4 });
    set = () => Promise.reject(new Error('no answer'));
    await expect(enrollments.set('A', enrollmentOf(), 1)).rejects.toThrow('no answer');
    expect(await enrollments.recent('A')).toMatchObject({ version: 5 });
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
    const made = () => mapEnrollments(keyv);
    expect(made).toThrow(/throwOnErrors of the argument of mapEnrollments\(\) .*false/);
    expect(made).toThrow(/Make the Keyv with throwOnErrors: true/);
  });
});
