'use strict';

const { Browser, expect, hold } = require('./browser.cjs');

/**
 * The walk through the same app without the package. It shows that the store, the client and the
 * framework work by themselves, and that it is the package that shuts the gate.
 */
async function control(origin, told = () => undefined) {
  for (const [name, step] of Object.entries(STEPS)) {
    told(name);
    await step(origin);
  }
}

/** Some stores call back before a session is gone; they get a moment. */
async function dead(browser, moment = 2_000) {
  const until = Date.now() + moment;
  let answer;
  do answer = await browser.get('/account');
  while (answer.status !== 401 && Date.now() < until);
  expect(answer, 401);
}

async function signedIn(origin, user) {
  const browser = new Browser(origin);
  expect(await browser.post('/login', { username: user, password: 'right' }), 200);
  return browser;
}

const STEPS = {
  anonymous: async (origin) => {
    expect(await new Browser(origin).get('/account'), 401, 'not_authenticated');
    expect(await new Browser(origin).post('/login', { username: 'ann', password: 'wrong' }), 401);
  },
  'the gate is open': async (origin) => {
    const browser = await signedIn(origin, 'ann');
    for (const path of ['/home', '/account']) expect(await browser.get(path), 200);
    expect(await browser.post('/transfer'), 200);
    expect(await browser.post('/second-factor/challenge'), 404);
  },
  'data kept': async (origin) => {
    const browser = await signedIn(origin, 'ann');
    for (const thing of ['tea', 'milk']) expect(await browser.post(`/cart/${thing}`), 200);
    const cart = expect(await browser.get('/cart'), 200).json;
    hold(cart.join() === 'tea,milk', `the cart holds ${JSON.stringify(cart)}`);
  },
  'sign out': async (origin) => {
    const browser = await signedIn(origin, 'ann');
    const old = browser.copy();
    expect(await browser.post('/logout'), 200);
    await dead(old);
  },
  destroy: async (origin) => {
    const browser = await signedIn(origin, 'bob');
    const old = browser.copy();
    expect(await browser.post('/destroy'), 200);
    await dead(old);
  },
  '30 requests at once': async (origin) => {
    const browser = await signedIn(origin, 'cat');
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => browser.copy().post('/cart/tea')),
    );
    for (const answer of answers) expect(answer, 200);
    expect(await browser.get('/account'), 200);
  },
};

module.exports = { control };
