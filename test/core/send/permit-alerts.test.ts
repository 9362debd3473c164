import type { Limits } from '../../../lib/core/limits';
import { makeWorld, permit, requester, sendWish, START, type World } from '../../helpers/core';
import { permitSend } from '../../../lib/core/send/permit';

const withLimits = (limits: Partial<Limits>): World =>
  makeWorld({}, { resendWait: [15], ...limits });

test('alerts go out once each, when four fifths of a budget over all are used, and when all of it is', async () => {
  const world = withLimits({ overall: [{ count: 9, seconds: 600 }] });
  const alerts: number[] = [];
  for (let each = 0; each < 10; each += 1) {
    await permit(world, { userId: `u${each}`, phone: `+1206555010${each}` });
    alerts.push(world.told('budget_alert').length);
  }
  expect(alerts).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 2, 2]);
  const facts = { at: START, ip: '192.0.2.1', budget: 'overall', limit: 9 };
  expect(world.told('budget_alert')).toEqual([
    { ...facts, userId: 'u7', count: 8 },
    { ...facts, userId: 'u8', count: 9 },
  ]);
});

test('where one text is all there is, its alert goes out once', async () => {
  const world = withLimits({ overall: [{ count: 1, seconds: 600 }] });
  await permit(world);
  expect(world.told('budget_alert')).toHaveLength(1);
});

test('other budgets give no alert', async () => {
  const world = withLimits({ textsPerUser: [{ count: 1, seconds: 600 }] });
  expect(await permit(world)).toMatchObject({ ok: true, permit: { sendsLeft: 0 } });
  expect(world.events).toEqual([]);
});

test('[S171] that the texts of a day are used up is told once a day', async () => {
  const world = withLimits({ textsPerUser: [{ count: 3, seconds: 86_400 }] });
  const told: number[] = [];
  for (let each = 0; each < 4; each += 1) {
    await permit(world);
    told.push(world.told('texts_used_up').length);
    world.pass(600);
  }
  expect(told).toEqual([0, 0, 1, 1]);
  expect(world.told('texts_used_up')).toEqual([
    expect.objectContaining({ userId: 'A', phone: '••• ••• ••42', purpose: 'sign-in' }),
  ]);
  world.pass(86_400);
  for (let each = 0; each < 3; each += 1) {
    await permit(world);
    world.pass(600);
  }
  expect(world.told('texts_used_up')).toHaveLength(2);
});

test('[S171] the last text that is not kept for a known browser tells it, too', async () => {
  const world = withLimits({ textsPerUser: [{ count: 5, seconds: 86_400 }] });
  const who = requester('A', { known: () => false });
  for (let each = 0; each < 5; each += 1) {
    expect((await permitSend(world.core, who, sendWish())).ok).toBe(each < 4);
    world.pass(600);
  }
  expect(world.told('texts_used_up')).toHaveLength(1);
});

test('[S171] a counter that is away keeps no text from going out, and nothing is told', async () => {
  const world = withLimits({ textsPerUser: [{ count: 1, seconds: 86_400 }] });
  const { counter } = world.core;
  world.core.counter = {
    settle: async (wish) => {
      if (wish.take?.some(({ key }) => key.endsWith('#usedup'))) throw new Error('away');
      return counter.settle(wish);
    },
  };
  expect((await permit(world)).ok).toBe(true);
  expect(world.told('texts_used_up')).toEqual([]);
});

test('[S52] of a suspension that lasts each process tells once, whoever asks', async () => {
  const world = withLimits({ conversionPerCountry: { hour: 1, day: 1 } });
  const ask = (each: number) =>
    permit(world, {
      userId: `u${each}`,
      address: `192.0.2.${each}`,
      phone: `+1206${201 + each}0100`,
      confirmed: false,
    });
  for (let each = 0; each < 3; each += 1) expect((await ask(each)).ok).toBe(true);
  for (let each = 3; each < 8; each += 1) {
    expect(await ask(each)).toMatchObject({ code: 'sending_suspended' });
  }
  expect(world.told('conversion_low').map(({ step, userId }) => [step, userId])).toEqual([
    ['second', 'u2'],
  ]);
});
