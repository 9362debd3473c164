import { redisCounter } from '../../lib';
import { memoryCounter } from '../../lib/counters/memory-counter';
import { settleApart } from '../../lib/counters/settle-apart';
import type { Place, Settlement, Wish } from '../../lib/ports/counter';
import { counterContract } from '../contract/counter';
import { testClock } from '../helpers/clock';
import { startRedisCluster, type RedisCluster } from '../helpers/redis-cluster';
import { hasRedis } from '../helpers/redis-server';
import { hold } from '../helpers/web';

const MINUTE = 60_000;
const place = (key: string, limit = 10, more: Partial<Place> = {}): Place => ({
  key,
  window: MINUTE,
  limit,
  ...more,
});
const common = (key: string, limit = 10): Place => place(key, limit, { common: true });
const keysOf = ({ read = [], take = [], give = [], clear = [] }: Wish): string[] => [
  ...read,
  ...[...take, ...give].map(({ key }) => key),
  ...clear,
];

/** Counts in memory; every step is one subject, as on a cluster, and is kept in a list. */
function nodes(clock = (): number => 0) {
  const counter = memoryCounter({ clock });
  const steps: Wish[] = [];
  const settle = async (wish: Wish): Promise<Settlement> => {
    steps.push(wish);
    const subjects = new Set(keysOf(wish).map((key) => key.split('#')[0]));
    if (subjects.size !== 1) throw new Error('CROSSSLOT');
    return counter.settle(wish);
  };
  const countOf = async (key: string): Promise<number | undefined> =>
    (await counter.settle({ read: [key] })).read.get(key)?.count;
  return { settle, steps, countOf };
}

/** The same as on a cluster, in memory. */
counterContract('a counter that is taken apart', {
  reach: 'subject',
  make: () => {
    const clock = testClock();
    const { settle } = nodes(clock);
    return {
      counter: { settle: (wish) => settleApart(wish, settle) },
      pass: (milliseconds) => clock.advance(milliseconds / 1_000),
    };
  },
});

test('places of the own come first, those that others need, too, when all of them are taken', async () => {
  const { settle, countOf } = nodes();
  const own = hold();
  const asked: string[] = [];
  const slow = async (wish: Wish): Promise<Settlement> => {
    asked.push(...keysOf(wish));
    if (keysOf(wish).includes('own2#x')) {
      own.enter();
      await own.released;
    }
    return settle(wish);
  };
  const take = [common('all#x'), place('own1#x'), place('own2#x'), common('area#x')];
  const settling = settleApart({ take }, slow);
  await own.entered;
  expect(asked).toEqual(['own1#x', 'own2#x']);
  expect(await countOf('all#x')).toBeUndefined();
  own.release();
  const { ok, places } = await settling;
  expect(ok).toBe(true);
  expect(asked).toEqual(['own1#x', 'own2#x', 'all#x', 'area#x']);
  expect([...places.keys()].sort()).toEqual(['all#x', 'area#x', 'own1#x', 'own2#x']);
});

test('places of the own are taken one after the other, while what only asks waits for nothing', async () => {
  const { settle } = nodes();
  const rounds: string[][] = [];
  const noted = async (wish: Wish): Promise<Settlement> => {
    rounds.at(-1)?.push(...keysOf(wish));
    await new Promise((resolve) => setImmediate(resolve));
    rounds.push([]);
    return settle(wish);
  };
  rounds.push([]);
  const none = place('none#x', 0, { by: 0 });
  const take = [place('own1#x'), none, place('own2#x'), common('all#x'), common('area#x')];
  await settleApart({ read: ['read#x'], take }, noted);
  expect(rounds.filter((round) => round.length > 0)).toEqual([
    ['read#x', 'none#x', 'own1#x'],
    ['own2#x'],
    ['all#x', 'area#x'],
  ]);
});

test('a full place holds none of those named after it, and what lies with them is told all the same', async () => {
  const { settle, steps, countOf } = nodes();
  await settle({ take: [place('challenge#guesses', 1)] });
  await settle({ take: [place('user#fails')] });
  steps.length = 0;
  const { ok, read } = await settleApart(
    { read: ['user#fails'], take: [place('challenge#guesses', 1), place('user#fails')] },
    settle,
  );
  expect([ok, read.get('user#fails')?.count]).toEqual([false, 1]);
  expect(steps.flatMap(({ take = [] }) => take.map(({ key }) => key))).toEqual([
    'challenge#guesses',
  ]);
  expect(await countOf('user#fails')).toBe(1);
});

test('whoever is refused a place of the own never holds a common one', async () => {
  const { settle, steps, countOf } = nodes();
  await settle({ take: [place('own#x', 1)] });
  await settle({ take: [place('second#x', 5)] });
  steps.length = 0;
  const wanted = place('own#x', 1);
  const { ok, full } = await settleApart(
    { take: [common('all#x', 1), place('second#x', 5), wanted] },
    settle,
  );
  expect([ok, full]).toEqual([false, [wanted]]);
  expect(steps.flatMap(keysOf)).not.toContain('all#x');
  expect([await countOf('own#x'), await countOf('second#x')]).toEqual([1, 1]);
});

