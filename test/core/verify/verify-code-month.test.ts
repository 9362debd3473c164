import { failureKeys } from '../../../lib/core/failures';
import {
  codeOf,
  countNames,
  justBefore,
  makeWorld,
  requester,
  send,
  START,
  take,
  verify,
  wrong,
  type World,
} from '../../helpers/core';

/* Wrong codes of a month, whatever came between. */

const DAY = 86_400;
let world: World;
const notices = () => world.told('notice').filter(({ action }) => action === 'many_wrong_codes');
const counted = async () => (await world.counts())[failureKeys(world.core, 'A').wrong] ?? 0;
beforeEach(() => {
  world = makeWorld();
});

/** Somebody with the password guesses wrong, and the owner signs in after it. */
async function guessedAt(guesses: number, session = 'thief'): Promise<void> {
  await send(world, requester('A', { sessionId: session }));
  for (let each = 0; each < guesses; each += 1) {
    await verify(world, wrong(world), requester('A', { sessionId: session }));
  }
  world.pass(400);
  const owner = requester('A', { sessionId: `owner ${world.core.clock()}` });
  await send(world, owner);
  expect((await verify(world, codeOf(world), owner)).ok).toBe(true);
  world.pass(DAY);
}

test('[S173] the twentieth wrong code of a month is told once, although the owner signs in every day', async () => {
  for (let day = 1; day <= 6; day += 1) {
    expect(notices()).toEqual([]);
    await guessedAt(day < 6 ? 3 : 4);
  }
  expect(await counted()).toBe(19);
  await send(world);
  const { wrong: key } = failureKeys(world.core, 'A');
  expect(world.added.find((place) => place.key === key)?.window).toBe(30 * DAY * 1_000);
  await verify(world, wrong(world));
  expect(notices()).toEqual([
    {
      action: 'many_wrong_codes',
      at: world.core.clock(),
      userId: 'A',
      ip: '192.0.2.1',
      phone: '••• ••• ••42',
      purpose: 'sign-in',
      wrongCodes: 20,
      since: START,
    },
  ]);
  world.pass(DAY);
  for (let day = 1; day <= 6; day += 1) await guessedAt(5);
  expect(notices()).toHaveLength(1);
});

test('[S173] the month after is told anew, of its own wrong codes', async () => {
  for (let day = 1; day <= 5; day += 1) await guessedAt(5);
  expect(notices()).toHaveLength(1);
  world.pass(25 * DAY);
  for (let day = 1; day <= 4; day += 1) {
    expect(notices()).toHaveLength(1);
    await guessedAt(5);
  }
  expect(notices()).toMatchObject([{ wrongCodes: 20 }, { wrongCodes: 20 }]);
});

test('[S173] wrong codes that cross at the mark are told once', async () => {
  const { wrong: key } = failureKeys(world.core, 'A');
  await take(world, key, { by: 18, seconds: 30 * DAY });
  await send(world);
  await Promise.all(Array.from({ length: 5 }, () => verify(world, wrong(world))));
  expect(await counted()).toBe(23);
  expect(notices()).toHaveLength(1);
});

test('a right code is no wrong one, also where a copy of it comes too late, and leaves nothing', async () => {
  await send(world);
  await verify(world, codeOf(world));
  expect(await counted()).toBe(0);
  expect(await countNames(world)).not.toContain('wrong');

  world.pass(60);
  const other = requester('A', { sessionId: 'another' });
  await send(world, other);
  const code = codeOf(world);
  const copies = Array.from({ length: 5 }, () => verify(world, code, other));
  expect((await Promise.all(copies)).filter(({ ok }) => ok)).toHaveLength(1);
  expect(await counted()).toBe(0);
});

test('[S173] the place of a wrong code is taken in the step that counts the guess, before it is compared', async () => {
  await send(world);
  const { wrong: key, fails } = failureKeys(world.core, 'A');
  const { counter } = world.core;
  const steps: string[][] = [];
  world.core.counter = {
    settle: (wish) => {
      steps.push((wish.take ?? []).map((place) => place.key));
      return counter.settle(wish);
    },
  };
  await verify(world, wrong(world));
  expect(steps).toHaveLength(1);
  expect(steps[0]).toEqual(expect.arrayContaining([key, fails]));
});

test('a guess that meets a lock, or a challenge without guesses left, is not counted', async () => {
  await send(world);
  for (let each = 0; each < 7; each += 1) await verify(world, wrong(world));
  expect(await counted()).toBe(5);
  justBefore(world, 'take', 'wrong', () => take(world, failureKeys(world.core, 'A').lock));
  world.pass(300);
  await send(world);
  expect(await verify(world, wrong(world))).toMatchObject({ code: 'too_many_attempts' });
  expect(await counted()).toBe(5);
});

/*
 * The arithmetic of SECURITY.md. Somebody with the password does all that the limits let them, and
 * the owner signs in once a day, which forgives what was guessed before.
 */
test('[S173] who signs in every day suffers at most fifty guesses a day, and is told of them', async () => {
  const days = 35;
  const thief = requester('A', { sessionId: 'thief', address: '203.0.113.7' });
  let signedIn = -1;
  for (let minute = 0; minute < days * 1_440; minute += 5) {
    const day = Math.floor(minute / 1_440);
    const owner = requester('A', { sessionId: `owner ${day}` });
    if (signedIn < day && (await send(world, owner)).ok) {
      expect((await verify(world, codeOf(world), owner)).ok).toBe(true);
      signedIn = day;
    }
    await send(world, thief);
    for (let wrongOnes = 0; wrongOnes < 5; wrongOnes += 1) {
      const answer = await verify(world, wrong(world), thief);
      if (!answer.ok && answer.code !== 'code_incorrect') break;
    }
    world.pass(300);
  }
  expect(signedIn).toBe(days - 1);
  const guesses = world.told('failed').length;
  expect(guesses).toBeGreaterThan(20 * days);
  expect(guesses).toBeLessThanOrEqual(50 * days);
  expect(notices()).toHaveLength(2);
  expect(Number(notices()[0]?.at) - START).toBeLessThan(DAY * 1_000);
});
