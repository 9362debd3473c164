import type { FlowrouteClient } from '../flowroute/client';
import { FlowrouteError } from '../flowroute/flowroute-error';
import type { CallbackKind } from '../flowroute/requests';
import { nearest } from '../misuse';
import { DONE, FAILED, type Command, type Context } from './command';
import { UsageError } from './command-failure';
import { YES } from './command-line';
import {
  ADDRESS_OPTIONS,
  ADDRESS_SETTINGS,
  CARRIER_OPTIONS,
  CARRIER_SETTINGS,
  FROM,
  openClient,
  readCallbackAddresses,
  readFrom,
  wantedCallback,
} from './settings';
import { foreignAddress, shownAddress } from './terminal';

/**
 * Every kind there is: texts that phones send and receipts of those that were sent, with and without
 * pictures. STOP may come with a picture, too.
 */
export const ALL_KINDS: readonly CallbackKind[] = ['sms', 'mms', 'sms_dlr', 'mms_dlr'];

export const callbacks: Command = {
  name: 'callbacks',
  summary: 'shows or sets where the carrier reports answers and deliveries',
  usage: '[show|set]',
  positionals: { most: 1, names: 'show or set' },
  options: {
    ...ADDRESS_OPTIONS,
    'only-number': {
      kind: 'flag',
      about: 'set them for the number of --from, not for the account',
    },
    ...FROM,
    ...YES,
    ...CARRIER_OPTIONS,
  },
  settings: [...CARRIER_SETTINGS, 'FLOWROUTE_FROM', ...ADDRESS_SETTINGS],
  details: [
    '"set" tells the carrier PUBLIC_URL + the webhook path + a token made of SECOND_FACTOR_SECRET,',
    'for texts (sms), pictures (mms) and the delivery receipts of either (sms_dlr, mms_dlr). The token is',
    'never shown.',
  ],
  run: runCallbacks,
};

function runCallbacks(context: Context): Promise<number> {
  const [action = 'show'] = context.given.positionals;
  if (action === 'show' || action === 'get') return get(context);
  if (action === 'set') return set(context);
  const near = nearest(action, ['show', 'set']);
  throw new UsageError(`There are show and set; the nearest is ${near}.`);
}

async function get(context: Context): Promise<number> {
  const { printer, signal } = context;
  const wanted = readCallbackAddresses(context);
  const client = openClient(context);
  for (const kind of ALL_KINDS) {
    const { url, apiVersion } = await client.callback(kind, { signal });
    const ours = url !== undefined && wanted.includes(url);
    const address =
      url === undefined || url === '' ? undefined : ours ? shownAddress(url) : foreignAddress(url);
    const remark =
      address === undefined || wanted.length === 0 ? '' : ours ? '  (this app)' : '  (another)';
    printer.result(
      { kind, address, apiVersion, ...(wanted.length === 0 ? {} : { thisApp: ours }) },
      [`${kind.padEnd(8)} ${address ?? '(not set)'}${remark}`],
    );
  }
  return DONE;
}

async function set(context: Context): Promise<number> {
  const { given, printer, prompts, signal } = context;
  const address = wantedCallback(context);
  const number = given.flag('only-number') ? readFrom(context) : undefined;
  const client = openClient(context);
  const whose = number === undefined ? 'the whole account' : 'this number';
  const shown = shownAddress(address);
  const question = `Have answers and receipts of ${whose} sent to ${shown}?`;
  if (!given.flag('yes') && !(await prompts.confirm(question))) {
    printer.failure('Nothing was changed.', {});
    return FAILED;
  }
  let failed: unknown;
  for (const kind of ALL_KINDS) {
    try {
      await setOne(context, client, { kind, number, address });
    } catch (error) {
      // Such as pictures on an account without them: that must not leave the others unset.
      failed ??= error;
      if (signal.aborted || !isOfOneKind(error)) throw error;
      printer.result({ kind, failed: true }, [`${kind.padEnd(8)} not set`]);
      continue;
    }
    printer.result({ kind, address: shown }, [`${kind.padEnd(8)} ${shown}`]);
  }
  if (failed !== undefined) throw failed as Error;
  return DONE;
}

/** What is wrong with this kind alone; keys, limits and a carrier that is away are the same for all. */
function isOfOneKind(error: unknown): boolean {
  return error instanceof FlowrouteError && error.reason === 'rejected' && error.refused;
}

function setOne(
  { signal }: Context,
  client: FlowrouteClient,
  { kind, number, address }: { kind: CallbackKind; number: string | undefined; address: string },
): Promise<void> {
  return number === undefined
    ? client.setCallback(kind, address, { signal })
    : client.setNumberCallback(number, kind, address, { signal });
}
