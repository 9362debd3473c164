import { readFlowrouteCallback } from '../../lib/flowroute/read-callback';
import type { SimulatorOptions } from '../../lib/simulator';
import { callbackReceiver, closeReceivers } from './callback-receiver';
import { closeSimulators, FROM, runSimulator, TO } from './running';
import { SimulatedTime } from './simulated-time';

afterEach(closeSimulators);
afterEach(closeReceivers);

const LIMIT = 5_000;

async function world(options: SimulatorOptions = {}) {
  const time = new SimulatedTime();
  const { clock, schedule } = time;
  const simulator = await runSimulator({ clock, schedule, ...options });
  const receiver = await callbackReceiver();
  const send = async (mode?: string, version = 'v2.2') => {
    if (mode !== undefined) await simulator.fault(mode);
    const { data } = (await simulator.send(version, { dlr_callback: receiver.url })).json;
    return data.id as string;
  };
  return { time, simulator, receiver, send };
}

/** Sends a text and lets all its receipts come. */
async function receiptsOf(options: SimulatorOptions = {}, mode?: string) {
  const { time, simulator, receiver, send } = await world(options);
  const id = await send(mode);
  await drain(time);
  return { id, url: simulator.url, bodies: receiver.received.map(({ body }) => body) };
}

/** Lets time pass step by step, so that every callback is answered in time. */
async function drain(time: SimulatedTime): Promise<void> {
  while (time.delays.length > 0) {
    time.advance(100);
    const pending = time.delays.filter((delay) => delay !== LIMIT);
    await time.waiting(pending);
  }
}

test('a wrapped receipt has the documented fields, level 1 and then level 2', async () => {
  const { id, url, bodies } = await receiptsOf();
  const links = { related: `${url}/v2.2/messages/${id}` };
  expect(bodies).toEqual([
    {
      data: {
        attributes: {
          body: 'hello',
          level: 1,
          status: 'smsc submit',
          status_code: null,
          status_code_description: 'Message has been sent',
          timestamp: '2026-01-02T03:04:05+00:00',
        },
        id,
        links,
        type: 'delivery_receipt',
      },
    },
    {
      data: {
        attributes: {
          body: 'hello',
          level: 2,
          status: 'message buffered',
          status_code: 1003,
          status_code_description: 'Message accepted by Carrier',
          timestamp: '2026-01-02T03:04:06+00:00',
        },
        id,
        links,
        type: 'delivery_receipt',
      },
    },
  ]);
});

test('a flat receipt has the fields that were seen, and no code where there is none', async () => {
  const { id, bodies } = await receiptsOf({ callbackShape: 'flat' });
  const common = { to: TO, from: FROM, body: 'hello' };
  expect(bodies).toEqual([
    { attributes: { ...common, status: 'smsc submit' }, id, type: 'delivery_receipt' },
    {
      attributes: { ...common, status: 'message buffered', status_code: 1003 },
      id,
      type: 'delivery_receipt',
    },
  ]);
});

test.each(['wrapped', 'flat'] as const)(
  'a %s receipt of an MMS has no body, and words of its own',
  async (callbackShape) => {
    const { time, simulator, receiver } = await world({ callbackShape });
    const media_urls = ['https://media.example/cat.gif'];
    await simulator.send('v2.2', { media_urls, dlr_callback: receiver.url });
    await drain(time);
    const attributes = receiver.received.map(({ body }) => (body.data ?? body).attributes);
    expect(attributes).toMatchObject([
      { body: '', status: 'mmsc submit' },
      { body: '', status: 'message buffered' },
    ]);
  },
);

test.each([
  ['wrapped', 'number', [null, 1003]],
  ['wrapped', 'string', [null, '1003']],
  ['wrapped', 'null', [null, null]],
  ['wrapped', 'missing', [undefined, undefined]],
  ['flat', 'number', [undefined, 1003]],
  ['flat', 'string', [undefined, '1003']],
  ['flat', 'null', [null, null]],
  ['flat', 'missing', [undefined, undefined]],
] as const)('a %s receipt with a code as %s has the codes %j', async (shape, style, codes) => {
  const options = { callbackShape: shape, statusCode: style };
  const { id, bodies } = await receiptsOf(options);
  const attributes = bodies.map((body) => (body.data ?? body).attributes);
  expect(attributes.map(({ status_code }) => status_code)).toEqual(codes);
  expect(bodies.map(readFlowrouteCallback)).toMatchObject([
    { kind: 'receipt', id, delivery: 'sent' },
    { kind: 'receipt', id, delivery: 'sent' },
  ]);
});

