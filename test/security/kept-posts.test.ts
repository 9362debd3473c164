import { createHash } from 'node:crypto';
import express, { type Express, type RequestHandler } from 'express';
import {
  MANY_TEXTS,
  newestCode,
  pending,
  signIn,
  startApp,
  verified,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { Browser } from '../helpers/browser';
import { raw } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { attribute, cookieFrom, formsIn, htmlAgent, stored } from '../helpers/web';
import type { SecondFactor } from '../../lib';

const { home: HOME, resume: RESUME } = ROUTER;

type Fields = [name: string, value: string][];

/** What was carried out, by whom and where. */
let done: { path: string; body: unknown }[];
beforeEach(() => {
  done = [];
});

/** Routes that keep what they interrupt; `parse` stands behind the gate. */
function bank(parse?: RequestHandler) {
  return (app: Express, secondFactor: SecondFactor): void => {
    const carryOut: RequestHandler = (req, res) => {
      done.push({ path: req.originalUrl, body: req.body });
      res.send('done');
    };
    const keep = secondFactor.require({ maxAge: 300, resume: true });
    app.all(/.*/, keep, ...(parse === undefined ? [] : [parse]), carryOut);
  };
}

function start(options: TestAppOptions = {}): Promise<TestApp> {
  return startApp({ after: bank(), ...options });
}

async function staleBrowser(app: TestApp, username = 'A'): Promise<Agent> {
  const browser = htmlAgent(app);
  await verified(app, browser, username);
  await app.clock.advance(301);
  return browser;
}

const post = (browser: Agent, body: string, path = '/pay') =>
  browser.post(path).type('form').set('Sec-Fetch-Site', 'same-origin').send(body);

async function interrupt(browser: Agent, body = 'to=bob', path = '/pay'): Promise<void> {
  await post(browser, body, path).expect(303).expect('Location', HOME);
}

/** Passes the challenge by the page's forms and answers where the browser is sent then. */
async function pass(app: TestApp, browser: Agent): Promise<string | undefined> {
  await browser.post(`${HOME}challenge`).type('form').send({}).expect(303);
  const code = newestCode(app);
  const answer = await browser.post(`${HOME}verify`).type('form').send({ code }).expect(303);
  return answer.headers.location;
}

/** The form that the page offers to send again. */
async function offered(browser: Agent): Promise<{ action: string; fields: Fields }> {
  const { text } = await browser.get(RESUME).expect(200);
  const form = formsIn(text).find(({ action }) => !action.startsWith(HOME))!;
  const fields = [...form.html.matchAll(/<input([^>]*)>/g)].map(([, tag = '']): Fields[number] => [
    attribute(tag, 'name')!,
    attribute(tag, 'value')!,
  ]);
  expect(form.method).toBe('post');
  return { action: form.action, fields };
}

/** What names the form in its action, behind the path that it was kept with. */
const FORM_ID = /[?&]sms2fa-form=[\w-]{22}$/;

/** Presses the button of that page. */
async function goOn(browser: Agent): Promise<void> {
  const { action, fields } = await offered(browser);
  await post(browser, new URLSearchParams(fields).toString(), action).expect(200);
}

async function expectNothingKept(browser: Agent): Promise<void> {
  const { text } = await browser.get(RESUME).expect(404);
  expect(text).toMatch(/nothing to finish|wasn.{1,5}t done, and we no longer have it/);
}

const keptIn = async (app: TestApp, browser: Agent): Promise<unknown> =>
  ((await stored(app.store, cookieFrom(browser)))?.sms2fa as { keptPost?: unknown }).keptPost;

test('[S157] a person without JavaScript sends a form, confirms, says yes, and it is done once', async () => {
  const app = await start({
    before: (each) => {
      each.get('/sign-in', (_req, res) => {
        const fields = '<input name="username"><input name="password">';
        res.send(`<form method="post" action="/login">${fields}</form>`);
      });
      each.get('/form', (_req, res) => {
        res.send('<form method="post" action="/pay?from=form"><input name="to"></form>');
      });
    },
  });
  const person = new Browser(app.url);
  await person.visit('/sign-in');
  await person.submit('/login', { username: 'A', password: 'right' });
  await person.visit(HOME);
  await person.submit(`${HOME}challenge`);
  await person.submit(`${HOME}verify`, { code: newestCode(app) });
  await app.clock.advance(301);
  await person.visit('/form');
  await person.submit('/pay?from=form', { to: 'Zoë & Söhne' });
  expect(person.text()).toContain('We saved what you submitted');
  await person.submit(`${HOME}challenge`);
  await person.submit(`${HOME}verify`, { code: newestCode(app) });
  expect(person.url).toBe(`${app.url}${RESUME}`);
  expect(person.text()).toContain("hasn't been done yet");
  expect(done).toEqual([]);
  await person.submit('/pay?from=form');
  expect(person.page).toBe('done');
  expect(done).toEqual([{ path: '/pay?from=form', body: { to: 'Zoë & Söhne' } }]);
  await person.visit(RESUME);
  expect(person.text()).toContain('This has been done');
});

/** Express with another parser of forms for the app, or none. */
function expressWith(urlencoded: RequestHandler): typeof express {
  const make = (): Express => express();
  return Object.assign(make, express, { urlencoded: () => urlencoded }) as typeof express;
}

const nothing: RequestHandler = (_req, _res, next) => next();
const PARSERS: Record<string, TestAppOptions> = {
  'an extended parser': {},
  'a simple parser': { express: expressWith(express.urlencoded({ extended: false })) },
  'an extended parser behind the gate': {
    express: expressWith(nothing),
    after: bank(express.urlencoded({ extended: true })),
  },
  'a simple parser behind the gate': {
    express: expressWith(nothing),
    after: bank(express.urlencoded({ extended: false })),
  },
};

const BODIES: Record<string, string> = {
  plain: 'to=bob&amount=10.50',
  'empty values': 'to=&amount=&note',
  'no field': '',
  'repeated fields': 'to=bob&to=eve&to=bob&amount=1',
  'many repeated fields': Array.from({ length: 30 }, (_, at) => `to=${at}`).join('&'),
  'nested names': 'to[name]=bob&to[account][iban]=X1&items[0][id]=7&items[1][id]=8',
  'lists of nested names': 'to[tags][]=a&to[tags][]=b&ids[]=1&ids[]=2',
  'a list of one': 'ids[]=1&to[tags][]=a',
  'numbers as names': '10=a&2=b',
  'letters of all kinds': new URLSearchParams({ 'größe 😀': 'Zoë, ملف, 文字, 𝒳\u200f' }).toString(),
  'characters of HTML': new URLSearchParams({
    '"><b x=\'': '<script>"&amp;\'</script>',
  }).toString(),
  'lines as a text area sends them': new URLSearchParams({ note: 'one\r\ntwo\r\n' }).toString(),
  'plus, percent and equals': 'sum=1%2B1%3D2&rate=5%25&word=a+b%20c',
  'names of objects': 'constructor=1&toString=2&hasOwnProperty=3&__proto__=4&__proto__[a]=5',
};

describe.each(Object.entries(PARSERS))('with %s', (_name, options) => {
  test.each(Object.entries(BODIES))('[S157] the app gets the same: %s', async (_what, body) => {
    const app = await start(options);
    const browser = htmlAgent(app);
    await verified(app, browser);
    await post(browser, body).expect(200);
    await app.clock.advance(301);
    await interrupt(browser, body);
    expect(await pass(app, browser)).toBe(RESUME);
    expect(done).toHaveLength(1);
    await goOn(browser);
    expect(done).toHaveLength(2);
    expect(done[1]).toEqual(done[0]);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});

test('[S157] before the second factor nothing is carried out, and after it nothing by itself', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser);
  const challenge = await browser.get(HOME).expect(200);
  expect(challenge.text).not.toContain('bob');
  await interrupt(browser);
  await pass(app, browser);
  for (let times = 0; times < 3; times += 1) {
    const page = await browser.get(RESUME).expect(200);
    expect(page.text).not.toContain('data-submit-at-once');
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    await browser.head(RESUME).expect(200);
    await post(browser, 'to=bob', RESUME).expect(405);
  }
  expect(done).toEqual([]);
  await goOn(browser);
  expect(done).toHaveLength(1);
});

test('[S157] the form waits for whoever takes another road: a recovery code', async () => {
  const app = await start();
  const browser = htmlAgent(app);
  await signIn(browser, 'C');
  const phone = '+12065550199';
  await browser.post(`${HOME}enrollment`).type('form').send({ phone }).expect(303);
  const enrolled = await browser
    .post(`${HOME}enrollment/verify`)
    .send({ code: newestCode(app) })
    .expect(200);
  await app.clock.advance(301);
  await interrupt(browser, 'to=eve');
  const [recoveryCode] = enrolled.body.recoveryCodes as string[];
  await browser
    .post(`${HOME}recovery`)
    .type('form')
    .send({ recoveryCode })
    .expect('Location', RESUME);
  expect((await offered(browser)).fields).toEqual([['to', 'eve']]);
});

test('[S157] [S103] the form waits for apps with pages and factors of their own, too', async () => {
  const app = await start({
    after: (each, secondFactor) => {
      each.post('/open', async (req, res) => {
        await secondFactor.satisfy(req, ['otp']);
        res.json({});
      });
      bank()(each, secondFactor);
    },
  });
  const browser = await staleBrowser(app);
  await interrupt(browser, 'to=bob');
  await browser.post('/own/challenge').type('form').send({}).expect(200);
  await browser
    .post('/own/verify')
    .type('form')
    .send({ code: newestCode(app) })
    .expect('Location', RESUME);
  await goOn(browser);
  await app.clock.advance(301);
  await interrupt(browser, 'to=eve');
  await browser.post('/open').send({}).expect(200);
  await goOn(browser);
  expect(done.map(({ body }) => body)).toEqual([{ to: 'bob' }, { to: 'eve' }]);
});

test('[S131] a JSON client is told what waits, and not what is in it', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser, 'to=bob', '/pay?x=1');
  await pass(app, browser);
  const told = await browser.get(RESUME).set('Accept', 'application/json').expect(200);
  expect(told.body).toEqual({ method: 'POST', path: '/pay?x=1' });
});

