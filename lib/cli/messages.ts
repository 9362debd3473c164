import { parsePhone } from '../core/phone-number';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../durations';
import { isMessageId, type MessageRecord } from '../flowroute/carrier-records';
import { shown } from '../misuse';
import { DONE, FAILED, type Command, type Context } from './command';
import { CommandFailure, UsageError } from './command-failure';
import { SHOW_BODIES, SHOW_NUMBERS, YES } from './command-line';
import {
  CARRIER_OPTIONS,
  CARRIER_SETTINGS,
  FROM,
  openClient,
  readFrom,
  readNumber,
} from './settings';
import { printable, shownNumber } from './terminal';

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
    cost: { kind: 'flag', about: 'what they cost, by day (UTC) and country, instead of each text' },
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
  if (end !== undefined && end <= start)
    throw new UsageError('--until is not after --since. Give a later time, or leave it out.');
  const limit = given.whole('limit', 1, MOST);
  const withBody = given.flag('show-bodies');
  let count = 0;
  const records = openClient(context).messages({ start, end, limit }, { signal, withBody });
  if (given.flag('cost')) return showCost(context, records);
  for await (const record of records) {
    printer.result(recordDocument(context, record), [recordLine(context, record)]);
    count += 1;
  }
  printer.remark(count === 1 ? '1 text.' : `${count} texts.`);
  return DONE;
}

/** What texts of one day, country and direction cost together. */
interface Cost {
  day: string;
  /** ISO 3166, two letters, of whoever is not this account; `-` where the number is of none. */
  country: string;
  direction: string;
  texts: number;
  /** Of those of which the carrier says as how many it charged them. */
  segments: number;
  /** In billionths of a dollar, as the carrier counts: sums of fractions would drift. */
  nanodollars: number;
  /** Texts of which no price is known. */
  unpriced: number;
}

async function showCost(
  { printer }: Context,
  records: AsyncIterable<MessageRecord>,
): Promise<number> {
  const costs = new Map<string, Cost>();
  for await (const { at, direction = '-', from, to, price, segments } of records) {
    const day = timeOf(at)?.slice(0, 10) ?? '-';
    const country = countryOf(direction === 'inbound' ? from : to);
    const key = `${day} ${country} ${direction}`;
    const none = { texts: 0, segments: 0, nanodollars: 0, unpriced: 0 };
    const cost = costs.get(key) ?? { day, country, direction, ...none };
    cost.texts += 1;
    cost.segments += segments ?? 0;
    cost.nanodollars += Math.round((price ?? 0) * 1e9);
    cost.unpriced += price === undefined ? 1 : 0;
    costs.set(key, cost);
  }
  const rows = [...costs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cost]) => cost);
  for (const { nanodollars, segments, ...cost } of rows) {
    const { day, country, direction, texts, unpriced } = cost;
    const known = segments === 0 ? {} : { segments };
    const more = [
      ...(segments === 0 ? [] : [`charged as ${segments}`]),
      ...(unpriced === 0 ? [] : [`${unpriced} without a price`]),
    ];
    printer.result({ ...cost, ...known, price: nanodollars / 1e9 }, [
      `${day}  ${country.padEnd(2)}  ${direction.padEnd(8)}  ${String(texts).padStart(6)}  ${dollars(nanodollars)}${more.map((each) => `  ${each}`).join('')}`,
    ]);
  }
  const sum = (part: 'texts' | 'nanodollars') => rows.reduce((all, row) => all + row[part], 0);
  const count = sum('texts');
  printer.remark(`${count === 1 ? '1 text' : `${count} texts`}, ${dollars(sum('nanodollars'))}.`);
  return DONE;
}

function dollars(nanodollars: number): string {
  return `$${(nanodollars / 1e9).toFixed(4)}`;
}

function countryOf(number: string | undefined): string {
  // Nowhere is allowed, so each number is refused with its country.
  const nowhere = {
    defaultCountry: 'US',
    allowedCountries: new Set<string>(),
    numberOverrides: [],
  };
  const parsed = parsePhone(number, nowhere);
  return ('country' in parsed ? parsed.country : undefined) ?? '-';
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
const WRITTEN = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** A time: a date, a date with a time (UTC unless it says else), or how long ago, such as 2h. */
function readTime(name: string, text: string, now: number): Date {
  const ago = /^(\d{1,5})([mhd])$/.exec(text);
  if (ago) return new Date(now - Number(ago[1]) * (UNITS[ago[2] ?? ''] ?? 0));
  const [, day = '', zone] = WRITTEN.exec(text) ?? [];
  const at = new Date(text === day || zone !== undefined ? text : `${text}Z`);
  if (isDay(day) && !Number.isNaN(at.getTime())) return at;
  throw new UsageError(
    `${name} is ${shown(text)}. Give a time such as 2026-01-31, 2026-01-31T09:30 (UTC), 30m, 2h or 7d.`,
  );
}

/** `Date` takes February 31 for March 3. */
function isDay(day: string): boolean {
  const at = new Date(day);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

/** A record as it may be seen: numbers masked and the text left out unless asked for. */
function recordDocument({ given }: Context, record: MessageRecord): object {
  const whole = given.flag('show-numbers');
  const { at, from, to, receipts, ...rest } = record;
  return {
    ...rest,
    from: from && shownNumber(from, whole),
    to: to && shownNumber(to, whole),
    at: timeOf(at),
    receipts: receipts.map((receipt) => ({ ...receipt, at: timeOf(receipt.at) })),
  };
}

/** One line for a list. */
function recordLine({ given, printer }: Context, record: MessageRecord): string {
  const whole = given.flag('show-numbers');
  const { id, direction, from, to, delivery, at, body } = record;
  const arrow = direction === 'inbound' ? 'in ' : 'out';
  const numbers = `${shownNumber(from, whole)} → ${shownNumber(to, whole)}`;
  const said = body === undefined ? '' : `  ${JSON.stringify(printable(body))}`;
  const words = `${timeOf(at) ?? '(no time)'}  ${arrow}  ${numbers}  ${paintDelivery(printer, delivery)}`;
  return `${words}  ${printer.paint('dim', printable(id))}${said}`;
}

/** All that is known of one text. */
function recordLines(context: Context, record: MessageRecord): string[] {
  const { receipts, price, status } = record;
  return [
    recordLine(context, record),
    `  status ${printable(status ?? '(none)')}, price ${price === undefined ? 'not known' : `$${price}`}`,
    ...receipts.map(
      ({ at, level, status: word, code, description }) =>
        `  receipt ${timeOf(at) ?? '(no time)'}  level ${level ?? '-'}  ${printable(word ?? '-')}` +
        `  ${code ?? '-'}  ${printable(description ?? '')}`.trimEnd(),
    ),
  ];
}

function paintDelivery(printer: Context['printer'], delivery: MessageRecord['delivery']): string {
  if (delivery === 'failed') return printer.paint('red', delivery);
  return delivery === 'delivered' ? printer.paint('green', delivery) : delivery;
}

function timeOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
