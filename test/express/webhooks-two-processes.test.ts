import { RedisStore } from 'connect-redis';
import { pending, PHONES } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { atOnce, raw } from '../helpers/parallel';
import {
  age,
  connect,
  hasRedis,
  startRedis,
  type RedisClient,
  type RedisServer,
} from '../helpers/redis-server';
import { cookieFrom, JSON_ONLY, knock } from '../helpers/web';
import { calling, receiptOf, startCalledApp, textFrom, type CalledApp } from './carrier-calls';

const challenge = '/second-factor/challenge';
const FIRST = 'outbox-1';

(hasRedis() ? describe : describe.skip)('an app that is two processes', () => {
  let server: RedisServer;
  let clients: RedisClient[];
  let [one, other]: CalledApp[] = [];
  beforeAll(async () => {
    server = await startRedis();
    clients = [await connect(server), await connect(server)];
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await server.stop();
  });
  beforeEach(async () => {
    await clients[0]!.flushAll();
    const clock = testClock();
    clock.onAdvance((milliseconds) => age(clients[0]!, milliseconds));
    // Each has a connection, and a memory, of its own.
    [one, other] = await Promise.all(
      clients.map((client) => startCalledApp({ clock, store: new RedisStore({ client }) })),
    );
  });
  afterEach(() => Promise.all([one?.close(), other?.close()]));

  test('[S146] a receipt that one hears moves what the other one shows, and is told by one of them', async () => {
    const agent = one!.agent();
    await pending(one!, agent);
    const receipt = calling(other!.address, receiptOf(FIRST, 'delivery success'));
    await Promise.all([
      ...Array.from({ length: 5 }, () => raw(one!.url, receipt)),
      ...Array.from({ length: 5 }, () => raw(other!.url, receipt)),
    ]);
    expect((await agent.get(challenge).expect(200)).body.delivery).toBe('delivered');
    expect([...one!.told('delivery'), ...other!.told('delivery')]).toHaveLength(1);
  });

  test('both together ask the carrier once in five seconds', async () => {
    const asked: string[] = [];
    for (const app of [one!, other!]) {
      Object.assign(app.outbox, {
        delivery: (receipt: string) => {
          asked.push(receipt);
          return Promise.resolve('sent');
        },
      });
    }
    const agent = one!.agent();
    await pending(one!, agent);
    await one!.clock.advance(6);
    const poll = { path: challenge, cookie: cookieFrom(agent), headers: JSON_ONLY };
    const polls = Array<typeof poll>(5).fill(poll);
    const answers = await Promise.all([atOnce(one!.url, polls), atOnce(other!.url, polls)]);
    expect(new Set(answers.flat().map(({ status }) => status))).toEqual(new Set([200]));
    expect(asked).toEqual([FIRST]);
    expect(JSON.parse((await raw(other!.url, poll)).body)).toMatchObject({ delivery: 'sent' });
  });

  test('NO that both are told ends the session that one began, and is told once', async () => {
    const agent = one!.agent();
    await pending(one!, agent);
    const no = calling(other!.address, textFrom(PHONES.A, 'NO', 'mdr1-no'));
    await Promise.all([raw(one!.url, no), raw(other!.url, no)]);
    for (const app of [one!, other!]) expect(await knock(app, cookieFrom(agent))).toBe(401);
    expect((await agent.get('/status')).body).toMatchObject({ amr: [] });
    expect([...one!.told('reported'), ...other!.told('reported')]).toHaveLength(1);
  });

  test('[S56] STOP that one hears stops the other', async () => {
    await one!.answer('STOP');
    const agent = other!.agent();
    await agent.post('/login').send({ username: 'A', password: 'right' }).expect(200);
    await agent.post(challenge).send({}).expect(409);
  });
});
