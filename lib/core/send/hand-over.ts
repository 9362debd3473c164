import { SecondFactorError } from '../../errors';
import type { SmsReceipt } from '../../ports/sms-sender';
import { timeLimit } from '../../time-limit';

/** What takes a text or a mail. */
interface Sender<Message> {
  send(message: Message, options: { signal: AbortSignal }): Promise<unknown>;
}

/**
 * Hands a text to the sender and waits no longer than `limitMs`. Whatever goes wrong comes out as a
 * `SecondFactorError`; nobody knows what became of a text whose sender did not answer in time.
 */
export async function handOver<Message>(
  sender: Sender<Message>,
  message: Message,
  limitMs: number,
): Promise<SmsReceipt> {
  const controller = new AbortController();
  try {
    const sending = sender.send(message, { signal: controller.signal });
    const receipt = await timeLimit(sending, limitMs, () => tooLate(limitMs));
    return typeof receipt === 'object' && receipt !== null ? receipt : {};
  } catch (cause) {
    if (cause instanceof SecondFactorError) throw cause;
    throw new SecondFactorError('delivery_failed', 'The sender failed; see the cause.', {
      cause,
      reason: 'unknown_outcome',
    });
  } finally {
    // Whatever still runs has nobody to report to.
    controller.abort();
  }
}

function tooLate(limitMs: number): SecondFactorError {
  const message = `The sender did not answer within ${limitMs / 1_000} s; nobody knows whether the text went out.`;
  return new SecondFactorError('delivery_failed', message, { reason: 'unknown_outcome' });
}
