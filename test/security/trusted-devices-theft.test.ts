import { mapEnrollments, type Enrollment, type Enrollments } from '../../lib';
import { enrolled, PHONES, type TestApp } from '../helpers/app';
import { atOnce } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { hold } from '../helpers/web';
import { publicDevice } from '../../lib/core/devices/trusted-devices';
import { slowPost } from './slow-post';
import {
  DAY,
  listen,
  startTrusting,
  TrustingBrowser,
  type Answer,
  type Told,
} from './trusting-browser';

let app: TestApp;
let browser: TrustingBrowser;
let told: Told[];
/** Waited for before each write of an enrollment. */
let beforeWrite: () => Promise<void>;

beforeEach(async () => {
  beforeWrite = () => Promise.resolve();
  const kept = new Map<string, Enrollment>();
  for (const name of ['A', 'B'] as const) kept.set(`id-of-${name}`, enrolled(PHONES[name]));
  const inner = mapEnrollments(kept);
  const enrollments: Enrollments = {
    ...inner,
    set: async (...written) => {
      await beforeWrite();
      return inner.set(...written);
    },
  };
  app = await startTrusting({ factor: { enrollments } });
  browser = await new TrustingBrowser(app).trust();
  told = listen(app, 'device_copied', 'device_revoked', 'notice');
});

const names = (): string[] => told.map(({ name }) => name);
/** What lists call the device; its cookie has another name for it. */
const idOf = (shown: TrustingBrowser): string =>
  publicDevice({ id: shown.token.split('.')[0]!, name: '' }).id;

const { devices: list } = ROUTER;

/** The theft was noticed and told once. */
function expectAlarm(more: object = {}): void {
  const device = { id: expect.any(String), name: 'Firefox on Linux' };
  const facts = { userId: 'id-of-A', device, ip: '127.0.0.1', phone: '••• ••• ••42', ...more };
  const at = expect.any(Number);
  expect(told).toEqual([
    { name: 'device_copied', facts: { at, ...facts } },
    { name: 'notice', facts: { at, action: 'device_copied', ...facts } },
  ]);
}

async function passesByDevice(shown: TrustingBrowser, username = 'A'): Promise<boolean> {
  await shown.signIn(username);
  return (await shown.knock()) === 200;
}

test('[S180] a copy that comes back ends its own device and nothing else, is asked for a code, and is told once', async () => {
  const other = await new TrustingBrowser(app).trust();
  const byText = await new TrustingBrowser(app).signIn();
  expect((await byText.pass()).status).toBe(200);
  const stranger = await new TrustingBrowser(app).trust('B');
  const thief = browser.stolen();
  for (let each = 0; each < 2; each += 1) expect(await passesByDevice(browser)).toBe(true);
  told.length = 0;

  await thief.signIn();
  const answers = await thief.askAtOnce(10, '/enforced');
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(401));
  expect(answers[0]!.json.code).toBe('second_factor_required');
  expectAlarm();
  // What stood on that device asks for a code again; what passed a factor itself goes on.
  expect(await browser.knock()).toBe(401);
  for (const session of [other, byText, stranger]) expect(await session.knock()).toBe(200);
  for (const device of [browser, thief]) expect(await passesByDevice(device)).toBe(false);
  expect(await passesByDevice(other)).toBe(true);
  expectAlarm();
  expect((await browser.signIn().then(() => browser.pass())).status).toBe(200);
  const { devices } = (await byText.ask('GET', list)).json;
  expect(devices).toHaveLength(1);
});

test('[S180] a thief who uses the copy first is thrown out when the owner comes back', async () => {
  const thief = browser.stolen();
  for (let each = 0; each < 2; each += 1) expect(await passesByDevice(thief)).toBe(true);
  expect(await passesByDevice(browser)).toBe(false);
  expectAlarm();
  expect(await thief.knock()).toBe(401);
  expect(await passesByDevice(thief)).toBe(false);
});

test('[S180] a thief who keeps pace with the owner is asked for a code, and so is the owner at most', async () => {
  for (const ahead of ['owner', 'thief']) {
    const thief = browser.stolen();
    expect([await passesByDevice(browser), await passesByDevice(thief)]).toEqual([true, true]);
    const [first, second] = ahead === 'owner' ? [browser, thief] : [thief, browser];
    expect([await passesByDevice(first), await passesByDevice(second)]).toEqual([true, false]);
    await browser.trust();
    told.length = 0;
    // Whoever had the phone has another device now; the copy is worth nothing.
    expect(await passesByDevice(thief)).toBe(false);
  }
});

test('[S180] a copy that is shown with a code is told before its cookie holds another token', async () => {
  const thief = browser.stolen();
  for (let each = 0; each < 2; each += 1) expect(await passesByDevice(thief)).toBe(true);
  // Past every gate: straight to the code, with the wish to be trusted.
  told.length = 0;
  await browser.trust();
  expect(names()).toEqual(expect.arrayContaining(['device_copied']));
  expect(await thief.knock()).toBe(401);
  expect(await passesByDevice(thief)).toBe(false);
  expect(await passesByDevice(browser)).toBe(true);
});