test.each([
  [4_096, true],
  [4_097, false],
])('[S69] of a form of %d bytes it is %p that it is kept', async (size, kept) => {
  for (const options of [
    PARSERS['an extended parser']!,
    PARSERS['a simple parser behind the gate']!,
  ]) {
    const app = await start(options);
    const browser = await staleBrowser(app);
    await interrupt(browser, `memo=${'x'.repeat(size - 5)}`);
    expect(await pass(app, browser)).toBe(kept ? RESUME : '/');
    if (kept) expect((await offered(browser)).fields[0]![1]).toHaveLength(size - 5);
    else await expectNothingKept(browser);
  }
});

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const HERE = { 'Sec-Fetch-Site': 'same-origin' };
const FILES = { ...HERE, 'Content-Type': 'multipart/form-data; boundary=b' };
const REFUSED: [string, string, Record<string, string>, string][] = [
  ['a form with files', 'POST', FILES, '--b\r\n\r\nto=bob\r\n--b--'],
  ['plain text', 'POST', { ...HERE, 'Content-Type': 'text/plain' }, 'to=bob'],
  ['a body without a type', 'POST', HERE, 'to=bob'],
  ['a put', 'PUT', { ...HERE, ...FORM }, 'to=bob'],
  ['a patch', 'PATCH', { ...HERE, ...FORM }, 'to=bob'],
  ['a delete', 'DELETE', { ...HERE, ...FORM }, 'to=bob'],
  ['a form of another site', 'POST', { ...FORM, 'Sec-Fetch-Site': 'cross-site' }, 'to=bob'],
  ['a form of a sister site', 'POST', { ...FORM, 'Sec-Fetch-Site': 'same-site' }, 'to=bob'],
  ['a form of another origin', 'POST', { ...FORM, Origin: 'https://evil.example' }, 'to=bob'],
  ['a form of a sandbox', 'POST', { ...FORM, Origin: 'null' }, 'to=bob'],
  ['a form of a port', 'POST', { ...FORM, Origin: 'http://127.0.0.1:1' }, 'to=bob'],
];
test.each(REFUSED)('[S116] [S119] %s is not kept', async (_what, method, headers, body) => {
  const app = await start();
  const browser = await staleBrowser(app);
  const cookie = cookieFrom(browser);
  const asked = { accept: 'text/html', ...headers };
  const answer = await raw(app.url, { method, path: '/pay', cookie, headers: asked, body });
  expect(answer.status).toBe(303);
  expect(await keptIn(app, browser)).toBeUndefined();
  expect(await pass(app, browser)).toBe('/');
  await expectNothingKept(browser);
  expect(done).toEqual([]);
});

