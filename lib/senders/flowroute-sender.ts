import { safeWords, SecondFactorError } from '../errors';
import type { MessageRecord } from '../flowroute/carrier-records';
import { FlowrouteClient } from '../flowroute/client';
import {
  ACCOUNT_OPTIONS,
  type AccountSettings,
  type FlowrouteAccountOptions,
  onlyKnown,
  readAccountOptions,
  readCounter,
  readFrom,
} from '../flowroute/client-options';
import { FlowrouteError } from '../flowroute/flowroute-error';
import { misuse } from '../misuse';
import type { Counter } from '../ports/counter';
import type { DeliveryReport, StandaloneSender } from '../ports/senders';

/** What `flowrouteSender` needs to know. Checked once, when the sender is made. */
export interface FlowrouteSenderOptions extends FlowrouteAccountOptions {
  /** The number that texts come from: `+12065550100` or `12065550100`, on your account and text-enabled. */
  from: string;
  /** Keeps the carrier's 5 calls a second over all processes; default: each process for itself. */
  counter?: Counter | undefined;
  /**
   * Whether the library may ask Flowroute how far a text got while its user waits: for apps that
   * the carrier cannot reach with delivery receipts. Default false.
   */
  lookUpDelivery?: boolean | undefined;
}

/** The options, checked and defaulted. */
interface FlowrouteSenderSettings extends AccountSettings {
  /** 11 digits. */
  from: string;
  counter: Counter | undefined;
  lookUpDelivery: boolean | undefined;
}

const OWNER = 'flowrouteSender';
const NAMES = [...ACCOUNT_OPTIONS, 'from', 'counter', 'lookUpDelivery'];

/** Throws a `TypeError` that names the option, the value and the cure. */
export function readFlowrouteOptions(options: FlowrouteSenderOptions): FlowrouteSenderSettings {
  const given = onlyKnown(OWNER, options, NAMES);
  return {
    ...readAccountOptions(OWNER, given),
    from: readFrom(OWNER, given.from),
    counter: readCounter(OWNER, given.counter),
    lookUpDelivery: readLookUp(given.lookUpDelivery),
  };
}

function readLookUp(value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw misuse(
    `${OWNER}({ lookUpDelivery })`,
    value,
    'Give true or false, or leave it out to go by delivery receipts.',
  );
}

export type { FlowrouteApiVersion } from '../flowroute/client-options';

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
