import { RedisStore } from 'connect-redis';
import { redisCounter, type Counter } from '../../lib';
import {
  pending,
  PHONES,
  signIn,
  startApp,
  verified,
  wrongCode,
  type TestApp,
} from '../helpers/app';
import { testClock, type TestClock } from '../helpers/clock';
import { ROUTER } from '../helpers/paths';
import { age, hasRedis, ownRedis, type RedisClient } from '../helpers/redis-server';

const { challenge: send, verify } = ROUTER;

(hasRedis() ? describe : describe.skip).each([
  ['counts beside their sessions', () => undefined],
  [
    'one counter for both',
    (client: RedisClient) => redisCounter({ sendCommand: (args) => client.sendCommand(args) }),
  ],
])('two apps on one Redis, with equal users, phones and secrets: %s', (_how, counterOf) => {
  const redis = ownRedis();
  let clock: TestClock;
  let one: TestApp;
  let other: TestApp;
  beforeEach(async () => {
    await redis.client.flushAll();
    clock = testClock();
    clock.onAdvance((milliseconds) => age(redis.client, milliseconds));
    const counter: Counter | undefined = counterOf(redis.client);
    const start = (appName: string) =>
      startApp({
        store: new RedisStore({ client: redis.client }),
        clock,
        factor: { appName, counter },
      });
    [one, other] = [await start('Acme'), await start('Acme staging')];
  });

  /** Locks user A of an app by wrong codes. */
  async function lock(app: TestApp): Promise<void> {
    const agent = app.agent();
    for (let failures = 0; failures < 10; failures += 5) {
      const code = await pending(app, agent);
      for (let guess = 1; guess <= 5; guess += 1) {
        await agent
          .post(verify)
          .send({ code: wrongCode(code, guess) })
          .expect(401);
      }
      await clock.advance(60);
    }
    await agent.post(send).send({}).expect(429);
    expect(await isLocked(app)).toBe(true);
  }
  const isLocked = async ({ secondFactor }: TestApp): Promise<boolean> =>
    (await secondFactor.admin.status('id-of-A')).lockedUntil !== undefined;

  test('[S176] a lock in one is none in the other, whose success does not end it', async () => {
    await lock(one);
    expect(await isLocked(other)).toBe(false);
    await verified(other, other.agent());
    await other.secondFactor.admin.unlock('id-of-A', { operator: 'o' });
    expect(await isLocked(one)).toBe(true);
  });

  test('[S176] texts of one make nobody wait in the other and use up nothing there', async () => {
    const [here, there] = [one.agent(), other.agent()];
    await signIn(here, 'A');
    await signIn(there, 'A');
    for (const wait of [30, 60, 120, 0]) {
      await here.post(send).send({}).expect(202);
      await clock.advance(wait);
    }
    await here.post(send).send({}).expect(429);
    const { body } = await there.post(send).send({}).expect(202);
    expect(body.challenge.sendsLeft).toBe(4);
    await here.post(send).send({}).expect(429);
  });

  test('[S176] a number that strangers have used up in one is free in the other', async () => {
    for (const each of [one, other]) each.enrollments.clear();
    const enroll = async (app: TestApp, username: string): Promise<number> => {
      const agent = app.agent();
      await signIn(agent, username);
      const { status } = await agent.post(ROUTER.enrollment).send({ phone: PHONES.A });
      return status;
    };
    expect(await enroll(one, 'A')).toBe(202);
    expect(await enroll(one, 'B')).toBe(429);
    expect(await enroll(other, 'B')).toBe(202);
  });

  test('[S176] a code of one is none in the other', async () => {
    const [here, there] = [one.agent(), other.agent()];
    const code = await pending(one, here);
    await pending(other, there);
    const { body } = await there.post(verify).send({ code }).expect(401);
    expect(body.code).toBe('code_incorrect');
    await here.post(verify).send({ code }).expect(200);
    await here.get('/secret').expect(200);
    await there.get('/secret').expect(401);
  });

  test('[S176] every count and record of one has a name that the other does not use', async () => {
    await pending(one, one.agent());
    const before = await keysOf();
    await pending(other, other.agent());
    const added = (await keysOf()).filter((key) => !before.includes(key));
    expect(added).toHaveLength(before.length);
  });

  /** Everything in Redis but the sessions, by name. */
  async function keysOf(): Promise<string[]> {
    const keys = await redis.client.keys('*');
    return keys.filter((key) => !/^sess:(?!sms2fa)/.test(key)).sort();
  }
});
