import { SecondFactorError } from '../errors';
import { FlowrouteClient } from '../flowroute/client';
import type { MessageRecord } from '../flowroute/carrier-records';
import { FlowrouteError } from '../flowroute/flowroute-error';
import type { DeliveryReport, StandaloneSender } from '../ports/sms-sender';
import { safeWords } from '../errors';
import { readFlowrouteOptions, type FlowrouteSenderOptions } from './flowroute-options';

export type { FlowrouteApiVersion } from '../flowroute/client-options';
export type { FlowrouteSenderOptions } from './flowroute-options';

/**
 * Sends texts through the Flowroute messaging API: one POST a text, no redirects, no second try.
 *
 * Throws a `TypeError` at once where an option is wrong. `send` resolves once Flowroute has taken
 * the text, with its id, and on v2.2 with what it costs. It rejects with a `SecondFactorError` whose
 * message says what to do; no error holds a key, a text or a whole number. Flowroute has no
 * idempotency key, so a call that broke midway is `unknown_outcome` and must not be repeated.
 */
export function flowrouteSender(options: FlowrouteSenderOptions): StandaloneSender {
  const { from, lookUpDelivery, ...settings } = readFlowrouteOptions(options);
  const client = new FlowrouteClient({ ...settings, retries: 0 });
  const sender: StandaloneSender = {
    numbers: [`+${from}`],
    send: ({ to, body }, { signal } = {}) =>
      client.send({ from, to, body }, { signal }).catch(rethrow),
  };
  if (lookUpDelivery !== true) return sender;
  return {
    ...sender,
    delivery: async (receipt, { signal }) => {
      const record = await client.message(receipt, { signal }).catch(rethrow);
      return record && reportOf(record);
    },
  };
}

/** How far a text got, with what the carrier says of its last step. */
function reportOf({ delivery, status, receipts }: MessageRecord): DeliveryReport {
  const last = receipts.find((receipt) => receipt.delivery === delivery);
  const { code, description } = last ?? {};
  return {
    delivery,
    status: safely(last?.status ?? status),
    code,
    description: safely(description),
  };
}

function safely(words: string | undefined): string | undefined {
  return words === undefined ? undefined : safeWords(words);
}

/** A failed call in the words of the library. */
function rethrow(error: unknown): never {
  if (!(error instanceof FlowrouteError)) throw error;
  const { reason, refused, message, cause, status, says, supportId, cure } = error;
  const carrier = { status, says, supportId, cure };
  const code = reason === 'opted_out' ? 'phone_opted_out' : 'delivery_failed';
  throw new SecondFactorError(code, message, { reason, refused, cause, carrier });
}
