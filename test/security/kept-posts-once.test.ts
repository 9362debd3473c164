import type express from 'express';
import type { Express, RequestHandler } from 'express';
import {
  newestCode,
  startApp,
  verified,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { Browser } from '../helpers/browser';
import { atOnce, raw, type RawAnswer } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { onEachStore } from '../helpers/stores';
import { cookieFrom, formsIn, hold, htmlAgent } from '../helpers/web';
import { memoryCounter, type RequireOptions, type SecondFactor } from '../../lib';

const { home: HOME, resume: RESUME } = ROUTER;

/** What was carried out. */
let done: string[];
beforeEach(() => {
  done = [];
});

const carryOut: RequestHandler = (req, res) => {
  done.push(`${req.originalUrl} ${req.url} ${JSON.stringify(req.query)}`);
  res.redirect(303, '/enforced');
};

function start(
  handler = carryOut,
  resume: RequireOptions['resume'] = true,
  options: TestAppOptions = {},
): Promise<TestApp> {
  return startApp({
    after: (app: Express, secondFactor: SecondFactor) => {
      app.post('/pay', secondFactor.require({ maxAge: 300, resume }), handler);
    },
    ...options,
  });
}

const FORM = {
  accept: 'text/html',
  'content-type': 'application/x-www-form-urlencoded',
  'sec-fetch-site': 'same-origin',
};

/** A user has sent a form that was held up, and has confirmed since: the page asks. */
async function asked(app: TestApp, path = '/pay', body = 'to=bob'): Promise<Agent> {
  const browser = htmlAgent(app);
  await verified(app, browser);
  await app.clock.advance(301);
  await browser.post(path).set(FORM).send(body).expect(303);
  await pass(app, browser);
  return browser;
}

async function pass(app: TestApp, browser: Agent): Promise<void> {
  await browser.post(ROUTER.challenge).type('form').send({}).expect(303);
  await browser
    .post(ROUTER.verify)
    .type('form')
    .send({ code: newestCode(app) })
    .expect('Location', RESUME);
}

/** The page's post, as a browser sends it. */
async function post(browser: Agent) {
  const { text } = await browser.get(RESUME).expect(200);
  const { action, fields } = formsIn(text).find(({ action }) => !action.startsWith(HOME))!;
  const body = new URLSearchParams(fields).toString();
  return { method: 'POST', path: action, cookie: cookieFrom(browser), headers: FORM, body };
}

const heading = ({ body }: Pick<RawAnswer, 'body'>) => /<h1>(.*?)<\/h1>/.exec(body)?.[1];
const became = async (browser: Agent): Promise<string | undefined> =>
  heading({ body: (await browser.get(RESUME)).text });

/** What a stranger puts into a link to the page of a form without an action of its own. */
const MADE_UP = `/pay?sms2fa-form=${'A'.repeat(22)}`;

onEachStore('kept forms', (kind) => {
  test('[S191] the name of a form that a stranger made up, or had, tells nobody that theirs is done', async () => {
    const app = await start(carryOut, true, await kind.make());
    const stranger = htmlAgent(app);
    await verified(app, stranger, 'B');
    await app.clock.advance(301);
    await stranger.post('/pay').set(FORM).send('to=eve').expect(303);
    await pass(app, stranger);
    const had = (await post(stranger)).path;
    const user = htmlAgent(app);
    await verified(app, user);
    for (const path of [MADE_UP, had]) {
      await stranger.post(path).set(FORM).send('to=eve').expect(303);
      for (let times = 0; times < 2; times += 1) {
        done = [];
        await user.post(path).set(FORM).send('to=bob').expect(303);
        expect(done).toEqual(['/pay /pay {}']);
      }
    }
  });

  test('[S191] what the app asks for again, at the address of the form, is another form', async () => {
    const ask: RequestHandler = (req, res) => {
      done.push(req.originalUrl);
      res.status(422).send('<form method="post"><input name="to">');
    };
    const app = await start(ask, true, await kind.make());
    const request = await post(await asked(app));
    expect((await raw(app.url, request)).status).toBe(422);
    const referer = `${app.url}${request.path}`;
    const anew = { ...request, headers: { ...FORM, referer }, body: 'to=alice' };
    expect((await raw(app.url, anew)).status).toBe(422);
    expect((await raw(app.url, request)).status).toBe(409);
    expect(done).toEqual(['/pay', '/pay']);
  });

  test('[S191] "Yes, go ahead" twice, one after the other, is done once and told as done', async () => {
    const app = await start(carryOut, true, await kind.make());
    const browser = await asked(app, '/pay?from=form');
    const request = await post(browser);
    expect((await raw(app.url, request)).status).toBe(303);
    for (let times = 0; times < 2; times += 1) {
      const again = await raw(app.url, request);
      expect([again.status, heading(again)]).toEqual([409, 'This has been done']);
      expect(again.body).not.toContain('bob');
    }
    expect(done).toEqual(['/pay?from=form /pay?from=form {"from":"form"}']);
    expect(await became(browser)).toBe('This has been done');
    const told = await browser.get(RESUME).set('Accept', 'application/json').expect(404);
    expect(told.body).toMatchObject({ code: 'not_found', detail: 'This has been done.' });
    // A day later nobody presses the button of that page by mistake.
    await app.clock.advance(86_000);
    expect((await raw(app.url, request)).status).toBe(409);
    expect(done).toHaveLength(1);
  });

  test('[S191] "Yes, go ahead" many times in the same moment is done once', async () => {
    const app = await start(carryOut, true, await kind.make());
    const request = await post(await asked(app));
    const answers = await atOnce(app.url, Array<typeof request>(8).fill(request));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      303,
      ...Array<number>(7).fill(409),
    ]);
    expect(done).toHaveLength(1);
  });

  test('[S191] the second click is not told as done while the first is on its way', async () => {
    const way = hold();
    const slow: RequestHandler = async (req, res, next) => {
      way.enter();
      await way.released;
      carryOut(req, res, next);
    };
    const app = await start(slow, true, await kind.make());
    const browser = await asked(app);
    const request = await post(browser);
    const first = raw(app.url, request);
    await way.entered;
    const second = await raw(app.url, request);
    expect([second.status, heading(second)]).toEqual([409, 'This has been sent']);
    expect(second.body).toContain('Check whether it went through');
    // The session still says that it waits; the page knows better.
    expect(await became(browser)).toBe('This has been sent');
    way.release();
    expect((await first).status).toBe(303);
    expect(await became(browser)).toBe('This has been done');
  });

  test('[S191] two processes carry one form out once', async () => {
    const { store, clock } = await kind.make();
    const shared = kind.name === 'MemoryStore' ? { counter: memoryCounter({ clock }) } : {};
    const options = { store, clock, factor: shared };
    const app = await start(carryOut, true, options);
    const other = await start(carryOut, true, options);
    const request = await post(await asked(app));
    const answers = await Promise.all([raw(app.url, request), raw(other.url, request)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect(done).toHaveLength(1);
  });
});

test('[S191] a form that the app refused is not told as done, and not sent again', async () => {
  const app = await start((_req, res) => void res.status(422).send('not enough money'));
  const browser = await asked(app);
  const request = await post(browser);
  expect((await raw(app.url, request)).status).toBe(422);
  expect((await raw(app.url, request)).status).toBe(409);
  expect(await became(browser)).toBe('This has been sent');
});

test('[S191] the browser that went away meanwhile finds it done', async () => {
  const way = hold();
  const app = await start(async (req, res, next) => {
    way.enter();
    await way.released;
    carryOut(req, res, next);
    // After the answer of which nobody takes note.
    setImmediate(() => way.enter());
  });
  const browser = await asked(app);
  const { path, cookie, body } = await post(browser);
  const gone = new AbortController();
  const first = fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { ...FORM, cookie },
    body,
    signal: gone.signal,
    redirect: 'manual',
  }).catch(() => undefined);
  await way.entered;
  gone.abort();
  await first;
  way.release();
  while (done.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await became(browser)).toBe('This has been done');
});

