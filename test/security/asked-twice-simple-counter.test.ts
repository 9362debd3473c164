import type { SimpleCounter } from '../../lib';
import { MANY_TEXTS, pending, startApp } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { ROUTER } from '../helpers/paths';
import { jsonPost, raw } from '../helpers/parallel';
import { simpleCounter } from '../helpers/simple-counter';
import { cookieFrom, cookieSetBy, hold, knock } from '../helpers/web';

/*
 * A counter that only adds counts who comes too late as well, and gives that back after it: of two clicks
 * the second one ends the session once more, until then or, where nothing goes back, for an hour.
 */

/** Two clicks that are at their guesses together; each end that is added or given back goes by `onEnd`. */
async function twoClicks(onEnd: (add: () => Promise<unknown>, by: number) => Promise<void>) {
  const clock = testClock();
  const inner = simpleCounter(clock);
  const guesses = hold();
  let guessed = 0;
  const counter: SimpleCounter = {
    ...inner,
    add: async (key, lifetime, by = 1) => {
      let added = { count: 0, expiresAt: clock() };
      const add = async (): Promise<void> => {
        added = await inner.add(key, lifetime, by);
      };
      if (key.endsWith('#ended')) await onEnd(add, by);
      else await add();
      if (key.includes('#guess.') && by > 0) {
        if ((guessed += 1) === 2) guesses.release();
        await guesses.released;
      }
      return added;
    },
  };
  const app = await startApp({ clock, factor: { counter, limits: MANY_TEXTS } });
  const agent = app.agent();
  const code = await pending(app, agent);
  const before = cookieFrom(agent);
  const click = () => raw(app.url, jsonPost(ROUTER.verify, before, { code }));
  const signOut = () => raw(app.url, jsonPost('/logout', before, {}));
  return { app, click, signOut };
}

test('[S177] of two clicks both lead to the new session, also where the second one never gives back what it ended', async () => {
  const { app, click } = await twoClicks(async (add, by) => {
    if (by > 0) await add();
  });
  const answers = await Promise.all([click(), click()]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  for (const answer of answers) expect(await knock(app, cookieSetBy(answer) ?? '')).toBe(200);
});

test('[S182] [S187] a sign-out while the second click gives back what it ended ends the new session, too', async () => {
  const first = hold();
  const back = hold();
  let ends = 0;
  const { app, click, signOut } = await twoClicks(async (add, by) => {
    if (by === 1 && (ends += 1) === 2) await first.released;
    if (by < 0) {
      back.enter();
      await back.released;
    }
    await add();
  });
  const clicks = [click(), click()];
  const answer = await Promise.race(clicks);
  const next = cookieSetBy(answer) ?? '';
  expect([answer.status, await knock(app, next)]).toEqual([200, 200]);
  first.release();
  await back.entered;
  expect((await signOut()).status).toBeLessThan(400);
  expect(await knock(app, next)).toBe(401);
  back.release();
  await Promise.all(clicks);
  await app.clock.advance(15);
  expect(await knock(app, next)).toBe(401);
});
