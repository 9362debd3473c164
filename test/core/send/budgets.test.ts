import type { Limits } from '../../../lib/core/limits';
import {
  confirmedBudgets,
  isUsedUp,
  sendsLeft,
  keptBudgets,
  type Budget,
} from '../../../lib/core/send/budgets';
import type { SendWish } from '../../../lib/core/send/decide-unconfirmed';
import { makeWorld, permit, PHONE, sendWish, START, type World } from '../../helpers/core';

const DAY = 86_400;
const known = () => true;
const unknown = () => false;
const phoneOf = (each: number): string => `+12065550${100 + each}`;
const withLimits = (limits: Partial<Limits>): World =>
  makeWorld({}, { resendWait: [15], ...limits });

/** A budget in short: its key, how many, of which kind, and whether others need it. */
const short = ({ key, limit, kind, common }: Budget): string =>
  [key, limit, kind, ...(common === true ? ['common'] : [])].join(' ');

test('the budgets of a confirmed phone, those that others need, too, last', () => {
  const { core } = makeWorld(
    { beforeSend: () => true },
    { overall: [{ count: 1_000, seconds: 3_600 }] },
  );
  const { subjects } = core.keyring;
  const [phone, user] = [subjects.phone(PHONE), subjects.user('A')];
  const address = subjects.address('192.0.2.1');
  const budgets = confirmedBudgets(core, sendWish(), false);
  expect(budgets.map(short)).toEqual([
    `${phone}#t600 5 unanswered`,
    `${phone}#t86400 8 unanswered`,
    `${user}#t86400 8 unanswered`,
    `${user}#s3600 10 sent`,
    `${user}#s86400 30 sent`,
    `${phone}#s3600 10 sent`,
    `${phone}#s86400 28 sent`,
    `${user}#h86400 18 attempt`,
    `${address}#h3600 200 attempt common`,
    `${address}#t600 100 unanswered common`,
    `${address}#s3600 200 sent common`,
    'all#t3600 1000 sent common',
  ]);
  for (const { key, window } of budgets) expect(window).toBe(Number(/\d+$/.exec(key)![0]) * 1_000);
});

test('without a hook there are no calls of one to count, and a test number costs nothing', () => {
  const { core } = withLimits({ overall: [{ count: 1_000, seconds: 3_600 }] });
  const budgets = confirmedBudgets(core, sendWish(), true);
  expect(new Set(budgets.map(({ kind }) => kind))).toEqual(new Set(['unanswered']));
});

test('two of ten texts a day are kept for a browser that is known, fewer of fewer, none of an hour', () => {
  const day = (count: number) => ({ count, seconds: DAY });
  const { core } = withLimits({
    textsPerPhone: [{ count: 10, seconds: 3_600 }, day(4), day(5), day(9), day(10), day(100)],
  });
  const budgets = confirmedBudgets(core, sendWish(), false);
  const limits = budgets.filter(({ name }) => name === 'phone').map(({ limit }) => limit);
  expect(limits).toEqual([10, 4, 4, 8, 8, 98]);
});

const count = (key: string, count: number) => [key, { count, left: 1, ends: 1 }] as const;

test('[S171] a known browser has what is kept, too, and nothing where anything else is full', () => {
  const { core } = makeWorld();
  const budgets = confirmedBudgets(core, sendWish(), false);
  const [tenMinutes, day, user, sentHour] = budgets as [Budget, Budget, Budget, Budget];
  const places = new Map([count(day.key, 8), count(user.key, 8)]);
  const raised = keptBudgets(budgets, { full: [day, user], places }, known);
  const limits = new Map((raised ?? []).map(({ key, limit }) => [key, limit]));
  expect([day, user].map(({ key }) => limits.get(key))).toEqual([10, 10]);
  expect([tenMinutes, sentHour].map(({ key }) => limits.get(key))).toEqual([5, 10]);
  expect(keptBudgets(budgets, { full: [day, user], places }, unknown)).toBeUndefined();
  const wait = { key: 'a wait', window: 1, limit: 1 };
  for (const full of [[wait], [wait, day], [day, tenMinutes], [sentHour]]) {
    expect(keptBudgets(budgets, { full, places }, known)).toBeUndefined();
  }
  const used = new Map([count(day.key, 10), count(user.key, 8)]);
  expect(keptBudgets(budgets, { full: [day, user], places: used }, known)).toBeUndefined();
});

test('[S171] where others have used up the day of a phone, an account that has hardly asked has two more', () => {
  const { core } = makeWorld();
  const budgets = confirmedBudgets(core, sendWish(), false);
  const [tenMinutes, day, user] = budgets as [Budget, Budget, Budget];
  const asked = (times: number) => new Map([count(day.key, 8), count(user.key, times)]);
  const raised = keptBudgets(budgets, { full: [day], places: asked(1) }, unknown);
  const limits = new Map((raised ?? []).map(({ key, limit }) => [key, limit]));
  // Twice the phone's, together with what others had; the shorter window frees soon.
  expect([day, user, tenMinutes].map(({ key }) => limits.get(key))).toEqual([20, 2, 5]);
  expect(keptBudgets(budgets, { full: [day], places: asked(2) }, unknown)).toBeUndefined();
});

