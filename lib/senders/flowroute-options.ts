import {
  ACCOUNT_OPTIONS,
  onlyKnown,
  readAccountOptions,
  readCounter,
  readFrom,
  type AccountSettings,
  type FlowrouteAccountOptions,
} from '../flowroute/client-options';
import { misuse } from '../misuse';
import type { Counter } from '../ports/counter';

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
