import { rememberOptOut } from '../../../lib/core/delivery/sent-text';
import { failureKeys } from '../../../lib/core/failures';
import type { Limits } from '../../../lib/core/limits';
import { confirmedBudgets, textedIn, waitsOf } from '../../../lib/core/send/budgets';
import { signOutPlace } from '../../../lib/core/sessions';
import {
  countFailures,
  countNames,
  makeWorld,
  permit,
  PHONE,
  requester,
  sendWish,
  standing,
  START,
  take,
  type World,
} from '../../helpers/core';

/** Of a text to the confirmed phone of user A. */
const budgetsIn = ({ core }: World) => confirmedBudgets(core, sendWish(), false);
const withLimits = (limits: Partial<Limits>): World =>
  makeWorld({}, { resendWait: [15], ...limits });
test('a permit says when the next text may go, how many are left, and what was taken', async () => {
  const world = makeWorld();
  const { core } = world;
  const { subjects } = core.keyring;
  const [user, phone] = [subjects.user('A'), subjects.phone(PHONE)];
  const ends = (seconds: number) => ({ ends: START + seconds * 1_000, by: 1 });
  const address = subjects.address('192.0.2.1');
  const unanswered = [
    { key: `${phone}#t600`, ...ends(600) },
    { key: `${phone}#t86400`, ...ends(86_400) },
    { key: `${user}#t86400`, ...ends(86_400) },
    { key: `${address}#t600`, ...ends(600) },
  ];
  const sent = [user, phone].flatMap((subject) => [
    { key: `${subject}#s3600`, ...ends(3_600) },
    { key: `${subject}#s86400`, ...ends(86_400) },
  ]);
  const sentTo = [{ key: `${address}#s3600`, ...ends(3_600) }];
  expect(await permit(world)).toEqual({
    ok: true,
    permit: {
      country: 'US',
      mayBePending: false,
      resendAt: START + 30_000,
      sendsLeft: 4,
      turn: '0.1',
      unanswered,
      unsent: [...unanswered.slice(0, 3), ...sent, ...unanswered.slice(3), ...sentTo],
      waits: [
        { key: `${user}#wait`, ...ends(30) },
        { key: `${user}#step`, ...ends(3_600) },
        { key: `${phone}#wait`, ...ends(30) },
        { key: `${phone}#step`, ...ends(3_600) },
      ],
      step: 1,
      longer: [],
    },
  });
});

test('an unconfirmed phone has keys of its own', async () => {
  const world = makeWorld();
  const { subjects } = world.core.keyring;
  const [address, block] = [subjects.address('192.0.2.1'), subjects.block(PHONE)];
  const [user, phone] = [subjects.user('A'), subjects.unconfirmedPhone(PHONE)];
  const answer = await permit(world, { confirmed: false, purpose: 'enroll' });
  if (!answer.ok) throw new Error(answer.code);
  const { unanswered, unsent } = answer.permit;
  const names = (held: typeof unanswered) =>
    held.map(({ key }) => key.replace(/\.(?!\d+$|hour|day|US)[\w-]{8,}/, '.*'));
  const ofArea = (area: string, name: string) => [
    `${area}#all.hour`,
    `${area}#all.day`,
    `${user}#c.${name}`,
    `${address}#c.${name}`,
    `${area}#c.hour`,
    `${area}#c.day`,
    `${area}#w.${START / 30_000}`,
  ];
  const country = ofArea('c:US', 'US');
  expect(names(unanswered)).toEqual([
    `${user}#n.*.86400`,
    `${user}#t86400`,
    `${phone}#t86400`,
    `${address}#u3600`,
    `${address}#u86400`,
    `${address}#w.${START / 30_000}`,
    `${address}#b.*.3600`,
    `${address}#bs.*.3600`,
    `${block}#t3600`,
    ...country,
    `${phone}#c`,
    ...ofArea(block, '*'),
  ]);
  expect(names(unsent).filter((name) => !names(unanswered).includes(name))).toEqual([
    `${user}#phones.86400`,
    `${user}#tried.86400.*`,
    `${user}#s3600`,
    `${user}#s86400`,
    `${phone}#s3600`,
    `${phone}#s86400`,
    `${address}#s3600`,
  ]);
  expect(answer.permit.waits.map(({ key }) => key)).toEqual([
    `${user}#wait`,
    `${user}#step`,
    `${phone}#wait`,
    `${phone}#step`,
  ]);
  expect(answer.permit.sendsLeft).toBe(4);
});

test('[S46] one step asks every limit and takes every place', async () => {
  const world = makeWorld();
  const settle = jest.spyOn(world.core.counter, 'settle');
  expect((await permit(world)).ok).toBe(true);
  expect(settle).toHaveBeenCalledTimes(1);
  const { take: places = [], read } = settle.mock.calls[0]![0];
  const taken = places.filter(({ by = 1 }) => by > 0).map(({ key }) => key);
  expect(world.added.map(({ key }) => key)).toEqual(taken);
  const waits = waitsOf(world.core, sendWish()).flatMap(({ wait, step }) => [wait, step]);
  const wanted = [...waits, ...budgetsIn(world)].map(({ key }) => key);
  expect(taken).toEqual(expect.arrayContaining(wanted));
  const { keys } = textedIn(world.core, requester());
  expect(read).toEqual([...failureKeys(world.core, 'A').all, ...keys]);
});

