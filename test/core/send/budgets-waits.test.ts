import { giveBack, type SendPermit } from '../../../lib/core/send/permit';
import { answeredWaits, endedByRefusal, waitLength, waitsOf } from '../../../lib/core/send/budgets';
import {
  countNames,
  justBefore,
  makeWorld,
  permit,
  PHONE,
  sendWish,
  type World,
} from '../../helpers/core';

const OTHER = '+12065550143';
const ANY = Number.MAX_SAFE_INTEGER;

test('[S41] user and phone wait, a stranger who types the number elsewhere', () => {
  const { core } = makeWorld();
  const { subjects } = core.keyring;
  const wait = { window: 30_000, limit: 1 };
  const step = { window: 3_600_000, limit: ANY };
  const [user, phone] = [subjects.user('A'), subjects.phone(PHONE)];
  expect(waitsOf(core, sendWish())).toEqual([
    { wait: { key: `${user}#wait`, ...wait }, step: { key: `${user}#step`, ...step } },
    { wait: { key: `${phone}#wait`, ...wait }, step: { key: `${phone}#step`, ...step } },
  ]);
  const strangers = waitsOf(core, sendWish({ confirmed: false }));
  expect(strangers[1]!.wait.key).toBe(`${subjects.unconfirmedPhone(PHONE)}#wait`);
});

test('[S41] the waits grow step by step, and the last one repeats', () => {
  const { core } = makeWorld();
  const [wait] = waitsOf(core, sendWish());
  const lengths = [undefined, 1, 2, 3, 4, 5, 99].map((count) => {
    const known =
      count === undefined ? [] : [[wait!.step.key, { count, left: 1, ends: 1 }] as const];
    return waitLength(core, wait!, new Map(known)) / 1_000;
  });
  expect(lengths).toEqual([30, 30, 60, 120, 300, 300, 300]);
});

test('after a right code the ladder begins anew, and the next text waits for a moment', async () => {
  const world = makeWorld({}, { waitAfterSuccess: 7 });
  await permit(world);
  world.pass(30);
  await permit(world);
  const answered = answeredWaits(world.core, sendWish());
  expect((await world.core.counter.settle(answered)).ok).toBe(true);
  const soon = { ok: false, code: 'resend_too_soon', retryAfter: 7 };
  for (const wish of [{}, { userId: 'B' }, { phone: OTHER }]) {
    expect(await permit(world, wish)).toEqual(soon);
  }
  world.pass(7);
  expect((await taken(world)).resendAt).toBe(world.core.clock() + 30_000);
});

test('[S166] of texts that were surely refused ten may be tried again at once, and no step goes back', () => {
  const { core } = makeWorld();
  const waits = waitsOf(core, sendWish()).flatMap(({ wait, step }) => [wait, step]);
  const held = waits.map(({ key }) => ({ key, ends: 1 }));
  const keys = (texts: number) => endedByRefusal(held, texts).map(({ key }) => key);
  expect(keys(10)).toEqual([waits[0]!.key, waits[2]!.key]);
  expect(keys(11)).toEqual([]);
});

/** What was taken for a text to the confirmed phone. */
async function taken(world: World, confirmed = true): Promise<SendPermit> {
  const answer = await permit(world, { confirmed });
  if (!answer.ok) throw new Error(`refused: ${answer.code}`);
  return answer.permit;
}

test('[S41] a wait runs to its very end, for the user and for the phone', async () => {
  const world = makeWorld();
  await permit(world);
  world.pass(29.999);
  const soon = { ok: false, code: 'resend_too_soon', retryAfter: 1 };
  expect(await permit(world)).toEqual(soon);
  expect(await permit(world, { userId: 'B' })).toEqual(soon);
  expect(await permit(world, { phone: OTHER })).toEqual(soon);
  // Whoever was stopped by the wait of the phone has begun none of their own.
  expect((await permit(world, { userId: 'B', phone: OTHER })).ok).toBe(true);
  world.pass(0.001);
  expect((await permit(world)).ok).toBe(true);
});

test('a stranger who types a number makes its owner wait for nothing', async () => {
  const world = makeWorld();
  await permit(world, { userId: 'B', confirmed: false });
  expect((await permit(world)).ok).toBe(true);
});

