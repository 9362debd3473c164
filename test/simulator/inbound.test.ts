import { readFlowrouteCallback } from '../../lib/flowroute/read-callback';
import type { SimulatorOptions } from '../../lib/simulator';
import { callbackReceiver, closeReceivers } from './callback-receiver';
import { closeSimulators, FROM, runSimulator, TO } from './running';
import { SimulatedTime } from './simulated-time';

afterEach(closeSimulators);
afterEach(closeReceivers);

const LIMIT = 5_000;
const PAUSE = 30_000;

async function world(options: SimulatorOptions = {}) {
  const time = new SimulatedTime();
  const { clock, schedule } = time;
  const simulator = await runSimulator({ clock, schedule, ...options });
  const receiver = await callbackReceiver();
  const json = { callback_url: receiver.url };
  await simulator.call('/v2.2/messages/sms_callback', { method: 'PUT', json });
  await simulator.call('/v2.2/messages/mms_callback', { method: 'PUT', json });
  const reply = async (body: string | null = 'NO') =>
    (await simulator.call('/inbox/reply', { json: { from: TO, to: FROM, body } })).json;
  return { time, simulator, receiver, reply };
}

test('a wrapped text has the fields that were seen', async () => {
  const { receiver, reply } = await world();
  const { id } = await reply('Greetings');
  const [callback] = await receiver.count(1);
  expect(callback).toEqual({
    method: 'POST',
    path: '/hook',
    type: 'application/json',
    body: {
      data: {
        attributes: {
          amount_display: '$0.0040',
          amount_nanodollars: '4000000',
          body: 'Greetings',
          direction: 'inbound',
          from: TO,
          is_mms: false,
          message_callback_url: receiver.url,
          message_encoding: 0,
          message_type: 'longcode',
          status: 'delivered',
          timestamp: '2026-01-02T03:04:05.678000Z',
          to: FROM,
        },
        type: 'message',
        id,
      },
    },
  });
});

test('a flat text has its four fields', async () => {
  const { receiver, reply } = await world({ callbackShape: 'flat' });
  const { id } = await reply('Greetings');
  const [callback] = await receiver.count(1);
  expect(callback!.body).toEqual({ to: FROM, body: 'Greetings', from: TO, id });
});

test.each(['wrapped', 'flat'] as const)('the body of a %s picture is null', async (shape) => {
  const { simulator, receiver, reply } = await world({ callbackShape: shape });
  const { id, body } = await reply(null);
  expect(body).toBeNull();
  const [callback] = await receiver.count(1);
  expect((callback!.body.data?.attributes ?? callback!.body).body).toBeNull();
  expect(readFlowrouteCallback(callback!.body)).toEqual({
    kind: 'inbound',
    id,
    text: { id, from: `+${TO}`, to: `+${FROM}`, body: '' },
  });
  expect((await simulator.call('/')).text).toContain('(a picture without words)');
  expect((await simulator.call(`/v2.2/messages/${id}`)).json.data.attributes.body).toBeNull();
});

test('a picture has its documented fields, in the callback and in the record', async () => {
  const { simulator, receiver } = await world();
  const url = 'https://media.example/a/cat.png?signed=1';
  const json = { from: TO, to: FROM, body: 'look', mediaUrls: [url] };
  const { id, mediaUrls } = (await simulator.call('/inbox/reply', { json })).json;
  expect(mediaUrls).toEqual([url]);
  const [callback] = await receiver.count(1);
  const related = { relationships: { media: { data: [{ type: 'media', id: `${id}-1` }] } } };
  const included = [{ type: 'media', id: `${id}-1`, attributes: { url, file_name: 'cat.png' } }];
  expect(callback!.body).toMatchObject({
    data: { id, type: 'message', attributes: { body: 'look', is_mms: true }, ...related },
    included,
  });
  expect(readFlowrouteCallback(callback!.body)).toMatchObject({
    kind: 'inbound',
    text: { from: `+${TO}`, to: `+${FROM}`, body: 'look' },
  });
  const record = (await simulator.call(`/v2.2/messages/${id}`)).json;
  expect(record).toMatchObject({ data: { attributes: { is_mms: true }, ...related }, included });
  const list = (await simulator.call('/v2.2/messages?start_date=2026-01-01')).json;
  expect(list).toEqual({ data: [record.data], included, links: {} });
});

