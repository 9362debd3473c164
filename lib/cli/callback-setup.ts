import type { FlowrouteClient } from '../flowroute/client';
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
import { shownAddress } from './terminal';

/** What the library takes: texts that phones send, and receipts of those that it sent. */
export const OWN_KINDS: readonly CallbackKind[] = ['sms', 'sms_dlr'];

export const callbacks: Command = {
  name: 'callbacks',
  summary: 'shows or sets where the carrier reports answers and deliveries',
  usage: '[get|set]',
  positionals: { most: 1, names: 'get or set' },
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
    'for texts (sms) and for delivery receipts (sms_dlr). The token is never shown.',
  ],
  run: runCallbacks,
};

function runCallbacks(context: Context): Promise<number> {
  const [action = 'get'] = context.given.positionals;
  if (action === 'get') return get(context);
  if (action === 'set') return set(context);
  throw new UsageError(`There are get and set; the nearest is ${nearest(action, ['get', 'set'])}.`);
}

async function get(context: Context): Promise<number> {
  const { printer, signal } = context;
  const wanted = readCallbackAddresses(context);
  const client = openClient(context);
  for (const kind of OWN_KINDS) {
    const { url, apiVersion } = await client.callback(kind, { signal });
    const ours = url !== undefined && wanted.includes(url);
    const address = url === undefined || url === '' ? undefined : shownAddress(url);
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
  const { given, printer, prompts } = context;
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
  for (const kind of OWN_KINDS) {
    await setOne(context, client, { kind, number, address });
    printer.result({ kind, address: shown }, [`${kind.padEnd(8)} ${shown}`]);
  }
  return DONE;
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