test('[S41] the waits grow step by step, and what is longer than the first is asked for', async () => {
  const world = makeWorld();
  const waits: number[] = [];
  for (let each = 0; each < 6; each += 1) {
    const { resendAt, longer } = await taken(world);
    const seconds = (resendAt - world.core.clock()) / 1_000;
    const keys = waitsOf(world.core, sendWish()).map(({ wait }) => wait.key);
    const window = seconds * 1_000;
    expect(longer).toEqual(each === 0 ? [] : keys.map((key) => ({ key, window, limit: 1 })));
    waits.push(seconds);
    world.pass(seconds);
  }
  expect(waits).toEqual([30, 60, 120, 300, 300, 300]);
});

test('the later end of two waits is the one that is told, and each has its own', async () => {
  const world = makeWorld();
  await permit(world);
  world.pass(30);
  const answer = await permit(world, { phone: OTHER });
  expect(answer).toMatchObject({
    ok: true,
    permit: {
      resendAt: world.core.clock() + 60_000,
      longer: [{ key: `${world.core.keyring.subjects.user('A')}#wait`, window: 60_000 }],
    },
  });
});

test('a step of the ladder is forgotten an hour after the first', async () => {
  const world = makeWorld();
  await permit(world);
  world.pass(3_599.999);
  expect((await taken(world)).longer).toHaveLength(2);
  world.pass(60);
  expect((await taken(world)).longer).toEqual([]);
});

test('everything goes back where nothing was texted, but for the turn of the text', async () => {
  const world = makeWorld();
  for (const confirmed of [true, false]) {
    const { unsent, waits } = await taken(world, confirmed);
    await giveBack(world.core, [...unsent, ...waits]);
    expect(await countNames(world)).toEqual(['texted0']);
  }
  const settle = jest.spyOn(world.core.counter, 'settle');
  await giveBack(world.core, []);
  expect(settle).not.toHaveBeenCalled();
});

test('a place whose window is over is not given back to the next one', async () => {
  const world = makeWorld();
  const { unsent } = await taken(world);
  world.pass(600);
  await permit(world);
  const before = await world.counts();
  await giveBack(world.core, unsent);
  const after = await world.counts();
  const tenMinutes = Object.keys(before).find((key) => /^p:.*#t600$/.test(key))!;
  expect([before[tenMinutes], after[tenMinutes]]).toEqual([1, 1]);
});

test('a counter that is away gives nothing back, and that is no error', async () => {
  const world = makeWorld();
  const { unsent } = await taken(world);
  justBefore(world, 'give', 't600', () => Promise.reject(new Error('away')));
  await giveBack(world.core, unsent);
  expect(await countNames(world)).toContain('t600');
});

test('[S203] a number that puts another one right is texted at once, and takes one of the few of a day instead', async () => {
  const world = makeWorld();
  const at = (number: number, wish: object = {}) =>
    permit(world, { confirmed: false, phone: `+1206555014${number}`, ...wish });
  const corrects = true;
  expect(await at(1)).toMatchObject({ ok: true });
  world.pass(5);
  expect(await at(2)).toEqual({ ok: false, code: 'resend_too_soon', retryAfter: 25 });
  expect(await at(2, { corrects })).toMatchObject({ ok: true });
  // From now on that text is waited for, as the second one that nobody answered.
  world.pass(29);
  expect(await at(2)).toMatchObject({ code: 'resend_too_soon' });
  expect(await at(2, { corrects })).toMatchObject({ code: 'resend_too_soon' });
  // Back to a number that was tried before: no way around the wait.
  expect(await at(1, { corrects })).toMatchObject({ code: 'resend_too_soon' });
  expect(await at(3, { corrects })).toMatchObject({ ok: true });
  const limit = { code: 'send_limit_reached', budget: 'phones' };
  expect(await at(4, { corrects })).toMatchObject(limit);
});

test('[S203] the wait of the number itself stays, whoever asked for its last text', async () => {
  const world = makeWorld();
  const wish = { confirmed: false, corrects: true };
  await permit(world, { ...wish, userId: 'B', phone: OTHER });
  await permit(world, wish);
  expect(await permit(world, { ...wish, phone: OTHER })).toEqual({
    ok: false,
    code: 'resend_too_soon',
    retryAfter: 30,
  });
});

test('[S203] where any number of numbers may be tried, each waits', async () => {
  const world = makeWorld({}, { phonesPerUser: [] });
  const wish = { confirmed: false, corrects: true };
  await permit(world, wish);
  expect(await permit(world, { ...wish, phone: OTHER })).toMatchObject({ code: 'resend_too_soon' });
});
