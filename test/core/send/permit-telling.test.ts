import { failureKeys } from '../../../lib/core/failures';
import type { Core } from '../../../lib/core/core';
import type { Limits } from '../../../lib/core/limits';
import { permitSend } from '../../../lib/core/send/permit';
import { signOutPlace } from '../../../lib/core/sessions';
import {
  countFailures,
  countNames,
  makeWorld,
  permit,
  PHONE,
  requester,
  sendWish,
  type World,
} from '../../helpers/core';

const withLimits = (limits: Partial<Limits>, given: Partial<Core> = {}): World =>
  makeWorld(given, { resendWait: [], ...limits });
const NOT_GUARDED = { hour: 99, day: 999 };
/** A client of its own asks for a text to a number of its own, in a block of its own. */
const signUp = (world: World, each: number, more: object = {}) =>
  permit(world, {
    ...{ userId: `u${each}`, address: `192.0.2.${each}`, confirmed: false },
    ...{ phone: `+1206${201 + each}0100`, ...more },
  });
const told = (world: World) => world.told('conversion_low').map(({ step }) => step);

describe('[S52] how a place stands', () => {
  const country = { conversionPerCountry: { hour: 2, day: 6 }, conversionPerBlock: NOT_GUARDED };
  const suspended = { ok: false, code: 'sending_suspended', budget: 'conversion-country' };
  /** Two texts whose codes do not come back. */
  const unanswered = async (limits: Partial<Limits> = country): Promise<World> => {
    const world = withLimits(limits);
    for (const each of [1, 2]) expect((await signUp(world, each)).ok).toBe(true);
    world.pass(300);
    return world;
  };

  test('is told once by each process that refuses whose codes are among them', async () => {
    const world = await unanswered();
    for (let again = 0; again < 3; again += 1) {
      expect(await signUp(world, 1)).toEqual({ ...suspended, retryAfter: 3_300 });
    }
    expect(told(world)).toEqual(['first']);
    // The account from elsewhere, and another account from there, are refused as well.
    expect(await signUp(world, 1, { address: '192.0.2.9' })).toMatchObject(suspended);
    expect(await signUp(world, 1, { userId: 'u9' })).toMatchObject(suspended);
    // Another process has told nobody yet.
    const other = { ...world, core: { ...world.core } };
    await signUp(other, 1);
    expect(told(world)).toEqual(['first', 'first']);
    // Others are texted, and what they see is told by now.
    expect((await signUp(world, 3)).ok).toBe(true);
    expect(told(world)).toEqual(['first', 'first']);
  });

  test('is not told by whoever is refused for something else', async () => {
    const world = await unanswered();
    await world.core.counter.settle({ take: [signOutPlace(world.core, 'session of u3')] });
    expect(await signUp(world, 3)).toMatchObject({ code: 'not_authenticated' });
    expect(told(world)).toEqual([]);
    expect((await signUp(world, 4)).ok).toBe(true);
    expect(told(world)).toEqual(['first']);
  });

  test('is told by one of several that see it at the same moment, and so is its end', async () => {
    const world = await unanswered();
    expect((await Promise.all([signUp(world, 3), signUp(world, 4)])).map(({ ok }) => ok)).toEqual([
      true,
      true,
    ]);
    expect(told(world)).toEqual(['first']);
    world.pass(2 * 3_600);
    world.events.length = 0;
    await Promise.all([signUp(world, 5), signUp(world, 6)]);
    expect(told(world)).toEqual(['over']);
    await signUp(world, 7);
    expect(told(world)).toEqual(['over']);
  });
});

test('[S167] two of a household that ask at once are both texted', async () => {
  const world = withLimits({});
  const all = [1, 2, 3, 4].map((each) => signUp(world, each, { address: '192.0.2.1' }));
  expect((await Promise.all(all)).map(({ ok }) => ok)).toEqual([true, true, true, true]);
});

test('what is the user’s own is told before what all share, also where that takes longer', async () => {
  const world = withLimits({
    textsPerUser: [{ count: 1, seconds: 600 }],
    textsPerAddress: [{ count: 1, seconds: 3_600 }],
  });
  expect((await permit(world)).ok).toBe(true);
  const refused = { ok: false, code: 'send_limit_reached' };
  expect(await permit(world)).toEqual({ ...refused, retryAfter: 600, budget: 'user' });
  const stranger = await permit(world, { userId: 'B', phone: '+12065550199' });
  expect(stranger).toEqual({ ...refused, retryAfter: 3_600, budget: 'address' });
});

test('what frees only with time is waited for, whatever is on its way', async () => {
  const world = withLimits({ overall: [{ count: 1, seconds: 3_600 }] });
  expect((await signUp(world, 1)).ok).toBe(true);
  expect(await signUp(world, 2, { address: '192.0.2.1' })).toEqual({
    ...{ ok: false, code: 'send_limit_reached', retryAfter: 3_600, budget: 'overall' },
  });
});

