import { mapEnrollments, type Enrollment, type Enrollments } from '../../lib';
import { enrolled, PHONES, type TestApp } from '../helpers/app';
import { atOnce } from '../helpers/parallel';
import { hold } from '../helpers/web';
import { slowPost } from './slow-post';
import { listen, startTrusting, TrustingBrowser, type Answer, type Told } from './trusting-browser';

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
  told = listen(app, 'device_used', 'device_revoked', 'notice');
});

const names = (): string[] => told.map(({ name }) => name);

/** The theft was noticed and told once. */
function expectAlarm(): void {
  const device = { id: expect.any(String), name: 'Firefox on Linux' };
  const facts = { userId: 'id-of-A', reason: 'reused', device, ip: '127.0.0.1' };
  expect(told.filter(({ name }) => name !== 'device_used')).toMatchObject([
    { name: 'device_revoked', facts },
    { name: 'notice', facts: { action: 'device_revoked', ...facts } },
  ]);
}

async function passesByDevice(shown: TrustingBrowser, username = 'A'): Promise<boolean> {
  await shown.signIn(username);
  return (await shown.knock()) === 200;
}

test('[S83] an old token that comes back ends all devices and all verified sessions, and is told once', async () => {
  const other = await new TrustingBrowser(app).trust();
  const byText = await new TrustingBrowser(app).signIn();
  expect((await byText.pass()).status).toBe(200);
  const stranger = await new TrustingBrowser(app).trust('B');
  const thief = browser.stolen();
  expect(await passesByDevice(browser)).toBe(true);
  told.length = 0;

  await thief.signIn();
  const answers = await thief.askAtOnce(10, '/enforced');
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(401));
  expectAlarm();
  for (const session of [browser, other, byText]) expect(await session.knock()).toBe(401);
  for (const device of [browser, other, thief]) expect(await passesByDevice(device)).toBe(false);
  expectAlarm();
  expect(await stranger.knock()).toBe(200);
  expect(await passesByDevice(stranger, 'B')).toBe(true);
  expect((await byText.signIn().then(() => byText.pass())).status).toBe(200);
  expect((await byText.ask('GET', '/second-factor/devices')).json).toEqual({ devices: [] });
  expect((await app.secondFactor.admin.status('id-of-A')).devices).toEqual([]);
});

test('[S83] a thief who uses the token first is thrown out when the owner comes back', async () => {
  const thief = browser.stolen();
  expect(await passesByDevice(thief)).toBe(true);
  expect(await passesByDevice(browser)).toBe(false);
  expectAlarm();
  expect(await thief.knock()).toBe(401);
  expect(await passesByDevice(thief)).toBe(false);
});

test('[S83] a token of two sign-ins ago is as telling as the one before', async () => {
  const thief = browser.stolen();
  for (let each = 0; each < 3; each += 1) expect(await passesByDevice(browser)).toBe(true);
  expect(await passesByDevice(thief)).toBe(false);
  expectAlarm();
});

test('[S83] two sessions show the same token in the same moment: one passes, and the theft is noticed', async () => {
  const thief = browser.stolen();
  await browser.signIn();
  await thief.signIn();
  // Both have read before either has written.
  const both = hold();
  let waiting = 0;
  beforeWrite = () => {
    waiting += 1;
    if (waiting === 2) both.release();
    return both.released;
  };
  const requests = [browser, thief].map((each) => each.request('GET', '/enforced'));
  const answers = await atOnce(app.url, requests);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  expectAlarm();
  [browser, thief].forEach((each, index) => each.take(answers[index]!));
  for (const each of [browser, thief]) {
    expect(await each.knock()).toBe(401);
    expect(await passesByDevice(each)).toBe(false);
  }
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
  expect(names()).not.toContain('device_revoked');
});
