import { metrics } from '@opentelemetry/api';
import { handOver } from '../../../lib/core/send/hand-over';
import { SecondFactorError } from '../../../lib/errors';
import { errorOf, makeWorld, PHONE, send, verify } from '../../helpers/core';

const SECOND = 1_000;
type Send = (message: string, options: { signal: AbortSignal }) => Promise<unknown>;
const handTo = (send: Send, limitMs = SECOND) => handOver({ send }, 'a text', limitMs);

test('what the sender answers is the receipt, and no answer is an empty one', async () => {
  const send = jest.fn<Promise<unknown>, Parameters<Send>>();
  send.mockResolvedValueOnce({ id: 'one' });
  expect(await handTo(send)).toEqual({ id: 'one' });
  expect(send.mock.calls[0]![0]).toBe('a text');
  for (const answer of [undefined, null, 'text', 7]) {
    expect(await handTo(send.mockResolvedValueOnce(answer))).toEqual({});
  }
});

test('a sender that says what is wrong in words of the library is taken at its word', async () => {
  const error = new SecondFactorError('delivery_failed', 'no', { refused: true });
  expect(await errorOf(handTo(() => Promise.reject(error)))).toBe(error);
});

test('a sender that fails in words of its own has failed with an unknown outcome', async () => {
  const cause = new Error('socket hang up');
  const throws: Send = () => {
    throw cause;
  };
  for (const send of [throws, () => Promise.reject(cause)]) {
    const error = await errorOf(handTo(send));
    expect(error).toMatchObject({ code: 'delivery_failed', reason: 'unknown_outcome', cause });
    expect(error.message).toBe('The sender failed; see the cause.');
    expect(error.refused).toBe(false);
  }
});

test('a sender that answers nothing in time has failed, and is told to stop', async () => {
  let signal: AbortSignal | undefined;
  const send: Send = (_message, options) => {
    ({ signal } = options);
    return new Promise(() => undefined);
  };
  const error = await errorOf(handTo(send, 20));
  expect(error).toMatchObject({ code: 'delivery_failed', reason: 'unknown_outcome' });
  expect(error.message).toContain('within 0.02 s');
  expect(signal?.aborted).toBe(true);
});

test('a sender that looks at its signal when the time is up finds that it is to stop', async () => {
  let given: Parameters<Send>[1] | undefined;
  const send: Send = (_message, options) => {
    given = options;
    return new Promise(() => undefined);
  };
  await errorOf(handTo(send, 20));
  expect(given?.signal.aborted).toBe(true);
});

test('one that copies what it was given has the same signal', async () => {
  let signals: AbortSignal[] = [];
  const send: Send = (_message, options) => {
    const copy = { ...options };
    signals = [options.signal, copy.signal, options.signal];
    return new Promise(() => undefined);
  };
  await errorOf(handTo(send, 20));
  expect(new Set(signals).size).toBe(1);
  expect(signals[0]?.aborted).toBe(true);
});

test('a sender that was told to stop may still say what it knows', async () => {
  const refused = new SecondFactorError('delivery_failed', 'never sent', { refused: true });
  const send: Send = (_message, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(refused)));
  expect(await errorOf(handTo(send, 20))).toBe(refused);
});

test('a sender has as long as the limit says', async () => {
  const send: Send = () => new Promise((resolve) => setTimeout(() => resolve({ id: 'late' }), 40));
  expect(await handTo(send)).toEqual({ id: 'late' });
});

describe('where an SDK of OpenTelemetry listens', () => {
  let recorded: [string, object][];
  beforeEach(() => {
    recorded = [];
    const createHistogram = (name: string) => ({
      record: (_seconds: number, words: object) => recorded.push([name, words]),
    });
    const meter = { createHistogram, createCounter: () => ({ add: () => undefined }) };
    metrics.setGlobalMeterProvider({ getMeter: () => meter as never });
  });
  afterEach(() => metrics.disable());

  test.each([['sms'], ['email'], [undefined]] as const)(
    'it is told how long a message by %s took, and that it failed in one word',
    async (channel) => {
      const words = { 'sms2fa.channel': channel ?? 'sms' };
      const send = jest.fn<Promise<unknown>, Parameters<Send>>().mockResolvedValueOnce({});
      await handOver({ send }, 'a text', SECOND, channel);
      send.mockRejectedValueOnce(new Error('+12065550142 is away'));
      await errorOf(handOver({ send }, 'a text', SECOND, channel));
      expect(recorded).toEqual([
        ['sms2fa.carrier.duration', words],
        ['sms2fa.carrier.duration', { ...words, 'error.type': 'unknown_outcome' }],
      ]);
    },
  );
});

test('nothing is texted to a test number, whose code everybody knows', async () => {
  const world = makeWorld({ testCode: (to) => (to === PHONE ? '123456' : undefined) });
  expect((await send(world)).ok).toBe(true);
  expect(world.outbox.messages).toEqual([]);
  expect(world.told('sent')).toHaveLength(1);
  expect((await verify(world, '123456')).ok).toBe(true);
});
