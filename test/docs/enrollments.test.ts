import { createClient } from 'redis';
import { guardedEnrollments } from '../../lib/stores/enrollments';
import { hasRedis, startRedis } from '../helpers/redis-server';
import { enrollmentsContract } from './contract';
import { blocksIn, recipeOf } from './page';
import { onEachRecipe } from './recipes';
import { newestCode, pending, signIn, startApp, type TestApp } from '../helpers/app';
import type { Enrollments } from '../../lib';

const enroll = '/second-factor/enrollment';
const PHONE = '+12065550199';

let app: TestApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

onEachRecipe((recipe) => {
  enrollmentsContract(recipe.name, () => recipe.make());

  test('a user enrolls, signs in with the code and removes the phone again', async () => {
    const enrollments = await recipe.make();
    app = await startApp({ factor: { enrollments } });
    const agent = app.agent();
    await signIn(agent, 'C');
    await agent.post(enroll).send({ phone: PHONE }).expect(202);
    await agent
      .post(`${enroll}/verify`)
      .send({ code: newestCode(app, PHONE) })
      .expect(200);
    expect(await enrollments.get('id-of-C')).toMatchObject({ phone: PHONE });

    await app.clock.advance(60);
    const other = app.agent();
    const code = await pending(app, other, 'C');
    await other.get('/enforced').expect(401);
    await other.post('/second-factor/verify').send({ code }).expect(200);
    await other.get('/secret').expect(200);
    await other.delete(enroll).expect(204);
    expect((await enrollments.get('id-of-C')) ?? undefined).toBeUndefined();
    await signIn(agent, 'C');
    await agent.get('/enforced').expect(200);
  });
});

const withRedis = hasRedis() ? test : test.skip;
withRedis(
  '[S134] a Redis that is killed ends no process, each call fails, and then works again',
  async () => {
    const logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    let server = await startRedis();
    const setUp = `return (async () => { ${blocksIn('enrollments/redis.md', 'js').join('')}; return { client, enrollments }; })()`;
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is the page
    const { client, enrollments } = (await new Function(
      'createClient',
      'redisEnrollments',
      'url',
      setUp,
    )(createClient, recipeOf('redis'), server.url)) as {
      client: ReturnType<typeof createClient>;
      enrollments: Enrollments;
    };
    const kept = guardedEnrollments(enrollments);
    const value = { phone: PHONE, confirmedAt: 1, epoch: 'e', version: 1 };
    try {
      expect(await kept.set('A', value, 0)).toBe(true);
      await server.stop();
      const calls = [() => kept.get('A'), () => kept.set('A', value, 1), () => kept.delete('A', 1)];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ code: 'store_unavailable' });
      }
      expect(logged).toHaveBeenCalledWith(expect.stringMatching(/^Redis: /));
      const ready = new Promise((resolve) => client.once('ready', resolve));
      server = await startRedis(server.port);
      await ready;
      expect(await kept.set('A', value, 0)).toBe(true);
      expect(await kept.get('A')).toEqual(value);
    } finally {
      client.destroy();
      await server.stop();
      logged.mockRestore();
    }
  },
);

test('[S134] a database that is away shuts the gate, with Keyv too, which would say "nothing there"', async () => {
  const away = () => Promise.reject(new Error('away'));
  const store = { get: away, set: away, delete: away, clear: away, on: () => undefined };
  const keyvEnrollments = recipeOf('keyv') as (from: object) => Enrollments;
  app = await startApp({ factor: { enrollments: keyvEnrollments(store) } });
  const agent = app.agent();
  await signIn(agent, 'C');
  await agent.get('/enforced').expect(503);
  await agent.get('/secret').expect(503);
});
