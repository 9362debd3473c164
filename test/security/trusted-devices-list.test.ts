import { mapEnrollments, memoryCounter } from '../../lib';
import { newestCode, type TestApp } from '../helpers/app';
import { atOnce } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { DAY, FIREFOX, listen, startTrusting, TrustingBrowser } from './trusting-browser';
import { publicDevice } from '../../lib/core/devices/trusted-devices';

let app: TestApp;
beforeEach(async () => {
  app = await startTrusting();
});

const { devices: list } = ROUTER;
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

const trusting = (username = 'A', userAgent = FIREFOX) =>
  new TrustingBrowser(app, { 'user-agent': userAgent }).trust(username);
/** What lists and events call the device; its cookie has another name for it. */
const idOf = (browser: TrustingBrowser): string =>
  publicDevice({ id: browser.token.split('.')[0]!, name: '' }).id;
const kept = (username = 'A') => app.enrollments.get(`id-of-${username}`)!.devices ?? [];

async function passesByDevice(browser: TrustingBrowser, username = 'A'): Promise<boolean> {
  await browser.signIn(username);
  return (await browser.knock()) === 200;
}

test('[S83] the list tells the name, the times and which browser this is, and no more', async () => {
  const start = app.clock();
  const older = await trusting();
  app.clock.set(start + DAY * 1_000);
  const newer = await trusting('A', CHROME);
  app.clock.set(start + 2 * DAY * 1_000);
  expect(await passesByDevice(older)).toBe(true);
  const iso = (days: number): string => new Date(start + days * DAY * 1_000).toISOString();
  const expected = [
    { id: idOf(newer), name: 'Chrome on Windows', from: 1, used: 1, current: false },
    { id: idOf(older), name: 'Firefox on Linux', from: 0, used: 2, current: true },
  ].map(({ from, used, ...device }) => ({
    ...device,
    trustedAt: iso(from),
    lastUsedAt: iso(used),
    expiresAt: iso(from + 30),
  }));
  const { status, json } = await older.ask('GET', list);
  expect(status).toBe(200);
  expect(json).toEqual({ devices: expected });
});

test.each<[string, (id: string) => [string, string]]>([
  ['DELETE', (id) => ['DELETE', `${list}/${id}`]],
  ['the form', (id) => ['POST', `${list}/${id}/delete`]],
])('[S83] one device is revoked by %s; the others stay', async (_how, call) => {
  const [browser, other] = [await trusting(), await trusting('A', CHROME)];
  expect(await passesByDevice(other)).toBe(true);
  const told = listen(app, 'device_revoked', 'notice');
  expect(await browser.status(...call(idOf(other)))).toBe(204);
  expect(await other.knock()).toBe(401);
  expect(await passesByDevice(other)).toBe(false);
  expect(await browser.knock()).toBe(200);
  expect(await passesByDevice(browser)).toBe(true);
  const device = { id: idOf(other), name: 'Chrome on Windows' };
  const facts = { userId: 'id-of-A', reason: 'user', device };
  expect(told).toMatchObject([
    { name: 'device_revoked', facts },
    { name: 'notice', facts: { action: 'device_revoked', ...facts } },
  ]);
});

test.each([
  ['DELETE', list],
  ['POST', `${list}/delete`],
])('[S83] all devices are revoked by %s %s, each with one notice', async (method, path) => {
  const browsers = [await trusting(), await trusting()];
  const stranger = await trusting('B');
  const told = listen(app, 'device_revoked', 'notice');
  expect(await browsers[0]!.status(method, path)).toBe(204);
  expect(kept()).toEqual([]);
  for (const browser of browsers) expect(await passesByDevice(browser)).toBe(false);
  expect(told.map(({ name }) => name).sort()).toEqual([
    ...['device_revoked', 'device_revoked'],
    ...['notice', 'notice'],
  ]);
  expect(await passesByDevice(stranger, 'B')).toBe(true);
});

test('[S83] [S96] ids of other users and ids of nothing are not found, and change nothing', async () => {
  const [browser, stranger] = [await trusting(), await trusting('B')];
  const before = structuredClone([...app.enrollments]);
  const told = listen(app, 'device_revoked', 'notice');
  const ids = [
    idOf(stranger),
    'A'.repeat(22),
    '0',
    '__proto__',
    'undefined',
    '%2e%2e',
    'A'.repeat(5_000),
  ];
  for (const id of ids) {
    expect(await browser.status('DELETE', `${list}/${id}`)).toBe(404);
    expect(await browser.status('POST', `${list}/${id}/delete`)).toBe(404);
  }
  expect([...app.enrollments]).toEqual(before);
  expect(told).toEqual([]);
  expect(await passesByDevice(stranger, 'B')).toBe(true);
});

test('[S83] without the second factor nobody learns of devices or revokes one', async () => {
  const browser = await trusting();
  const byPassword = await new TrustingBrowser(app).signIn();
  const nobody = new TrustingBrowser(app);
  const calls = [
    ['GET', list],
    ['DELETE', list],
    ['POST', `${list}/delete`],
    ['DELETE', `${list}/${idOf(browser)}`],
    ['POST', `${list}/${idOf(browser)}/delete`],
  ] as const;
  for (const [method, path] of calls) {
    const refused = await byPassword.ask(method, path);
    expect([refused.status, refused.json.code]).toEqual([401, 'second_factor_required']);
    expect((await nobody.ask(method, path)).json.code).toBe('not_authenticated');
  }
  expect(kept()).toHaveLength(1);
});

