import {
  endedKey,
  endIn,
  forgetSuccessor,
  goOnPlace,
  isSealed,
  keepSuccessor,
  notEndedPlace,
  sealOf,
  signOutPlace,
  successorOf,
  successorsOf,
  tryPlace,
} from '../../lib/core/sessions';
import { heldOf, type Place } from '../../lib/ports/counter';
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
  const all = await Promise.all(Array.from({ length: 9 }, () => settle(goOnPlace(core, 's'))));
  expect(all.filter((ok) => ok)).toHaveLength(1);
  expect([await isOn(), await isOn('t')]).toEqual([false, true]);
  expect(await world.counts()).toEqual({ [endedKey(core, 's')]: 1 });
  world.pass(HOUR - 0.001);
  expect(await isOn()).toBe(false);
  world.pass(0.001);
  expect(await isOn()).toBe(true);
});

test('of a sign-out and a way on that come at the same time one is first, and the other knows', async () => {
  const { core } = world;
  const settled = (place: Place) => core.counter.settle({ take: [place] });
  const endOf = async (session: string) => {
    const key = endedKey(core, session);
    return endIn((await core.counter.settle({ read: [key] })).read.get(key));
  };
  const goOn = (session: string) => settled(goOnPlace(core, session));
  const signOut = (session: string) => settled(signOutPlace(core, session));
  expect(await endOf('s')).toEqual({ wentOn: false, signedOut: false });
  const [on, out] = await Promise.all([goOn('s'), signOut('s')]);
  expect([on.ok, out.ok]).toEqual([true, true]);
  expect(endIn(on.places.get(endedKey(core, 's')))).toEqual({ wentOn: true, signedOut: false });
  expect(endIn(out.places.get(endedKey(core, 's')))).toEqual({ wentOn: true, signedOut: true });
  const [first, late] = await Promise.all([signOut('t'), goOn('t')]);
  expect([first.ok, late.ok]).toEqual([true, false]);
  expect(await endOf('t')).toEqual({ wentOn: false, signedOut: true });
});

test('that a session went on is known for an hour, however often it is signed out of', async () => {
  const { core } = world;
  expect(await settle(goOnPlace(core, 's'))).toBe(true);
  const key = endedKey(core, 's');
  const end = async () => endIn((await core.counter.settle({ read: [key] })).read.get(key));
  for (let each = 0; each < 3; each += 1) {
    expect(await end()).toEqual({ wentOn: true, signedOut: each > 0 });
    expect(await settle(signOutPlace(core, 's'))).toBe(true);
  }
  world.pass(HOUR - 0.001);
  expect(await end()).toEqual({ wentOn: true, signedOut: true });
  world.pass(0.001);
  expect(await end()).toEqual({ wentOn: false, signedOut: false });
});

test('what went on and came to nothing is given back, and the sign-out beside it stays', async () => {
  const { core } = world;
  const take = [goOnPlace(core, 's')];
  const { places } = await core.counter.settle({ take });
  await settle(signOutPlace(core, 's'));
  await core.counter.settle({ give: heldOf(take, places) });
  const key = endedKey(core, 's');
  const { read } = await core.counter.settle({ read: [key] });
  expect(endIn(read.get(key))).toEqual({ wentOn: false, signedOut: true });
});

/** Each session goes on as the next one. */
async function goOn(...ids: string[]): Promise<void> {
  for (const [index, before] of ids.entries()) {
    const id = ids[index + 1];
    const until = world.core.clock() + 10_000;
    if (id !== undefined) await keepSuccessor(world.core, before, { id, until });
  }
}

