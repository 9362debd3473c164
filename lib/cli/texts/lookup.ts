import { isMessageId } from '../../flowroute/carrier-records';
import type { Command, Context } from '../command';
import { DONE } from '../command';
import { CommandFailure, UsageError } from '../failures';
import { CARRIER_OPTIONS, SHOW_BODIES, SHOW_NUMBERS } from '../line/common-options';
import { CARRIER_SETTINGS } from '../line/setting-names';
import { openClient } from '../settings/carrier';
import { recordDocument, recordLines } from './show-record';

export const lookup: Command = {
  name: 'lookup',
  summary: 'says how far one text got',
  usage: '<id>',
  positionals: { most: 1, names: 'one id' },
  options: { ...CARRIER_OPTIONS, ...SHOW_NUMBERS, ...SHOW_BODIES },
  settings: CARRIER_SETTINGS,
  run: runLookup,
};

async function runLookup(context: Context): Promise<number> {
  const { given, printer, signal } = context;
  const [id] = given.positionals;
  if (id === undefined) throw new UsageError('Name the text by the id that "send" printed.');
  if (!isMessageId(id)) {
    throw new UsageError(
      'That is no id of a text: they look like mdr2-39cadeace66e11e7. "send" printed it.',
    );
  }
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
