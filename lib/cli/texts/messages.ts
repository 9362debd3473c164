import type { Command, Context } from '../command';
import { DONE } from '../command';
import { UsageError } from '../failures';
import { CARRIER_OPTIONS, SHOW_BODIES, SHOW_NUMBERS } from '../line/common-options';
import { CARRIER_SETTINGS } from '../line/setting-names';
import { openClient } from '../settings/carrier';
import { readTime } from './read-time';
import { recordDocument, recordLine } from './show-record';

const MOST = 999_999_999;

export const messages: Command = {
  name: 'messages',
  summary: 'lists texts to and from the account',
  usage: '--since <time>',
  options: {
    since: {
      kind: 'text',
      value: '<time>',
      about: 'from then on: 2026-01-31, 2026-01-31T09:30, 2h, 7d',
    },
    until: { kind: 'text', value: '<time>', about: 'until then; default now' },
    limit: { kind: 'text', value: '<count>', about: 'no more than so many; default all' },
    ...CARRIER_OPTIONS,
    ...SHOW_NUMBERS,
    ...SHOW_BODIES,
  },
  settings: CARRIER_SETTINGS,
  run: runMessages,
};

async function runMessages(context: Context): Promise<number> {
  const { given, printer, signal, clock } = context;
  const [since, until] = [given.text('since'), given.text('until')];
  if (since === undefined) throw new UsageError('Say from when on: --since 2h, or a date.');
  const start = readTime('--since', since, clock());
  const end = until === undefined ? undefined : readTime('--until', until, clock());
  if (end !== undefined && end <= start) throw new UsageError('--until must be after --since.');
  const limit = given.whole('limit', 1, MOST);
  const withBody = given.flag('show-bodies');
  let count = 0;
  const client = openClient(context);
  for await (const record of client.messages({ start, end, limit }, { signal, withBody })) {
    printer.result(recordDocument(context, record), [recordLine(context, record)]);
    count += 1;
  }
  printer.remark(count === 1 ? '1 text.' : `${count} texts.`);
  return DONE;
}
