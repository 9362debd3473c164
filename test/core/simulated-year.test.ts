import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '../../lib/core/limits';
import { LONG } from '../helpers/long';
import { signUp, type Journey } from './simulated-year/people';
import { rowOf, SCENARIOS, type Outcome, type Scenario } from './simulated-year/scenarios';
import { makeSite } from './simulated-year/site';

const PAGE = join(__dirname, '..', '..', 'docs', 'limits.md');
const TIME_LIMIT = LONG ? 600_000 : 240_000;

type Name = keyof typeof SCENARIOS;
const names = Object.keys(SCENARIOS) as Name[];
const scenario = (name: Name): Scenario => SCENARIOS[name];

const firstOf = (journeys: readonly Journey[]): Journey[] =>
  journeys.filter(({ refused }) => refused !== undefined);
const refusalsIn = ({ honest }: Pick<Outcome, 'honest'>): string[] => [
  ...new Set(firstOf(Object.values(honest).flat()).map(({ refused }) => refused?.code ?? '')),
];

// Other chances must not show another picture.
describe.each(LONG ? [1, 2, 3] : [1])('by chance %i', (seed) => {
  /** Each is played once, when it is first asked for. */
  const seen = new Map<Name, Promise<Outcome>>();
  const play = (name: Name): Promise<Outcome> => {
    const known = seen.get(name) ?? scenario(name).play(seed);
    seen.set(name, known);
    return known;
  };

  const isPlayed = (name: Name): boolean => {
    const { long } = scenario(name);
    return long === undefined || (LONG && (seed === 1 || long === 'has a shorter one'));
  };

  const honest = /^(?:young|launch|room|company|school|turned)/;
  test.each(names.filter((name) => honest.test(name) && isPlayed(name)))(
    '[S165] nobody is refused: %s',
    async (name) => {
      const { honest, site } = await play(name);
      expect(firstOf(Object.values(honest).flat())).toEqual([]);
      expect(site.events.filter((each) => each.name === 'conversion_low')).toEqual([]);
    },
    TIME_LIMIT,
  );

  // Fifty accounts of one address, at the end of this file, show the same of a day.
  (isPlayed('oneAddress') ? test : test.skip)(
    '[S164] one address, whatever its accounts, closes no country for others',
    async () => {
      const { honest, attacker, site } = await play('oneAddress');
      expect(firstOf(Object.values(honest).flat())).toEqual([]);
      expect(site.events.filter((each) => each.name === 'conversion_low')).toEqual([]);
      expect(attacker.day).toBeLessThanOrEqual(50);
    },
    TIME_LIMIT,
  );

  test(
    '[S164] [S167] pumping from a thousand addresses is cut off at three times the floors',
    async () => {
      const { attacker } = await play('quietCountry');
      const { hour, day } = DEFAULT_LIMITS.conversionPerCountry;
      expect(attacker.firstHour).toBeLessThanOrEqual(3 * hour);
      expect(attacker.firstDay).toBeLessThanOrEqual(3 * day);
      expect(attacker.firstHour).toBeGreaterThan(2 * hour);
    },
    TIME_LIMIT,
  );

  test(
    '[S167] beside honest traffic it is cut off, too, and until then nobody else is refused',
    async () => {
      const { attacker, honest, site } = await play('busyCountry');
      const until = honest['sign-ups until the second step'] ?? [];
      expect(until.length).toBeGreaterThan(1_000);
      expect(firstOf(until)).toEqual([]);
      const steps = site.events.filter((each) => each.name === 'conversion_low');
      expect(steps.map(({ facts }) => facts.step)).toContain('second');
      // 0.3 of the day before is 360 a day.
      expect(attacker.day).toBeLessThanOrEqual(2 * 3 * 360);
      expect(attacker.firstDay).toBeLessThanOrEqual(3 * 360);
    },
    TIME_LIMIT,
  );

  test(
    '[S166] where the carrier refuses for an hour nothing else stands in the way',
    async () => {
      const outcome = await play('refusingCarrier');
      expect(refusalsIn(outcome)).toEqual(['delivery_failed']);
      expect(firstOf(outcome.honest['sign-ups before and after'] ?? [])).toEqual([]);
    },
    TIME_LIMIT,
  );

  test(
    'where the carrier does not answer for an hour those who come afterwards are not refused',
    async () => {
      const { honest } = await play('silentCarrier');
      expect(firstOf(honest['sign-ups before and after'] ?? [])).toEqual([]);
    },
    TIME_LIMIT,
  );

  test(
    '[S161] whoever answers gets ten texts an hour and thirty a day',
    async () => {
      const { attacker } = await play('answering');
      expect(attacker).toMatchObject({ hour: 10, day: 30 });
    },
    TIME_LIMIT,
  );

  test(
    '[S161] sixty own numbers are three a day for one account, and what an address may have for sixty',
    async () => {
      expect((await play('manyNumbers')).attacker).toMatchObject({ firstDay: 3, day: 3 });
      const { attacker } = await play('manyAccounts');
      expect(attacker.firstHour).toBeLessThanOrEqual(200);
      expect(attacker.day).toBeLessThanOrEqual(60 * 30);
    },
    TIME_LIMIT,
  );

  test(
    '[S162] a crowd that answers gets what overall allows, and then nobody gets more',
    async () => {
      const { site, attacker, honest } = await play('answeringCrowd');
      expect(site.texts.honest.length + attacker.all).toBe(500);
      expect(refusalsIn({ honest })).toEqual(['send_limit_reached']);
      const alerts = site.events.filter((each) => each.name === 'budget_alert');
      expect(alerts.map(({ facts }) => facts.count)).toEqual([400, 500]);
    },
    TIME_LIMIT,
  );

  test(
    '[S169] no refusal in all of this costs more than one call of the ledger',
    async () => {
      const dearest: [string, number][] = [];
      for (const name of names.filter(isPlayed)) {
        const { site } = await play(name);
        if (site.dearestRefusal() > 1) dearest.push([name, site.dearestRefusal()]);
      }
      expect(dearest).toEqual([]);
    },
    TIME_LIMIT,
  );

  if (seed !== 1) return;

  // UPDATE_LIMITS_TABLE=1 writes the table anew; LONG_TESTS=1 with it all of the table.
  test(
    'the table in docs/limits.md shows what was measured',
    async () => {
      const page = readFileSync(PAGE, 'utf8');
      const table = /^\| Scenario .*\n(?:\|.*\n)+/m.exec(page)?.[0] ?? '';
      const [, , ...lines] = table.trim().split('\n');
      const said = lines.map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
      const rows = names.map(async (name) => {
        const isThis = ([what]: string[]): boolean => what === scenario(name).name;
        // This was measured by the last long run.
        if (!isPlayed(name)) return said.find(isThis) ?? [scenario(name).name, 'never played', ''];
        return rowOf(scenario(name), await play(name));
      });
      const measured = await Promise.all(rows);
      if (process.env.UPDATE_LIMITS_TABLE === undefined) {
        expect(said).toEqual(measured);
        return;
      }
      const head = [['Scenario', 'Honest users', 'Attackers'], Array<string>(3).fill('---')];
      const written = [...head, ...measured].map((row) => `| ${row.join(' | ')} |\n`);
      writeFileSync(PAGE, page.replace(table, written.join('')));
    },
    TIME_LIMIT,
  );
});