test('[S116] a form of another site does not take the place of one that waits', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser, 'to=bob');
  await browser
    .post('/pay')
    .type('form')
    .set('Sec-Fetch-Site', 'cross-site')
    .send('to=mallory')
    .expect(303);
  expect(await pass(app, browser)).toBe(RESUME);
  expect((await offered(browser)).fields).toEqual([['to', 'bob']]);
});

test('[S78] a JSON post is refused with 401, and not kept', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  const answer = await browser.post('/pay').send({ to: 'bob' }).expect(401);
  expect(answer.body.code).toBe('second_factor_required');
  expect(await keptIn(app, browser)).toBeUndefined();
});

test.each(['A', 'C'])(
  '[S59] what somebody with the password of %s alone has posted does not wait for the click of its user',
  async (username) => {
    const app = await start();
    const thief = htmlAgent(app);
    await signIn(thief, username);
    // A path that enforce() leaves open, so that it comes to the gate of the route.
    await interrupt(thief, 'to=mallory', '/open');
    expect(await keptIn(app, thief)).toBeUndefined();
    // The thief puts his session into the browser of the user, who goes on in it.
    const user = htmlAgent(app);
    user.jar.setCookie(`${cookieFrom(thief)}; Path=/`, '127.0.0.1', '/');
    if (username === 'A') expect(await pass(app, user)).toBe('/');
    else {
      const phone = '+12065550199';
      await user.post(`${HOME}enrollment`).type('form').send({ phone }).expect(303);
      await user.post(`${HOME}enrollment/verify`).send({ code: newestCode(app) });
    }
    await expectNothingKept(user);
    expect(done).toEqual([]);
  },
);

