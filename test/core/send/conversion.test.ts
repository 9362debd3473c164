import { accountEpoch } from '../../../lib/core/account';
import { confirmEnrollment } from '../../../lib/core/enroll/enroll';
import {
  conversionBudgets,
  thresholds,
  verifiedKeys,
  verifiedPlaces,
} from '../../../lib/core/send/conversion';
import { sendCode } from '../../../lib/core/send/send-code';
import { codeOf, makeWorld, requester, START, type World } from '../../helpers/core';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PLACE = { phone: '+12065550142', country: 'US' };
const floors = {
  conversionPerCountry: { hour: 2, day: 3 },
  conversionPerBlock: { hour: 1, day: 2 },
};

const budgetsOf = async ({ core }: World) => {
  const now = core.clock();
  const { read } = await core.counter.settle({ read: verifiedKeys(core, PLACE, now) });
  return conversionBudgets(core, PLACE, read, now);
};
const earn = async ({ core }: World, times: number): Promise<void> => {
  for (let each = 0; each < times; each += 1) {
    await core.counter.settle({ take: verifiedPlaces(core, PLACE, core.clock()) });
  }
};
const dayOf = async (world: World): Promise<number> => (await budgetsOf(world))[1]!.limit;
const hourOf = async (world: World): Promise<number> => (await budgetsOf(world))[0]!.limit;

test.each([
  [
    { bestDay: 0, lastDay: 0, lastHour: 0 },
    { hour: 20, day: 30 },
  ],
  [
    { bestDay: 1_000, lastDay: 0, lastHour: 0 },
    { hour: 50, day: 300 },
  ],
  [
    { bestDay: 100, lastDay: 2_000, lastHour: 0 },
    { hour: 100, day: 600 },
  ],
  [
    { bestDay: 1_000, lastDay: 0, lastHour: 400 },
    { hour: 120, day: 300 },
  ],
  [
    { bestDay: 1_003, lastDay: 0, lastHour: 403 },
    { hour: 120, day: 300 },
  ],
])('where %j was verified the budgets are %j', (verified, expected) => {
  expect(thresholds({ hour: 20, day: 30 }, verified)).toEqual(expected);
});

test('[S52] each place has a budget of an hour and of a day, at its own floors', async () => {
  const world = makeWorld({}, floors);
  const block = world.core.keyring.subjects.block(PLACE.phone);
  const hourly = { window: HOUR, common: true };
  const daily = { window: DAY, common: true };
  expect(await budgetsOf(world)).toEqual([
    { name: 'conversion-country', key: 'c:US#unverified.hour', limit: 2, ...hourly },
    { name: 'conversion-country', key: 'c:US#unverified.day', limit: 3, ...daily },
    { name: 'conversion-block', key: `${block}#unverified.hour`, limit: 1, ...hourly },
    { name: 'conversion-block', key: `${block}#unverified.day`, limit: 2, ...daily },
  ]);
});

test('what was verified is kept for as long as it is looked at', async () => {
  const world = makeWorld();
  await earn(world, 1);
  const lives = world.added.map(({ key, window }) => `${key.replace(/^.*#/, '')} ${window}`);
  expect([...new Set(lives)].sort()).toEqual([
    `verified.day.20000 ${16 * DAY}`,
    `verified.hour.480000 ${3 * HOUR}`,
  ]);
  // As often as it is counted: each code that comes back earns something.
  await earn(world, 4);
  expect((await world.counts())['c:US#verified.day.20000']).toBe(5);
  const looked = verifiedKeys(world.core, PLACE, START).filter((key) => key.startsWith('c:US'));
  expect(looked).toHaveLength(15 + 2);
});

test('the best day counts for two weeks, and the day before half of it is gone by noon', async () => {
  const world = makeWorld({}, { conversionPerCountry: { hour: 1, day: 1 } });
  await earn(world, 100);
  expect(await dayOf(world)).toBe(30);
  world.pass(14 * 86_400);
  expect(await dayOf(world)).toBe(30);
  world.pass(86_400);
  expect(await dayOf(world)).toBe(1);
});

test('the last day slides: today, and what of yesterday is not yet 24 hours ago', async () => {
  const world = makeWorld({}, { conversionPerCountry: { hour: 1, day: 1 } });
  await earn(world, 100);
  world.pass(86_400 + 21_600);
  await earn(world, 100);
  // 100 of today and three quarters of 100 of yesterday.
  expect(await dayOf(world)).toBe(Math.floor(0.3 * 175));
});

test('the last hour slides, too', async () => {
  const world = makeWorld({}, { conversionPerCountry: { hour: 1, day: 1 } });
  await earn(world, 40);
  expect(await hourOf(world)).toBe(12);
  world.pass(3_600 + 1_800);
  await earn(world, 40);
  expect(await hourOf(world)).toBe(18);
  world.pass(2 * 3_600);
  expect(await hourOf(world)).toBe(4);
});

const textTo = (world: World, last: number, userId = `u${last}`) => {
  const phone = `+1206555${String(last).padStart(4, '0')}`;
  const epoch = accountEpoch(world.core.keyring, undefined, '');
  const who = requester(userId, { address: `192.0.2.${last - 100}` });
  return sendCode(world.core, who, { purpose: 'enroll', phone, confirmed: false, epoch });
};

test('[S52] codes that nobody enters suspend a place, which is told once a window', async () => {
  const world = makeWorld({}, { ...floors, conversionPerBlock: { hour: 9, day: 9 } });
  for (const last of [142, 143]) expect((await textTo(world, last)).ok).toBe(true);
  world.pass(600);
  for (const last of [144, 145]) {
    expect(await textTo(world, last)).toEqual({
      ok: false,
      code: 'sending_suspended',
      retryAfter: 3_000,
    });
  }
  expect(world.told('conversion_low')).toEqual([
    {
      at: START + 600_000,
      userId: 'u144',
      ip: '192.0.2.44',
      phone: '••• ••• ••44',
      purpose: 'enroll',
      budget: 'conversion-country',
      country: 'US',
      limit: 2,
    },
  ]);
  expect(world.told('send_refused').map(({ code, budget }) => [code, budget])).toEqual(
    Array(2).fill(['sending_suspended', 'conversion-country']),
  );
  expect(world.added).toContainEqual({
    key: 'c:US#unverified.hour.told',
    window: HOUR,
    limit: 1,
  });
  world.pass(3_000);
  expect((await textTo(world, 146)).ok).toBe(true);
});

test('a code that comes back frees its place and earns more', async () => {
  const world = makeWorld({}, floors);
  const { core } = world;
  for (const last of [142, 143, 144, 145]) {
    const who = requester(`u${last}`);
    expect((await textTo(world, last)).ok).toBe(true);
    const epoch = accountEpoch(core.keyring, undefined, '');
    const access = { enrollment: undefined, epoch, fresh: false };
    expect((await confirmEnrollment(core, who, access, codeOf(world))).ok).toBe(true);
  }
  expect((await world.counts())['c:US#verified.day.20000']).toBe(4);
});
