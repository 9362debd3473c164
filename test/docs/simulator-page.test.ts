import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULT_MODES, MAGIC_NUMBERS } from '../../lib/simulator';
import { closeSimulators, runSimulator } from '../simulator/running';

afterEach(closeSimulators);

const page = readFileSync(join(__dirname, '../../docs/simulator.md'), 'utf8');
const [, paths, faults, phones] = page.split(/^## /m);

/** What stands in the columns of a table; code only, without its marks. */
function columns(part: string): string[][] {
  const rows = part.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => row.split('|').map((cell) => cell.replaceAll('`', '').trim()));
}

test('the page of the simulator names every fault', () => {
  expect(columns(faults!).map(([, mode]) => mode)).toEqual(FAULT_MODES);
});

test('the page of the simulator names every phone with a fixed course, and the course', () => {
  const rows = columns(phones!).map(([, phone, mode]) => [phone, mode]);
  expect(rows).toEqual(Object.entries(MAGIC_NUMBERS));
});

test('every path on the page of the simulator is there', async () => {
  const simulator = await runSimulator();
  const calls = columns(paths!).flatMap(([, first]) => {
    const [, methods, path] = /^([A-Z, ]+) (\/[^ ?]*)/.exec(first!)!;
    const filled = path!
      .replace('{version}', 'v2.2')
      .replace('{number}', '12065550100')
      .replace('{type}', 'sms_callback');
    return methods!.split(', ').map((method) => ({ method, path: filled }));
  });
  expect(calls).toHaveLength(19);
  const missing = [];
  for (const { method, path } of calls) {
    const { status, json } = await simulator.call(path, { method });
    // An unknown text is a 404 as well, and says so in other words.
    const unknown = status === 404 && json.errors[0].detail !== 'The message was not found.';
    if (unknown || status === 405) missing.push(`${method} ${path}`);
  }
  expect(missing).toEqual([]);
});
