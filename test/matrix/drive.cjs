'use strict';

const { Browser, expect, hold } = require('./browser.cjs');

/**
 * The walk that every row takes, over HTTP: fifteen steps, each a promise of the README. Each step
 * has users of its own, so none waits for the texts of another.
 */
const GUESSES = 30;
const CLICKS = 20;
/** `waitAfterSuccess` of the app is one second, and so is the `maxAge` of its transfer. */
const A_SECOND = 1_100;
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const USERS = ['ann', 'bob', 'cat', 'dan', 'eve'];
const phoneOf = (user) => `+1206555014${USERS.indexOf(user)}`;

/** All steps in their order; `told` hears the name of each before it is taken. */
async function drive(origin, told = () => undefined) {
  const walk = { origin, recovery: {}, browsers: {} };
  for (const [name, step] of Object.entries(STEPS)) {
    told(name);
    await step(walk);
  }
}

async function newestCode(origin, user) {
  const texts = expect(
    await new Browser(origin).get(`/-/texts?to=${encodeURIComponent(phoneOf(user))}`),
    200,
  );
  hold(texts.json.length > 0, `no text came to ${user}`);
  return texts.json.at(-1).code;
}

async function eventsOf(origin, name) {
  return expect(await new Browser(origin).get('/-/events'), 200).json[name] ?? 0;
}

async function passwordOnly(origin, user) {
  const browser = new Browser(origin);
  expect(await browser.post('/login', { username: user, password: 'right' }), 200);
  return browser;
}

/** A browser with the password, and the code that was texted to its user. */
async function withCode(origin, user, path = '/second-factor/challenge') {
  const browser = await passwordOnly(origin, user);
  expect(await browser.post(path), 202);
  return { browser, code: await newestCode(origin, user) };
}

async function enroll({ origin, recovery, browsers }, user) {
  const browser = await passwordOnly(origin, user);
  expect(await browser.post('/cart/tea'), 200);
  expect(await browser.post('/second-factor/enrollment', { phone: phoneOf(user) }), 202);
  const code = await newestCode(origin, user);
  const done = expect(await browser.post('/second-factor/enrollment/verify', { code }), 200);
  hold(done.json.recoveryCodes?.length === 10, 'there are not ten recovery codes');
  recovery[user] = done.json.recoveryCodes;
  expect(await browser.post('/second-factor/recovery-codes/kept'), 204);
  browsers[user] = browser;
}

const wrong = (code, by) => String((Number(code) + by) % 1_000_000).padStart(6, '0');
const isUser = async (browser, user) => (await browser.get('/me')).json?.user === user;

