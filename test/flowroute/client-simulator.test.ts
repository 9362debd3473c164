import { SIMULATOR_CREDENTIALS } from '../../lib/simulator';
import type { FlowrouteClientOptions } from '../../lib/flowroute/client-options';
import type { FlowrouteClient } from '../../lib/flowroute/client';
import { closeSimulators, FROM, runSimulator, TO, type Running } from '../simulator/running';
import { clientOf, failedCall, impatient } from './client-world';

afterEach(closeSimulators);

const VERSIONS = ['v2', 'v2.1', 'v2.2'] as const;
const TEXT = { from: FROM, to: TO, body: 'hello' };

async function world(
  options: Partial<FlowrouteClientOptions> = {},
): Promise<{ simulator: Running; client: FlowrouteClient }> {
  const simulator = await runSimulator();
  const { accessKey, secretKey } = SIMULATOR_CREDENTIALS;
  // The simulator counts in real time here, so nothing may be sent in a hurry.
  const client = clientOf(simulator.url, { accessKey, secretKey, ...options }, impatient());
  return { simulator, client };
}

test.each(VERSIONS)('on %s a text is sent and looked up again', async (apiVersion) => {
  const { client } = await world({ apiVersion });
  const before = Date.now() - 1;
  const { id } = await client.send(TEXT);
  const record = await client.message(id!);
  expect(record).toMatchObject({
    id,
    direction: 'outbound',
    from: `+${FROM}`,
    to: `+${TO}`,
    price: 0.004,
    mms: false,
  });
  expect(record?.at).toBeGreaterThan(before);
  expect(record).not.toHaveProperty('body');
  expect(await client.message(id!, { withBody: true })).toMatchObject({ body: 'hello' });
});

test('a text that the simulator does not know is undefined', async () => {
  const { client } = await world();
  expect(await client.message('mdr2-00000000000000000000000000000000')).toBeUndefined();
});

test.each([
  ['401', 'credentials_rejected', true],
  ['403', 'from_rejected', true],
  ['422', 'rejected', true],
  ['500', 'unavailable', false],
  ['503', 'unavailable', false],
  ['html-502', 'unavailable', false],
  ['reset', 'unknown_outcome', false],
  ['no-title', 'rejected', true],
  ['object-detail', 'to_rejected', true],
  ['opted-out', 'opted_out', true],
  ['402', 'rejected', true],
  ['unregistered', 'from_rejected', true],
  ['not-enabled', 'from_rejected', true],
  ['landline-refused', 'to_rejected', true],
  ['media-too-large', 'rejected', true],
  ['html-202', 'unknown_outcome', false],
  ['empty-202', 'unknown_outcome', false],
  ['ok-200', 'unknown_outcome', false],
  ['accepted-but-lost', 'unknown_outcome', false],
] as const)('the fault %s is told as %s, refused %s', async (mode, reason, refused) => {
  const { simulator, client } = await world();
  await simulator.fault(mode);
  expect(await failedCall(client.send(TEXT))).toMatchObject({ reason, refused });
  const isTaken = mode === 'accepted-but-lost';
  expect(await simulator.inbox()).toHaveLength(isTaken ? 1 : 0);
});

test('[S137] a text that was taken while its answer was lost is not doubled', async () => {
  const { simulator, client } = await world({ retries: 5 });
  await simulator.fault('accepted-but-lost');
  await failedCall(client.send(TEXT));
  expect(await simulator.inbox()).toHaveLength(1);
});

test('a 429 is gone over, and the text arrives once', async () => {
  const { simulator, client } = await world();
  await simulator.fault('429', { times: 2 });
  await client.send(TEXT);
  expect(await simulator.inbox()).toHaveLength(1);
});

test('[S136] a carrier that hangs is given up after timeoutMs', async () => {
  const { simulator, client } = await world({ timeoutMs: 1_000 });
  await simulator.fault('hang');
  const error = await failedCall(client.send(TEXT));
  expect(error).toMatchObject({ reason: 'unknown_outcome', refused: false });
  expect(error.message).toContain('within 1000 ms');
});

test('wrong keys are refused', async () => {
  const { client } = await world({ secretKey: 'another' });
  expect(await failedCall(client.send(TEXT))).toMatchObject({ status: 401 });
});

test('a number that is not of the account is refused', async () => {
  const { client } = await world();
  const error = await failedCall(client.send({ ...TEXT, from: '12065550199' }));
  expect(error).toMatchObject({ status: 403, reason: 'from_rejected', refused: true });
});
