import { gzipSync } from 'node:zlib';
import express from 'express';
import session from 'express-session';
import { createSecondFactor, memoryCounter, outboxSender } from '../../lib';
import { fewestOptions, pending, PHONES, SECRET } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { faultsOf } from '../helpers/faults';
import { raw } from '../helpers/parallel';
import { watchedCounter } from '../helpers/counters';
import {
  APP_NUMBER,
  calling,
  MOUNTED_AT,
  receiptOf,
  startCalledApp,
  textFrom,
  type CalledApp,
  type CalledAppOptions,
} from '../express/carrier-calls';
import { ROUTER } from '../helpers/paths';
import { hold } from '../helpers/web';

let app: CalledApp;
async function start(options: CalledAppOptions = {}): Promise<void> {
  app = await startCalledApp(options);
}

const { challenge, verify } = ROUTER;
const FIRST = 'outbox-1';

/** Everything that the session store holds. */
const kept = (): string => JSON.stringify((app.store as unknown as { sessions: object }).sessions);

/** A counter whose keys can be looked at. */
function clockAndCounter(keys: Set<string>) {
  const clock = testClock();
  const counter = memoryCounter({ clock });
  return { clock, counter: watchedCounter(counter, (key) => keys.add(key)) };
}

test('[S146] callbacks pass where no session and no CSRF token come with them, and get neither', async () => {
  await start({
    between: (target) =>
      target.use((req, res, next) => {
        if (req.method === 'GET' || req.headers['x-csrf-token'] === 'right') next();
        else res.status(403).end();
      }),
  });
  const cross = { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' };
  const answer = await app.call(textFrom(PHONES.A, 'hello', 'mdr2-x'), { headers: cross });
  expect(answer).toMatchObject({ status: 200, body: '' });
  expect(answer.headers).toMatch(/cache-control: no-store/i);
  expect(answer.headers).not.toMatch(/set-cookie/i);
  expect(kept()).toBe('{}');
  await app.agent().post('/login').send({}).expect(403);
});

test('[S146] without the token there is nothing: 404 for a wrong one, none, and every other method', async () => {
  const keys = new Set<string>();
  await start({ factor: clockAndCounter(keys) });
  const agent = app.agent();
  const code = await pending(app, agent);
  const [before, counted] = [kept(), keys.size];
  const { address } = app;
  const token = app.secondFactor.webhookToken;
  const flipped = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
  const paths = [
    MOUNTED_AT,
    `${MOUNTED_AT}/`,
    `${MOUNTED_AT}/${flipped}`,
    `${MOUNTED_AT}/${token.slice(0, -1)}`,
    `${MOUNTED_AT}/${token.toLowerCase()}`,
    `${MOUNTED_AT}/?token=${token}`,
    `${address}A`,
    `${address}/more`,
    `${address}%00`,
    `${MOUNTED_AT}/undefined`,
  ];
  const bodies = [receiptOf(FIRST, 'delivered'), textFrom(PHONES.A, 'STOP', 'mdr1-1'), 'x'];
  for (const path of paths) {
    for (const body of bodies) {
      expect([path, await raw(app.url, calling(path, body))]).toMatchObject([
        path,
        { status: 404 },
      ]);
    }
  }
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const answer = await app.call(textFrom(PHONES.A, 'NO', 'mdr1-2'), { method });
    expect([method, answer.status]).toEqual([method, 404]);
  }
  // A stranger cannot tell by the size of a body either whether a path is the right one.
  const large = await raw(app.url, calling(paths[2]!, 'x'.repeat(20_000)));
  expect(large.status).toBe(404);
  expect([kept(), keys.size]).toEqual([before, counted]);
  expect(app.events.map(({ name }) => name)).toEqual(['sent']);
  await agent.post(verify).send({ code }).expect(200);
});

test('[S146] the token has 256 bits and goes on working while its secret is being replaced', async () => {
  const older = createSecondFactor({
    ...fewestOptions(),
  }).webhookToken;
  await start({ factor: { secret: [`${SECRET}, the next one`, SECRET] } });
  const { webhookToken } = app.secondFactor;
  expect(Buffer.from(webhookToken, 'base64url')).toHaveLength(32);
  expect(webhookToken).not.toBe(older);
  const statusAt = async (token: string): Promise<number> =>
    (await app.call(receiptOf(FIRST, 'delivered'), { path: `${MOUNTED_AT}/${token}` })).status;
  expect([await statusAt(webhookToken), await statusAt(older)]).toEqual([200, 200]);

  await app.close();
  await start({ factor: { secret: `${SECRET}, the next one` } });
  expect(app.secondFactor.webhookToken).toBe(webhookToken);
  expect([await statusAt(webhookToken), await statusAt(older)]).toEqual([200, 404]);
});

