import { createSimulator, SIMULATOR_CREDENTIALS } from '../../lib/simulator';
import { FlowrouteClient } from '../../lib/flowroute/client';
import { carrierServer, closeServers } from '../senders/carrier-server';
import { clientOf, failedCall, ID, TAKEN, TEXT } from './client-world';
import { VirtualTime } from './virtual-time';

afterEach(closeServers);

test('the carrier itself never has a reason to say 429', async () => {
  const time = new VirtualTime();
  const simulator = await createSimulator({ clock: time.clock }).listen();
  try {
    const { accessKey, secretKey, from } = SIMULATOR_CREDENTIALS;
    const options = { accessKey, secretKey, baseUrl: simulator.url, retries: 0, timeoutMs: 30_000 };
    const timing = time.timing();
    const [one, other] = [1, 2].map(() => new FlowrouteClient(options, timing));
    const text = { from, to: '12065550142', body: 'hello' };
    const sends = Array.from({ length: 30 }, (_, at) => (at % 2 === 0 ? one! : other!).send(text));
    expect(await time.run(Promise.all(sends))).toHaveLength(30);
  } finally {
    await simulator.close();
  }
});

test('a caller whose turn does not come in time is refused, and nothing is sent', async () => {
  const time = new VirtualTime();
  const carrier = await carrierServer(() => undefined);
  const client = clientOf(carrier.url, {}, time.timing());
  const ends = new AbortController();
  const first = Array.from({ length: 5 }, () =>
    failedCall(client.send(TEXT, { signal: ends.signal })),
  );
  while (carrier.requests.length < 5) await time.settle();
  const caller = new AbortController();
  const sixth = failedCall(client.send(TEXT, { signal: caller.signal }));
  await time.settle();
  caller.abort();
  expect(await sixth).toMatchObject({ reason: 'rate_limited', refused: true, status: undefined });
  expect((await sixth).message).toContain('before the caller gave up, so nothing was sent');
  expect(carrier.requests).toHaveLength(5);
  ends.abort();
  await Promise.all(first);
});

test('the time limit of the client ends the wait for a turn', async () => {
  const time = new VirtualTime();
  const timing = time.timing();
  const carrier = await carrierServer(() => undefined);
  const ends = new AbortController();
  const patient = clientOf(carrier.url, {}, timing);
  const first = Array.from({ length: 5 }, () =>
    failedCall(patient.send(TEXT, { signal: ends.signal })),
  );
  while (carrier.requests.length < 5) await time.settle();
  const error = await failedCall(clientOf(carrier.url, { timeoutMs: 1_000 }, timing).send(TEXT));
  expect(error).toMatchObject({ reason: 'rate_limited', refused: true });
  expect(error.message).toContain('no turn came within 1000 ms');
  expect(carrier.requests).toHaveLength(5);
  ends.abort();
  await Promise.all(first);
});

test('each endpoint has a rate of its own', async () => {
  const time = new VirtualTime();
  const carrier = await carrierServer(TAKEN);
  const client = clientOf(carrier.url, {}, time.timing());
  await Promise.all(Array.from({ length: 5 }, () => client.send(TEXT)));
  const sixth = client.send(TEXT);
  await failedCall(client.message(ID));
  await failedCall(client.numbers().next());
  expect(carrier.requests).toHaveLength(7);
  await time.run(sixth);
  expect(carrier.requests).toHaveLength(8);
});
