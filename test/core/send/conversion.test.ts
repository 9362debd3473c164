import { accountEpoch } from '../../../lib/core/account';
import { confirmEnrollment } from '../../../lib/core/enroll/enroll';
import {
  conversionKeys,
  guard,
  thresholds,
  verifiedPlaces,
  type Guarded,
} from '../../../lib/core/send/conversion';
import { sendCode } from '../../../lib/core/send/send-code';
import { NO_LIMIT, heldOf } from '../../../lib/ports/counter';
import { codeOf, makeWorld, requester, START, type World } from '../../helpers/core';
import { seeded } from '../../helpers/web';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PLACE = { phone: '+12065550142', country: 'US' };
const floors = {
  conversionPerCountry: { hour: 2, day: 3 },
  conversionPerBlock: { hour: 1, day: 2 },
};
/** The second step, at so many times the first. */
const SECOND = 3;

const phoneOf = (each: number): string => `+1206555${String(each).padStart(4, '0')}`;

const clients: string[] = [];
/** A client: an account with an address of its own. */
const clientOf = (userId: string) => {
  if (!clients.includes(userId)) clients.push(userId);
  return { userId, address: `2001:db8:0:${clients.indexOf(userId).toString(16)}::1` };
};

/** What the guard says of a text to this number for this client, as things are. */
const ask = async ({ core }: World, phone = PLACE.phone, client = 'A'): Promise<Guarded> => {
  const facts = { ...clientOf(client), phone };
  const now = core.clock();
  const read = conversionKeys(core, facts, { ...PLACE, phone }, now);
  const counts = await core.counter.settle({ read: [...new Set(read)] });
  return guard(core, facts, { ...PLACE, phone }, counts.read, now);
};
/** Texts it, where the guard lets it; the code does not come back. */
const text = async (world: World, phone: string, client: string): Promise<boolean> => {
  const { budgets, refused } = await ask(world, phone, client);
  if (refused !== undefined) return false;
  return (await world.core.counter.settle({ take: budgets })).ok;
};
const limitOf = ({ budgets }: Guarded, key: string) =>
  budgets.find((each) => each.key === key)!.limit / SECOND;
const dayOf = async (world: World) => limitOf(await ask(world), 'c:US#all.day');
const hourOf = async (world: World) => limitOf(await ask(world), 'c:US#all.hour');
let earners = 0;
/** Codes to so many numbers of the country come back. */
const earn = async ({ core }: World, times: number): Promise<void> => {
  for (let each = 0; each < times; each += 1) {
    const phone = phoneOf((earners += 1));
    await core.counter.settle({ take: verifiedPlaces(core, { ...PLACE, phone }, core.clock()) });
  }
};

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

test('[S52] each place has an hour and a day, at three times its own floors', async () => {
  const world = makeWorld({}, floors);
  const block = world.core.keyring.subjects.block(PLACE.phone);
  const { budgets, refused, news } = await ask(world);
  const limited = budgets.filter(({ name, limit }) => name !== 'share' && limit < NO_LIMIT);
  const common = { kind: 'unanswered', common: true, kept: 0 };
  const [hourly, daily] = [
    { window: HOUR, ...common },
    { window: DAY, ...common },
  ];
  expect(limited).toEqual([
    { name: 'conversion-country', key: 'c:US#all.hour', limit: 6, ...hourly },
    { name: 'conversion-country', key: 'c:US#all.day', limit: 9, ...daily },
    { name: 'conversion-block', key: `${block}#all.hour`, limit: 3, ...hourly },
    { name: 'conversion-block', key: `${block}#all.day`, limit: 6, ...daily },
  ]);
  expect([refused, news]).toEqual([undefined, []]);
});

test('what was verified is kept for as long as it is looked at', async () => {
  const world = makeWorld();
  await earn(world, 1);
  const lives = world.added.map(({ key, window }) => `${key.replace(/^.*#/, '')} ${window}`);
  expect([...new Set(lives)].sort()).toEqual([
    `v ${DAY}`,
    `verified.day.20000 ${16 * DAY}`,
    `verified.hour.480000 ${3 * HOUR}`,
  ]);
  await earn(world, 4);
  expect((await world.counts())['c:US#verified.day.20000']).toBe(5);
  const facts = { userId: 'A', phone: PLACE.phone, address: undefined };
  const looked = conversionKeys(world.core, facts, PLACE, START);
  expect(looked.filter((key) => key.startsWith('c:US#verified'))).toHaveLength(15 + 2);
});

