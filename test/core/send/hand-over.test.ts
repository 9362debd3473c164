import { handOver } from '../../../lib/core/send/hand-over';
import { SecondFactorError } from '../../../lib/errors';
import { errorOf } from '../../helpers/core';

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