test.each([['https://a.example', 7], 'https://a.example', ['ftp://a.example']])(
  '422 for the pictures %j of an answer',
  async (mediaUrls) => {
    const { simulator } = await world();
    const json = { from: TO, to: FROM, body: 'look', mediaUrls };
    expect((await simulator.call('/inbox/reply', { json })).status).toBe(422);
  },
);

test('the address of the number wins over that of the account', async () => {
  const { simulator, receiver, reply } = await world();
  const json = { callback_url: `${receiver.url}/number` };
  await simulator.call(`/v2/numbers/${FROM}/relationships/sms_callback`, { json });
  await reply();
  expect(await receiver.count(1)).toMatchObject([{ path: '/hook/number' }]);
});

test('STOP and UNSTOP reach the callback and change what may be sent', async () => {
  const { simulator, receiver, reply } = await world();
  expect(await reply('Stop')).toMatchObject({ optedOut: true });
  expect((await simulator.send()).status).toBe(400);
  expect(await reply('unstop')).toMatchObject({ optedOut: false });
  expect((await simulator.send()).status).toBe(202);
  const callbacks = await receiver.count(2);
  expect(callbacks.map(({ body }) => body.data.attributes.body).sort()).toEqual(['Stop', 'unstop']);
});

test('without an address nothing is posted', async () => {
  const time = new SimulatedTime();
  const simulator = await runSimulator({ clock: time.clock, schedule: time.schedule });
  await simulator.call('/inbox/reply', { json: { from: TO, to: FROM, body: 'NO' } });
  expect(time.delays).toEqual([]);
});

test.each([201, 202, 204, 302, 404, 500])(
  '%i is no 200: the same text is posted four more times, half a minute apart',
  async (status) => {
    const { time, receiver, reply } = await world();
    receiver.answers.push(...Array.from({ length: 9 }, () => status));
    await reply();
    for (let tries = 1; tries <= 4; tries += 1) {
      await time.waiting([PAUSE]);
      expect(receiver.received).toHaveLength(tries);
      time.advance(PAUSE - 1);
      expect(time.delays).toEqual([PAUSE]);
      time.advance(1);
      await receiver.count(tries + 1);
    }
    await time.waiting([]);
    expect(receiver.received).toHaveLength(5);
    for (const each of receiver.received) expect(each).toEqual(receiver.received[0]);
  },
);

test('the tries end with the first 200, and timeScale scales the pauses', async () => {
  const { time, receiver, reply } = await world({ timeScale: 0.001 });
  receiver.answers.push(500, (req) => req.socket.destroy());
  await reply();
  await time.waiting([30]);
  time.advance(30);
  await receiver.count(2);
  await time.waiting([30]);
  time.advance(30);
  await receiver.count(3);
  await time.waiting([]);
  expect(receiver.received).toHaveLength(3);
});

test('no answer within five seconds counts as none', async () => {
  const { time, receiver, reply } = await world();
  receiver.answers.push(() => undefined);
  await reply();
  await receiver.count(1);
  time.advance(LIMIT - 1);
  expect(time.delays).toEqual([LIMIT]);
  time.advance(1);
  await time.waiting([PAUSE]);
  time.advance(PAUSE);
  await receiver.count(2);
  await time.waiting([]);
});

test('close ends a post that is on its way, and the tries that would follow', async () => {
  const { time, receiver, reply } = await world();
  receiver.answers.push(() => undefined, 500);
  await reply();
  await receiver.count(1);
  await closeSimulators();
  await time.waiting([]);
  const again = await world();
  again.receiver.answers.push(500);
  await again.reply();
  await again.time.waiting([PAUSE]);
  await closeSimulators();
  expect(again.time.delays).toEqual([]);
});
