import type { Command, Context } from '../command';
import { DONE } from '../command';
import { CommandFailure, UsageError } from '../failures';
import { CARRIER_OPTIONS, SHOW_BODIES, SHOW_NUMBERS } from '../line/common-options';
import { openClient } from '../settings/carrier';
import { recordDocument, recordLines } from './show-record';

export const lookup: Command = {
  name: 'lookup',
  summary: 'says how far one text got',
  usage: '<id>',
  positionals: { most: 1, names: 'one id' },
  options: { ...CARRIER_OPTIONS, ...SHOW_NUMBERS, ...SHOW_BODIES },
  run: runLookup,
};

async function runLookup(context: Context): Promise<number> {
  const { given, printer, signal } = context;
  const [id] = given.positionals;
  if (id === undefined) throw new UsageError('Name the text by the id that "send" printed.');
  const withBody = given.flag('show-bodies');
  const record = await openClient(context).message(id, { signal, withBody });
  if (record === undefined) {
    throw new CommandFailure(
      'Flowroute does not know a text of this id. In the first seconds after sending that is normal: try again.',
    );
  }
  printer.result(recordDocument(context, record), recordLines(context, record));
  return DONE;
}