test.each([
  ['receipts-flat', {}],
  ['receipts-code-string', {}],
  ['receipts-code-null', {}],
  ['receipts-code-missing', {}],
  ['receipts-wrapped', { callbackShape: 'flat' }],
  ['receipts-code-number', { statusCode: 'null' }],
] as const)('%s changes the form of the receipts of one text', async (mode, options) => {
  const usual = await receiptsOf(options);
  const changed = await receiptsOf(options, mode);
  const form = ({ bodies, id, url }: typeof usual) =>
    JSON.stringify(bodies).replaceAll(id, 'id').replaceAll(url, 'url');
  expect(form(changed)).not.toBe(form(usual));
  const wanted = {
    'receipts-flat': { callbackShape: 'flat' },
    'receipts-code-string': { statusCode: 'string' },
    'receipts-code-null': { statusCode: 'null' },
    'receipts-code-missing': { statusCode: 'missing' },
    'receipts-wrapped': {},
    'receipts-code-number': {},
  } as const;
  expect(form(changed)).toBe(form(await receiptsOf(wanted[mode])));
});

test.each([
  ['delivery-success', ['sent', 'delivered']],
  ['delivery-failure', ['sent', 'failed']],
  ['smsc-reject', ['failed']],
  ['accepted-never-delivered', ['sent']],
  ['filtered', ['sent', 'failed']],
  ['expired', ['sent', 'failed']],
  ['landline', []],
  ['receipts-lost', []],
  ['receipts-late', ['sent', 'sent']],
])('%s is told as %j', async (mode, deliveries) => {
  const { bodies } = await receiptsOf({}, mode);
  expect(bodies.map(readFlowrouteCallback)).toMatchObject(
    deliveries.map((delivery) => ({ kind: 'receipt', delivery })),
  );
});

test.each([
  ['receipts-doubled', [1, 1, 2, 2]],
  ['receipts-reordered', [2, 1]],
])('%s posts the levels %j', async (mode, levels) => {
  const { bodies } = await receiptsOf({}, mode);
  expect(bodies.map(({ data }) => data.attributes.level)).toEqual(levels);
});

test('a receipt leaves a tenth of a second after its step, which comes a second after the first', async () => {
  const { time, receiver, send } = await world();
  await send();
  time.advance(99);
  expect(time.delays).toEqual([100, 1_100]);
  time.advance(1);
  await time.waiting([1_100]);
  expect(receiver.received).toHaveLength(1);
  time.advance(999);
  expect(time.delays).toEqual([1_100]);
  time.advance(1);
  await time.waiting([]);
  expect(receiver.received).toHaveLength(2);
});

test('receipts-late is two minutes late, and timeScale scales all of it', async () => {
  const { time, send } = await world({ timeScale: 0.5 });
  await send('receipts-late');
  expect(time.delays).toEqual([50, 60_050]);
  await send();
  expect(time.delays).toEqual([50, 50, 550, 60_050]);
});

test.each(['v2', 'v2.1'])('texts of %s get receipts as well', async (version) => {
  const { time, simulator, receiver, send } = await world();
  const id = await send(undefined, version);
  await drain(time);
  expect(receiver.received).toMatchObject([
    { method: 'POST', path: '/hook', type: 'application/json' },
    { body: { data: { id, links: { related: `${simulator.url}/${version}/messages/${id}` } } } },
  ]);
});

test.each([302, 404, 500])(
  'a receipt that is answered by %i is not posted again, nor elsewhere',
  async (status) => {
    const { time, receiver, send } = await world();
    receiver.answers.push(status, status);
    await send();
    await drain(time);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook']);
  },
);

test('a text whose sender lost the answer still gets its receipts', async () => {
  const { time, simulator, receiver } = await world();
  await simulator.fault('accepted-but-lost');
  await simulator.send('v2.2', { dlr_callback: receiver.url }).catch(() => undefined);
  await drain(time);
  expect(receiver.received).toHaveLength(2);
});

test('close ends receipts that are to come, and one that is on its way', async () => {
  const { time, receiver, send } = await world();
  receiver.answers.push(() => undefined);
  await send();
  time.advance(100);
  await receiver.count(1);
  expect(time.delays).toEqual([1_100, LIMIT]);
  await closeSimulators();
  expect(time.delays).toEqual([]);
  time.advance(600_000);
  expect(receiver.received).toHaveLength(1);
});
