import { SecondFactorError } from '../errors';
import { misuse } from '../misuse';
import type { Delivery, DeliveryReport, SmsMessage, SmsReceipt, SmsSender } from '../ports/senders';

interface Options {
  signal: AbortSignal;
}

/**
 * Sends by the first of several senders that takes a text. The next one is tried only where the one
 * before surely did not: a refusal, a carrier that cannot be reached. Never after an outcome that
 * nobody knows (the text could come twice), and never where the owner of the phone opted out:
 * going around STOP by another number is what carriers ban for.
 *
 * All of them share the time limit of the caller, so give each one less than the whole.
 */
export function failoverSender(senders: readonly SmsSender[]): SmsSender {
  if (!isList(senders))
    throw misuse(
      'the argument of failoverSender()',
      senders,
      'Give a list of two senders or more.',
    );
  const numbers = senders.flatMap((each) => each.numbers ?? []);
  const known = senders.every((each) => each.numbers !== undefined);
  const following = senders.filter((each) => each.delivery !== undefined);
  return {
    ...(known ? { numbers } : {}),
    send: (message, options) => sendByFirst(senders, message, options),
    ...(following.length === 0
      ? {}
      : { delivery: (id, options) => askAll(following, id, options) }),
  };
}

function isList(given: unknown): given is readonly SmsSender[] {
  return (
    Array.isArray(given) &&
    given.length > 1 &&
    given.every((each) => typeof (each as SmsSender | undefined)?.send === 'function')
  );
}

async function sendByFirst(
  senders: readonly SmsSender[],
  message: SmsMessage,
  options: Options,
): Promise<SmsReceipt | undefined> {
  let refusal: unknown;
  for (const sender of senders) {
    try {
      return (await sender.send(message, options)) ?? undefined;
    } catch (error) {
      if (!mayTryNext(error) || options.signal.aborted) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

function mayTryNext(error: unknown): boolean {
  return error instanceof SecondFactorError && error.refused && error.code !== 'phone_opted_out';
}

/**
 * A receipt does not say whose it is, so all are asked at once; the first that knows it answers. One
 * that fails or hangs does not hide what another one knows.
 */
async function askAll(
  senders: readonly SmsSender[],
  receipt: string,
  options: Options,
): Promise<Delivery | DeliveryReport | undefined> {
  const asked = senders.map(async (sender) => {
    const found = await sender.delivery?.(receipt, options);
    if (found === undefined) throw new Error('not known here');
    return found;
  });
  return Promise.any(asked).catch(() => undefined);
}
