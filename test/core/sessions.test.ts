import { endedKey, endPlace, notEndedPlace, wentOnKey, wentOnPlace } from '../../lib/core/sessions';
import type { Place } from '../../lib/ports/counter';
import { makeWorld, type World } from '../helpers/core';

const HOUR = 3_600;
let world: World;
beforeEach(() => {
  world = makeWorld();
});
const settle = async (...take: Place[]) => (await world.core.counter.settle({ take })).ok;

test('[S62] one of any number ends a session, which is known for an hour and asked without a trace', async () => {
  const { core } = world;
  const isOn = (session = 's') => settle(notEndedPlace(core, session));
  expect(await isOn()).toBe(true);
  const all = await Promise.all(Array.from({ length: 9 }, () => settle(endPlace(core, 's'))));
  expect(all.filter((ok) => ok)).toHaveLength(1);
  expect([await isOn(), await isOn('t')]).toEqual([false, true]);
  expect(await world.counts()).toEqual({ [endedKey(core, 's')]: 1 });
  world.pass(HOUR - 0.001);
  expect(await isOn()).toBe(false);
  world.pass(0.001);
  expect(await isOn()).toBe(true);
});

test('of an end and a way on that come at the same time one is first, and the other knows', async () => {
  const { core } = world;
  const goOn = () => settle(notEndedPlace(core, 's'), wentOnPlace(core, 's'));
  expect(await Promise.all([goOn(), settle(endPlace(core, 's'))])).toEqual([true, true]);
  expect(await goOn()).toBe(false);
  expect((await world.counts())[wentOnKey(core, 's')]).toBe(1);
});

test('that a session went on is known for an hour, however often it does', async () => {
  const { core } = world;
  for (let each = 0; each < 3; each += 1) expect(await settle(wentOnPlace(core, 's'))).toBe(true);
  const isKnown = async () =>
    (await core.counter.settle({ read: [wentOnKey(core, 's')] })).read.size;
  world.pass(HOUR - 0.001);
  expect(await isKnown()).toBe(1);
  world.pass(0.001);
  expect(await isKnown()).toBe(0);
});