test('[S168] a number earns once a day, however often its code comes back', async () => {
  const world = makeWorld();
  const { core } = world;
  const again = () => core.counter.settle({ take: verifiedPlaces(core, PLACE, core.clock()) });
  expect((await again()).ok).toBe(true);
  expect((await again()).ok).toBe(false);
  world.pass(86_400);
  expect((await again()).ok).toBe(true);
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

const textTo = (
  world: World,
  last: number,
  userId = `u${last}`,
  address = `192.0.2.${last - 100}`,
) => {
  const epoch = accountEpoch(world.core.keyring, undefined, '');
  const who = requester(userId, { address });
  const target = { purpose: 'enroll', phone: phoneOf(last), confirmed: false, epoch } as const;
  return sendCode(world.core, who, target);
};

test('[S167] the first step counts what is over, and refuses the clients that are part of it', async () => {
  const world = makeWorld({}, { ...floors, conversionPerBlock: { hour: 99, day: 99 } });
  for (const [client, number] of [
    ['A', 1],
    ['B', 2],
  ] as const) {
    expect(await text(world, phoneOf(number), client)).toBe(true);
  }
  world.pass(60);
  // Their codes may still come back.
  expect((await ask(world, phoneOf(3), 'A')).refused).toBeUndefined();
  world.pass(240);
  expect((await ask(world, phoneOf(3), 'A')).refused).toEqual({
    budget: 'conversion-country',
    limit: 2,
    left: HOUR - 300_000,
  });
  expect((await ask(world, phoneOf(3), 'C')).refused).toBeUndefined();
  expect((await ask(world, phoneOf(3), 'C')).news).toEqual([
    { budget: 'conversion-country', step: 2, limit: 2, told: 'c:US#low' },
  ]);
  world.pass(3_300);
  // The hour is over; of the day there is a third.
  expect((await ask(world, phoneOf(3), 'A')).refused).toBeUndefined();
});

test('[S167] of two places that refuse a client the one that lasts is told', async () => {
  const country = { hour: 99, day: 2 };
  const world = makeWorld(
    {},
    { conversionPerCountry: country, conversionPerBlock: { hour: 1, day: 99 } },
  );
  for (const [client, number] of [
    ['A', 1],
    ['B', 2],
  ] as const) {
    expect(await text(world, phoneOf(number), client)).toBe(true);
  }
  world.pass(300);
  expect((await ask(world, phoneOf(3), 'A')).refused).toEqual({
    budget: 'conversion-country',
    limit: 2,
    left: DAY - 300_000,
  });
});

test('[S167] one client adds two a day to a country and one to a block, and a number counts once', async () => {
  const world = makeWorld();
  const counts = async () => {
    const all = Object.entries(await world.counts());
    return ['c:', 'b:'].map((kind) =>
      all
        .filter(([key]) => key.startsWith(kind) && key.endsWith('#c.day'))
        .reduce((sum, [, count]) => sum + count, 0),
    );
  };
  for (let each = 0; each < 5; each += 1) await text(world, `+1206${301 + each}0100`, 'A');
  expect(await counts()).toEqual([2, 5]);
  for (let each = 0; each < 5; each += 1) await text(world, phoneOf(each), 'B');
  expect(await counts()).toEqual([4, 6]);
  for (const client of ['C', 'D', 'E']) await text(world, '+12064010100', client);
  expect(await counts()).toEqual([5, 7]);
  expect((await world.counts())['c:US#all.day']).toBe(13);
});

test('[S167] the second step counts every text and refuses everybody', async () => {
  const world = makeWorld({}, { ...floors, conversionPerBlock: { hour: 99, day: 99 } });
  for (let each = 0; each < 6; each += 1) {
    expect(await text(world, phoneOf(each), `client ${each}`)).toBe(true);
  }
  expect(await text(world, phoneOf(6), 'somebody else')).toBe(false);
  const { refused, news } = await ask(world, phoneOf(6), 'somebody else');
  expect(refused).toBeUndefined();
  expect(news).toEqual([{ budget: 'conversion-country', step: 3, limit: 2, told: 'c:US#low' }]);
});

test('[S52] how far it has come with a place is told once for each step, and when it is over', async () => {
  const world = makeWorld(
    {},
    {
      conversionPerCountry: { hour: 5, day: 30 },
      conversionPerBlock: { hour: 99, day: 99 },
    },
  );
  const told: unknown[] = [];
  for (const [at, texts] of [
    [0, 4],
    [600, 1],
    [900, 1],
    [1_200, 11],
    [4_900, 1],
    [5_000, 1],
  ] as const) {
    world.pass((START + at * 1_000 - world.core.clock()) / 1_000);
    for (let each = 0; each < texts; each += 1) {
      await textTo(world, at + each, `u${at + each}`, `2001:db8:${at.toString(16)}:${each}::1`);
    }
    told.push(
      world
        .told('conversion_low')
        .splice(0)
        .map(({ step, budget, limit }) => [step, budget, limit]),
    );
    world.events.length = 0;
  }
  const country = ['conversion-country', 5];
  expect(told).toEqual([
    [],
    [['near', ...country]],
    [['first', ...country]],
    [['second', ...country]],
    [['over', ...country]],
    [],
  ]);
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
  const counts = await world.counts();
  expect(counts['c:US#verified.day.20000']).toBe(4);
  expect(Object.keys(counts).filter((key) => /#(all|c|w)[.$]/.test(key))).toEqual([]);
});

/** How a day's sign-ups spread over its hours; the busiest takes a tenth of them. */
const HOURS = [1, 1, 0, 0, 0, 1, 2, 4, 6, 7, 7, 8, 9, 7, 6, 6, 7, 9, 12, 16, 13, 8, 4, 2];

test('days of honest sign-ups are never refused, and a pump among them ends at the second step', async () => {
  const random = seeded(7);
  const world = makeWorld({}, { conversionPerCountry: { hour: 20, day: 50 } });
  const { clock, counter } = world.core;
  const due: { at: number; answer: () => Promise<unknown> }[] = [];
  const goTo = async (then: number): Promise<void> => {
    due.sort((a, b) => a.at - b.at);
    while (due[0] !== undefined && due[0].at <= then) {
      const { at, answer } = due.shift()!;
      world.pass((at - clock()) / 1_000);
      await answer();
    }
    world.pass((then - clock()) / 1_000);
  };
  let person = 0;
  const signUp = async (answered: boolean): Promise<boolean> => {
    const phone = `+1206${String(2e6 + Math.floor(random() * 7e6))}`;
    const { budgets, refused } = await ask(world, phone, `person ${(person += 1)}`);
    const taken = refused === undefined && (await counter.settle({ take: budgets }));
    if (taken === false || !taken.ok) return false;
    const give = heldOf(budgets, taken.places);
    const take = () => verifiedPlaces(world.core, { ...PLACE, phone }, clock());
    const answer = () => counter.settle({ give, take: take() });
    if (answered) due.push({ at: clock() + 20_000 + random() * 100_000, answer });
    return true;
  };
  const whole = HOURS.reduce((a, b) => a + b);
  let refused = 0;
  for (let hour = 0; hour < 3 * 24; hour += 1) {
    const amount = Math.round((200 * HOURS[hour % 24]!) / whole);
    for (let each = 0; each < amount; each += 1) {
      await goTo(START + hour * HOUR + (each * HOUR) / amount);
      // One in seven gives up.
      if (!(await signUp(random() < 6 / 7))) refused += 1;
    }
  }
  expect(refused).toBe(0);
  // A client of its own for each text: no first step stops it. The day's unanswered are in its way.
  let pumped = 0;
  for (let each = 0; each < 300; each += 1) {
    await goTo(clock() + 10_000);
    if (await signUp(false)) pumped += 1;
  }
  expect(pumped).toBeGreaterThan(50);
  expect(pumped).toBeLessThanOrEqual(SECOND * 0.3 * 200);
});
