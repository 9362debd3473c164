import { DONE, FAILED, type Command, type Context } from './command';
import { UsageError } from './command-failure';
import { SHOW_NUMBERS, YES } from './command-line';
import {
  CARRIER_OPTIONS,
  CARRIER_SETTINGS,
  FROM,
  openClient,
  readFrom,
  readNumber,
} from './settings';
import { shownNumber } from './terminal';

export const send: Command = {
  name: 'send',
  summary: 'sends one text',
  usage: '--to <number> --body <text>',
  options: {
    to: { kind: 'text', value: '<number>', about: 'who gets it, 11 digits' },
    body: { kind: 'text', value: '<text>', about: 'what it says' },
    ...FROM,
    ...YES,
    ...CARRIER_OPTIONS,
    ...SHOW_NUMBERS,
  },
  settings: [...CARRIER_SETTINGS, 'FLOWROUTE_FROM'],
  run: runSend,
};

async function runSend(context: Context): Promise<number> {
  const { given, printer, prompts, signal } = context;
  const to = readNumber('--to', given.text('to') ?? '');
  const body = given.text('body') ?? '';
  if (body === '') throw new UsageError('Say what to send: --body "<text>".');
  const from = readFrom(context);
  const client = openClient(context);
  const whole = given.flag('show-numbers');
  const shown = { from: shownNumber(from, whole), to: shownNumber(to, whole) };
  const segments = segmentsOf(body);
  const cost = `${body.length} characters, charged as ${segments} ${segments === 1 ? 'text' : 'texts'}`;
  const question = `Send a text from ${shown.from} to ${shown.to} (${cost})?`;
  if (!given.flag('yes') && !(await prompts.confirm(question))) {
    printer.failure('Nothing was sent.', {});
    return FAILED;
  }
  const { id } = await client.send({ from, to, body }, { signal });
  printer.result({ id, ...shown, segments }, [
    `Flowroute took the text${id === undefined ? '.' : `: ${id}`}`,
    ...(id === undefined ? [] : [`Ask how far it got with: passport-sms-2fa lookup ${id}`]),
  ]);
  return DONE;
}

/** How many texts the carrier charges for: 160 ASCII characters, 140 a part beyond that, 70 else. */
function segmentsOf(body: string): number {
  if (!isAscii(body)) return Math.ceil(body.length / 70);
  return body.length <= 160 ? 1 : Math.ceil(body.length / 140);
}

function isAscii(body: string): boolean {
  // eslint-disable-next-line no-control-regex -- a line break is ASCII, too
  return /^[\x00-\x7f]*$/.test(body);
}
