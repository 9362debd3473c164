import { createSimulator, SIMULATOR_CREDENTIALS } from '../../lib/simulator';
import { FlowrouteClient } from '../../lib/flowroute/client';
import { carrierServer, closeServers } from '../senders/carrier-server';
import { clientOf, failedCall, ID, TAKEN, TEXT } from './client-world';
import { VirtualTime } from './virtual-time';

afterEach(closeServers);

test.each([
  ['texts alone', () => false],
  ['pictures alone', () => true],
  ['texts and pictures', (at: number) => at % 3 === 0],
])('the carrier itself never has a reason to say 429: %s', async (_what, isMms) => {
  const time = new VirtualTime();
  const simulator = await createSimulator({ clock: time.clock }).listen();
  try {
    const { accessKey, secretKey, from } = SIMULATOR_CREDENTIALS;
    const options = { accessKey, secretKey, baseUrl: simulator.url, retries: 0, timeoutMs: 30_000 };
    const timing = time.timing();
    const [one, other] = [1, 2].map(() => new FlowrouteClient(options, timing));
    const text = { from, to: '12065550142', body: 'hello' };
    const mediaUrls = ['https://acme.example/cat.gif'];
    const sends = Array.from({ length: 20 }, (_, at) =>
      (at % 2 === 0 ? one! : other!).send(isMms(at) ? { ...text, mediaUrls } : text),
    );
    expect(await time.run(Promise.all(sends))).toHaveLength(20);
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

test('pictures that wait for their turn hold up no texts', async () => {
  const time = new VirtualTime();
  const carrier = await carrierServer(TAKEN);
  const client = clientOf(carrier.url, {}, time.timing());
  const picture = { ...TEXT, mediaUrls: ['https://acme.example/cat.gif'] };
  const pictures = Promise.all([client.send(picture), client.send(picture), client.send(picture)]);
  await Promise.all([client.send(TEXT), client.send(TEXT), client.send(TEXT), client.send(TEXT)]);
  // The first picture has the fifth place, the others have none of them.
  while (carrier.requests.length < 5) await time.settle();
  expect(carrier.requests).toHaveLength(5);
  await time.run(pictures);
  expect(carrier.requests).toHaveLength(7);
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
