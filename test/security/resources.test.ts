import { RedisStore } from 'connect-redis';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type session from 'express-session';
import { memoryCounter } from '../../lib';
import { PHONES, startApp, wrongCode, type TestApp } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { until, Visitor } from '../helpers/cluster';
import { atOnce, jsonPost } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import {
  connect,
  countsAt,
  hasRedis,
  lifetimes,
  putCounts,
  startRedis,
} from '../helpers/redis-server';
import { sessionsOf } from '../helpers/web';

const { verify, challenge: send } = ROUTER;

let app: TestApp;

async function pending(username: string): Promise<{ visitor: Visitor; code: string }> {
  const visitor = new Visitor();
  await visitor.signIn(app.url, username);
  expect((await visitor.ask(app.url, send, {})).status).toBe(202);
  return { visitor, code: /^(\d+) is your/.exec(app.outbox.last()!.body)![1]! };
}

/** Verifies of every outcome, two hundred in the same moment. */
async function twoHundred(): Promise<void> {
  const [a, b] = [await pending('A'), await pending('B')];
  const posts = Array.from({ length: 100 }, (_, each) => [
    jsonPost(verify, a.visitor.cookie!, { code: wrongCode(a.code, each + 1) }),
    // These lead to one session, or come too late; some are no codes at all.
    jsonPost(verify, b.visitor.cookie!, { code: each % 50 === 49 ? 'none' : b.code }),
  ]).flat();
  const answers = await atOnce(app.url, posts);
  expect(sessionsOf(answers)).toHaveLength(1);
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  await app.clock.advance(90_000);
}

/** What keeps this process awake: how many of each kind. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function expectNoMore(before: Record<string, number>): Promise<void> {
  const kinds = ['Timeout', 'TCPSocketWrap', 'TCPServerWrap', 'Immediate'];
  return until(
    'timers and sockets are as many as before',
    () => {
      const now = resources();
      return kinds.every((kind) => (now[kind] ?? 0) <= (before[kind] ?? 0));
      // Sooner than a forgotten timer of a store call would end by itself.
    },
    1_200,
  );
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heap = (): number => {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
};

test('[S142] two thousand verifies, two hundred at once, leave no timer and no socket behind, and the heap as it was', async () => {
  app = await startApp();
  const before = resources();
  for (let wave = 0; wave < 2; wave += 1) await twoHundred();
  await expectNoMore(before);
  const first = heap();
  for (let wave = 0; wave < 5; wave += 1) await twoHundred();
  await expectNoMore(before);
  // A verify that left its request, its timer or its session behind would cost ten times as much.
  const each = (heap() - first) / 1_000;
  expect(each).toBeLessThan(2_000);
});

test('[S142] a store that never answers costs a timer for as long as it is waited for, no longer', async () => {
  let hung = false;
  const counter = memoryCounter();
  const perhaps = <T>(answer: Promise<T>): Promise<T> =>
    hung ? new Promise(() => undefined) : answer;
  app = await startApp({
    factor: {
      counter: {
        settle: (wish) => perhaps(counter.settle(wish)),
      },
    },
  });
  const { visitor, code } = await pending('A');
  const before = resources();
  hung = true;
  const posts = Array.from({ length: 200 }, () => jsonPost(verify, visitor.cookie!, { code }));
  const answers = await atOnce(app.url, posts);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  await expectNoMore(before);
});

const withRedis = hasRedis() ? test : test.skip;

withRedis('[S142] everything that the library keeps in Redis has an end', async () => {
  const server = await startRedis();
  const client = await connect(server);
  try {
    const clock = testClock();
    const store: session.Store = new RedisStore({ client });
    const limits = { overall: [{ count: 100, seconds: 60 }], lockAfter: 6 };
    app = await startApp({ clock, store, factor: { limits } });
    const seen = new Map<string, number>();
    const names = new Set<string>();
    const look = async (): Promise<void> => {
      for (const [key, left] of await lifetimes(client)) {
        const ours = /^(?:sess:sms2fa(.)|.{6}:sess:(\w+))/.exec(key);
        if (ours !== null) seen.set(ours[1] ?? ours[2]!, left);
        if (ours?.[2] === undefined) continue;
        const counts = Object.keys((await countsAt(client, key)) ?? {});
        for (const name of counts) names.add(name.split('.', 1)[0]!);
      }
    };
    const waited = async (): Promise<void> => {
      for (const key of await client.keys('*:sess:[unp]:*'))
        await putCounts(client, key, { wait: null });
    };
    const a = await pending('A');
    await a.visitor.ask(app.url, send, {}); // too soon
    await a.visitor.ask(app.url, verify, { code: 'no code' });
    await a.visitor.verify(app.url, wrongCode(a.code));
    await look();
    expect((await a.visitor.verify(app.url, a.code)).status).toBe(200);
    await look();
    // A step-up, a new phone, a logout.
    await waited();
    expect((await a.visitor.ask(app.url, send, {})).status).toBe(202);
    const wanted = { phone: '+12065550152' };
    await waited();
    expect((await a.visitor.ask(app.url, ROUTER.enrollment, wanted)).status).toBe(202);
    await look();
    const code = /^(\d+) is your/.exec(app.outbox.last(wanted.phone)!.body)![1]!;
    const confirm = ROUTER.confirm;
    expect((await a.visitor.ask(app.url, confirm, { code })).status).toBe(200);
    await look();
    expect((await a.visitor.ask(app.url, '/logout', {})).status).toBe(200);
    // A lock.
    const b = await pending('B');
    expect(app.outbox.last()!.to).toBe(PHONES.B);
    for (let each = 1; each <= 5; each += 1)
      await b.visitor.verify(app.url, wrongCode(b.code, each));
    await waited();
    expect((await b.visitor.ask(app.url, send, {})).status).toBe(202);
    await b.visitor.verify(app.url, 'no code');
    const next = /^(\d+) is your/.exec(app.outbox.last()!.body)![1]!;
    await b.visitor.verify(app.url, wrongCode(next));
    expect((await b.visitor.verify(app.url, next)).status).toBe(429);
    await look();

    // Users, phones, numbers that are not confirmed, addresses, sessions; challenges and live records.
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining(['u', 'p', 'n', 'a', 's', 'i', 'l', 'all']),
    );
    expect([...names]).toEqual(
      expect.arrayContaining(['guess', 'fails', 'lock', 'ended', 'wait', 'step', 'malformed']),
    );
    expect([...seen].filter(([, left]) => left <= 0)).toEqual([]);
    const YEAR = 366 * 86_400_000;
    expect([...seen].filter(([, left]) => left > YEAR)).toEqual([]);
  } finally {
    client.destroy();
    await server.stop();
  }
});

withRedis('[S23] an app that ends every session of its store ends no lock', async () => {
  const server = await startRedis();
  const client = await connect(server);
  try {
    const store: session.Store = new RedisStore({ client });
    app = await startApp({ store, factor: { limits: { lockAfter: 3 } } });
    const { visitor, code } = await pending('A');
    for (let each = 1; each <= 3; each += 1) await visitor.verify(app.url, wrongCode(code, each));
    await new Promise((resolve) => store.clear!(resolve));
    const next = new Visitor();
    await next.signIn(app.url, 'A');
    expect((await next.ask(app.url, send, {})).status).toBe(429);
    expect(await client.keys('sess:*')).toHaveLength(1);
  } finally {
    client.destroy();
    await server.stop();
  }
});
