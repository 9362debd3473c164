import type { Command, Context } from '../command';
import { DONE, FAILED } from '../command';
import { UsageError } from '../failures';
import { CARRIER_OPTIONS, FROM, SHOW_NUMBERS, YES } from '../line/common-options';
import { CARRIER_SETTINGS } from '../line/setting-names';
import { openClient, readFrom, readNumber } from '../settings/carrier';
import { shownNumber } from '../terminal/printable';
import { segmentsOf } from './segments';

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
