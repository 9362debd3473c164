import type { FlowrouteClient } from '../../lib/flowroute/client';
import { answerWith, carrierServer, closeServers, type Answer } from '../senders/carrier-server';
import {
  carrierError,
  clientOf,
  failedCall,
  ID,
  impatient,
  inTurn,
  reset,
  TAKEN,
  TEXT,
} from './client-world';
import { VirtualTime } from './virtual-time';

afterEach(closeServers);

const found = answerWith(200, { data: { id: ID, attributes: {} } });
const send = (client: FlowrouteClient) => client.send(TEXT);
const look = (client: FlowrouteClient) => client.message(ID);
const tooMany = carrierError(429);
const cut: Answer = (res) => {
  res.writeHead(200, { 'content-length': '500' });
  res.write('{"data"', () => res.socket?.resetAndDestroy());
};
/** Pauses before a repetition, without the rest of a place in the line. */
const pauses = (waits: number[]) => waits.filter((wait) => wait !== 1_010);

test('a 429 is surely not taken, and sent again', async () => {
  const carrier = await carrierServer(inTurn(tooMany, tooMany, TAKEN));
  await expect(clientOf(carrier.url).send(TEXT)).resolves.toEqual({ id: ID });
  expect(carrier.requests).toHaveLength(3);
});

test('a server that is not there was sent nothing, and is tried again', async () => {
  const { url } = await carrierServer(TAKEN);
  await closeServers();
  const waits: number[] = [];
  const error = await failedCall(clientOf(url, {}, impatient(waits)).send(TEXT));
  expect(error).toMatchObject({ reason: 'unavailable', refused: true });
  expect(pauses(waits)).toEqual([100, 200]);
});

test('[S136] [S148] a text that may have been taken is never sent again', async () => {
  for (const answer of [carrierError(500), carrierError(503), answerWith(502, '<html>'), reset]) {
    const carrier = await carrierServer(answer);
    const error = await failedCall(clientOf(carrier.url).send(TEXT));
    expect(error.refused).toBe(false);
    expect(carrier.requests).toHaveLength(1);
  }
});

test.each([302, 400, 401, 403, 404, 422])(
  'a refusal (%i) is not asked for again',
  async (status) => {
    for (const call of [send, look]) {
      const carrier = await carrierServer(answerWith(status, '<html>'));
      await failedCall(call(clientOf(carrier.url)));
      expect(carrier.requests).toHaveLength(1);
    }
  },
);

test.each<[string, Answer]>([
  ['500', carrierError(500)],
  ['503', carrierError(503)],
  ['429', tooMany],
  ['a broken connection', reset],
  ['a body that breaks off', cut],
])('a read is made again after %s', async (_what, answer) => {
  const carrier = await carrierServer(inTurn(answer, answer, found));
  await expect(clientOf(carrier.url).message(ID)).resolves.toMatchObject({ id: ID });
  expect(carrier.requests).toHaveLength(3);
});

test.each([0, 1, 5])('retries %i: so many repetitions and no more', async (retries) => {
  const carrier = await carrierServer(tooMany);
  const client = clientOf(carrier.url, { retries, timeoutMs: 30_000 });
  expect(await failedCall(client.send(TEXT))).toMatchObject({ status: 429 });
  expect(carrier.requests).toHaveLength(retries + 1);
});

test('pauses grow and have full jitter', async () => {
  const { url } = await carrierServer(TAKEN);
  await closeServers();
  for (const random of [0, 0.25, 0.99]) {
    const waits: number[] = [];
    const timing = impatient(waits, () => random);
    await failedCall(clientOf(url, { retries: 4, timeoutMs: 30_000 }, timing).send(TEXT));
    expect(pauses(waits)).toEqual([200, 400, 800, 1_600].map((step) => step * random));
  }
});

test('after a 429 a whole second passes, as the carrier counts attempts over one', async () => {
  const carrier = await carrierServer(inTurn(tooMany, TAKEN));
  const waits: number[] = [];
  await clientOf(carrier.url, {}, impatient(waits)).send(TEXT);
  expect(pauses(waits)).toEqual([1_100]);
});

test('Retry-After is kept, with jitter on top', async () => {
  const later = answerWith(429, '', { 'retry-after': '3' });
  const carrier = await carrierServer(inTurn(later, TAKEN));
  const waits: number[] = [];
  await clientOf(carrier.url, { timeoutMs: 5_000 }, impatient(waits)).send(TEXT);
  expect(pauses(waits)).toEqual([3_100]);
});

test('a pause that would outlast the time limit is not begun', async () => {
  const later = answerWith(429, '', { 'retry-after': '5' });
  const carrier = await carrierServer(inTurn(later, TAKEN));
  const waits: number[] = [];
  const client = clientOf(carrier.url, { timeoutMs: 5_000 }, impatient(waits));
  expect(await failedCall(client.send(TEXT))).toMatchObject({ status: 429, retryAfterMs: 5_000 });
  expect(pauses(waits)).toEqual([]);
  expect(carrier.requests).toHaveLength(1);
});

test('a caller who gives up in a pause gets what failed before it', async () => {
  const carrier = await carrierServer(tooMany);
  const time = new VirtualTime();
  const caller = new AbortController();
  const sending = clientOf(carrier.url, {}, time.timing()).send(TEXT, { signal: caller.signal });
  // The rest of the place in the line, and the pause.
  while (time.waiting < 2) await time.settle();
  caller.abort();
  expect(await failedCall(sending)).toMatchObject({ status: 429, refused: true });
  expect(carrier.requests).toHaveLength(1);
});

test('[S144] a redirect is not followed, neither for a text nor for a read', async () => {
  const elsewhere = await carrierServer(found);
  for (const call of [send, look]) {
    const carrier = await carrierServer(answerWith(307, '', { location: elsewhere.url }));
    const error = await failedCall(call(clientOf(carrier.url)));
    expect(error).toMatchObject({ status: 307, reason: 'unavailable', refused: true });
  }
  expect(elsewhere.requests).toHaveLength(0);
});
