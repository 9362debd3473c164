import { charge, chargesOf } from '../../../lib/core/send/budgets';
import { giveBack } from '../../../lib/core/send/permit';
import { type Budget } from '../../../lib/core/send/budgets';
import {
  endWait,
  forgetWaits,
  lengthenNextWait,
  startWait,
} from '../../../lib/core/send/resend-wait';
import { makeWorld, PHONE, START, type World } from '../../helpers/core';

let world: World;
beforeEach(() => {
  world = makeWorld();
});
const budget = (key: string, limit: number, seconds = 60): Budget => ({
  name: key,
  key,
  limit,
  windowMs: seconds * 1_000,
});
const take = (...budgets: Budget[]) => charge(world.core.counter, budgets, world.core.clock());

test('[S46] a place is taken in every budget', async () => {
  const charged = await take(budget('a', 2), budget('b', 1, 30));
  expect(charged).toEqual({
    ok: true,
    taken: [
      { budget: budget('a', 2), count: 1, expiresAt: START + 60_000 },
      { budget: budget('b', 1, 30), count: 1, expiresAt: START + 30_000 },
    ],
  });
  expect(charged.ok && chargesOf(charged.taken)).toEqual([
    { key: 'a', expiresAt: START + 60_000 },
    { key: 'b', expiresAt: START + 30_000 },
  ]);
});

test('or in none: what was taken goes back, and the budget that frees last is named', async () => {
  await take(budget('a', 9), budget('b', 1), budget('c', 1, 90));
  for (let each = 0; each < 3; each += 1) {
    expect(await take(budget('a', 9), budget('b', 1), budget('c', 1, 90))).toEqual({
      ok: false,
      budget: budget('c', 1, 90),
      expiresAt: START + 90_000,
    });
  }
  expect(await take(budget('c', 1, 90), budget('b', 1))).toMatchObject({ budget: { key: 'c' } });
  expect(await world.counts()).toEqual({ a: 1, b: 1, c: 1 });
});

test('[S42] of many that ask at once only as many as the limit get through', async () => {
  const all = await Promise.all(Array.from({ length: 50 }, () => take(budget('a', 3))));
  expect(all.filter(({ ok }) => ok)).toHaveLength(3);
});

test('a place whose window is over is not given back to the next one', async () => {
  const { counter, clock } = world.core;
  const charges = [{ key: 'a', expiresAt: START + 60_000 }];
  await take(budget('a', 9));
  world.pass(59.999);
  await giveBack(counter, charges, clock());
  expect(world.added.at(-1)).toEqual({ key: 'a', lifetimeMs: 1, by: -1 });
  world.pass(0.001);
  await take(budget('a', 9));
  await giveBack(counter, charges, clock());
  expect(await world.counts()).toEqual({ a: 1 });
});

const facts = (more: object = {}) => ({
  userId: 'A',
  phone: PHONE,
  confirmed: true,
  address: undefined,
  ...more,
});
const wait = (more: object = {}) =>
  startWait(world.core.counter, world.core.limits, world.core.keyring, facts(more));
const longer = (by?: number) =>
  lengthenNextWait(world.core.counter, world.core.keyring, facts(), by);

test('[S41] the waits grow step by step, and the last one repeats', async () => {
  const waits: number[] = [];
  for (let each = 0; each < 6; each += 1) {
    const started = await wait();
    expect(started.ok).toBe(true);
    waits.push((started.until - world.core.clock()) / 1_000);
    await longer();
    world.pass(waits.at(-1)!);
  }
  expect(waits).toEqual([30, 60, 120, 300, 300, 300]);
});

test('[S41] a wait runs to its very end, for the user and for the phone', async () => {
  await wait();
  world.pass(29.999);
  const until = START + 30_000;
  expect(await wait()).toEqual({ ok: false, until });
  expect(await wait({ userId: 'B' })).toEqual({ ok: false, until });
  expect(await wait({ phone: '+12065550143' })).toEqual({ ok: false, until });
  expect((await wait({ userId: 'B', phone: '+12065550143' })).ok).toBe(true);
  world.pass(0.001);
  expect((await wait()).ok).toBe(true);
});

test('who is stopped by the wait of a phone starts none of their own', async () => {
  await wait();
  expect((await wait({ userId: 'B' })).ok).toBe(false);
  expect((await wait({ userId: 'B', phone: '+12065550143' })).ok).toBe(true);
});

test('the later end of the two waits is the one that is told', async () => {
  await world.core.counter.add('waits:user:none', 1);
  await longer();
  const { phone } = facts();
  const step = `waits:phone:${world.core.keyring.fingerprint('phone', phone)}`;
  await world.core.counter.clear(step);
  expect(await wait()).toMatchObject({ ok: true, until: START + 60_000 });
});

test('a stranger who types a number makes its owner wait for nothing', async () => {
  await wait({ userId: 'B', confirmed: false });
  expect((await wait()).ok).toBe(true);
});

test('a step of the ladder is forgotten after an hour, or given back', async () => {
  await longer();
  expect(world.added.filter(({ key }) => key.startsWith('waits:'))).toEqual([
    { key: expect.stringMatching(/^waits:user:/), lifetimeMs: 3_600_000, by: 1 },
    { key: expect.stringMatching(/^waits:phone:/), lifetimeMs: 3_600_000, by: 1 },
  ]);
  await longer(-1);
  expect(await world.counts()).toEqual({});
});

test('a wait can be ended by its keys, and answering forgets waits and ladder', async () => {
  const { counter, keyring } = world.core;
  const started = await wait();
  await endWait(counter, started.ok ? started.keys : []);
  expect(await world.counts()).toEqual({});
  await wait();
  await longer();
  expect(Object.keys(await world.counts())).toHaveLength(4);
  await forgetWaits(counter, keyring, facts());
  expect(await world.counts()).toEqual({});
});

test('without any wait there is none', async () => {
  world = makeWorld({}, { resendWait: [] });
  expect(await wait()).toMatchObject({ ok: true, until: START });
});
