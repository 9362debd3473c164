import { flowrouteSender } from '../../lib/senders/flowroute-sender';
import { MAGIC_NUMBERS, SIMULATOR_CREDENTIALS } from '../../lib/simulator';
import { callbackReceiver, closeReceivers } from './callback-receiver';
import { carrierError, closeSimulators, runSimulator } from './running';
import { SimulatedTime } from './simulated-time';

afterEach(closeSimulators);
afterEach(closeReceivers);

/** How long the simulator waits for the answer to a callback. */
const POST_LIMIT = 5_000;

const phoneOf = (mode: string): string =>
  Object.keys(MAGIC_NUMBERS).find((number) => MAGIC_NUMBERS[number] === mode)!;

test.each([
  ['opted-out', 400],
  ['403', 403],
  ['422', 422],
  ['429', 429],
  ['500', 500],
  ['503', 503],
  ['unregistered', 422],
  ['402', 402],
  ['not-enabled', 400],
  ['landline-refused', 422],
])('texts to the phone for %s are always refused with %i', async (mode, status) => {
  const simulator = await runSimulator();
  for (const to of [phoneOf(mode), `+${phoneOf(mode)}`]) {
    const answer = await simulator.send('v2.2', { to });
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual(carrierError(status));
  }
  expect(await simulator.inbox()).toEqual([]);
  expect((await simulator.send()).status).toBe(202);
});

test.each([
  ['hang', 0],
  ['reset', 0],
  ['accepted-but-lost', 1],
  ['html-202', 0],
])(
  'the real sender cannot know what became of a text to the phone for %s; arrived: %i',
  async (mode, arrived) => {
    const simulator = await runSimulator();
    const { url } = simulator;
    const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: url, timeoutMs: 1_000 });
    const sent = sender.send({ to: `+${phoneOf(mode)}`, body: 'hello' });
    await expect(sent).rejects.toMatchObject({ reason: 'unknown_outcome', refused: false });
    expect(await simulator.inbox()).toHaveLength(arrived);
  },
);

test('the phone for html-502 answers with a web page', async () => {
  const simulator = await runSimulator();
  const answer = await simulator.send('v2.2', { to: phoneOf('html-502') });
  expect(answer.status).toBe(502);
  expect(answer.headers.get('content-type')).toContain('text/html');
});

test.each([
  ['accepted-never-delivered', 'accepted'],
  ['delivery-failure', 'accepted'],
  ['smsc-reject', 'accepted'],
  ['landline', 'accepted'],
  ['filtered', 'accepted'],
  ['expired', 'accepted'],
  ['delivery-success', 'delivered'],
  ['receipts-late', 'delivered'],
  ['receipts-lost', 'delivered'],
  ['receipts-doubled', 'delivered'],
  ['receipts-reordered', 'delivered'],
])('a text to the phone for %s is taken and ends as %s', async (mode, status) => {
  const simulator = await runSimulator();
  const attributes = { to: phoneOf(mode), from: SIMULATOR_CREDENTIALS.from, body: 'hello' };
  const answer = await simulator.send('v2.2', { data: { attributes } });
  expect(answer.status).toBe(202);
  expect(await simulator.inbox()).toMatchObject([{ status }]);
});

/** How long after the text each receipt is posted, in milliseconds, and what it says. */
type Posted = [after: number, status: string];

test.each<[string, Posted[]]>([
  ['accepted-never-delivered', [[100, 'smsc submit']]],
  [
    'delivery-failure',
    [
      [100, 'smsc submit'],
      [1_100, 'delivery failure'],
    ],
  ],
  ['smsc-reject', [[100, 'smsc reject']]],
  ['landline', []],
  [
    'filtered',
    [
      [100, 'smsc submit'],
      [1_100, 'rejected'],
    ],
  ],
  [
    'expired',
    [
      [100, 'smsc submit'],
      [1_100, 'expired'],
    ],
  ],
  [
    'delivery-success',
    [
      [100, 'smsc submit'],
      [1_100, 'delivery success'],
    ],
  ],
  [
    'receipts-late',
    [
      [100, 'smsc submit'],
      [120_100, 'message buffered'],
    ],
  ],
  ['receipts-lost', []],
  [
    'receipts-doubled',
    [
      [100, 'smsc submit'],
      [200, 'smsc submit'],
      [1_100, 'message buffered'],
      [1_200, 'message buffered'],
    ],
  ],
  [
    'receipts-reordered',
    [
      [1_100, 'message buffered'],
      [1_200, 'smsc submit'],
    ],
  ],
])('the receipts of a text to the phone for %s are posted as %j', async (mode, wanted) => {
  const time = new SimulatedTime();
  const { clock, schedule } = time;
  const simulator = await runSimulator({ clock, schedule });
  const receiver = await callbackReceiver();
  await simulator.send('v2.2', { to: phoneOf(mode), dlr_callback: receiver.url });
  const began = time.now;
  const posted: Posted[] = [];
  while (time.delays.length > 0) {
    time.advance(100);
    // Each post is answered before time goes on; what waits then are the posts still to come.
    await time.waiting(time.delays.filter((delay) => delay !== POST_LIMIT));
    for (const { body } of receiver.received.slice(posted.length)) {
      posted.push([time.now - began, body.data.attributes.status]);
    }
  }
  expect(posted).toEqual(wanted);
});

test('a fault that was armed comes first', async () => {
  const simulator = await runSimulator();
  await simulator.fault('accepted-never-delivered');
  expect((await simulator.send('v2.2', { to: phoneOf('500') })).status).toBe(202);
  expect((await simulator.send('v2.2', { to: phoneOf('500') })).status).toBe(500);
});

test('strangers are refused as strangers, and attempts count', async () => {
  const simulator = await runSimulator({ clock: () => 1_000_000 });
  const json = { to: phoneOf('503'), from: SIMULATOR_CREDENTIALS.from, body: 'x' };
  expect((await simulator.call('/v2.2/messages', { json, auth: null })).status).toBe(401);
  for (let i = 0; i < 5; i += 1) await simulator.call('/v2.2/messages', { json });
  expect((await simulator.call('/v2.2/messages', { json })).status).toBe(429);
});

test('the phone page names them all', async () => {
  const { text } = await (await runSimulator()).call('/');
  for (const mode of Object.values(MAGIC_NUMBERS)) expect(text).toContain(`<dd>${mode}</dd>`);
  expect(text).toContain('<dt>+1 206 555 0114</dt><dd>500</dd>');
});
