import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkLimits } from '../../lib/options/check-limits';
import { DEFAULT_LIMITS, type Floors, type Limits, type Rate } from '../../lib/core/limits';
import { blocksIn, DOCS, runBlock } from './page';

const page = readFileSync(join(DOCS, 'limits.md'), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) +\| (.*?) +\|$/gm)];

const SPANS: Record<number, string> = {
  60: 'a minute',
  600: 'in 10 min',
  3_600: 'an hour',
  86_400: 'a day',
};
const IN_SECONDS =
  /^(?:challengeLifetime|lockDuration|waitAfterSuccess|factorChangeMaxAge|verified.*|carrierCall)$/;

/** A default as the page says it. */
function inWords(key: string, given: Limits[keyof Limits]): string {
  if (typeof given === 'number') {
    if (!IN_SECONDS.test(key)) return String(given);
    return given >= 3_600 ? `${given / 3_600} h` : `${given} s`;
  }
  if (!Array.isArray(given)) {
    const { hour, day } = given as Floors;
    return `${hour} an hour, ${day} a day`;
  }
  if (given.length === 0) return 'none';
  const parts = (given as (number | Rate)[]).map((part) =>
    typeof part === 'number'
      ? String(part)
      : `${part.count} ${SPANS[part.seconds] ?? part.seconds}`,
  );
  return parts.join(', ') + (typeof given[0] === 'number' ? ' s' : '');
}

test('the page explains every limit that there is, and no other', () => {
  const explained = rows.map(([, key]) => key ?? '');
  expect([...explained].sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort());
  expect(new Set(explained).size).toBe(explained.length);
});

test('it says the defaults, why each limit is, and how to turn it', () => {
  for (const [, key = '', said, why = '', turn = ''] of rows) {
    expect([key, said]).toEqual([key, inWords(key, DEFAULT_LIMITS[key as keyof Limits])]);
    expect(why.length).toBeGreaterThan(10);
    expect(turn.length).toBeGreaterThan(3);
  }
});

test('the example is one that is taken', () => {
  const [example = ''] = blocksIn('limits.md', 'js');
  const given = /limits: (\{.*?^ {2}\}),$/ms.exec(example)?.[1] ?? '';
  const { limits } = runBlock('limits.md', `export const limits = ${given};`);
  expect(Object.keys(limits as object)).toEqual([
    'overall',
    'sentPerAddress',
    'conversionPerCountry',
  ]);
  expect(checkLimits(limits)).toMatchObject(limits as object);
});