test('[S146] a body that is too large is 413, one that is no callback 400, whatever its type', async () => {
  await start();
  await pending(app, app.agent());
  const sent = (body: string, headers = {}) => app.call('', { body, headers });
  const text = JSON.stringify(textFrom(PHONES.A, 'x'.repeat(131_072), 'mdr1-1'));
  expect((await sent(text)).status).toBe(413);
  const zipped = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
  const bomb = gzipSync(Buffer.alloc(1_048_576, ' '));
  const answer = await fetch(`${app.url}${app.address}`, {
    method: 'POST',
    headers: zipped,
    body: bomb,
  });
  expect(answer.status).toBe(413);
  const nested = `${'['.repeat(8_000)}${']'.repeat(8_000)}`;
  for (const body of ['', ' ', '{', 'null', '7', '[]', '{}', 'id=mdr1-1', nested, '\u0000']) {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      expect([body, (await sent(body, { 'content-type': type })).status]).toEqual([body, 400]);
    }
  }
  const receipt = JSON.stringify(receiptOf(FIRST, 'delivered'));
  for (const headers of [{}, { 'content-type': 'text/plain' }]) {
    expect(await sent(receipt, headers)).toMatchObject({ status: 200, body: '' });
  }
  expect(app.told('delivery')).toHaveLength(1);
});

test('[S146] a body that the app has parsed already is taken as it is', async () => {
  await start({ before: (target) => target.use(express.json()) });
  await pending(app, app.agent());
  expect((await app.call(receiptOf(FIRST, 'delivered'))).status).toBe(200);
  expect((await app.call({ data: null })).status).toBe(400);
  expect(app.told('delivery')).toMatchObject([{ receipt: FIRST, delivery: 'delivered' }]);
});

test('[S146] a name that nobody knows is answered with 200, and is kept for a minute and nothing else', async () => {
  const keys = new Set<string>();
  await start({ factor: clockAndCounter(keys) });
  await pending(app, app.agent());
  const records = () => JSON.parse(kept()) as Record<string, string>;
  const before = Object.keys(records());
  for (const id of ['mdr2-unknown', `${FIRST}0`, 'constructor', '__proto__']) {
    expect((await app.call(receiptOf(id, 'delivered'))).status).toBe(200);
  }
  expect([...keys].filter((key) => key.endsWith('#early'))).toHaveLength(4);
  const added = Object.entries(records()).filter(([key]) => !before.includes(key));
  expect(added).toHaveLength(4);
  for (const [, record] of added) expect(record).toContain('"originalMaxAge":60000');
  expect(app.told('delivery')).toEqual([]);
});

test('[S146] with `addresses` only these may call, as `trust proxy` vouches for them', async () => {
  const addresses = ['192.0.2.1', '2001:db8::1'];
  const from = (headers: Record<string, string>) =>
    app.call(receiptOf(FIRST, 'delivered'), { headers });
  const at = (ip: string) => ({ 'x-forwarded-for': ip });
  await start({ webhooks: { addresses } });
  expect((await from({})).status).toBe(404);
  expect((await from(at('192.0.2.1'))).status).toBe(404);
  await app.close();

  await start({ webhooks: { addresses }, before: (target) => target.set('trust proxy', 1) });
  await pending(app, app.agent());
  for (const ip of ['192.0.2.2', '192.0.2.1, 192.0.2.2', '192.0.2.10', '2001:db8::2', 'x', '']) {
    expect([ip, (await from(at(ip))).status]).toEqual([ip, 404]);
  }
  expect(app.told('delivery')).toEqual([]);
  for (const ip of ['192.0.2.1', '198.51.100.7, 192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1']) {
    expect([ip, (await from(at(ip))).status]).toEqual([ip, 200]);
  }
  expect(app.told('delivery')).toHaveLength(1);
});

