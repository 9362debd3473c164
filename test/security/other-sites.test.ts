import {
  newestCode,
  signIn,
  startApp,
  verified,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { raw } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { onEachStore } from '../helpers/stores';
import { cookieFrom, formsIn, hold, htmlAgent, stored } from '../helpers/web';

const { home: HOME } = ROUTER;
const CROSS = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
const OWN = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'navigate' };
const TYPED = { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' };

const start = (options: TestAppOptions = {}): Promise<TestApp> =>
  startApp({
    after: (app, secondFactor) => {
      app.get('/statement', secondFactor.require({ maxAge: 300 }), (_req, res) => {
        res.send('the secret marker');
      });
    },
    ...options,
  });

/** Goes to a page as the browser of a person does, whose script posts a form that is to go at once. */
async function visit(
  browser: Agent,
  path: string,
  headers: Record<string, string>,
): Promise<string> {
  let answer = await browser.get(path).set(headers);
  // A redirect is still a step of the navigation that somebody began.
  for (; answer.status === 302; answer = await browser.get(answer.headers.location!).set(headers));
  const form = formsIn(answer.text).find(({ html }) => html.includes('data-submit-at-once'));
  if (form !== undefined) await browser.post(form.action).type('form').set(OWN).send(form.fields);
  return answer.text;
}

async function pass(app: TestApp, browser: Agent): Promise<string | undefined> {
  const code = newestCode(app);
  const answer = await browser.post(ROUTER.verify).type('form').set(OWN).send({ code }).expect(303);
  return answer.headers.location;
}

const BY_OTHERS: [string, Record<string, string>][] = [
  ['another site, as browsers say', CROSS],
  [
    'another site, of a listed name',
    { ...CROSS, Referer: 'https://www.acme.example.evil.example/' },
  ],
  ['another site, of a browser of before', { Referer: 'https://evil.example/' }],
];

test.each(BY_OTHERS)(
  '[S184] a link of %s, opened every five minutes, sends one text after the sign-in and no other',
  async (_who, headers) => {
    const app = await start();
    const browser = htmlAgent(app);
    await signIn(browser);
    for (let times = 0; times < 20; times += 1) {
      const text = await visit(browser, times % 2 === 0 ? '/secret' : HOME, headers);
      if (times > 0) expect(text).toContain('Text me a code');
      await app.clock.advance(301);
    }
    expect(app.outbox.messages).toHaveLength(1);
    // Its user goes there, or comes from a page of the app.
    await visit(browser, '/secret', TYPED);
    expect(app.outbox.messages).toHaveLength(2);
    await app.clock.advance(601);
    await visit(browser, HOME, OWN);
    expect(app.outbox.messages).toHaveLength(3);
  },
);

test('[S184] nor does it in a session that has passed, to a route that asks for a fresh code', async () => {
  const app = await start();
  const browser = htmlAgent(app);
  await verified(app, browser);
  const texts = app.outbox.messages.length;
  for (let times = 0; times < 20; times += 1) {
    await app.clock.advance(301);
    expect(await visit(browser, '/statement', CROSS)).toContain('Text me a code');
  }
  expect(app.outbox.messages).toHaveLength(texts);
  await visit(browser, '/statement', OWN);
  expect(app.outbox.messages).toHaveLength(texts + 1);
});

test('[S184] nor after the session was revoked, nor from a sister host', async () => {
  const app = await start();
  const browser = htmlAgent(app);
  await verified(app, browser);
  await app.secondFactor.admin.revoke('id-of-A', { operator: 'op' });
  await app.clock.advance(301);
  for (const site of ['cross-site', 'same-site']) {
    await visit(browser, '/secret', { 'Sec-Fetch-Site': site });
  }
  expect(app.outbox.messages).toHaveLength(1);
});

test('[S184] a listed origin may lead its users here as the app itself does', async () => {
  const app = await start({ factor: { origins: ['https://www.acme.example'] } });
  const browser = htmlAgent(app);
  await signIn(browser);
  for (let times = 0; times < 2; times += 1) {
    await visit(browser, '/secret', { ...CROSS, Referer: 'https://www.acme.example/start' });
    await app.clock.advance(301);
  }
  expect(app.outbox.messages).toHaveLength(2);
});

test('[S184] each sign-in has one text by itself, also where another site led to it', async () => {
  const app = await start();
  const browser = htmlAgent(app);
  for (let times = 1; times <= 3; times += 1) {
    await signIn(browser);
    await visit(browser, '/secret', CROSS);
    expect(app.outbox.messages).toHaveLength(times);
    await app.clock.advance(301);
    await visit(browser, '/secret', CROSS);
    expect(app.outbox.messages).toHaveLength(times);
    await app.clock.advance(301);
  }
});

onEachStore('where to go afterwards', (kind) => {
  test.each(BY_OTHERS)(
    '[S185] a link of %s while its user is on the way does not choose where they land',
    async (_who, headers) => {
      const app = await start(await kind.make());
      const browser = htmlAgent(app);
      await signIn(browser);
      await visit(browser, '/enforced?mine=1', OWN);
      await visit(browser, '/enforced?to=mallory', headers);
      await browser.post('/enforced').type('form').set(headers).send('to=mallory');
      expect(await pass(app, browser)).toBe('/enforced?mine=1');
    },
  );

  test('[S185] nor before their user has asked for anything, nor at a step-up', async () => {
    const app = await start(await kind.make());
    const browser = htmlAgent(app);
    await signIn(browser);
    const session = await stored(app.store, cookieFrom(browser));
    await browser.get('/enforced?to=mallory').set(CROSS).expect(302);
    // Not a byte of the session is changed by it.
    expect(await stored(app.store, cookieFrom(browser))).toEqual(session);
    await visit(browser, '/enforced?to=mallory', CROSS);
    expect(await pass(app, browser)).toBe('/');
    await app.clock.advance(301);
    // The page is asked for all the same.
    const page = await visit(browser, '/statement?to=mallory', CROSS);
    expect(page).toContain('Text me a code');
    await browser.post(ROUTER.challenge).type('form').set(OWN).send({}).expect(303);
    expect(await pass(app, browser)).toBe('/');
  });

  test.each([
    ['typed', TYPED],
    ['of this app', OWN],
    ['of a sister host', { 'Sec-Fetch-Site': 'same-site' }],
    ['of a browser that says nothing', {}],
  ])(
    '[S185] a younger path that is %s takes the place of the older one',
    async (_what, headers) => {
      const app = await start(await kind.make());
      const browser = htmlAgent(app);
      await signIn(browser);
      await visit(browser, '/enforced?first', OWN);
      await visit(browser, '/enforced?second', headers);
      expect(await pass(app, browser)).toBe('/enforced?second');
    },
  );

  test.each([
    ['of its user', OWN, '/enforced?older'],
    ['of another site', CROSS, '/statement'],
  ])(
    '[S185] a slow request %s does not take the place of a younger one',
    async (_whose, headers, path) => {
      const made = await kind.make();
      const way = hold();
      let slow = false;
      const app = await start({
        ...made,
        factor: {
          credentialsEpoch: async (user) => {
            if (slow) {
              slow = false;
              way.enter();
              await way.released;
            }
            return user.passwordVersion;
          },
        },
      });
      const browser = htmlAgent(app);
      await verified(app, browser);
      await app.clock.advance(86_401);
      slow = true;
      const asked = { accept: 'text/html', ...headers };
      const older = raw(app.url, { path, cookie: cookieFrom(browser), headers: asked });
      await way.entered;
      await app.clock.advance(1);
      await browser.get('/enforced?younger').set(OWN).expect(302);
      way.release();
      expect((await older).headers).toMatch(/^location: \/second-factor\/\r?$/im);
      await browser.post(ROUTER.challenge).type('form').set(OWN).send({}).expect(303);
      expect(await pass(app, browser)).toBe('/enforced?younger');
    },
  );
});

describe('a page that a stranger asked for', () => {
  const AGENT = { Accept: 'text/html' };
  const credentials = { username: 'A', password: 'right' };

  test.each([
    ['typed', TYPED],
    ['followed from a page of this app', OWN],
    ['followed from a sister host', { 'Sec-Fetch-Site': 'same-site' }],
  ])('[S185] is gone to after password and code: %s', async (_how, headers) => {
    const app = await start();
    const browser = htmlAgent(app);
    await browser.get('/secret?box=7').set(headers).expect(302).expect('Location', '/login');
    const back = '/secret?box=7';
    await browser.post('/login-returning').send(credentials).expect(302).expect('Location', back);
    expect(await visit(browser, back, OWN)).toContain('text a code to');
    expect(await pass(app, browser)).toBe(back);
    await browser.get(back).expect(200);
    expect(await stored(app.store, cookieFrom(browser))).not.toHaveProperty('returnTo');
  });

  test('[S185] the page of a form that was sent after the session had ended is gone to, too', async () => {
    const app = await start();
    const browser = htmlAgent(app);
    const headers = { ...OWN, Referer: `${app.url}/enforced?form` };
    await browser.post('/transfer').type('form').set(headers).send('to=bob').expect(303);
    const answer = await browser.post('/login-returning').send(credentials).expect(302);
    expect(answer.headers.location).toBe('/enforced?form');
  });

  test.each<[string, string, Record<string, string>]>([
    ['another site', '/secret?to=mallory', CROSS],
    ['another site, of a browser of before', '/secret', { Referer: 'https://evil.example/' }],
    ['a client that is no browser', '/secret', {}],
    ['a JSON client', '/secret', { ...OWN, Accept: 'application/json' }],
    ['a path of more than 2 kB', `/secret?${'x'.repeat(2_048)}`, OWN],
    ['a path that leads elsewhere', '/secret/..//evil.example', OWN],
  ])('[S68] [S185] leaves nothing in the store, of %s', async (_whose, path, headers) => {
    const app = await start({
      after: (each, secondFactor) => each.use(secondFactor.require()),
    });
    const request = { path, headers: { ...AGENT, ...headers } };
    const answer = await raw(app.url, request);
    expect(answer.status).toBe('Accept' in headers ? 401 : 302);
    expect(answer.headers).not.toMatch(/^set-cookie/im);
  });

  test('[S185] is gone to where another site’s sign-in leads back to it, and nothing else is', async () => {
    const app = await start();
    const browser = htmlAgent(app);
    await browser.get('/secret?box=7').set(TYPED).expect(302);
    await browser.post('/login-returning').set(CROSS).send(credentials).expect(302);
    await visit(browser, '/secret?box=7', CROSS);
    await visit(browser, '/secret?box=8', CROSS);
    expect(await pass(app, browser)).toBe('/secret?box=7');
    await browser.get('/secret?box=7').expect(200);
    await app.clock.advance(86_401);
    await visit(browser, '/secret?box=7', CROSS);
    await browser.post(ROUTER.challenge).type('form').set(OWN).send({}).expect(303);
    expect(await pass(app, browser)).toBe('/');
  });

  test('[S185] does not take the place of what its user wanted since', async () => {
    const app = await start();
    const browser = htmlAgent(app);
    await browser.get('/secret?box=7').set(TYPED).expect(302);
    await browser.post('/login-returning').send(credentials).expect(302);
    await visit(browser, '/secret?younger', OWN);
    await visit(browser, '/secret?box=7', CROSS);
    expect(await pass(app, browser)).toBe('/secret?younger');
  });

  test('[S119] is not gone to by a sign-in that begins a session without what lay in the old one', async () => {
    const app = await start();
    const browser = htmlAgent(app);
    await browser.get('/secret?box=7').set(TYPED).expect(302);
    await browser.post('/login').send(credentials).expect(200);
    expect(await stored(app.store, cookieFrom(browser))).not.toHaveProperty('returnTo');
  });

  test('[S134] is answered with 503 where the store fails', async () => {
    const app = await start();
    app.store.set = (_sid, _session, done) => done?.(new Error('away'));
    await htmlAgent(app).get('/secret').set(TYPED).expect(503);
  });
});