test('whoever is refused a common place gets back what was taken before', async () => {
  const { settle, countOf } = nodes();
  await settle({ take: [common('all#x', 1)] });
  const wish: Wish = {
    read: ['own#y'],
    take: [place('own#x', 1), common('all#x', 1), common('area#x')],
    give: [{ key: 'all#x', ends: MINUTE }],
    clear: ['all#x#'],
  };
  const { ok, full, places } = await settleApart(wish, settle);
  expect([ok, full]).toEqual([false, [wish.take?.[1]]]);
  expect([...places]).toEqual([['all#x', { count: 1, left: MINUTE, ends: MINUTE }]]);
  expect([await countOf('own#x'), await countOf('area#x'), await countOf('all#x')]).toEqual([
    undefined,
    undefined,
    1,
  ]);
});

test('what goes back or is forgotten is so only when everything was taken', async () => {
  const { settle, steps } = nodes();
  await settle({ take: [place('old#x', 5)] });
  steps.length = 0;
  await settleApart(
    {
      read: ['read#x'],
      take: [place('own#x'), common('all#x')],
      give: [{ key: 'old#x', ends: MINUTE }],
      clear: ['gone#x', 'own#x'],
    },
    settle,
  );
  expect(steps.map((step) => keysOf(step))).toEqual([
    ['read#x'],
    ['all#x'],
    // Cleared by the step that takes it anew.
    ['own#x', 'own#x'],
    ['old#x'],
    ['gone#x'],
  ]);
});

test('what is cleared need not be asked for: where nothing else is asked all is one round', async () => {
  const { settle, countOf } = nodes();
  const all = hold();
  const asked: string[] = [];
  const slow = async (wish: Wish): Promise<Settlement> => {
    asked.push(...keysOf(wish));
    await all.released;
    return settle(wish);
  };
  const take = [place('own1#x', 1), place('own2#x', 1), common('all#x', 1)];
  await settleApart({ take }, settle);
  const clear = take.map(({ key }) => key);
  const settling = settleApart({ read: ['read#x'], take, clear }, slow);
  const sent = [...new Set(asked)];
  all.release();
  expect([(await settling).ok, sent]).toEqual([true, ['read#x', ...clear]]);
  for (const key of clear) expect(await countOf(key)).toBe(1);
});

test('a decision about one subject is one step, whatever it does', async () => {
  const { settle, steps, countOf } = nodes();
  await settle({ take: [place('own#x', 5), place('own#y', 5)] });
  const wishes: Wish[] = [
    { read: ['own#x'], clear: ['own#x'] },
    { take: [place('own#x', 1), common('own#z', 1)], give: [{ key: 'own#y', ends: MINUTE }] },
    { take: [common('own#z', 1), place('own#x', 2)], clear: ['own#x'] },
  ];
  const answers: Settlement[] = [];
  for (const wish of wishes) {
    steps.length = 0;
    answers.push(await settleApart(wish, settle));
    expect(steps).toHaveLength(1);
  }
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, false]);
  expect(answers[0]?.read.get('own#x')?.count).toBe(1);
  expect(answers[2]?.full).toEqual([wishes[2]?.take?.[0]]);
  expect([await countOf('own#x'), await countOf('own#y')]).toEqual([1, undefined]);
});

test('of several at once that read and clear a count one finds it', async () => {
  const { settle } = nodes();
  await settle({ take: [place('area#low', 5)] });
  const later = async (wish: Wish): Promise<Settlement> => {
    await new Promise((resolve) => setImmediate(resolve));
    return settle(wish);
  };
  const wish: Wish = { read: ['area#low'], take: [place('own#x')], clear: ['area#low'] };
  const answers = await Promise.all([1, 2, 3].map(() => settleApart(wish, later)));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(answers.filter(({ read }) => read.has('area#low'))).toHaveLength(1);
});

test('what is cleared is taken anew, beside places that are not', async () => {
  const { settle, countOf } = nodes();
  const take = [place('own1#x'), place('own2#x'), common('all#x'), common('area#x')];
  await settleApart({ take }, settle);
  const { ok, places, full } = await settleApart({ take, clear: ['own1#x', 'area#x'] }, settle);
  expect([ok, full]).toEqual([true, []]);
  expect([...places].map(([key, { count }]) => [key, count])).toEqual([
    ['own2#x', 2],
    ['all#x', 2],
    ['own1#x', 1],
    ['area#x', 1],
  ]);
  expect(await countOf('area#x')).toBe(1);
});

test('whoever is refused has cleared nothing, not even for a moment', async () => {
  const { settle, steps, countOf } = nodes();
  await settle({ take: [place('own#x', 9, { by: 2 })] });
  await settle({ take: [place('later#x', 1)] });
  await settle({ take: [common('all#x', 1)] });
  const anew = place('own#x', 1);
  for (const full of [place('later#x', 1), common('all#x', 1), common('none#x', 0)]) {
    steps.length = 0;
    const wish: Wish = { read: ['own#x'], take: [anew, full], clear: ['own#x'] };
    const settled = await settleApart(wish, settle);
    expect([settled.ok, settled.full, settled.read.get('own#x')?.count]).toEqual([
      false,
      [full],
      2,
    ]);
    expect(steps.flatMap(({ clear = [] }) => clear)).toEqual([]);
    expect(await countOf('own#x')).toBe(2);
  }
});

