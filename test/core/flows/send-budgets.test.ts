import type { Limits } from '../../../lib/core/limits';
import { permitSend, type SendWish } from '../../../lib/core/send/permit';
import { makeWorld, PHONE, requester, type World } from '../../helpers/core';

const wish = (more: Partial<SendWish> = {}): SendWish => ({
  userId: 'A',
  address: '192.0.2.1',
  phone: PHONE,
  confirmed: true,
  purpose: 'sign-in',
  ...more,
});
const permit = (world: World, more: Partial<SendWish> = {}) => {
  const wanted = wish(more);
  const who = requester(wanted.userId, { address: wanted.address });
  return permitSend(world.core, who, wanted);
};
/** Sends from so many different users, with time between them, until one is refused. */
async function until(world: World, vary: (each: number) => Partial<SendWish>, most = 200) {
  for (let each = 0; each < most; each += 1) {
    const answer = await permit(world, vary(each));
    if (!answer.ok) return { passed: each, ...answer };
  }
  return { passed: most, code: 'none' };
}
const phoneOf = (each: number): string => `+12065550${100 + each}`;
const withLimits = (limits: Partial<Limits>): World =>
  makeWorld({}, { resendWait: [15], ...limits });

test.each<[string, Partial<Limits>, Partial<SendWish>, (each: number) => Partial<SendWish>]>([
  ['phone', { textsPerPhone: [{ count: 3, seconds: 600 }] }, {}, (n) => ({ userId: `u${n}` })],
  ['user', { textsPerUser: [{ count: 3, seconds: 600 }] }, {}, (n) => ({ phone: phoneOf(n) })],
  [
    'address',
    { textsPerAddress: [{ count: 3, seconds: 600 }] },
    {},
    (n) => ({ userId: `u${n}`, phone: phoneOf(n) }),
  ],
  [
    'overall',
    { overall: [{ count: 3, seconds: 600 }] },
    {},
    (n) => ({ userId: `u${n}`, phone: phoneOf(n), address: `192.0.2.${n}` }),
  ],
  [
    'unconfirmed-phone',
    { unconfirmedPerPhone: [{ count: 3, seconds: 600 }] },
    { confirmed: false },
    (n) => ({ userId: `u${n}`, address: `192.0.2.${n}` }),
  ],
  [
    'unconfirmed-address',
    { unconfirmedPerAddress: [{ count: 3, seconds: 600 }] },
    { confirmed: false },
    (n) => ({ userId: `u${n}`, phone: phoneOf(n) }),
  ],
  [
    'unconfirmed-block',
    { unconfirmedPerBlock: [{ count: 3, seconds: 600 }] },
    { confirmed: false },
    (n) => ({ userId: `u${n}`, phone: phoneOf(n), address: `192.0.2.${n}` }),
  ],
  [
    'phones',
    { phonesPerUser: [{ count: 3, seconds: 600 }] },
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

test('a text over budget takes no wait and no place elsewhere', async () => {
  const world = withLimits({ textsPerPhone: [{ count: 1, seconds: 600 }] });
  await permit(world);
  world.pass(15);
  const before = await world.counts();
  expect(await permit(world, { userId: 'B' })).toMatchObject({ code: 'send_limit_reached' });
  expect(await world.counts()).toEqual(before);
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

test('an alert goes out once, when four fifths of a budget over all are used', async () => {
  const world = withLimits({ overall: [{ count: 9, seconds: 600 }] });
  for (let each = 0; each < 9; each += 1) {
    await permit(world, { userId: `u${each}`, phone: phoneOf(each) });
    expect(world.told('budget_alert')).toHaveLength(each < 7 ? 0 : 1);
  }
  const facts = { at: world.core.clock(), userId: 'u7', ip: '192.0.2.1' };
  expect(world.told('budget_alert')).toEqual([{ ...facts, budget: 'overall', count: 8, limit: 9 }]);
});

test('other budgets give no alert', async () => {
  const world = withLimits({ textsPerUser: [{ count: 1, seconds: 600 }] });
  expect(await permit(world)).toMatchObject({ ok: true, permit: { sendsLeft: 0 } });
  expect(world.events).toEqual([]);
});
