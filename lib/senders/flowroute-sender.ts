import { SecondFactorError } from '../errors';
import { FlowrouteClient } from '../flowroute/client';
import { FlowrouteError } from '../flowroute/flowroute-error';
import type { StandaloneSender } from '../ports/sms-sender';
import { readFlowrouteOptions, type FlowrouteSenderOptions } from './flowroute-options';

export type { FlowrouteApiVersion } from '../flowroute/client-options';
export type { FlowrouteSenderOptions } from './flowroute-options';

/**
 * Sends texts through the Flowroute messaging API: one POST a text, no redirects, no second try.
 *
 * Throws a `TypeError` at once where an option is wrong. `send` resolves once Flowroute has taken
 * the text, with its id where the answer names one. It rejects with a `SecondFactorError` whose
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
      return record?.delivery;
    },
  };
}

/** A failed call in the words of the library. */
function rethrow(error: unknown): never {
  if (!(error instanceof FlowrouteError)) throw error;
  const { reason, refused, message, cause } = error;
  const code = reason === 'opted_out' ? 'phone_opted_out' : 'delivery_failed';
  throw new SecondFactorError(code, message, { reason, refused, cause });
}