test('[S191] of two forms each is its own: the older page does not send the newer one', async () => {
  const app = await start();
  const browser = await asked(app);
  const older = await post(browser);
  await app.clock.advance(301);
  await browser.post('/pay').set(FORM).send('to=eve').expect(303);
  await pass(app, browser);
  const newer = await post(browser);
  const now = { cookie: cookieFrom(browser) };
  expect((await raw(app.url, { ...older, ...now })).status).toBe(303);
  expect((await raw(app.url, { ...newer, ...now })).status).toBe(303);
  for (const each of [older, newer]) {
    expect((await raw(app.url, { ...each, ...now })).status).toBe(409);
  }
  expect(done).toHaveLength(2);
});

test('[S191] a form whose factor has aged on its page is asked for once more, and sent once', async () => {
  const app = await start();
  const browser = await asked(app);
  const old = await post(browser);
  await app.clock.advance(301);
  // The gate keeps it anew, by the name that it has.
  expect((await raw(app.url, old)).status).toBe(303);
  expect(done).toEqual([]);
  await pass(app, browser);
  const anew = await post(browser);
  expect(anew.path).toBe(old.path);
  expect((await raw(app.url, anew)).status).toBe(303);
  await app.clock.advance(301);
  // What was done is not kept again: the page left open says so at once.
  const late = await raw(app.url, { ...old, cookie: cookieFrom(browser) });
  expect([late.status, heading(late)]).toEqual([409, 'This has been done']);
  expect(done).toHaveLength(1);
});