test.each([
  [{ addresses: ['acme.example'] }, /webhooks\(\{ addresses \}\) is \["acme\.example"\]\. Give IP/],
  [{ addresses: '192.0.2.1' }, /addresses/],
  [{ help: 'x'.repeat(120) }, /webhooks\(\{ help \}\) is .* short enough for one text/],
  [{ help: 'Hilfe bei Müller' }, /help.*plain ASCII/],
  [{ help: true }, /help/],
  [{ reportWords: ['NO', 'end'] }, /reportWords.*"end" stands in stopWords, too/],
  [{ helpWords: ['?', 'AIDE'] }, /helpWords/],
  [{ stopWords: ['NO'] }, /reportWords.*"NO" stands in stopWords, too/],
  [{ onInbound: 'log' }, /webhooks\(\{ onInbound \}\) is "log"\. Give a function/],
  [{ onInbund: () => undefined }, /onInbund.*There is no such option/],
])('the options %j of webhooks() are misuse', async (options, message) => {
  await start();
  expect(() => app.secondFactor.webhooks(options as never)).toThrow(TypeError);
  expect(() => app.secondFactor.webhooks(options as never)).toThrow(message);
});

test.each(['stopWords', 'startWords', 'helpWords', 'reportWords'])(
  '%s takes words, and nothing that says none',
  async (name) => {
    await start();
    for (const words of [[''], ['!'], ['THAT WAS NOT ME AT ALL'], 'NO', [7]]) {
      const mount = () => app.secondFactor.webhooks({ [name]: words });
      expect(mount).toThrow(RegExp(`${name} }.* Give words of at most 20 characters`));
    }
  },
);

test('[S146] STOP, UNSTOP and NO to another number of the account are for the app, and change nothing', async () => {
  const heard: string[] = [];
  const outbox = outboxSender();
  await start({
    factor: { sender: { ...outbox, numbers: [`+${APP_NUMBER}`] } },
    webhooks: { onInbound: ({ body }) => void heard.push(body) },
  });
  const agent = app.agent();
  const code = await pending({ ...app, outbox }, agent);
  const other = (body: string) =>
    app.call({ ...textFrom(PHONES.A, body, `mdr1-${body}`), to: '12065550101' });
  for (const word of ['STOP', 'UNSTOP', 'NO']) expect((await other(word)).status).toBe(200);
  expect(heard).toEqual(['STOP', 'UNSTOP', 'NO']);
  expect(app.events.map(({ name }) => name)).toEqual(['sent']);
  expect(app.enrollments.get('id-of-A')).toMatchObject({ version: 1 });
  await agent.post(verify).send({ code }).expect(200);
  // To the number that the texts come from STOP means what it says, and only there is it taken back.
  await app.answer('STOP');
  await app.call({ ...textFrom(PHONES.A, 'UNSTOP', 'mdr1-again'), to: '12065550101' });
  expect(heard).toEqual(['STOP', 'UNSTOP', 'NO', 'UNSTOP']);
  await app.clock.advance(31);
  const refused = await agent.post(challenge).send({}).expect(409);
  expect(refused.body.code).toBe('phone_opted_out');
});

test('[S136] while a text is being carried out the carrier is sent away, and it is carried out once', async () => {
  const { entered, enter, released, release } = hold();
  const heard: string[] = [];
  const onInbound = async ({ body }: { body: string }): Promise<void> => {
    heard.push(body);
    enter();
    await released;
  };
  await start({ webhooks: { onInbound } });
  const first = app.answer('hello', PHONES.A, 'mdr1-hello');
  await entered;
  expect((await app.answer('hello', PHONES.A, 'mdr1-hello')).status).toBe(503);
  release();
  expect((await first).status).toBe(200);
  expect((await app.answer('hello', PHONES.A, 'mdr1-hello')).status).toBe(200);
  expect(heard).toEqual(['hello']);
});

test('[S136] [S146] a store or counter that fails is answered with 503, told, and the carrier may send again', async () => {
  const { clock, counter } = clockAndCounter(new Set());
  const store = new session.MemoryStore();
  const faults = faultsOf(store);
  await start({ store, clock, factor: { counter } });
  await pending(app, app.agent());
  const failing = async (): Promise<void> => {
    const answer = await app.call(receiptOf(FIRST, 'delivered'));
    expect(answer).toMatchObject({ status: 503, body: '' });
  };
  faults.failAll('get');
  await failing();
  faults.heal();
  const settle = counter.settle.bind(counter);
  counter.settle = () => Promise.reject(new Error('connection to 10.0.0.7 refused'));
  await failing();
  expect((await app.answer('STOP', PHONES.A, 'mdr1-stop')).status).toBe(503);
  counter.settle = settle;
  expect(app.told('store_failed')).toHaveLength(3);
  expect([app.told('delivery'), app.told('opted_out')]).toEqual([[], []]);
  expect((await app.call(receiptOf(FIRST, 'delivered'))).status).toBe(200);
  expect((await app.answer('STOP', PHONES.A, 'mdr1-stop')).status).toBe(200);
  expect([app.told('delivery').length, app.told('opted_out').length]).toEqual([1, 1]);
});
