import type { Limits } from '../../../lib/core/limits';
import {
  blockPrint,
  countOnTheirWay,
  onItsWay,
  onTheirWayKeys,
  unconfirmedBudgets,
  unconfirmedKeys,
} from '../../../lib/core/send/unconfirmed-budgets';
import { makeWorld, permit, PHONE, sendWish, START, take, type World } from '../../helpers/core';

const DAY = 86_400;
const ANY = Number.MAX_SAFE_INTEGER;
const NEW = sendWish({ confirmed: false });
const phoneOf = (each: number): string => `+12065550${100 + each}`;
const withLimits = (limits: Partial<Limits>): World =>
  makeWorld({}, { resendWait: [15], ...limits });

/** The budgets as they are now, by what is counted. */
const budgetsOf = async ({ core }: World, wish = NEW, isTest = false) => {
  const now = core.clock();
  const { read } = await core.counter.settle({ read: unconfirmedKeys(core, wish, now) });
  return unconfirmedBudgets(core, wish, isTest, read, now);
};
const limitsOf = async (world: World, name: string) =>
  (await budgetsOf(world)).filter((each) => each.name === name).map(({ limit }) => limit);

test('the budgets of an unconfirmed phone are others, but for the user and all together', async () => {
  const world = withLimits({ overall: [{ count: 1_000, seconds: 3_600 }] });
  const { core } = world;
  const { subjects } = core.keyring;
  const [user, phone] = [subjects.user('A'), subjects.unconfirmedPhone(PHONE)];
  const [address, block] = [subjects.address('192.0.2.1'), subjects.block(PHONE)];
  const budgets = await budgetsOf(world);
  expect(budgets.map(({ key, limit, kind }) => `${key} ${limit} ${kind}`)).toEqual([
    expect.stringMatching(/^u:[\w-]{16}#n\.[\w-]{12}\.86400 5 unanswered$/),
    `${user}#t86400 10 unanswered`,
    `${user}#phones.86400 3 sent`,
    expect.stringMatching(/^u:[\w-]{16}#tried\.86400\.[\w-]{12} \d+ sent$/),
    `${user}#s3600 10 sent`,
    `${user}#s86400 30 sent`,
    `${phone}#s3600 10 sent`,
    `${phone}#s86400 28 sent`,
    `${phone}#t86400 10 unanswered`,
    `${address}#u3600 10 unanswered`,
    `${address}#u86400 50 unanswered`,
    `${address}#w.${START / 30_000} ${ANY} unanswered`,
    `${address}#b.${blockPrint(core, block)}.3600 15 unanswered`,
    `${address}#bs.${blockPrint(core, block)}.3600 5 unanswered`,
    `${block}#t3600 20 unanswered`,
    `${address}#s3600 200 sent`,
    'all#t3600 1000 sent',
  ]);
  // Whatever is not the user's own comes after it, and is taken last.
  const common = budgets.map((each) => each.common === true);
  expect(common).toEqual([...common].sort((a, b) => Number(a) - Number(b)));
});

test('a test number takes nothing of what is sent', async () => {
  const world = withLimits({ overall: [{ count: 1_000, seconds: 3_600 }] });
  const budgets = await budgetsOf(world, NEW, true);
  expect(budgets.map(({ name }) => name)).not.toContain('overall');
  expect(budgets.filter(({ name }) => name.endsWith('-sent'))).toEqual([]);
});

test('one address has three quarters of a block’s budget, and a quarter counts for all, rounded up', async () => {
  for (const [count, own, share] of [
    [1, 1, 1],
    [5, 4, 2],
    [20, 15, 5],
  ] as const) {
    const world = withLimits({ unconfirmedPerBlock: [{ count, seconds: 3_600 }] });
    expect(await limitsOf(world, 'unconfirmed-block')).toEqual([own, count]);
    expect(await limitsOf(world, 'share')).toEqual([share]);
  }
});

test('where its share is used, an address takes nothing more of a block, and asks for room there', async () => {
  const world = withLimits({ unconfirmedPerBlock: [{ count: 4, seconds: 3_600 }] });
  const ask = (each: number, address: string) =>
    permit(world, { userId: `u${each}`, phone: phoneOf(each), address, confirmed: false });
  for (const each of [0, 1, 2]) expect((await ask(each, '192.0.2.1')).ok).toBe(true);
  const all = `${world.core.keyring.subjects.block(PHONE)}#t3600`;
  expect((await world.counts())[all]).toBe(1);
  for (const each of [3, 4, 5]) expect((await ask(each, `192.0.2.${each}`)).ok).toBe(true);
  // Full for all: also for whom it would take nothing.
  const full = { ok: false, code: 'send_limit_reached', budget: 'unconfirmed-block' };
  expect(await ask(6, '192.0.2.3')).toMatchObject(full);
  expect(await ask(7, '192.0.2.7')).toMatchObject(full);
});

test('texts whose challenge may still be answered do not count for the hour of their address', async () => {
  const world = makeWorld();
  for (let each = 0; each < 12; each += 1) {
    const wish = { userId: `u${each}`, phone: `+1206${201 + each}0100`, confirmed: false };
    expect((await permit(world, wish)).ok).toBe(true);
    world.pass(10);
  }
  expect(await limitsOf(world, 'unconfirmed-address')).toEqual([22, 50]);
  const refused = { ok: false, code: 'send_limit_reached', budget: 'unconfirmed-address' };
  // The first are over, at most a tenth of their time early and never late.
  world.pass(300 - 120);
  const [hour = 0] = await limitsOf(world, 'unconfirmed-address');
  expect(hour).toBeGreaterThanOrEqual(19);
  expect(hour).toBeLessThanOrEqual(22);
  world.pass(120);
  expect(await limitsOf(world, 'unconfirmed-address')).toEqual([10, 50]);
  const late = { userId: 'late', phone: '+12065550100', confirmed: false };
  expect(await permit(world, late)).toEqual({ ...refused, retryAfter: 3_600 - 420 });
});

test('a text is on its way for as long as its challenge may be answered, to a tenth of it', async () => {
  for (const challengeLifetime of [60, 300, 600]) {
    const world = makeWorld({}, { challengeLifetime });
    const { core } = world;
    world.pass(challengeLifetime * 0.05);
    const text = onItsWay(core, 'somebody', core.clock());
    await core.counter.settle({ take: [text] });
    const seen = async (): Promise<number> => {
      const now = core.clock();
      const read = onTheirWayKeys(core, 'somebody', now);
      return countOnTheirWay(core, 'somebody', (await core.counter.settle({ read })).read, now);
    };
    world.pass(challengeLifetime * 0.9);
    expect(await seen()).toBe(1);
    world.pass(challengeLifetime * 0.1);
    expect(await seen()).toBe(0);
  }
});

test('[S54] a number that was tried takes no further place among the numbers of a user', async () => {
  const world = withLimits({ phonesPerUser: [{ count: 2, seconds: 600 }] });
  for (const [each, expected] of [
    [0, true],
    [0, true],
    [1, true],
    [0, true],
    [2, false],
  ] as const) {
    const answer = await permit(world, { confirmed: false, phone: phoneOf(each) });
    expect([each, answer.ok]).toEqual([each, expected]);
    world.pass(15);
  }
});

test('[S54] a new number takes a place in each window, and its mark with it', async () => {
  const rates = [
    { count: 3, seconds: DAY },
    { count: 9, seconds: 7 * DAY },
  ];
  const world = withLimits({ phonesPerUser: rates });
  const { core } = world;
  const user = core.keyring.subjects.user('A');
  const [daily = '', weekly = ''] = unconfirmedKeys(core, NEW, core.clock());
  const phones = async () => (await budgetsOf(world)).filter(({ name }) => name === 'phones');
  const place = { name: 'phones', kind: 'sent', kept: 0 };
  const day = { ...place, window: DAY * 1_000 };
  const week = { ...place, window: 7 * DAY * 1_000 };
  const ofWeek = [
    { ...week, key: `${user}#phones.604800`, limit: 9 },
    { ...week, key: weekly, limit: ANY },
  ];
  expect(await phones()).toEqual([
    { ...day, key: `${user}#phones.86400`, limit: 3 },
    { ...day, key: daily, limit: ANY },
    ...ofWeek,
  ]);
  // Tried today: of this day it takes nothing.
  await take(world, daily);
  expect(await phones()).toEqual(ofWeek);
  // Neither user nor number can be read from the mark.
  expect(daily).toMatch(/^u:[\w-]{16}#tried\.86400\.[\w-]{12}$/);
});