const STEPS = {
  anonymous: async ({ origin }) => {
    const browser = new Browser(origin);
    expect(await browser.get('/account'), 401, 'not_authenticated');
    const page = await browser.page('/account');
    hold(
      [302, 303].includes(page.status) && page.location === '/login',
      `a browser got ${page.status} to ${page.location}, not /login`,
    );
  },
  'password only': async ({ origin }) => {
    const browser = await passwordOnly(origin, 'ann');
    expect(await browser.get('/home'), 200);
    expect(await browser.get('/account'), 403, 'enrollment_required');
  },
  enroll: async (walk) => {
    for (const user of USERS) await enroll(walk, user);
    expect(await walk.browsers.ann.get('/account'), 200);
  },
  'data kept': async ({ browsers }) => {
    const cart = expect(await browsers.ann.get('/cart'), 200).json;
    hold(cart.join() === 'tea', `the cart holds ${JSON.stringify(cart)}`);
  },
  'sign out': async ({ browsers }) => {
    const old = browsers.ann.copy();
    expect(await browsers.ann.post('/logout'), 200);
    hold(await isUser(old, null), 'the old cookie is still signed in');
    expect(await old.get('/account'), 401, 'not_authenticated');
  },
  'gate closed': async (walk) => {
    const browser = await passwordOnly(walk.origin, 'ann');
    for (const path of ['/home', '/account']) {
      expect(await browser.get(path), 401, 'second_factor_required');
      const page = await browser.page(path);
      hold(
        [302, 303].includes(page.status) && page.location.startsWith('/second-factor'),
        `a browser got ${page.status} to ${page.location}`,
      );
    }
    expect(await browser.page('/second-factor'), 200);
  },
  'wrong and right code': async (walk) => {
    await sleep(A_SECOND);
    const { browser, code } = await withCode(walk.origin, 'ann');
    expect(
      await browser.post('/second-factor/verify', { code: wrong(code, 1) }),
      401,
      'code_incorrect',
    );
    expect(await browser.get('/account'), 401, 'second_factor_required');
    const before = browser.copy();
    expect(await browser.post('/second-factor/verify', { code }), 200);
    hold(browser.cookie !== before.cookie, 'the session id did not change');
    expect(await browser.get('/account'), 200);
    hold((await before.get('/account')).status === 401, 'the id before is verified, too');
    walk.browsers.ann = browser;
  },
  'step-up': async ({ origin, browsers: { ann } }) => {
    await sleep(A_SECOND);
    expect(await ann.post('/transfer'), 401, 'second_factor_required');
    expect(await ann.post('/second-factor/challenge'), 202);
    expect(await ann.post('/second-factor/verify', { code: await newestCode(origin, 'ann') }), 200);
    expect(await ann.post('/transfer'), 200);
  },
  'Passport strategy': async ({ origin }) => {
    const { browser, code } = await withCode(origin, 'cat', '/own/challenge');
    const refused = await browser.ask('POST', '/own/verify', { form: { code: wrong(code, 1) } });
    hold(refused.location === '/own', `a wrong code answered ${refused.status}`);
    expect(await browser.ask('POST', '/own/verify', { form: { code } }), 200);
    expect(await browser.get('/account'), 200);
  },
  'slow request': async ({ origin, browsers: { cat } }) => {
    const old = cat.copy();
    const slow = old.copy().post('/slow');
    while ((await new Browser(origin).get('/-/waiting')).json !== 1) await sleep(10);
    expect(await cat.post('/logout'), 200);
    expect(await new Browser(origin).post('/-/release'), 200);
    await slow;
    expect(await old.get('/account'), 401);
  },
  destroy: async ({ browsers: { bob } }) => {
    const old = bob.copy();
    expect(await bob.get('/account'), 200);
    expect(await bob.post('/destroy'), 200);
    hold(await isUser(old, null), 'the destroyed session is still signed in');
    expect(await old.get('/account'), 401, 'not_authenticated');
  },
  [`${GUESSES} wrong guesses at once`]: async ({ origin }) => {
    const { browser, code } = await withCode(origin, 'dan');
    const before = await eventsOf(origin, 'failed');
    const answers = await Promise.all(
      Array.from({ length: GUESSES }, (_, by) =>
        browser.copy().post('/second-factor/verify', { code: wrong(code, by + 1) }),
      ),
    );
    const evaluated = answers.filter(({ json }) => json?.code === 'code_incorrect').length;
    const failed = (await eventsOf(origin, 'failed')) - before;
    hold(
      evaluated === 5 && failed === 5,
      `${evaluated} guesses were evaluated, ${failed} counted: ${statuses(answers)}`,
    );
    expect(await browser.post('/second-factor/verify', { code }), 401, 'challenge_expired');
    expect(await browser.get('/account'), 401, 'second_factor_required');
  },
  [`${CLICKS} right codes at once`]: async ({ origin }) => {
    const { browser, code } = await withCode(origin, 'eve');
    const before = await eventsOf(origin, 'verified');
    const clicks = Array.from({ length: CLICKS }, () => browser.copy());
    const answers = await Promise.all(
      clicks.map((click) => click.post('/second-factor/verify', { code })),
    );
    const verified = (await eventsOf(origin, 'verified')) - before;
    const open = new Set();
    for (const click of clicks) {
      if ((await click.get('/account')).status === 200) open.add(click.cookie);
    }
    hold(
      verified === 1 && open.size === 1,
      `${verified} verified, ${open.size} sessions open: ${statuses(answers)}`,
    );
  },
  'recovery code': async (walk) => {
    const [recoveryCode] = walk.recovery.bob;
    const browser = await passwordOnly(walk.origin, 'bob');
    expect(
      await browser.post('/second-factor/recovery', { recoveryCode: 'AAAA-AAAA-AAAA-AAAA' }),
      401,
    );
    expect(await browser.get('/account'), 401, 'second_factor_required');
    expect(await browser.post('/second-factor/recovery', { recoveryCode }), 200);
    expect(await browser.get('/account'), 200);
    const again = await passwordOnly(walk.origin, 'bob');
    expect(await again.post('/second-factor/recovery', { recoveryCode }), 401);
    walk.browsers.bob = browser;
  },
  removal: async ({ browsers: { bob } }) => {
    expect(await bob.ask('DELETE', '/second-factor/enrollment'), 204);
    expect(await bob.get('/home'), 200);
    expect(await bob.get('/account'), 403, 'enrollment_required');
  },
};

function statuses(answers) {
  const counts = {};
  for (const { status, json } of answers) {
    const name = `${status} ${json?.code ?? ''}`.trim();
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return JSON.stringify(counts);
}

module.exports = { drive, steps: Object.keys(STEPS) };
