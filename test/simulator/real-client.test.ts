// The client and the simulator read the documentation each on its own; here they meet.
import type { FlowrouteClientOptions } from '../../lib/flowroute/client-options';
import { SIMULATOR_CREDENTIALS, type SimulatorOptions } from '../../lib/simulator';
import { all, clientOf, impatient } from '../flowroute/client-world';
import { closeSimulators, FROM, runSimulator, TO } from './running';

afterEach(closeSimulators);

const URL = 'https://acme.example/hooks/a-secret-token';

async function world(
  options: SimulatorOptions = {},
  clientOptions: Partial<FlowrouteClientOptions> = {},
) {
  const timing = impatient();
  // Nothing is ever posted, as the addresses here are nobody's.
  const schedule = () => () => undefined;
  const simulator = await runSimulator({ clock: timing.clock, schedule, ...options });
  const { accessKey, secretKey } = SIMULATOR_CREDENTIALS;
  const client = clientOf(simulator.url, { accessKey, secretKey, ...clientOptions }, timing);
  return { timing, simulator, client };
}

test.each(['v2', 'v2.1', 'v2.2'] as const)('on %s it lists every text', async (apiVersion) => {
  const { timing, client } = await world({}, { apiVersion });
  const start = new Date(timing.clock());
  for (let sent = 0; sent < 103; sent += 1) {
    await client.send({ from: FROM, to: TO, body: `text ${sent}` });
  }
  const records = await all(client.messages({ start }, { withBody: true }));
  expect(records.map(({ body }) => body)).toEqual(
    Array.from({ length: 103 }, (_, index) => `text ${102 - index}`),
  );
  const end = new Date(start.getTime() - 1);
  expect(await all(client.messages({ start: end, end }))).toEqual([]);
});

test('it lists every number', async () => {
  const from = Array.from({ length: 207 }, (_, index) => String(12065550000 + index));
  const { client } = await world({ from });
  const numbers = await all(client.numbers({ startsWith: '1206' }));
  expect(numbers.map(({ number }) => number)).toEqual(from.map((each) => `+${each}`));
  expect(numbers[0]).toMatchObject({ type: 'longcode', alias: undefined });
});

test('it sets and reads callbacks', async () => {
  const { client } = await world();
  expect(await client.callback('sms_dlr')).toEqual({ url: undefined, apiVersion: 'v2.1' });
  await client.setCallback('sms_dlr', URL);
  await client.setNumberCallback(FROM, 'sms', URL);
  expect(await client.callback('sms_dlr')).toEqual({ url: URL, apiVersion: 'v2.1' });
  await expect(client.setNumberCallback(TO, 'sms', URL)).rejects.toMatchObject({ status: 404 });
});

test.each([
  ['delivery-success', 'delivered'],
  ['delivery-failure', 'failed'],
  ['smsc-reject', 'failed'],
  ['accepted-never-delivered', 'sent'],
] as const)('a text that met %s is looked up as %s', async (mode, delivery) => {
  const { timing, simulator, client } = await world({ recordDelayMs: 3_000 });
  await simulator.fault(mode);
  const { id } = await client.send({ from: FROM, to: TO, body: 'hello', dlrCallback: URL });
  expect(await client.message(id!)).toBeUndefined();
  await timing.wait(3_000);
  expect(await client.message(id!)).toMatchObject({ delivery });
});