test('[S59] the user sees what a form holds before it is sent again', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser, 'to=mallory&amount=9%3C000&note=&_csrf=token');
  await pass(app, browser);
  const { text } = await browser.get(RESUME).expect(200);
  const list = /<dl>([\s\S]*?)<\/dl>/.exec(text)?.[1] ?? '';
  const shown = [...list.matchAll(/<d[td]>([^<]*)<\/d[td]>/g)].map(([, each]) => each);
  expect(shown).toEqual(['To', 'mallory', 'Amount', '9&lt;000', 'Web address', '/pay']);
});

test('[S68] of a stranger nothing is kept', async () => {
  const app = await start();
  const stranger = htmlAgent(app);
  const answer = await post(stranger, 'to=bob').expect(303).expect('Location', '/login');
  expect(answer.headers).not.toHaveProperty('set-cookie');
  await stranger.get(RESUME).expect(302).expect('Location', '/login');
});

test('[S119] a route that does not ask for it keeps nothing', async () => {
  const app = await start({
    after: (each, secondFactor) => {
      each.post(
        '/pay',
        secondFactor.require({ maxAge: 300 }),
        (_req, res) => void res.send('done'),
      );
    },
  });
  const browser = await staleBrowser(app);
  await interrupt(browser);
  expect(await keptIn(app, browser)).toBeUndefined();
});

test.each([
  [299.999, 200],
  [300, 404],
])('[S69] %d s after it was held up a form is answered with %d', async (later, status) => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser);
  await pass(app, browser);
  await app.clock.advance(later);
  await browser.get(RESUME).expect(status);
});