test('what an unconfirmed phone may have is read in one step before', async () => {
  const world = makeWorld();
  const settle = jest.spyOn(world.core.counter, 'settle');
  expect((await permit(world, { confirmed: false })).ok).toBe(true);
  expect(settle).toHaveBeenCalledTimes(2);
  expect(Object.keys(settle.mock.calls[0]![0])).toEqual(['read']);
});

/** What stands in the way of a text, and what is answered. */
const REFUSALS: [string, (world: World) => Promise<unknown>, object][] = [
  [
    'the end of the session',
    ({ core }) => core.counter.settle({ take: [signOutPlace(core, 'session of A')] }),
    { code: 'not_authenticated' },
  ],
  ['a lock', (world) => countFailures(world, 10), { code: 'too_many_attempts', retryAfter: 900 }],
  ['STOP', ({ core }) => rememberOptOut(core, PHONE, 'heard'), { code: 'phone_opted_out' }],
  [
    'the wait of the user',
    (world) => take(world, waitsOf(world.core, sendWish())[0]!.wait.key, { seconds: 20 }),
    { code: 'resend_too_soon', retryAfter: 20 },
  ],
  [
    'the wait of the phone',
    (world) => take(world, waitsOf(world.core, sendWish())[1]!.wait.key, { seconds: 20 }),
    { code: 'resend_too_soon', retryAfter: 20 },
  ],
  [
    'a budget',
    (world) => take(world, budgetsIn(world)[0]!.key, { by: 5, seconds: 500 }),
    { code: 'send_limit_reached', retryAfter: 500, budget: 'phone' },
  ],
];

test.each(REFUSALS)(
  '[S46] %s refuses in one step, which takes nothing',
  async (_what, stand, refusal) => {
    const world = makeWorld();
    await stand(world);
    const before = await world.counts();
    const settle = jest.spyOn(world.core.counter, 'settle');
    expect(await permit(world)).toEqual({ ok: false, ...refusal });
    expect(settle).toHaveBeenCalledTimes(1);
    expect(await world.counts()).toEqual(before);
    expect(world.events).toEqual([]);
  },
);

test('of several that stand in the way the first in order is told', async () => {
  const world = makeWorld();
  const told: string[] = [];
  for (const [, stand] of [...REFUSALS].reverse()) {
    await stand(world);
    const answer = await permit(world);
    told.push(answer.ok ? 'ok' : answer.code);
  }
  expect(told).toEqual([
    'send_limit_reached',
    'resend_too_soon',
    'resend_too_soon',
    'phone_opted_out',
    'too_many_attempts',
    'too_many_attempts',
  ]);
});

test('of several budgets that are full the one that frees last is named', async () => {
  for (const [first, second] of [
    [300, 500],
    [500, 300],
  ] as const) {
    const world = makeWorld();
    const [tenMinutes, , user] = budgetsIn(world);
    await take(world, tenMinutes!.key, { by: 5, seconds: first });
    await take(world, user!.key, { by: 10, seconds: second });
    expect(await permit(world)).toEqual({
      ok: false,
      code: 'send_limit_reached',
      retryAfter: 500,
      budget: first === 500 ? 'phone' : 'user',
    });
  }
});

test('[S31] after the hard stop no text goes out, and nothing is taken', async () => {
  const world = makeWorld({}, { lockAfter: 3, hardStop: 3 });
  await countFailures(world, 3);
  const before = await world.counts();
  expect(await permit(world)).toMatchObject({ code: 'too_many_attempts' });
  expect(await world.counts()).toEqual(before);
});

test('[S138] a lock that was lost in a crash begins with the next wish for a text, and ends', async () => {
  const world = makeWorld();
  await countFailures(world, 9);
  await world.core.counter.settle({
    take: [{ key: failureKeys(world.core, 'A').fails, window: 1, limit: 10 }],
  });
  expect(await standing(world)).toMatchObject({ state: 'locked', due: true });
  const refusal = { ok: false, code: 'too_many_attempts' };
  expect(await permit(world)).toEqual({ ...refusal, retryAfter: 900 });
  expect(await countNames(world)).toEqual(['fails', 'lock', 'locks', 'texted0']);
  world.pass(600);
  expect(await permit(world)).toEqual({ ...refusal, retryAfter: 300 });
  world.pass(300);
  expect((await permit(world)).ok).toBe(true);
});

test('[S42] of many that ask at once one gets through, and the budgets give one place', async () => {
  const world = makeWorld();
  const all = await Promise.all(Array.from({ length: 50 }, () => permit(world)));
  expect(all.filter(({ ok }) => ok)).toHaveLength(1);
  expect(new Set(Object.values(await world.counts()))).toEqual(new Set([1]));
});

test('[S42] of many users that ask at once for one phone as many get through as its budget has', async () => {
  const world = makeWorld({}, { resendWait: [], textsPerPhone: [{ count: 3, seconds: 600 }] });
  const all = await Promise.all(
    Array.from({ length: 50 }, (_, each) => permit(world, { userId: `u${each}` })),
  );
  expect(all.filter(({ ok }) => ok)).toHaveLength(3);
});

test('a text over budget takes no wait and no place elsewhere', async () => {
  const world = withLimits({ textsPerPhone: [{ count: 1, seconds: 600 }] });
  await permit(world);
  world.pass(15);
  const before = await world.counts();
  expect(await permit(world, { userId: 'B' })).toMatchObject({ code: 'send_limit_reached' });
  expect(await world.counts()).toEqual(before);
});
