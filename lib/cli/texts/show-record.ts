import type { MessageRecord } from '../../flowroute/carrier-records';
import type { Context } from '../command';
import { printable, shownNumber } from '../terminal/printable';

/** A record as it may be seen: numbers masked and the text left out unless asked for. */
export function recordDocument({ given }: Context, record: MessageRecord): object {
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
export function recordLine({ given, printer }: Context, record: MessageRecord): string {
  const whole = given.flag('show-numbers');
  const { id, direction, from, to, delivery, at, body } = record;
  const arrow = direction === 'inbound' ? 'in ' : 'out';
  const numbers = `${shownNumber(from, whole)} → ${shownNumber(to, whole)}`;
  const said = body === undefined ? '' : `  ${JSON.stringify(printable(body))}`;
  const words = `${timeOf(at) ?? '(no time)'}  ${arrow}  ${numbers}  ${paintDelivery(printer, delivery)}`;
  return `${words}  ${printer.paint('dim', printable(id))}${said}`;
}

/** All that is known of one text. */
export function recordLines(context: Context, record: MessageRecord): string[] {
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