test('[S191] the same form, filled in anew, is another one and is done', async () => {
  const app = await start();
  const browser = await asked(app);
  expect((await raw(app.url, await post(browser))).status).toBe(303);
  await browser.post('/pay').set(FORM).send('to=bob').expect('Location', '/enforced');
  expect(done).toHaveLength(2);
});

test.each<[string, (app: TestApp) => unknown]>([
  ['a revocation', (app) => app.secondFactor.admin.revoke('id-of-A', { operator: 'op' })],
  ['a new password', (app) => (app.users.get('A')!.passwordVersion += 1)],
])(
  '[S191] %s drops what was kept before it, in the session that goes on, too',
  async (_what, happens) => {
    const app = await start();
    const browser = htmlAgent(app);
    await verified(app, browser);
    await app.clock.advance(301);
    await browser.post('/pay').set(FORM).send('to=mallory').expect(303);
    await happens(app);
    await app.clock.advance(31);
    const page = await browser.get(HOME).expect(200);
    expect(page.text).toContain('What you submitted wasn');
    await pass(app, browser);
    const answer = await browser.get(RESUME).expect(404);
    expect(answer.text).toContain('t done, and we no longer have it');
    expect(answer.text).not.toContain('mallory');
    // Said once: after that nothing is left of it.
    expect((await browser.get(RESUME).expect(404)).text).toContain('nothing to finish');
  },
);

test('[S191] a session that is no longer verified keeps nothing', async () => {
  const app = await start();
  const browser = htmlAgent(app);
  await verified(app, browser);
  await app.clock.advance(301);
  await app.secondFactor.admin.revoke('id-of-A', { operator: 'op' });
  await app.clock.advance(10);
  await browser.post('/pay').set(FORM).send('to=mallory').expect(303);
  await browser.post(ROUTER.challenge).type('form').send({}).expect(303);
  const code = newestCode(app);
  await browser.post(ROUTER.verify).type('form').send({ code }).expect('Location', '/');
  await browser.get(RESUME).expect(404);
});

test('[S59] the page shows path, query and fields, each as it will be sent', async () => {
  const app = await start();
  const browser = await asked(app, '/pay?to=m%C3%A4llory&x=1', 'amount=10&note=');
  const { text } = await browser.get(RESUME).expect(200);
  const shown = [...text.matchAll(/<dt>([^<]*)<\/dt>\s*<dd>([^<]*)<\/dd>/g)];
  expect(shown.map(([, name, value]) => [name, value])).toEqual([
    ['To', 'mällory'],
    ['X', '1'],
    ['Amount', '10'],
    ['Web address', '/pay?to=m%C3%A4llory&amp;x=1'],
  ]);
  await raw(app.url, await post(browser));
  expect(done).toEqual([
    '/pay?to=m%C3%A4llory&x=1 /pay?to=m%C3%A4llory&x=1 {"to":"mällory","x":"1"}',
  ]);
});

