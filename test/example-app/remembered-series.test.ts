import type { Agent } from '../helpers/app';
import { atOnce, jsonPost, type RawAnswer } from '../helpers/parallel';
import {
  expectHalfWay,
  enroll,
  expectStranger,
  PASSWORD,
  rememberCookie,
  startBank,
  type RunningBank,
} from './bank';

let bank: RunningBank;
let agent: Agent;
beforeEach(async () => {
  bank = await startBank();
  await enroll(bank, bank.agent(), 'carol');
  agent = bank.agent();
  await agent
    .post('/login')
    .send({ username: 'carol', password: PASSWORD, remember: true })
    .expect(200);
});

/** Longer than requests that are sent together take. */
const LATER = 5;

const valueOf = (browser: Agent): string => rememberCookie(browser)?.value ?? '';

/** A browser that has nothing but this. */
function withCookie(value: string): Agent {
  const browser = bank.agent();
  browser.jar.setCookie(`bank-remember=${value}`, '127.0.0.1', '/');
  return browser;
}

const JSON_ONLY = { accept: 'application/json' };

/** What a browser that takes this answer's cookies sends next, beside `before`. */
function cookiesOf({ headers }: RawAnswer, before = ''): string {
  const set = [...headers.matchAll(/^set-cookie: ([^;]+)/gim)].map(([, cookie]) => cookie);
  return [...set, before].filter(Boolean).join('; ');
}

const statusWith = async (cookie: string) => {
  const { body } = await bank.agent().get('/api/account').set('Cookie', cookie).expect(401);
  return (body as { code: string }).code;
};

test('a used token that comes back ends the series, and every session that came of it', async () => {
  const stolen = valueOf(agent);
  const thief = withCookie(stolen);
  await expectHalfWay(thief);
  await bank.clock.advance(LATER);
  await expectStranger(withCookie(stolen));
  await expectStranger(thief);
  await expectStranger(withCookie(valueOf(thief)));
});

test.each([0, 1])(
  'a made-up token of a series ends it as well, after %d right ones',
  async (uses) => {
    const [series] = valueOf(agent).split('.');
    const right = withCookie(valueOf(agent));
    for (let use = 0; use < uses; use += 1) await expectHalfWay(right);
    await expectStranger(withCookie(`${series}.made-up`));
    await expectStranger(withCookie(valueOf(right)));
  },
);

test('the session of the login itself goes on when its series ends', async () => {
  const value = valueOf(agent);
  await expectHalfWay(withCookie(value));
  await bank.clock.advance(LATER);
  await expectStranger(withCookie(value));
  await expectHalfWay(agent);
});

test('requests that are sent together all come back, and one of them brings the next token', async () => {
  const cookie = `bank-remember=${valueOf(agent)}`;
  const request = { path: '/api/account', cookie, headers: JSON_ONLY };
  const answers = await atOnce(
    bank.url,
    Array.from({ length: 8 }, () => request),
  );
  expect(answers.map(({ body }) => (JSON.parse(body) as { code: string }).code)).toEqual(
    Array.from({ length: 8 }, () => 'second_factor_required'),
  );
  const next = answers.flatMap(({ headers }) => /bank-remember=([^;]+)/.exec(headers)?.[1] ?? []);
  expect(next).toHaveLength(1);
  await bank.clock.advance(LATER);
  await expectHalfWay(withCookie(next[0] ?? ''));
});

test('signing out ends the series although nothing but its cookie is left, and brings no new token', async () => {
  const value = valueOf(agent);
  const browser = withCookie(value);
  const answer = await browser.post('/logout').send({}).expect(204);
  expect(String(answer.headers['set-cookie'])).toMatch(/^bank-remember=; .*1970[^,]*$/);
  await expectStranger(browser);
  await expectStranger(withCookie(value));
});

test.each(['before', 'after'])(
  'a request %s the one that signs out, in the same moment, does not come back remembered',
  async (order) => {
    const cookie = `bank-remember=${valueOf(agent)}`;
    const get = { path: '/api/account', cookie, headers: JSON_ONLY };
    const logout = jsonPost('/logout', cookie, {});
    const answers = await atOnce(bank.url, order === 'before' ? [get, logout] : [logout, get]);
    // As if each answer's cookies were the last ones to arrive.
    for (const answer of answers) {
      expect(await statusWith(cookiesOf(answer, cookie))).toBe('not_authenticated');
    }
  },
);

test.each(['/login', '/signup', '/LOGIN/', '/forgot-password'])(
  'the page %s restores nobody and uses no token up',
  async (path) => {
    const browser = withCookie(valueOf(agent));
    const answer = await browser.get(path).set('Accept', 'text/html').expect(200);
    expect(answer.headers['set-cookie']).toBeUndefined();
    await expectHalfWay(browser);
  },
);

test('a failed login restores nobody either', async () => {
  const browser = withCookie(valueOf(agent));
  const wrong = { username: 'carol', password: 'wrong password' };
  const answer = await browser.post('/login').send(wrong).expect(401);
  expect(answer.headers['set-cookie']).toBeUndefined();
});