test('the texts of a day are used up with the last of the user or of the phone', () => {
  const { core } = makeWorld();
  const budgets = confirmedBudgets(core, sendWish(), false);
  const [tenMinutes, day, user, sentHour] = budgets as [Budget, Budget, Budget, Budget];
  const usedUp = (key: string, at: number) => isUsedUp(budgets, new Map([count(key, at)]));
  expect([usedUp(day.key, 7), usedUp(day.key, 8)]).toEqual([false, true]);
  expect([usedUp(user.key, 7), usedUp(user.key, 8)]).toEqual([false, true]);
  expect([usedUp(tenMinutes.key, 5), usedUp(sentHour.key, 10)]).toEqual([false, false]);
  // Answered ones as well are no sign that somebody else asks.
  const sentDay = budgets.find(({ key }) => key.endsWith('#s86400'))!;
  expect(usedUp(sentDay.key, sentDay.limit)).toBe(false);
});

test('what a user may know is the least of the budgets of their own', () => {
  const { core } = withLimits({ overall: [{ count: 2, seconds: 3_600 }] });
  const budgets = confirmedBudgets(core, sendWish(), false);
  const left = (...counts: (readonly [string, ReturnType<typeof count>[1]])[]) =>
    sendsLeft(budgets, new Map(counts), known);
  expect(left()).toBe(5);
  const named = (name: string): string => budgets.findLast((each) => each.name === name)!.key;
  expect(left(count(named('address'), 99), count(named('overall'), 2))).toBe(5);
  expect(left(count(named('phone'), 8))).toBe(2);
  expect(left(count(named('phone'), 8), count(named('user'), 9))).toBe(1);
  expect(left(count(named('user-sent'), 28))).toBe(2);
  expect(left(count(named('phone-sent'), 31))).toBe(0);
  // What is kept is not for everybody.
  const used = new Map([count(named('user'), 7)]);
  expect([unknown, known].map((isKnown) => sendsLeft(budgets, used, isKnown))).toEqual([1, 3]);
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
const NEW = { confirmed: false } as const;
type Row = [string, number, Partial<Limits>, Partial<SendWish>, (each: number) => object];
test.each<Row>([
  ['phone', 3, { textsPerPhone: THREE }, {}, (n) => ({ userId: `u${n}` })],
  ['user', 3, { textsPerUser: THREE }, {}, (n) => ({ phone: phoneOf(n) })],
  ['address', 3, { textsPerAddress: THREE }, {}, (n) => ({ userId: `u${n}`, phone: phoneOf(n) })],
  ['user-sent', 3, { sentPerUser: THREE }, {}, (n) => ({ phone: phoneOf(n) })],
  ['phone-sent', 3, { sentPerPhone: THREE }, {}, (n) => ({ userId: `u${n}` })],
  [
    'address-sent',
    3,
    { sentPerAddress: THREE },
    {},
    (n) => ({ userId: `u${n}`, phone: phoneOf(n) }),
  ],
  [
    'overall',
    3,
    { overall: THREE },
    {},
    (n) => ({ userId: `u${n}`, phone: phoneOf(n), address: `192.0.2.${n}` }),
  ],
  ['unconfirmed-phone', 3, { unconfirmedPerPhone: THREE }, NEW, () => ({})],
  [
    'unconfirmed-phone-all',
    6,
    { unconfirmedPerPhone: THREE },
    NEW,
    (n) => ({ userId: `u${n}`, address: `192.0.2.${n}` }),
  ],
  [
    'unconfirmed-address',
    3,
    { unconfirmedPerAddress: THREE },
    NEW,
    (n) => ({ userId: `u${n}`, phone: phoneOf(n) }),
  ],
  [
    'unconfirmed-block',
    3,
    { unconfirmedPerBlock: THREE },
    NEW,
    (n) => ({ userId: `u${n}`, phone: phoneOf(n), address: `192.0.2.${n}` }),
  ],
  ['phones', 3, { phonesPerUser: THREE }, NEW, (n) => ({ phone: phoneOf(n) })],
])(
  '[S43] the budget %s turns the next text after %i away until its window ends',
  async (name, most, limits, always, vary) => {
    const world = withLimits({ ...limits });
    const step = (each: number): Partial<SendWish> => {
      if (each > 0) world.pass(15);
      return { ...always, ...vary(each) };
    };
    const refused = await until(world, step);
    const retryAfter = 600 - most * 15;
    // Texts of the address are on their way: room is made as soon as they are answered.
    const soon = name === 'unconfirmed-address' ? 300 : retryAfter;
    expect(refused).toEqual({
      passed: most,
      ok: false,
      code: 'send_limit_reached',
      budget: name,
      retryAfter: soon,
    });
    world.pass(retryAfter);
    expect((await permit(world, { ...always, ...vary(most) })).ok).toBe(true);
  },
);

test('without any wait there is none', async () => {
  const world = makeWorld({}, { resendWait: [] });
  for (let each = 0; each < 3; each += 1) {
    expect(await permit(world)).toMatchObject({
      ok: true,
      permit: { resendAt: START, longer: [] },
    });
  }
});
