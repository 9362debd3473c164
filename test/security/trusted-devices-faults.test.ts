import session from 'express-session';
import { mapEnrollments, type Enrollment, type Enrollments } from '../../lib';
import { enrolled, newestCode, PHONES, type TestApp } from '../helpers/app';
import { faultsOf, type Faults } from '../helpers/faults';
import { atOnce } from '../helpers/parallel';
import { listen, startTrusting, TrustingBrowser, type Told } from './trusting-browser';

type Call = 'get' | 'set';
/** `lost`: carried out, and reported as failed. `away`: so, and the next look fails, too. */
type Fault = 'error' | 'lost' | 'away';

let app: TestApp;
let sessions: Faults;
let told: Told[];
/** The next call of this kind to the enrollments goes wrong. */
let fault: { call: Call; how: Fault } | undefined;
/** Happens before the next write of the enrollment. */
let beforeWrite: (() => Promise<void>) | undefined;

async function call<T>(name: Call, carryOut: () => T | Promise<T>): Promise<T> {
  if (fault?.call !== name) return carryOut();
  const { how } = fault;
  // Gone for good: what was written is not to be seen, however often it is asked for.
  fault = how === 'away' ? { call: 'get', how: 'away' } : undefined;
  if (how !== 'error') await carryOut();
  throw new Error('the fault of the test: connection to 10.0.0.7 refused');
}

beforeEach(async () => {
  fault = undefined;
  beforeWrite = undefined;
  const inner = mapEnrollments(new Map<string, Enrollment>([['id-of-A', enrolled(PHONES.A)]]));
  const enrollments: Enrollments = {
    ...inner,
    get: (userId) => call('get', () => inner.get(userId)),
    set: async (...written) => {
      const happen = beforeWrite;
      beforeWrite = undefined;
      await happen?.();
      return call('set', () => inner.set(...written));
    },
  };
  const store = new session.MemoryStore();
  sessions = faultsOf(store);
  app = await startTrusting({ store, factor: { enrollments } });
  told = listen(app, 'store_failed', 'device_trusted', 'device_copied');
});

const count = (name: string): number => told.filter((each) => each.name === name).length;

async function expectTrusted(browser: TrustingBrowser): Promise<void> {
  await browser.signIn();
  expect(await browser.knock()).toBe(200);
  expect(count('device_copied')).toBe(0);
}

test.each<Call>(['get', 'set'])(
  '[S83] enrollments.%s fails while a device is used: 503, shut, and told; later it passes',
  async (name) => {
    const browser = await new TrustingBrowser(app).trust();
    const { token } = browser;
    for (const gate of ['/enforced', '/secret']) {
      await browser.signIn();
      fault = { call: name, how: 'error' };
      const { status, json, body } = await browser.ask('GET', gate);
      expect([status, json.code]).toEqual([503, 'store_unavailable']);
      expect(body).not.toContain('10.0.0.7');
      expect(browser.token).toBe(token);
    }
    expect(count('store_failed')).toBe(2);
    expect(await browser.knock()).toBe(200);
    await expectTrusted(browser);
  },
);

test.each([
  ['the session', 1],
  ['the live record', 2],
])(
  '[S73] [S83] %s cannot be kept while a device is used: 503, shut; later it passes',
  async (_what, k) => {
    const browser = await new TrustingBrowser(app).trust();
    await browser.signIn();
    sessions.fail('set', k);
    const { status, json } = await browser.ask('GET', '/enforced');
    expect(sessions.fired()).toBe(true);
    expect([status, json.code]).toEqual([503, 'store_unavailable']);
    sessions.heal();
    expect((await browser.ask('GET', '/status')).json.verified).toBe(false);
    expect(await browser.knock()).toBe(200);
    await expectTrusted(browser);
  },
);

test.each<Fault>(['error', 'lost'])(
  '[S83] [S178] a write fails while a browser is trusted (%s): the user is verified all the same, and what was written counts',
  async (how) => {
    const browser = await new TrustingBrowser(app).signIn();
    await browser.ask('POST', '/second-factor/challenge', {});
    const code = newestCode(app);
    fault = { call: 'set', how };
    const body = { code, trustDevice: true };
    const { status, json } = await browser.ask('POST', '/second-factor/verify', body);
    expect([status, json.verified]).toEqual([200, true]);
    expect(await browser.knock()).toBe(200);
    const written = how === 'lost';
    expect(browser.deviceCookies()).toHaveLength(written ? 1 : 0);
    expect(told.map(({ name }) => name)).toEqual([written ? 'device_trusted' : 'store_failed']);
    await browser.signIn();
    expect(await browser.knock()).toBe(written ? 200 : 401);
  },
);

test('[S75] [S83] everything is revoked while a browser is being trusted: it is not', async () => {
  const browser = await new TrustingBrowser(app).signIn();
  await browser.ask('POST', '/second-factor/challenge', {});
  beforeWrite = () => app.secondFactor.admin.revoke('id-of-A', { operator: 'Eve' });
  const body = { code: newestCode(app), trustDevice: true };
  await browser.ask('POST', '/second-factor/verify', body);
  expect(browser.deviceCookies()).toEqual([]);
  expect(told).toEqual([]);
  await browser.signIn();
  expect(await browser.knock()).toBe(401);
});

/** The new token is kept, and reported as not kept: the browser does not get it. */
async function losingToken(): Promise<TrustingBrowser> {
  const browser = await new TrustingBrowser(app).trust();
  await browser.signIn();
  fault = { call: 'set', how: 'away' };
  expect(await browser.knock()).toBe(503);
  fault = undefined;
  return browser;
}

test('[S179] a change of the token that is kept but reported as failed alarms nobody later', async () => {
  const browser = await losingToken();
  expect(await browser.knock()).toBe(200);
  await expectTrusted(browser);
});

test.each([60, 3_600, 86_400, 10 * 86_400])(
  '[S179] nor does it %i s later, in the same session',
  async (seconds) => {
    const browser = await losingToken();
    await app.clock.advance(seconds);
    // Its time is over: a code is asked for in this session, and not in the next.
    for (let each = 0; each < 2; each += 1) expect(await browser.knock()).toBe(401);
    await expectTrusted(browser);
  },
);

test('[S179] nor at the next sign-in, with nothing in between', async () => {
  const browser = await new TrustingBrowser(app).trust();
  await browser.signIn();
  fault = { call: 'set', how: 'lost' };
  await browser.knock();
  await expectTrusted(browser);
});

test('[S179] an answer that gets lost on its way, new token and all, alarms nobody later', async () => {
  const browser = await new TrustingBrowser(app).trust();
  await browser.signIn();
  await atOnce(app.url, [browser.request('GET', '/enforced')]);
  expect(await browser.knock()).toBe(200);
  await expectTrusted(browser);
});