test('a budget of somebody gives no alert where there is one over all', async () => {
  const world = withLimits({
    overall: [{ count: 100, seconds: 3_600 }],
    textsPerUser: [{ count: 1, seconds: 600 }],
  });
  expect((await permit(world)).ok).toBe(true);
  expect(world.events).toEqual([]);
});

test('how many texts are left depends on whether the browser is known', async () => {
  const left = async (known?: () => boolean) => {
    const { core } = withLimits({ textsPerUser: [{ count: 5, seconds: 86_400 }] });
    const { known: _, ...who } = requester();
    const asked = known === undefined ? who : { ...who, known };
    const permitted = await permitSend(core, asked, sendWish());
    return permitted.ok ? permitted.permit.sendsLeft : permitted.code;
  };
  expect([await left(() => true), await left(() => false), await left()]).toEqual([4, 3, 3]);
});

test('[S171] an account that is texted what is kept of its phone is told, and nothing else is', async () => {
  const world = withLimits({ textsPerPhone: [{ count: 5, seconds: 86_400 }] });
  for (const each of [1, 2, 3, 4, 5]) await permit(world, { userId: `other ${each}` });
  world.events.length = 0;
  const who = requester('A', { known: () => false });
  expect((await permitSend(world.core, who, sendWish())).ok).toBe(true);
  expect(world.events.map(({ name, facts }) => [name, facts.userId])).toEqual([
    ['texts_used_up', 'A'],
  ]);
});

test('[S41] the ladder of a text is the higher of those of its user and its phone', async () => {
  const world = withLimits({});
  const step = async (wish: object) => {
    const permitted = await permit(world, wish);
    return permitted.ok ? permitted.permit.step : permitted.code;
  };
  expect([await step({}), await step({ userId: 'B' })]).toEqual([1, 2]);
  expect(await step({ userId: 'B', phone: '+12065550199' })).toBe(2);
  expect(await step({ userId: 'C', phone: '+12065550198' })).toBe(1);
});

test.each([
  ['a text', {}, true, '0.1'],
  ['a text that nobody hears an answer to', {}, false, undefined],
  ['a mail', { channel: 'email', phone: 'ann@acme.example' }, true, undefined],
] as const)('%s has its turn among those of its phone: %s', async (_what, wish, listens, turn) => {
  const permitted = await permit(withLimits({}, { listens: () => listens }), wish);
  expect(permitted).toMatchObject({ ok: true });
  expect(permitted.ok && permitted.permit.turn).toBe(turn);
});

test('a text to a test number costs no budget of texts that go out, a mail to its like does', async () => {
  const testCode = (to: string) => (to === PHONE || to.includes('@') ? '123456' : undefined);
  const taken = async (wish: object) => {
    const permitted = await permit(withLimits({}, { testCode }), wish);
    if (!permitted.ok) throw new Error(permitted.code);
    const { unsent, unanswered } = permitted.permit;
    return unsent.length - unanswered.length;
  };
  expect(await taken({})).toBe(0);
  expect(await taken({ phone: '+12065550199' })).toBe(5);
  expect(await taken({ channel: 'email', phone: 'ann@acme.example' })).toBe(5);
});

test('a locked user gets nothing back of what earlier texts took', async () => {
  const world = makeWorld();
  expect((await permit(world)).ok).toBe(true);
  await countFailures(world, 10);
  const before = await world.counts();
  for (let again = 0; again < 3; again += 1) {
    expect(await permit(world)).toMatchObject({ code: 'too_many_attempts' });
  }
  expect(await world.counts()).toEqual(before);
});

test('[S138] where a lock begins that was lost, the hook was not asked and its call costs nothing', async () => {
  const beforeSend = jest.fn(() => true);
  const world = makeWorld({ beforeSend });
  await countFailures(world, 9);
  const { fails } = failureKeys(world.core, 'A');
  await world.core.counter.settle({ take: [{ key: fails, window: 1, limit: 10 }] });
  expect(await permit(world)).toMatchObject({ code: 'too_many_attempts' });
  expect(beforeSend).not.toHaveBeenCalled();
  expect(await countNames(world)).toEqual(['fails', 'lock', 'locks', 'texted0']);
});

test('a user who may have no more texts is told so at a new number, too', async () => {
  const world = withLimits({ textsPerUser: [{ count: 1, seconds: 600 }] });
  expect((await signUp(world, 1)).ok).toBe(true);
  const refused = { ok: false, code: 'send_limit_reached', retryAfter: 600, budget: 'user' };
  expect(await signUp(world, 1, { phone: '+12064010100' })).toEqual(refused);
});

test('[S163] of the calls of a hook for new numbers none are kept for a browser', async () => {
  const world = withLimits({ hookCallsPerUser: [{ count: 1, seconds: 86_400 }] });
  const beforeSend = jest.fn(() => false);
  world.core.beforeSend = beforeSend;
  const codes = [await signUp(world, 1), await signUp(world, 1)].map(
    (each) => !each.ok && each.code,
  );
  expect(codes).toEqual(['send_refused', 'send_limit_reached']);
  expect(beforeSend).toHaveBeenCalledTimes(1);
});