describe('[S188] the sessions that came of one another', () => {
  test('are known from the first to the last for an hour', async () => {
    await goOn('a', 'b', 'c', 'd');
    const { core } = world;
    expect(await successorsOf(core, 'a')).toEqual(['b', 'c', 'd']);
    expect(await successorsOf(core, 'd')).toEqual([]);
    world.pass(HOUR - 0.001);
    expect(await successorsOf(core, 'a')).toEqual(['b', 'c', 'd']);
    world.pass(0.001);
    expect(await successorsOf(core, 'a')).toEqual([]);
  });

  test('are forgotten where nothing came of it', async () => {
    await goOn('a', 'b');
    await forgetSuccessor(world.core, 'a');
    expect(await successorsOf(world.core, 'a')).toEqual([]);
  });

  test('lead round in no circle, and on for ever in no chain', async () => {
    await goOn('a', 'b', 'a');
    expect(await successorsOf(world.core, 'a')).toEqual(['b', 'a']);
    await goOn(...Array.from({ length: 100 }, (_, index) => `s${index}`));
    expect(await successorsOf(world.core, 's0')).toHaveLength(64);
  });

  test('are told with what was kept, and without what is of another kind', async () => {
    const { core } = world;
    const read = async (...parts: unknown[]) => {
      await core.records.set(core.keyring.recordKey('successor', 'a'), ['b', 1, ...parts], 2 ** 50);
      return successorOf(core, 'a');
    };
    const whole = { seal: 's', kind: 'factor', challengeId: 'c', untold: true };
    const bare = { seal: undefined, kind: undefined, challengeId: undefined, untold: undefined };
    expect(await read('s', 'factor', 'c', true)).toEqual({ id: 'b', until: 1, ...whole });
    for (const parts of [[], ['', '', '', ''], [7, {}, null, 1], [true, [], 0, 'true']]) {
      expect(await read(...parts)).toEqual({ id: 'b', until: 1, ...bare });
    }
  });

  test.each([undefined, null, 'b', {}, { id: 'b', until: 1 }, [], ['b'], [7, 1], ['b', '1']])(
    'are read of nothing but what was kept: %j',
    async (record) => {
      const { core } = world;
      await core.records.set(core.keyring.recordKey('successor', 'a'), record, 2 ** 50);
      expect(await successorOf(core, 'a')).toBeUndefined();
    },
  );

  test('are kept without what was typed, where nothing was', async () => {
    const { core } = world;
    await keepSuccessor(core, 'a', { id: 'b', until: 7 });
    const bare = { seal: undefined, kind: undefined, challengeId: undefined, untold: undefined };
    expect(await successorOf(core, 'a')).toEqual({ id: 'b', until: 7, ...bare });
  });

  test('are kept with what was typed, which only shows to who types the same', async () => {
    const { core } = world;
    const typed = { kind: 'factor', code: '123456' } as const;
    const seal = sealOf(core, { userId: 'A', before: 'a', after: 'b' }, typed);
    expect(seal).toMatch(/^[\w-]{16}$/);
    const successor = { id: 'b', until: 7, seal, kind: 'factor', challengeId: 'c', untold: true };
    await keepSuccessor(core, 'a', successor);
    expect(await successorOf(core, 'a')).toEqual(successor);
    const who = { userId: 'A', sessionId: 'a' };
    expect(isSealed(core, who, successor, typed)).toBe(true);
    expect(isSealed(core, { ...who, userId: 'B' }, successor, typed)).toBe(false);
    expect(isSealed(core, { ...who, sessionId: 'x' }, successor, typed)).toBe(false);
    expect(isSealed(core, who, { ...successor, id: 'x' }, typed)).toBe(false);
    expect(isSealed(core, who, successor, { ...typed, code: '123457' })).toBe(false);
    expect(isSealed(core, who, successor, { ...typed, kind: 'phone' })).toBe(false);
    expect(isSealed(core, who, { id: 'b', until: 7 }, typed)).toBe(false);
  });
});

test('a code that is being tried holds up itself, and nothing else that is typed', async () => {
  const { core } = world;
  const who = { userId: 'A', sessionId: 's' };
  const attempt = (more: object = {}, kind: 'factor' | 'phone' = 'factor', code = '123456') =>
    settle(tryPlace(core, { ...who, ...more }, { kind, code }));
  expect([await attempt(), await attempt()]).toEqual([true, false]);
  expect(await attempt({ userId: 'B' })).toBe(true);
  expect(await attempt({ sessionId: 't' })).toBe(true);
  expect(await attempt({}, 'phone')).toBe(true);
  expect(await attempt({}, 'factor', '123457')).toBe(true);
  world.pass(10);
  expect(await attempt()).toBe(true);
});

test('what was typed is sealed for this user, these two sessions and this code, however they are divided', () => {
  const { core } = makeWorld();
  const seals = [
    ['A', 'before', 'after', '123456'],
    ['B', 'before', 'after', '123456'],
    ['A', 'another', 'after', '123456'],
    ['A', 'before', 'another', '123456'],
    ['A', 'before', 'after', '123457'],
    ['Ab', 'efore', 'after', '123456'],
    ['A', 'beforea', 'fter', '123456'],
  ].map(([userId = '', before = '', after = '', code = '']) =>
    sealOf(core, { userId, before, after }, { kind: 'factor', code }),
  );
  expect(new Set(seals).size).toBe(seals.length);
});