test.each<[string, (thief: TrustingBrowser) => [string, string]]>([
  ['the device', (thief) => ['DELETE', `${list}/${idOf(thief)}`]],
  ['all devices', () => ['DELETE', list]],
])(
  '[S181] a thief who ends the trust in %s does not end the evidence: the owner’s copy is told',
  async (_what, call) => {
    const thief = browser.stolen();
    expect(await passesByDevice(thief)).toBe(true);
    expect((await thief.pass()).status).toBe(200);
    told.length = 0;
    const at = app.clock();
    expect(await thief.status(...call(thief))).toBe(204);
    expect(names()).toEqual(['device_revoked', 'notice']);
    told.length = 0;
    await app.clock.advance(10 * DAY);
    expect(await passesByDevice(browser)).toBe(false);
    expectAlarm({ endedAt: at });
    expect(await passesByDevice(browser)).toBe(false);
    expectAlarm({ endedAt: at });
  },
);

test('[S181] a device alone ends no trust: neither in itself nor in others, by no road', async () => {
  const thief = browser.stolen();
  expect(await passesByDevice(thief)).toBe(true);
  const roads = [
    ['DELETE', list],
    ['POST', `${list}/delete`],
    ['DELETE', `${list}/${idOf(thief)}`],
    ['POST', `${list}/${idOf(thief)}/delete`],
  ] as const;
  for (const [method, path] of roads) {
    const { status, json } = await thief.ask(method, path);
    expect([status, json.code]).toEqual([403, 'fresh_second_factor_required']);
  }
  expect(names()).not.toContain('device_revoked');
  expect(await passesByDevice(browser)).toBe(true);
});

test('[S181] a browser that ends its own trust gives its cookie back, and alarms nobody', async () => {
  expect((await browser.pass()).status).toBe(200);
  const { set } = await browser.ask('DELETE', `${list}/${idOf(browser)}`);
  expect(set.find((line) => line.startsWith('__Host-'))).toMatch(/^[^=]+=; Max-Age=0; Path=\/; /);
  expect(await passesByDevice(browser)).toBe(false);
  expect(names()).not.toContain('device_copied');
});

test('[S181] a browser whose trust was ended from elsewhere is asked for a code, and alarms nobody', async () => {
  for (let each = 0; each < 2; each += 1) expect(await passesByDevice(browser)).toBe(true);
  const thief = browser.stolen();
  expect(await passesByDevice(browser)).toBe(true);
  const other = await new TrustingBrowser(app).signIn();
  expect((await other.pass()).status).toBe(200);
  expect(await other.status('DELETE', `${list}/${idOf(browser)}`)).toBe(204);
  expect(await browser.knock()).toBe(401);
  expect(await passesByDevice(browser)).toBe(false);
  expect(names()).not.toContain('device_copied');
  expect(await passesByDevice(thief)).toBe(false);
});

test('[S181] a new password and a new phone forget the marks: what comes then is no copy', async () => {
  expect((await browser.pass()).status).toBe(200);
  const thief = browser.stolen();
  expect(await browser.status('DELETE', list)).toBe(204);
  app.users.get('A')!.passwordVersion += 1;
  expect(await passesByDevice(thief)).toBe(false);
  await app.secondFactor.admin.revoke('id-of-A', { operator: 'Eve' });
  expect(await passesByDevice(thief)).toBe(false);
  expect(names()).not.toContain('device_copied');
});

test('[S179] two sessions show the same token in the same moment: both pass, and nobody is alarmed', async () => {
  const other = browser.stolen();
  await browser.signIn();
  await other.signIn();
  // Both have read before either has written.
  const both = hold();
  let waiting = 0;
  beforeWrite = () => {
    waiting += 1;
    if (waiting === 2) both.release();
    return both.released;
  };
  const requests = [browser, other].map((each) => each.request('GET', '/enforced'));
  const answers = await atOnce(app.url, requests);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(names()).not.toContain('device_copied');
});

/** A post of this browser whose last byte is kept back; what is answered ends it. */
async function slow(path: string): Promise<() => Promise<Answer>> {
  const finish = await slowPost(app, path, browser.request('POST', path).cookie ?? '');
  return async () => browser.take(await finish());
}

test('[S83] [S62] a slow request cannot pass by the device after logout', async () => {
  await browser.signIn();
  const finish = await slow('/enforced');
  const old = browser.request('GET', '/secret');
  expect(await browser.status('POST', '/logout', {})).toBe(200);
  expect((await finish()).status).toBe(401);
  const [again] = await atOnce(app.url, [old]);
  expect(again!.status).toBe(401);
  expect(await browser.knock()).toBe(401);
});

test('[S83] [S62] a logout while the token is being changed: the request does not pass', async () => {
  await browser.signIn();
  const changing = hold();
  beforeWrite = () => {
    changing.enter();
    return changing.released;
  };
  const old = browser.request('GET', '/secret');
  const slow = atOnce(app.url, [old]);
  await changing.entered;
  expect(await browser.status('POST', '/logout', {})).toBe(200);
  changing.release();
  expect((await slow)[0]!.status).toBe(401);
  expect((await atOnce(app.url, [old]))[0]!.status).toBe(401);
});

test('[S83] a slow request that ends after logout leaves the browser trusted, and alarms nobody', async () => {
  await browser.signIn();
  const finish = await slow('/enforced');
  expect(await browser.status('POST', '/logout', {})).toBe(200);
  expect((await finish()).status).toBe(401);
  expect(await passesByDevice(browser)).toBe(true);
  expect(names()).not.toContain('device_copied');
});
