import { flowrouteSender } from '../../../lib/senders/flowroute-sender';
import { MAGIC_NUMBERS, SIMULATOR_CREDENTIALS } from '../../../lib/flowroute/simulator';
import { carrierError, closeSimulators, runSimulator } from './running';

afterEach(closeSimulators);

const phoneOf = (mode: string): string =>
  Object.keys(MAGIC_NUMBERS).find((number) => MAGIC_NUMBERS[number] === mode)!;

test.each([
  ['opted-out', 400],
  ['403', 403],
  ['422', 422],
  ['429', 429],
  ['500', 500],
  ['503', 503],
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

test.each(['hang', 'reset', 'accepted-but-lost'])(
  'the real sender cannot know what became of a text to the phone for %s',
  async (mode) => {
    const { url } = await runSimulator();
    const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: url, timeoutMs: 1_000 });
    const sent = sender.send({ to: `+${phoneOf(mode)}`, body: 'hello' });
    await expect(sent).rejects.toMatchObject({ reason: 'unknown_outcome', refused: false });
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
  ['delivery-success', 'delivered'],
  ['receipts-late', 'delivered'],
  ['receipts-lost', 'delivered'],
  ['receipts-doubled', 'delivered'],
  ['receipts-reordered', 'delivered'],
])('a text to the phone for %s is taken and ends as %s', async (mode, status) => {
  const simulator = await runSimulator();
  const data = { data: { attributes: { to: phoneOf(mode), from: SIMULATOR_CREDENTIALS.from } } };
  const answer = await simulator.send('v2.2', {
    data: { attributes: { ...data.data.attributes, body: 'hello' } },
  });
  expect(answer.status).toBe(202);
  expect(await simulator.inbox()).toMatchObject([{ status }]);
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
