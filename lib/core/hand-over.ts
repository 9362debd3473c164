import { SecondFactorError } from '../errors';
import type { SmsMessage, SmsReceipt, SmsSender } from '../ports/sms-sender';

/**
 * Hands a text to the sender and waits no longer than `limitMs`. Whatever goes wrong comes out as a
 * `SecondFactorError`; nobody knows what became of a text whose sender did not answer in time.
 */
export async function handOver(
  sender: SmsSender,
  message: SmsMessage,
  limitMs: number,
): Promise<SmsReceipt> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // Rejected before the abort: a sender that rejects on the signal must not tell another story.
      reject(
        new SecondFactorError(
          'delivery_failed',
          `The sender did not answer within ${limitMs / 1_000} s; nobody knows whether the text went out.`,
          { reason: 'unknown_outcome' },
        ),
      );
      controller.abort();
    }, limitMs);
  });
  try {
    // An app's own sender, in plain JavaScript, may resolve with nothing.
    const sending: Promise<SmsReceipt | undefined> = sender.send(message, {
      signal: controller.signal,
    });
    return (await Promise.race([sending, late])) ?? {};
  } catch (cause) {
    if (cause instanceof SecondFactorError) throw cause;
    throw new SecondFactorError('delivery_failed', 'The sender failed; see the cause.', {
      cause,
      reason: 'unknown_outcome',
    });
  } finally {
    clearTimeout(timer);
  }
}
