import type { Limits } from '../../../lib/core/limits';
import {
  newPhoneBudgets,
  sendBudgets,
  sendsLeft,
  triedKeys,
  waitLength,
  waitsOf,
  type SendFacts,
} from '../../../lib/core/send/budgets';
import type { SendWish } from '../../../lib/core/send/permit';
import { makeWorld, permit, PHONE, sendWish, START, take, type World } from '../../helpers/core';

const DAY = 86_400;
const ANY = Number.MAX_SAFE_INTEGER;
const phoneOf = (each: number): string => `+12065550${100 + each}`;
const withLimits = (limits: Partial<Limits>): World =>
  makeWorld({}, { resendWait: [15], ...limits });

test('the budgets of a confirmed phone, those that others need, too, last', () => {
  const { core } = withLimits({ overall: [{ count: 1_000, seconds: 3_600 }] });
  const { subjects } = core.keyring;
  const [phone, user, address] = [
    subjects.phone(PHONE),
    subjects.user('A'),
    subjects.address('192.0.2.1'),
  ];
  const own = { common: false };
  const common = { common: true };
  const day = { window: DAY * 1_000, limit: 10 };
  expect(sendBudgets(core, sendWish())).toEqual([
    { name: 'phone', key: `${phone}#t600`, limit: 5, window: 600_000, ...own },
    { name: 'phone', key: `${phone}#t86400`, ...day, ...own },
    { name: 'user', key: `${user}#t86400`, ...day, ...own },
    { name: 'address', key: `${address}#t600`, limit: 100, window: 600_000, ...common },
    { name: 'overall', key: 'all#t3600', limit: 1_000, window: 3_600_000, ...common },
  ]);
});

test('the budgets of an unconfirmed phone are others, but for the user and all together', () => {
  const { core } = withLimits({ overall: [{ count: 1_000, seconds: 3_600 }] });
  const { subjects } = core.keyring;
  const address = `${subjects.address('192.0.2.1')}#u`;
  expect(sendBudgets(core, sendWish({ confirmed: false })).map(({ key }) => key)).toEqual([
    `${subjects.unconfirmedPhone(PHONE)}#t86400`,
    `${subjects.user('A')}#t86400`,
    `${address}3600`,
    `${address}86400`,
    `${subjects.block(PHONE)}#t3600`,
    'all#t3600',
  ]);
});

test('what a user may know is the least of the budgets of their own', async () => {
  const { core } = withLimits({ overall: [{ count: 2, seconds: 3_600 }] });
  const budgets = sendBudgets(core, sendWish());
  expect(sendsLeft(budgets, new Map())).toBe(5);
  const count = (key: string, count: number) => [key, { count, left: 1, ends: 1 }] as const;
  const [tenMinutes, day, user, address, overall] = budgets.map(({ key }) => key);
  expect(sendsLeft(budgets, new Map([count(address!, 99), count(overall!, 2)]))).toBe(5);
  expect(sendsLeft(budgets, new Map([count(tenMinutes!, 2), count(day!, 2)]))).toBe(3);
  expect(sendsLeft(budgets, new Map([count(tenMinutes!, 1), count(user!, 9)]))).toBe(1);
});

/** Sends from so many different users, with time between them, until one is refused. */
async function until(world: World, vary: (each: number) => Partial<SendWish>, most = 200) {
  for (let each = 0; each < most; each += 1) {
    const answer = await permit(world, vary(each));
    if (!answer.ok) return { passed: each, ...answer };
  }
  return { passed: most, code: 'none' };
}