/** Accounts at will behind so many addresses, all at once; then twenty others, each once. */
async function siege(addresses: number, phone: () => string, other: () => string) {
  const site = makeSite();
  for (let account = 0; account < 50 * addresses; account += 1) {
    site.begin(account, async () => {
      const address = `198.51.100.${account % addresses}`;
      await site.person('attacker', { address, phone: phone() }).signUp();
    });
  }
  const others: Journey[] = [];
  for (let each = 0; each < 20; each += 1) {
    site.begin(1_200 + each * 60, async () => {
      const person = site.person('honest', { phone: other() });
      others.push(await signUp(site, person, { answerAfter: () => 45 }));
    });
  }
  await site.run();
  return { others, texts: site.texts.attacker.length };
}

test.each([
  ['one address', 1],
  ['three addresses', 3],
])('[S164] %s with fifty accounts each closes no country for others', async (_who, addresses) => {
  const { newPhone } = makeSite();
  const { others, texts } = await siege(addresses, newPhone, newPhone);
  expect(texts).toBe(50 * addresses);
  expect(firstOf(others)).toEqual([]);
});

test.each([
  ['one address', 1],
  ['three addresses', 3],
])(
  '[S164] %s with fifty accounts each closes no number block for others',
  async (_who, addresses) => {
    let number = 1_000;
    const inBlock = (): string => `+1206234${(number += 1)}`;
    const { others, texts } = await siege(addresses, inBlock, inBlock);
    expect(texts).toBe(15 * addresses);
    expect(firstOf(others)).toEqual([]);
  },
);
