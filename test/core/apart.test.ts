import type { Limits } from '../../lib/core/limits';
import { sendCode } from '../../lib/core/send/send-code';
import { verifiedPlaces } from '../../lib/core/send/conversion';
import { signOutPlace } from '../../lib/core/sessions';
import { verifyCode } from '../../lib/core/verify/verify-code';
import { guardedCounter } from '../../lib/counters/guarded-counter';
import { settleApart } from '../../lib/counters/settle-apart';
import type { SimpleCounter, Wish } from '../../lib/ports/counter';
import {
  codeOf,
  justBefore,
  makeWorld,
  permit,
  PHONE,
  requester,
  send,
  verify,
  type World,
} from '../helpers/core';
import { simpleCounter } from '../helpers/simple-counter';
import { seeded } from '../helpers/web';

const OTHER = '+12065550143';

/**
 * A decision that is refused forgets nothing, also where what is counted of each subject is a step of
 * its own, as on a cluster.
 */
describe.each([
  ['in one step', false],
  ['apart', true],
])('where a decision is taken %s', (_, isApart) => {
  const worldWith = (limits: Partial<Limits> = {}): World => {
    const world = makeWorld({}, limits);
    const { counter } = world.core;
    const settle = (wish: Wish) => counter.settle(wish);
    if (isApart) world.core.counter = { settle: (wish) => settleApart(wish, settle) };
    return world;
  };
  let world: World;
  beforeEach(() => {
    world = worldWith();
  });
  const waitOf = (userId: string): string => `${world.core.keyring.subjects.user(userId)}#wait`;

  test('[S203] one number that is put right twice in the same moment leaves no way around the wait', async () => {
    const wish = { confirmed: false } as const;
    expect(await permit(world, wish)).toMatchObject({ ok: true });
    world.pass(30);
    const again = { ...wish, phone: OTHER, corrects: true };
    justBefore(world, 'take', 'wait', () => permit(world, again));
    expect(await permit(world, again)).toMatchObject({ ok: false, code: 'resend_too_soon' });
    world.pass(1);
    expect(await permit(world, wish)).toEqual({
      ok: false,
      code: 'resend_too_soon',
      retryAfter: 29,
    });
  });

  test('a right code whose session is signed out meanwhile ends no wait', async () => {
    const { core } = world;
    const who = requester();
    const target = { purpose: 'enroll', phone: PHONE, confirmed: false, epoch: '' } as const;
    expect((await sendCode(core, who, target)).ok).toBe(true);
    const account = { enrollment: undefined, epoch: '' };
    // The number has earned its place today, so the code is asked for once more without it.
    const earned = verifiedPlaces(core, { phone: PHONE, country: 'US' }, core.clock());
    await core.counter.settle({ take: earned });
    const { counter } = core;
    let refusals = 0;
    core.counter = {
      settle: async (wish) => {
        const settled = await counter.settle(wish);
        if (!settled.ok && (refusals += 1) === 1) {
          await counter.settle({ take: [signOutPlace(core, who.sessionId)] });
        }
        return settled;
      },
    };
    const answer = await verifyCode(core, who, 'enroll', codeOf(world), account);
    expect([answer, refusals]).toEqual([{ ok: false, code: 'not_authenticated' }, 2]);
    const { read } = await counter.settle({ read: [waitOf('A')] });
    expect(read.get(waitOf('A'))).toMatchObject({ count: 1, left: 30_000 });
  });

  test('[S52] how a place stands is told by one of several that see it at the same moment, and so is its end', async () => {
    const conversionPerCountry = { hour: 2, day: 6 };
    const conversionPerBlock = { hour: 99, day: 999 };
    world = worldWith({ resendWait: [], conversionPerCountry, conversionPerBlock });
    const text = (each: number) => {
      const client = { userId: `u${each}`, address: `192.0.2.${each}` };
      return permit(world, { ...client, confirmed: false, phone: `+1206${201 + each}0100` });
    };
    const told = () => world.told('conversion_low').map(({ step }) => step);
    for (const each of [1, 2]) await text(each);
    world.pass(300);
    const sent = await Promise.all([text(3), text(4)]);
    expect([sent.map(({ ok }) => ok), told()]).toEqual([[true, true], ['first']]);
    world.pass(2 * 3_600);
    await Promise.all([text(5), text(6)]);
    expect(told()).toEqual(['first', 'over']);
  });
});

/** Between two steps of one request those of others come in. */
describe('where each count is a step of its own', () => {
  const worldOver = (wrapped: (counter: SimpleCounter) => SimpleCounter = (it) => it): World => {
    const world = makeWorld();
    const { clock } = world.core;
    world.core.counter = guardedCounter(wrapped(simpleCounter(clock)), clock);
    return world;
  };

  test('two browsers whose right codes come in at the same moment both pass', async () => {
    const world = worldOver();
    const browsers = ['one', 'two'].map((sessionId) => requester('A', { sessionId }));
    const typed = [];
    for (const who of browsers) {
      expect((await send(world, who)).ok).toBe(true);
      typed.push({ who, code: codeOf(world) });
      world.pass(31);
    }
    const answers = await Promise.all(typed.map(({ who, code }) => verify(world, code, who)));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true]);
  });

  const turns = async (count: number): Promise<void> => {
    for (let left = count; left > 0; left -= 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  /** Each step takes some turns, in another way for each seed; what came of the test for each. */
  const forSeeds = async <T>(run: (world: World) => Promise<T>): Promise<T[]> => {
    const came: T[] = [];
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = seeded(seed);
      const away = () => turns(Math.floor(random() * 8));
      const world = worldOver((counter) => ({
        add: (...count) => away().then(() => counter.add(...count)),
        peek: (key) => away().then(() => counter.peek(key)),
        clear: (key) => away().then(() => counter.clear(key)),
      }));
      await send(world);
      world.pass(31);
      came.push(await run(world));
    }
    return came;
  };
  const manySends = (world: World, who = requester()) =>
    Promise.all(Array.from({ length: 60 }, (_, at) => turns(2 * at).then(() => send(world, who))));

  test('[S42] of many that ask for a second text at once one gets it, while its wait gets longer', async () => {
    const texts = await forSeeds(async (world) => {
      const answers = await manySends(world);
      return [answers.filter(({ ok }) => ok).length, world.outbox.messages.length];
    });
    expect(texts).toEqual(texts.map(() => [1, 2]));
  });

  test('a right code is accepted however many texts somebody with the password asks for just then', async () => {
    const answers = await forSeeds(async (world) => {
      const code = codeOf(world);
      const sends = manySends(world, requester('A', { sessionId: 'another' }));
      const answer = await turns(40).then(() => verify(world, code));
      await sends;
      return answer.ok ? 'in' : answer.code;
    });
    expect(answers).toEqual(answers.map(() => 'in'));
  });
});