test('[S157] a form that was sent is not offered again, also where it was filled in anew', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser);
  await pass(app, browser);
  await goOn(browser);
  expect((await browser.get(RESUME).expect(200)).text).toContain('This has been done');
  await app.clock.advance(301);
  await interrupt(browser);
  await pass(app, browser);
  await post(browser, 'to=eve').expect(200);
  await expectNothingKept(browser);
  expect(done.map(({ body }) => body)).toEqual([{ to: 'bob' }, { to: 'eve' }]);
});

test('[S157] the newest form is the one that waits, or none where it cannot be kept', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser, 'to=bob');
  await interrupt(browser, 'to=eve', '/pay?second');
  await pass(app, browser);
  const { action, fields } = await offered(browser);
  expect([action.replace(FORM_ID, ''), fields]).toEqual(['/pay?second', [['to', 'eve']]]);
  await app.clock.advance(301);
  await interrupt(browser, 'to=bob');
  await interrupt(browser, `memo=${'x'.repeat(5_000)}`);
  await pass(app, browser);
  await expectNothingKept(browser);
});

test.each(['/login', '/login-keeping'])(
  '[S59] the next user of the browser (%s) is not offered the form of the one before',
  async (login) => {
    const app = await start();
    const browser = await staleBrowser(app);
    await interrupt(browser, 'to=bob');
    await browser.post(login).send({ username: 'B', password: 'right' }).expect(200);
    await browser.get(RESUME).expect(302);
    await pass(app, browser);
    await expectNothingKept(browser);
    expect(await keptIn(app, browser)).toBeUndefined();
  },
);

test('[S59] [S83] nor is one whose trusted device passes for them, in the session that was kept', async () => {
  const app = await start({ factor: { trustedDevices: { days: 30 } } });
  const browser = await staleBrowser(app);
  const other = app.agent();
  const code = await pending(app, other, 'B');
  const trusted = await other.post(ROUTER.verify).send({ code, trustDevice: true }).expect(200);
  const cookies = trusted.headers['set-cookie'] as unknown as string[];
  const device = cookies.find((each) => each.startsWith('__Host-'))!.split(';')[0]!;
  await interrupt(browser, 'to=bob');
  await browser.post('/login-keeping').send({ username: 'B', password: 'right' }).expect(200);
  const asB = (path: string) =>
    browser.get(path).set('Cookie', `${cookieFrom(browser)}; ${device}`);
  await asB('/secret').expect(200);
  const status = (await asB('/status')).body;
  expect(status).toMatchObject({ verified: true });
  expect(status).not.toHaveProperty('interrupted');
  const page = await asB(RESUME).expect(404);
  expect(page.text).not.toContain('bob');
});

test('[S61] after logout nothing waits', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser);
  await pass(app, browser);
  await offered(browser);
  await browser.post('/logout').send({}).expect(200);
  await browser.get(RESUME).expect(302).expect('Location', '/login');
  await signIn(browser);
  await app.clock.advance(60);
  expect(await pass(app, browser)).toBe('/');
  await expectNothingKept(browser);
});

test('[S105] a session that has lost its mark is not shown what waits', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser);
  await pass(app, browser);
  await app.secondFactor.admin.revoke('id-of-A', { operator: 'op' });
  const page = await browser.get(RESUME).expect(302);
  expect(page.text).not.toContain('bob');
});

test('[S155] the hidden fields are escaped', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  const name = '"><img src=x onerror=alert(1)>';
  const value = '\'"></form><script>alert(2)</script>&quot;';
  await interrupt(browser, new URLSearchParams([[name, value]]).toString(), '/pay?a=1&amp=2');
  await pass(app, browser);
  const { text } = await browser.get(RESUME).expect(200);
  expect(text).not.toMatch(/<img|<script>|onerror=alert\(1\)>|a=1&amp=2/);
  expect(text.match(/<form/g)).toHaveLength(1);
  const { action, fields } = await offered(browser);
  expect([action.replace(FORM_ID, ''), fields]).toEqual(['/pay?a=1&amp=2', [[name, value]]]);
});