test('[S59] the page says what will be done in the words of the app', async () => {
  const describe = async (req: {
    body: Record<string, string>;
    query: Record<string, string>;
  }) => ({
    title: 'Send <money>',
    lines: [
      ['To', await Promise.resolve(req.body.to ?? '')],
      ['From', req.query.from ?? ''],
      ['Amount', 7],
    ] as [string, string | number][],
  });
  const app = await start(carryOut, { describe });
  const browser = await asked(app, '/pay?from=me', 'to=%3Cbob%3E');
  const { text } = await browser.get(RESUME).expect(200);
  expect(heading({ body: text })).toBe('Send &lt;money&gt;');
  expect(text).toContain('been done yet. Do you want to go ahead?');
  expect(text).not.toContain('Web address');
  const shown = [...text.matchAll(/<dt>([^<]*)<\/dt>\s*<dd>([^<]*)<\/dd>/g)];
  expect(shown.map(([, name, value]) => [name, value])).toEqual([
    ['To', '&lt;bob&gt;'],
    ['From', 'me'],
    ['Amount', '7'],
  ]);
  await raw(app.url, await post(browser));
  expect(done).toHaveLength(1);
});

test('[S157] words that fail leave path and fields, and the app is told', async () => {
  const app = await start(carryOut, {
    describe: () => {
      throw new Error('no such account');
    },
  });
  const failures: string[] = [];
  app.secondFactor.on('store_failed', ({ error }) => failures.push((error as Error).message));
  const browser = await asked(app);
  expect((await browser.get(RESUME).expect(200)).text).toContain('<dd>/pay</dd>');
  expect(failures).toEqual(['describe failed: no such account']);
});

// eslint-disable-next-line @typescript-eslint/no-require-imports -- an alias without types of its own
const express4 = require('express4') as typeof express;

test('[S191] with Express 4, in a router of its own, the app sees the address as it was', async () => {
  const app = await startApp({
    express: express4,
    after: (each, secondFactor) => {
      const inner = express4.Router();
      inner.post('/pay', secondFactor.require({ maxAge: 300, resume: true }), carryOut);
      each.use('/bank', inner);
    },
  });
  const browser = await asked(app, '/bank/pay?a=1');
  const request = await post(browser);
  expect((await raw(app.url, request)).status).toBe(303);
  expect((await raw(app.url, request)).status).toBe(409);
  expect(done).toEqual(['/bank/pay?a=1 /pay?a=1 {"a":"1"}']);
});

test('[S152] without a script: back after the form, and yes once more', async () => {
  const app = await start(carryOut, true, {
    before: (each) => {
      each.get('/sign-in', (_req, res) => {
        const fields = '<input name="username"><input name="password">';
        res.send(`<form method="post" action="/login">${fields}</form>`);
      });
      each.get('/form', (_req, res) => {
        res.send('<form method="post" action="/pay"><input name="to"></form>');
      });
    },
  });
  const person = new Browser(app.url);
  await person.visit('/sign-in');
  await person.submit('/login', { username: 'A', password: 'right' });
  await person.visit(HOME);
  await person.submit(ROUTER.challenge);
  await person.submit(ROUTER.verify, { code: newestCode(app) });
  await app.clock.advance(301);
  await person.visit('/form');
  await person.submit('/pay', { to: 'bob' });
  await person.submit(ROUTER.challenge);
  await person.submit(ROUTER.verify, { code: newestCode(app) });
  const before = person.page;
  await person.submit('/pay');
  // Back, to the page as the browser kept it.
  person.page = before;
  await person.submit('/pay');
  expect([person.status, person.text().includes('This has been done')]).toEqual([409, true]);
  expect(done).toHaveLength(1);
});