const THREE = [{ count: 3, seconds: 600 }];
test.each<[string, Partial<Limits>, Partial<SendWish>, (each: number) => Partial<SendWish>]>([
  ['phone', { textsPerPhone: THREE }, {}, (n) => ({ userId: `u${n}` })],
  ['user', { textsPerUser: THREE }, {}, (n) => ({ phone: phoneOf(n) })],
  ['address', { textsPerAddress: THREE }, {}, (n) => ({ userId: `u${n}`, phone: phoneOf(n) })],
  [
    'overall',
    { overall: THREE },
    {},
    (n) => ({ userId: `u${n}`, phone: phoneOf(n), address: `192.0.2.${n}` }),
  ],
  [
    'unconfirmed-phone',
    { unconfirmedPerPhone: THREE },
    { confirmed: false },
    (n) => ({ userId: `u${n}`, address: `192.0.2.${n}` }),
  ],
  [
    'unconfirmed-address',
    { unconfirmedPerAddress: THREE },
    { confirmed: false },
    (n) => ({ userId: `u${n}`, phone: phoneOf(n) }),
  ],
  [
    'unconfirmed-block',
    { unconfirmedPerBlock: THREE },
    { confirmed: false },
    (n) => ({ userId: `u${n}`, phone: phoneOf(n), address: `192.0.2.${n}` }),
  ],
  [
    'phones',
    { phonesPerUser: THREE },
    { confirmed: false },
    (n) => ({ phone: phoneOf(n), address: `192.0.2.${n}` }),
  ],
])(
  '[S43] the budget %s turns the fourth text away until its window ends',
  async (name, limits, always, vary) => {
    const world = withLimits({ ...limits });
    const step = (each: number): Partial<SendWish> => {
      if (each > 0) world.pass(15);
      return { ...always, ...vary(each) };
    };
    const refused = await until(world, step);
    expect(refused).toEqual({
      passed: 3,
      ok: false,
      code: 'send_limit_reached',
      budget: name,
      retryAfter: 600 - 45,
    });
    world.pass(600 - 45);
    expect((await permit(world, { ...always, ...vary(3) })).ok).toBe(true);
  },
);

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
  const facts = sendWish({ confirmed: false });
  const user = core.keyring.subjects.user('A');
  const [daily = '', weekly = ''] = triedKeys(core, facts);
  const day = { name: 'phones', window: DAY * 1_000 };
  const week = { name: 'phones', window: 7 * DAY * 1_000 };
  const ofWeek = [
    { ...week, key: `${user}#phones.604800`, limit: 9 },
    { ...week, key: weekly, limit: ANY },
  ];
  expect(newPhoneBudgets(core, facts, new Map())).toEqual([
    { ...day, key: `${user}#phones.86400`, limit: 3 },
    { ...day, key: daily, limit: ANY },
    ...ofWeek,
  ]);
  // Tried today: of this day it takes nothing.
  const { read } = await core.counter.settle({ take: [], read: [daily] });
  expect(read.size).toBe(0);
  await take(world, daily);
  const seen = (await core.counter.settle({ read: [daily, weekly] })).read;
  expect(newPhoneBudgets(core, facts, seen)).toEqual(ofWeek);
  // Neither user nor number can be read from the mark, and a confirmed phone is no trial.
  expect(daily).toMatch(/^u:[\w-]{16}#tried\.86400\.[\w-]{12}$/);
  expect(triedKeys(core, sendWish())).toEqual([]);
  expect(newPhoneBudgets(core, sendWish(), new Map())).toEqual([]);
});

const facts = (more: Partial<SendFacts> = {}): SendFacts => sendWish(more);

test('[S41] user and phone wait, a stranger who types the number elsewhere', () => {
  const { core } = makeWorld();
  const { subjects } = core.keyring;
  const wait = { window: 30_000, limit: 1 };
  const step = { window: 3_600_000, limit: ANY };
  const [user, phone] = [subjects.user('A'), subjects.phone(PHONE)];
  expect(waitsOf(core, facts())).toEqual([
    { wait: { key: `${user}#wait`, ...wait }, step: { key: `${user}#step`, ...step } },
    { wait: { key: `${phone}#wait`, ...wait }, step: { key: `${phone}#step`, ...step } },
  ]);
  const strangers = waitsOf(core, facts({ confirmed: false }));
  expect(strangers[1]!.wait.key).toBe(`${subjects.unconfirmedPhone(PHONE)}#wait`);
});

test('[S41] the waits grow step by step, and the last one repeats', () => {
  const { core } = makeWorld();
  const [wait] = waitsOf(core, facts());
  const lengths = [undefined, 1, 2, 3, 4, 5, 99].map((count) => {
    const known =
      count === undefined ? [] : [[wait!.step.key, { count, left: 1, ends: 1 }] as const];
    return waitLength(core, wait!, new Map(known)) / 1_000;
  });
  expect(lengths).toEqual([30, 30, 60, 120, 300, 300, 300]);
});

test('without any wait there is none', async () => {
  const world = makeWorld({}, { resendWait: [] });
  for (let each = 0; each < 3; each += 1) {
    expect(await permit(world)).toMatchObject({
      ok: true,
      permit: { resendAt: START, longer: [] },
    });
  }
});
