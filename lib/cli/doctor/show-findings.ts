import type { Printer, Style } from '../terminal/printer';
import { printable } from '../terminal/printable';
import type { Finding } from './finding';

const MARKS: Record<Finding['state'], readonly [string, Style]> = {
  ok: ['ok   ', 'green'],
  wrong: ['WRONG', 'red'],
  unknown: ['?    ', 'yellow'],
};

export function showFindings(printer: Printer, findings: readonly Finding[]): void {
  const wrong = findings.filter(({ state }) => state === 'wrong').length;
  const end = wrong === 0 ? 'Nothing is wrong.' : `Wrong: ${wrong} of ${findings.length}.`;
  const lines = findings.flatMap(({ check, state, says, cure }) => {
    const [mark, style] = MARKS[state];
    const line = `${printer.paint(style, mark)}  ${check.padEnd(11)}  ${printable(says)}`;
    return cure === undefined ? [line] : [line, `${' '.repeat(20)}→ ${printable(cure)}`];
  });
  printer.result({ wrong, findings }, [...lines, '', end]);
}