test('[S83] at most ten browsers are trusted; the one that was used longest ago goes', async () => {
  const browsers: TrustingBrowser[] = [];
  for (let each = 0; each < 10; each += 1) {
    browsers.push(await trusting());
    await app.clock.advance(400);
  }
  // The oldest is used again, so the second is the one that nobody used for longest.
  expect(await passesByDevice(browsers[0]!)).toBe(true);
  await app.clock.advance(400);
  browsers.push(await trusting());
  expect(kept()).toHaveLength(10);
  const passing: boolean[] = [];
  for (const browser of browsers) passing.push(await passesByDevice(browser));
  expect(passing).toEqual(browsers.map((_, each) => each !== 1));
});

test('[S83] a browser that is trusted again stands on the list once', async () => {
  const browser = await trusting();
  expect((await browser.pass({ trustDevice: true })).status).toBe(200);
  expect(kept()).toHaveLength(1);
  expect(await passesByDevice(browser)).toBe(true);
});

test('[S83] a session by a device ends within ten seconds of its revocation in another process', async () => {
  const { store, clock } = app;
  const elsewhere = await startTrusting({
    store,
    clock,
    factor: {
      enrollments: mapEnrollments(app.enrollments),
      counter: memoryCounter({ clock }),
    },
  });
  try {
    const browser = await trusting();
    expect(await passesByDevice(browser)).toBe(true);
    const other = await new TrustingBrowser(elsewhere).signIn();
    expect((await other.pass()).status).toBe(200);
    expect(await other.status('DELETE', `${list}/${idOf(browser)}`)).toBe(204);
    await clock.advance(10);
    expect(await browser.knock()).toBe(401);
    expect(await passesByDevice(browser)).toBe(false);
  } finally {
    await elsewhere.close();
  }
});

test.each([
  ['HTML', '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>'],
  ['a line feed, encoded', 'Firefox%0d%0aSet-Cookie:%20a=b'],
  ['a browser of HTML', 'Mozilla/5.0 (<b>Linux</b>) <i>Gecko</i>/20100101 <u>Firefox</u>/1.0'],
  ['10 kB', `Mozilla/5.0 (${'X11; Linux; '.repeat(850)}) Firefox/140.0`],
  ['10 kB without a break', 'A'.repeat(10_000)],
  ['a long name', `${'A'.repeat(200)}/1.0`],
  ['brackets that never close', `Mozilla/5.0 ${'('.repeat(5_000)}`],
  ['letters of no browser', 'Firéfox/1.0 (Ünix; ☃) Gecko/20100101 Firefox/140.0'],
  ['words for a mail', 'Firefox\tBcc: a@example.org, =?utf-8?q?x?='],
  ['nothing', ''],
])('[S83] a User-Agent with %s gives a plain name', async (_what, userAgent) => {
  const told = listen(app, 'device_trusted', 'notice');
  const browser = await trusting('A', userAgent);
  expect(told).toHaveLength(2);
  for (const { facts } of told) {
    expect(facts.device).toEqual({ id: idOf(browser), name: kept()[0]!.name });
  }
  expect(kept()[0]!.name).toMatch(/^[A-Za-z0-9 ._-]{1,60}$/);
  const headers = { accept: 'text/html', 'user-agent': userAgent };
  const page = await new TrustingBrowser(app, headers).trust();
  const { status, body } = await page.ask('GET', ROUTER.home);
  expect(status).toBe(200);
  expect(body).toContain(kept()[0]!.name);
  expect(body).not.toMatch(/<(b|i|u|img)>|onerror|alert\(|Bcc|A{61}|\({9}/);
});

test.each<[string, (owner: TrustingBrowser) => Promise<unknown>]>([
  ['the support desk', () => app.secondFactor.admin.revoke('id-of-A', { operator: 'Jo' })],
  ['another browser', (owner) => owner.ask('DELETE', '/second-factor/devices')],
])('[S83] [S177] trust that %s has ended does not come back with the same code', async (_, end) => {
  const owner = await new TrustingBrowser(app).signIn();
  expect((await owner.pass()).status).toBe(200);
  await app.clock.advance(60);
  const thief = await new TrustingBrowser(app).signIn();
  expect(await thief.status('POST', '/second-factor/challenge', {})).toBe(202);
  const post = thief.request('POST', '/second-factor/verify', {
    code: newestCode(app),
    trustDevice: true,
  });
  const [first] = await atOnce(app.url, [post]);
  expect(thief.take(first!).status).toBe(200);
  expect(thief.token).not.toBe('');
  await end(owner);
  const [again] = await atOnce(app.url, [post]);
  expect(thief.take(again!).set.filter((line) => line.startsWith('__Host-'))).toEqual([]);
  expect(kept()).toEqual([]);
  expect(await (await thief.signIn()).knock()).toBe(401);
});
