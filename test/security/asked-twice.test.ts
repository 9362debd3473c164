import { pending, startApp, type TestApp } from '../helpers/app';
import { atOnce, jsonPost, raw, type RawAnswer } from '../helpers/parallel';
import { onEachStore } from '../helpers/stores';
import { cookieFrom, cookieSetBy, knock, ROADS, sessionIdIn, stored } from '../helpers/web';

/** The session that an answer leads to. */
const sessionOf = (answer: RawAnswer): string => sessionIdIn(cookieSetBy(answer) ?? '');

onEachStore('asked twice', (kind) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp(await kind.make());
  });

  for (const { name, path } of ROADS) {
    const passes = (answer: RawAnswer): boolean =>
      name === 'router' ? answer.status === 200 : /^location: \/home/im.test(answer.headers);

    test(`[S177] [S6] right codes in the same moment lead to one verified session, whichever answer is kept (${name})`, async () => {
      const agent = app.agent();
      const code = await pending(app, agent);
      const post = jsonPost(path, cookieFrom(agent), { code });
      const answers = await atOnce(app.url, Array<typeof post>(4).fill(post));
      expect(answers.map(passes)).toEqual([true, true, true, true]);
      expect(new Set(answers.map(sessionOf)).size).toBe(1);
      for (const answer of answers) {
        expect(await knock(app, cookieSetBy(answer) ?? '')).toBe(200);
      }
      expect(await knock(app, cookieFrom(agent))).toBe(401);
    });

    test(`[S177] an answer that got lost is given again for ten seconds (${name})`, async () => {
      const agent = app.agent();
      const code = await pending(app, agent);
      const before = cookieFrom(agent);
      const post = jsonPost(path, before, { code });
      const first = await raw(app.url, post);
      await app.clock.advance(9.9);
      const second = await raw(app.url, post);
      expect([first, second].map(passes)).toEqual([true, true]);
      expect(sessionOf(second)).toBe(sessionOf(first));
      expect(await knock(app, cookieSetBy(second) ?? '')).toBe(200);
      await app.clock.advance(0.1);
      const third = await raw(app.url, post);
      expect([passes(third), cookieSetBy(third)]).toEqual([false, undefined]);
      expect(await stored(app.store, before)).toBeUndefined();
      expect(await knock(app, cookieSetBy(first) ?? '')).toBe(200);
    });
  }
});