const tokenOf = (session: string): string => createHash('sha256').update(session).digest('hex');

test("[S116] the app's CSRF token is replaced by the one of the new session", async () => {
  const withToken: RequestHandler = (req, _res, next) => {
    Object.assign(req, { csrfToken: () => tokenOf(req.sessionID) });
    next();
  };
  const app = await start({
    before: (each) => each.use(withToken),
    after: (each, secondFactor) => {
      each.post(
        '/pay',
        (req, res, next) => {
          const { _csrf: token } = req.body as { _csrf?: unknown };
          if (token === tokenOf(req.sessionID)) next();
          else res.status(403).send('wrong token');
        },
        secondFactor.require({ maxAge: 300, resume: true }),
        (req, res) => {
          done.push({ path: req.path, body: req.body });
          res.send('done');
        },
      );
    },
  });
  const browser = await staleBrowser(app);
  const tokenNow = async (): Promise<string> =>
    formsIn((await browser.get(HOME).expect(200)).text)[0]!.fields._csrf!;
  const before = await tokenNow();
  await interrupt(browser, `_csrf=${before}&to=bob`);
  await browser.post(`${HOME}challenge`).type('form').send({ _csrf: before }).expect(303);
  await browser
    .post(`${HOME}verify`)
    .type('form')
    .send({ code: newestCode(app), _csrf: before });
  const after = await tokenNow();
  expect(after).not.toBe(before);
  expect((await offered(browser)).fields).toEqual([
    ['_csrf', after],
    ['to', 'bob'],
  ]);
  await goOn(browser);
  expect(done).toHaveLength(1);
});

test('[S157] a field _csrf of an app that offers no token is sent as it came', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser, '_csrf=of+the+session&to=bob');
  await pass(app, browser);
  expect((await offered(browser)).fields).toEqual([
    ['_csrf', 'of the session'],
    ['to', 'bob'],
  ]);
});

test('[S118] no way of writing a path makes the page post elsewhere, or sends the browser there', async () => {
  const app = await start({ factor: { limits: MANY_TEXTS } });
  const browser = await staleBrowser(app);
  const host = app.url.slice('http://'.length);
  const targets = [
    '//evil.example/pay',
    '///evil.example/pay',
    '/\\evil.example/pay',
    '/\\/evil.example/pay',
    '\\\\evil.example\\pay',
    '/%2fevil.example/pay',
    '/%5cevil.example/pay',
    '/..//evil.example/pay',
    '/.//evil.example/pay',
    '/%2e%2e//evil.example/pay',
    '/pay/../..//evil.example',
    'http://evil.example/pay',
    'HTTP://evil.example/pay',
    `http://${host}/pay`,
    'http:evil.example/pay',
    'https:/evil.example/pay',
    'javascript:alert(1)',
    `http://${host}@evil.example/pay`,
    '/pay?"><script>',
    '/pay#part',
    '/pay\tevil',
  ];
  for (const path of targets) {
    const headers = { ...FORM, accept: 'text/html', origin: app.url };
    const cookie = cookieFrom(browser);
    const answer = await raw(app.url, { method: 'POST', path, cookie, headers, body: 'to=bob' });
    expect([path, [303, 400, 404].includes(answer.status)]).toEqual([path, true]);
    expect([path, /^location: (.*)$/im.exec(answer.headers)?.[1]?.trim()]).toEqual([
      path,
      answer.status === 303 ? HOME : undefined,
    ]);
    expect([path, await keptIn(app, browser)]).toEqual([path, undefined]);
    expect([path, await pass(app, browser)]).toEqual([path, '/']);
    await expectNothingKept(browser);
    await app.clock.advance(301);
  }
  expect(done).toEqual([]);
});

test('[S118] a place that the app itself has spoilt is not gone to', async () => {
  const app = await start();
  const browser = await staleBrowser(app);
  await interrupt(browser);
  await browser.post('/plant').send({ returnTo: 'https://evil.example/' }).expect(200);
  expect(await pass(app, browser)).toBe('/');
});
