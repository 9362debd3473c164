import type { Express } from 'express';
import {
  MANY_TEXTS,
  newestCode,
  startApp,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { cookieFrom, htmlAgent, stored } from '../helpers/web';
import type { RequireOptions, SecondFactor } from '../../lib';
import { DEFAULT_LIMITS } from '../../lib/core/limits';

const { home: HOME } = ROUTER;

let paid: unknown[];
beforeEach(() => {
  paid = [];
});

function bank(app: Express, secondFactor: SecondFactor): void {
  const stepUp = secondFactor.require({ maxAge: 300 });
  app.get('/statement', stepUp, (_req, res) => void res.send('the statement'));
  app.post('/pay', stepUp, (req, res) => {
    paid.push(req.body);
    res.send('paid');
  });
  app.get('/elsewhere', secondFactor.require({ maxAge: 300, redirectTo: '/open' }), (_req, res) => {
    res.send('elsewhere');
  });
}

function start(options: TestAppOptions = {}): Promise<TestApp> {
  return startApp({ after: bank, ...options });
}

/** A browser that passed the second factor too long ago for a step-up. */
async function staleBrowser(app: TestApp): Promise<Agent> {
  const browser = htmlAgent(app);
  await verified(app, browser);
  await app.clock.advance(301);
  return browser;
}

/** Passes the challenge by the page's forms and answers where the browser is sent then. */
async function pass(app: TestApp, browser: Agent): Promise<string | undefined> {
  await browser.post(`${HOME}challenge`).type('form').send({}).expect(303).expect('Location', HOME);
  const answer = await browser
    .post(`${HOME}verify`)
    .type('form')
    .send({ code: newestCode(app) });
  expect(answer.status).toBe(303);
  return answer.headers.location;
}

/** A form that a page of the app sends, which the gate holds up. */
async function interrupt(app: TestApp, browser: Agent, referer?: string): Promise<void> {
  const from = referer ?? `${app.url}/form`;
  const post = browser.post('/pay').type('form').set('Sec-Fetch-Site', 'same-origin');
  await (from === '' ? post : post.set('Referer', from))
    .send({ to: 'bob' })
    .expect(303)
    .expect('Location', HOME);
}

const interrupted = async (browser: Agent): Promise<unknown> =>
  (await browser.get('/status').expect(200)).body.interrupted;

test('[S157] a stale browser goes through the challenge and back to the same place, once', async () => {
  const app = await start();
  const browser = htmlAgent(app);
  await verified(app, browser);
  await app.clock.advance(300 - DEFAULT_LIMITS.waitAfterSuccess);
  await browser.get('/statement').expect(200);
  await app.clock.advance(1);
  await browser.get('/statement?of=May').expect(302).expect('Location', HOME);
  // Step-up lowers nothing: what needs no fresh factor stays open.
  await browser.get('/secret').expect(200);
  const challenge = await browser.get(HOME).expect(200);
  expect(challenge.text).toContain('Text me a code');
  expect(await pass(app, browser)).toBe('/statement?of=May');
  expect((await browser.get('/statement?of=May').expect(200)).text).toBe('the statement');
  await app.clock.advance(60);
  expect(await pass(app, browser)).toBe('/');
  await app.clock.advance(301);
  await browser.get('/statement').expect(302).expect('Location', HOME);
});

test('[S157] a wrong code, or no code at all, leaves a stale session stale', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await browser.get('/statement').expect(302);
  await browser.post(`${HOME}challenge`).type('form').send({}).expect(303);
  await browser.get('/statement').expect(302);
  const code = wrongCode(newestCode(app));
  await browser.post(`${HOME}verify`).type('form').send({ code }).expect('Location', HOME);
  await browser.get('/statement').expect(302);
  await browser.get('/secret').expect(200);
});

test('[S157] a JSON client gets 401 second_factor_required, and just asks again', async () => {
  const app = await start();
  const client = app.agent();
  await verified(app, client);
  await app.clock.advance(301);
  const refused = await client.post('/pay').send({ to: 'bob' }).expect(401);
  expect(refused.body.code).toBe('second_factor_required');
  expect(refused.headers).not.toHaveProperty('location');
  expect(paid).toEqual([]);
  await client.post(`${HOME}challenge`).send({}).expect(202);
  const passed = await client.post(`${HOME}verify`).send({ code: newestCode(app) });
  expect(passed.body).toEqual({ verified: true, returnTo: '/' });
  expect(await interrupted(client)).toBeUndefined();
  await client.post('/pay').send({ to: 'bob' }).expect(200);
  expect(paid).toEqual([{ to: 'bob' }]);
});

test('[S157] an app with pages of its own has its users back at the same place, too', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await browser.get('/elsewhere?n=1').expect(302).expect('Location', '/open');
  await browser.post('/own/challenge').type('form').send({}).expect(200);
  const code = newestCode(app);
  await browser
    .post('/own/verify')
    .type('form')
    .send({ code })
    .expect('Location', '/elsewhere?n=1');
  await browser.get('/elsewhere?n=1').expect(200);
});

test('[S119] a form that was held up takes its user back to its page, which is told once', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(app, browser, `${app.url}/form?to=bob`);
  expect((await browser.get(HOME).expect(200)).text).toContain('What you submitted wasn');
  expect(await pass(app, browser)).toBe('/form?to=bob');
  expect(await interrupted(browser)).toBe(true);
  expect(await interrupted(browser)).toBeUndefined();
  expect(paid).toEqual([]);
});

