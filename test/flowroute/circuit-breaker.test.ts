import { CircuitBreaker } from '../../lib/flowroute/circuit-breaker';
import { answerWith, carrierServer, closeServers, type Answer } from '../senders/carrier-server';
import { carrierError, clientOf, failedCall, ID, reset, TAKEN, TEXT } from './client-world';
import { VirtualTime } from './virtual-time';

afterEach(closeServers);

/** A carrier whose answer the test changes, and a client in time of its own. */
async function world(first: Answer, apiVersion: 'v2' | 'v2.2' = 'v2.2', to = TEXT.to) {
  const time = new VirtualTime();
  const state = { answer: first };
  const carrier = await carrierServer((res, req) => state.answer(res, req));
  const client = clientOf(carrier.url, { retries: 0, apiVersion }, time.timing());
  const fail = () => time.run(failedCall(client.send({ ...TEXT, to })));
  const send = () => time.run(client.send(TEXT));
  return { time, state, carrier, client, fail, send };
}

async function failTimes(times: number, fail: () => Promise<unknown>) {
  for (let time = 0; time < times; time += 1) await fail();
}

const ill = carrierError(503);

test.each<[string, Answer]>([
  ['500', carrierError(500)],
  ['503', ill],
  ['an HTML 502', answerWith(502, '<html>')],
  ['a broken connection', reset],
])('five times %s in a row, and nothing is sent any more', async (_what, answer) => {
  const { carrier, fail } = await world(answer);
  await failTimes(5, fail);
  const error = await fail();
  expect(carrier.requests).toHaveLength(5);
  expect(error).toMatchObject({ reason: 'unavailable', refused: true, status: undefined });
  expect(error.retryAfterMs).toBeGreaterThan(0);
  expect(error.retryAfterMs).toBeLessThanOrEqual(10_000);
  expect(error.message).toContain('another sender may be tried');
});

test('a server that is not there counts', async () => {
  const { fail } = await world(TAKEN);
  await closeServers();
  await failTimes(5, fail);
  expect((await fail()).message).toContain('in a row');
});

test('a carrier that hangs counts', async () => {
  const time = new VirtualTime();
  const carrier = await carrierServer(() => undefined);
  const client = clientOf(carrier.url, {}, time.timing());
  // The caller's own limit, as the library has one: it gives up after two seconds.
  const hang = async () => {
    const caller = new AbortController();
    const before = carrier.requests.length;
    const call = failedCall(client.send(TEXT, { signal: caller.signal }));
    while (carrier.requests.length === before) await time.settle();
    await time.advance(2_000);
    caller.abort();
    return call;
  };
  await failTimes(5, hang);
  expect((await failedCall(client.send(TEXT))).message).toContain('in a row');
});

test('callers who lose patience at once say nothing about the carrier', async () => {
  const time = new VirtualTime();
  const carrier = await carrierServer(() => undefined);
  const client = clientOf(carrier.url, {}, time.timing());
  for (let turn = 1; turn <= 6; turn += 1) {
    const caller = new AbortController();
    const call = failedCall(client.send(TEXT, { signal: caller.signal }));
    while (carrier.requests.length < turn) await time.advance(10);
    caller.abort();
    expect(await call).toMatchObject({ reason: 'unknown_outcome' });
    await time.advance(1_100);
  }
});

test.each([400, 401, 403, 404, 422, 429])('%i is no failure of the carrier', async (status) => {
  const { carrier, fail } = await world(carrierError(status));
  await failTimes(8, fail);
  expect(carrier.requests).toHaveLength(8);
});

test.each([
  ['+442071838742', 8],
  [TEXT.to, 5],
])('500 on v2 is a failure of the carrier where the number %s is whole', async (to, requests) => {
  const { carrier, fail } = await world(carrierError(500), 'v2', to);
  await failTimes(8, fail);
  expect(carrier.requests).toHaveLength(requests);
});

test('a success in between starts the count anew', async () => {
  const { carrier, state, fail, send } = await world(ill);
  await failTimes(4, fail);
  state.answer = TAKEN;
  await send();
  state.answer = ill;
  await failTimes(4, fail);
  expect(carrier.requests).toHaveLength(9);
});

test('after a while one attempt is let through, and its success opens the way for all', async () => {
  const { time, state, carrier, client, fail, send } = await world(ill);
  await failTimes(5, fail);
  let release = (): void => undefined;
  state.answer = (res, req) => (release = () => TAKEN(res, req));
  await time.advance(10_000);
  const probe = client.send(TEXT);
  while (carrier.requests.length < 6) await time.settle();
  expect((await fail()).message).toContain('in a row');
  expect(carrier.requests).toHaveLength(6);
  release();
  await expect(probe).resolves.toEqual({ id: ID });
  state.answer = TAKEN;
  await Promise.all([send(), send(), send()]);
  expect(carrier.requests).toHaveLength(9);
});

test('an attempt that is let through and fails keeps it shut for as long again', async () => {
  const { time, state, carrier, fail, send } = await world(ill);
  await failTimes(5, fail);
  await time.advance(10_000);
  await fail();
  expect(carrier.requests).toHaveLength(6);
  await time.advance(8_000);
  await fail();
  expect(carrier.requests).toHaveLength(6);
  await time.advance(2_000);
  state.answer = TAKEN;
  await send();
  expect(carrier.requests).toHaveLength(7);
});

test('an attempt that tells nothing leaves the next one its chance', async () => {
  const { time, state, carrier, client, fail, send } = await world(ill);
  await failTimes(5, fail);
  await time.advance(10_000);
  state.answer = () => undefined;
  const caller = new AbortController();
  const probe = failedCall(client.send(TEXT, { signal: caller.signal }));
  while (carrier.requests.length < 6) await time.settle();
  caller.abort();
  await probe;
  state.answer = TAKEN;
  await send();
  expect(carrier.requests).toHaveLength(7);
});

test('who waits for a turn when it opens is not sent either, and has no turn spent', async () => {
  const { time, state, carrier, client } = await world(ill);
  const held: (() => void)[] = [];
  state.answer = (res, req) => held.push(() => ill(res, req));
  const calls = Array.from({ length: 7 }, () => failedCall(client.send(TEXT)));
  while (held.length < 5) await time.settle();
  for (const release of held) release();
  const errors = await time.run(Promise.all(calls));
  expect(carrier.requests).toHaveLength(5);
  expect(errors.filter(({ refused }) => refused)).toHaveLength(2);
});

test('attempts that left before it opened have no say in how long it stays so', async () => {
  const time = new VirtualTime();
  const breaker = new CircuitBreaker(time.clock);
  const late = [breaker.enter(), breaker.enter()] as const;
  for (let turn = 0; turn < 5; turn += 1) breaker.enter().report('ill');
  await time.advance(6_000);
  late[0].report('ill');
  late[1].report('well');
  expect(breaker.closedFor()).toBe(4_000);
});