test('what is counted of one subject is one step', async () => {
  const { settle, steps } = nodes();
  const take = [place('own#x'), place('own#y'), common('all#x'), common('all#y')];
  await settleApart({ read: ['own#z'], take, clear: ['gone#x', 'gone#y'] }, settle);
  expect(steps.map((step) => keysOf(step))).toEqual([
    ['own#z', 'own#x', 'own#y'],
    ['all#x', 'all#y'],
    ['gone#x', 'gone#y'],
  ]);
});

test.each([['own2#x'], ['all#x'], ['old#x'], ['gone#x']])(
  'a step that fails (%s) fails the decision, and leaves nothing taken',
  async (failing) => {
    const { settle, countOf } = nodes();
    let down = true;
    const broken = async (wish: Wish): Promise<Settlement> => {
      if (down && keysOf(wish).includes(failing)) throw new Error('CLUSTERDOWN');
      return settle(wish);
    };
    const wish: Wish = {
      take: [place('own1#x', 1), place('own2#x', 1), common('all#x', 1)],
      give: [{ key: 'old#x', ends: MINUTE }],
      clear: ['gone#x'],
    };
    await expect(settleApart(wish, broken)).rejects.toThrow('CLUSTERDOWN');
    for (const { key } of wish.take ?? []) expect(await countOf(key)).toBeUndefined();
    down = false;
    expect((await settleApart(wish, broken)).ok).toBe(true);
  },
);

test('where giving back fails, too, the decision is refused all the same', async () => {
  const { settle } = nodes();
  await settle({ take: [common('all#x', 1)] });
  const broken = async (wish: Wish): Promise<Settlement> => {
    if (wish.give?.length !== 0) throw new Error('CLUSTERDOWN');
    return settle(wish);
  };
  const wish = { take: [place('own#x'), common('all#x', 1)] };
  expect((await settleApart(wish, broken)).ok).toBe(false);
});

test('that a server is a cluster is learned once, and not from other errors', async () => {
  const said = ['LOADING', 'CROSSSLOT'];
  const sent: string[][] = [];
  const counter = redisCounter({
    sendCommand: async (args, key) => {
      sent.push([...args.slice(2, -1), key]);
      const error = said.shift();
      if (error !== undefined) throw new Error(`${error} of the test`);
      return [1, 10, 10, 0];
    },
    prefix: '',
  });
  const wish = { take: [place('a#x'), place('b#x')] };
  await expect(counter.settle(wish)).rejects.toThrow('LOADING');
  expect((await counter.settle(wish)).places.size).toBe(2);
  expect((await counter.settle(wish)).ok).toBe(true);
  const both = ['2', 'a', 'b', 'a'];
  const apart = [
    ['1', 'a', 'a'],
    ['1', 'b', 'b'],
  ];
  expect(sent).toEqual([both, both, ...apart, ...apart]);
});

(hasRedis() ? describe : describe.skip)('on a real cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  beforeEach(() => Promise.all(cluster.nodes.map((node) => node.flushAll())));
  afterAll(() => cluster.stop());

  const subjects = Array.from({ length: 12 }, (_, index) => `subject-${index}`);
  const take = subjects.map((subject) => place(`${subject}#x`, 20));
  const read = take.map(({ key }) => key);
  const counterOf = (sent: string[] = []) =>
    redisCounter({
      sendCommand: (args, key) => {
        sent.push(args[0]);
        return cluster.client.sendCommand(key, false, args);
      },
    });

  test('the subjects of one decision lie on every node', async () => {
    expect((await counterOf().settle({ take })).ok).toBe(true);
    const kept = await Promise.all(cluster.nodes.map((node) => node.keys('*')));
    expect(kept.flat()).toHaveLength(subjects.length);
    expect(kept.every((keys) => keys.length > 0)).toBe(true);
  });

  test('each node gets the script once, and again when it has forgotten it', async () => {
    const sent: string[] = [];
    const counter = counterOf(sent);
    const forget = () => Promise.all(cluster.nodes.map((node) => node.scriptFlush()));
    await forget();
    for (const key of read) await counter.settle({ take: [place(key, 20)] });
    expect(sent.filter((name) => name === 'EVAL')).toHaveLength(3);
    await forget();
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 30 }, () => counter.settle({ take }))),
      forget(),
    ]);
    expect(answers.filter(({ ok }) => ok).length).toBeLessThanOrEqual(19);
    const before = (await counter.settle({ read })).read;
    const accepted = answers.filter(({ ok }) => ok).length;
    expect([...before.values()].map(({ count }) => count)).toEqual(
      subjects.map(() => 1 + accepted),
    );
  });
});