test('[S119] a layout that asks for the status on every page does not use the note up', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(app, browser);
  expect(await interrupted(browser)).toBeUndefined();
  expect(await pass(app, browser)).toBe('/form');
  expect(await interrupted(browser)).toBe(true);
});

test('[S119] a session that has lost its mark is told after the sign-in is complete, not before', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await app.secondFactor.admin.revoke('id-of-A', { operator: 'op' });
  await interrupt(app, browser);
  expect(await interrupted(browser)).toBeUndefined();
  expect(await pass(app, browser)).toBe('/form');
  expect(await interrupted(browser)).toBe(true);
});

test('[S118] only a page of this very host is gone back to', async () => {
  const app = await start({ factor: { limits: MANY_TEXTS } });
  const browser = await staleBrowser(app);
  const host = app.url.slice('http://'.length);
  const places: [referer: string, place: string][] = [
    [`${app.url}/form#part`, '/form'],
    [`http://somebody@${host}/form`, '/form'],
    ['', '/'],
    ['https://evil.example/form', '/'],
    [`http://${host}.evil.example/form`, '/'],
    [`http://${host}@evil.example/form`, '/'],
    [`http://evil.example/${app.url}/form`, '/'],
    [`${app.url}//evil.example`, '/'],
    [`${app.url}/\\evil.example`, '/'],
    [`${app.url}/..//evil.example`, '/'],
    [`${app.url}/%2fevil.example`, '/'],
    [`${app.url}/%5cevil.example`, '/'],
    [`${app.url}/second-factor/`, '/'],
    [`${app.url}/second-factor`, '/'],
    ['javascript:alert(1)', '/'],
    ['data:text/html,hi', '/'],
    ['about:client', '/'],
    ['/form', '/'],
    ['//', '/'],
    [`${app.url}/${'x'.repeat(2_048)}`, '/'],
  ];
  for (const [referer, place] of places) {
    await interrupt(app, browser, referer);
    expect([referer, await pass(app, browser)]).toEqual([referer, place]);
    await app.clock.advance(301);
  }
});

test.each([
  [299.999, true],
  [300, undefined],
])('[S119] %d s after a form was held up the note says %p', async (later, said) => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(app, browser);
  await pass(app, browser);
  await app.clock.advance(later);
  expect(await interrupted(browser)).toBe(said);
});

test.each(['/login', '/login-keeping'])(
  '[S59] [S119] the next user of the browser (%s) is not told of the form of the one before',
  async (login) => {
    const app = await start();
    const browser = await staleBrowser(app);
    await interrupt(app, browser);
    await browser.post(login).send({ username: 'B', password: 'right' }).expect(200);
    expect(await interrupted(browser)).toBeUndefined();
    await pass(app, browser);
    expect(await interrupted(browser)).toBeUndefined();
  },
);

test('[S116] [S119] a form of another site leaves no note and no place to go to', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  for (const site of ['cross-site', 'same-site']) {
    await browser
      .post('/pay')
      .type('form')
      .set({ 'Sec-Fetch-Site': site, Origin: 'https://evil.example' })
      .set('Referer', 'https://evil.example/form')
      .send({ to: 'mallory' })
      .expect(303);
    expect(await pass(app, browser)).toBe('/');
    expect(await interrupted(browser)).toBeUndefined();
    await app.clock.advance(301);
  }
  expect(paid).toEqual([]);
});

test('[S68] [S119] nothing is kept for strangers, whatever they ask for', async () => {
  const app = await start();
  const stranger = htmlAgent(app);
  const page = await stranger.get('/statement').expect(302).expect('Location', '/login');
  const form = await stranger.post('/pay').type('form').send({ to: 'bob' }).expect(303);
  for (const { headers } of [page, form]) expect(headers).not.toHaveProperty('set-cookie');
  expect(cookieFrom(stranger)).toBe('');
});

test('[S157] what a step-up leaves in the session is gone after it', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await browser.get('/statement').expect(302);
  const { sms2fa: before } = (await stored(app.store, cookieFrom(browser))) ?? {};
  expect(before).toHaveProperty('stepUpSince', app.clock());
  await pass(app, browser);
  const after = (await stored(app.store, cookieFrom(browser))) ?? {};
  // Where the user went, for another tab that still asks; it counts for minutes.
  expect(Object.keys(after.sms2fa as object).sort()).toEqual(['mark', 'wentTo']);
  expect(after).not.toHaveProperty('returnTo');
});

test.each<[string, unknown, RegExp]>([
  ['no time at all', { maxAge: 0 }, /maxAge.* is 0\./],
  ['a time before now', { maxAge: -1 }, /above 0/],
  ['no number', { maxAge: NaN }, /NaN/],
  ['a text for a time', { maxAge: '300' }, /"300"/],
  ['no methods', { methods: [] }, /methods/],
  ['a text for methods', { methods: 'sms' }, /methods/],
  ['the password as a second factor', { methods: ['pwd'] }, /second factors/],
  ["an own factor without the app's page", { methods: ['otp'] }, /redirectTo/],
  ['another host', { redirectTo: '//evil.example' }, /redirectTo/],
  ['a text for a yes', { resume: 'yes' }, /resume/],
  ['an unknown option', { maxage: 300 }, /There is no such option/],
])('[S66] require() refuses %s when the route is made', async (_what, options, words) => {
  const app = await start();
  const make = (): unknown => app.secondFactor.require(options as RequireOptions);
  expect(make).toThrow(TypeError);
  expect(make).toThrow(words);
});
