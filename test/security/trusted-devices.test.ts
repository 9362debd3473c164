import { newestCode, startApp, type TestApp } from '../helpers/app';
import { atOnce } from '../helpers/parallel';
import { onEachStore } from '../helpers/stores';
import { DAY, listen, startTrusting, TrustingBrowser } from './trusting-browser';

let app: TestApp;

const trusting = (username = 'A') => new TrustingBrowser(app).trust(username);

test('[S83] off by default: the wish to trust a browser is ignored', async () => {
  app = await startApp();
  const browser = await new TrustingBrowser(app).signIn();
  const passed = await browser.pass({ trustDevice: true });
  expect(passed.status).toBe(200);
  expect(browser.deviceCookies()).toEqual([]);
  expect(app.enrollments.get('id-of-A')!.devices).toBeUndefined();
  await browser.signIn();
  expect(await browser.knock()).toBe(401);
});

test('[S83] a cookie from when devices were trusted opens nothing once that is off', async () => {
  app = await startTrusting();
  const browser = await trusting();
  const { enrollments } = app;
  await app.close();
  app = await startApp();
  app.enrollments.set('id-of-A', enrollments.get('id-of-A')!);
  const later = new TrustingBrowser(app);
  for (const [name, value] of browser.deviceCookies()) {
    later.take({ status: 200, headers: `set-cookie: ${name}=${value}; path=/`, body: '' });
  }
  await later.signIn();
  expect(await later.knock()).toBe(401);
});

describe.each([{ days: 30 }, { days: 1 }])('trusted for $days days', ({ days }) => {
  test.each([
    ['the router, JSON', '/second-factor/verify', (code: string) => ({ code, trustDevice: true })],
    [
      'the router, a form',
      '/second-factor/verify',
      (code: string) => `code=${code}&trustDevice=on`,
    ],
    ['the strategy, JSON', '/own/verify', (code: string) => ({ code, trustDevice: true })],
    ['the strategy, a form', '/own/verify', (code: string) => `code=${code}&trustDevice=on`],
  ])('[S83] %s: the cookie is for this host, https and no script', async (_road, path, body) => {
    app = await startTrusting({ factor: { trustedDevices: { days } } });
    const browser = await new TrustingBrowser(app).signIn();
    await browser.ask('POST', '/second-factor/challenge', {});
    const { set } = await browser.ask('POST', path, body(newestCode(app)));
    const [line, ...more] = set.filter((each) => each.startsWith('__Host-'));
    expect(more).toEqual([]);
    const [pair, ...attributes] = line!.split('; ');
    expect(pair).toMatch(/^__Host-sms2fa-device-[\w-]{16}=[\w-]{22}\.[\w-]{43}$/);
    const maxAge = `Max-Age=${days * DAY}`;
    expect(attributes.sort()).toEqual(['HttpOnly', maxAge, 'Path=/', 'SameSite=Lax', 'Secure']);
    await browser.signIn();
    expect(await browser.knock()).toBe(200);
  });
});

test.each(['in the same moment', 'after its answer got lost'])(
  '[S179] a ticked code that is posted again %s trusts one browser, whichever answer is kept',
  async (when) => {
    app = await startTrusting();
    const told = listen(app, 'device_trusted', 'device_copied');
    const browser = await new TrustingBrowser(app).signIn();
    await browser.ask('POST', '/second-factor/challenge', {});
    const body = { code: newestCode(app), trustDevice: true };
    const post = browser.request('POST', '/second-factor/verify', body);
    const answers =
      when === 'in the same moment'
        ? await atOnce(app.url, [post, post, post])
        : [...(await atOnce(app.url, [post])), ...(await atOnce(app.url, [post]))];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(app.enrollments.get('id-of-A')!.devices).toHaveLength(1);
    expect(told.map(({ name }) => name)).toEqual(['device_trusted']);
    for (const answer of answers) {
      const kept = new TrustingBrowser(app);
      kept.take(answer);
      expect(await kept.knock()).toBe(200);
      expect(kept.deviceCookies()).toHaveLength(1);
    }
    const kept = new TrustingBrowser(app);
    kept.take(answers.at(-1)!);
    await kept.signIn();
    expect(await kept.knock()).toBe(200);
  },
);

test('[S179] a step-up that is posted twice, with the box ticked, trusts no browser', async () => {
  app = await startTrusting();
  const browser = await new TrustingBrowser(app).signIn();
  expect((await browser.pass()).status).toBe(200);
  await app.clock.advance(31);
  await browser.ask('POST', '/second-factor/challenge', {});
  const body = { code: newestCode(app), trustDevice: true };
  const post = browser.request('POST', '/second-factor/verify', body);
  const answers = await atOnce(app.url, [post, post]);
  for (const { status, headers } of answers) {
    expect(status).toBe(200);
    expect(headers).not.toContain('__Host-');
  }
  expect(app.enrollments.get('id-of-A')!.devices).toBeUndefined();
});

test.each([[false], ['off'], [0], [null], [['on']], [{ on: true }], [undefined]])(
  '[S83] trustDevice: %j is no wish to trust the browser',
  async (trustDevice) => {
    app = await startTrusting();
    const browser = await new TrustingBrowser(app).signIn();
    expect((await browser.pass({ trustDevice })).status).toBe(200);
    expect(browser.deviceCookies()).toEqual([]);
  },
);

test('[S83] a wrong code trusts nothing', async () => {
  app = await startTrusting();
  const browser = await new TrustingBrowser(app).signIn();
  await browser.ask('POST', '/second-factor/challenge', {});
  const code = newestCode(app) === '000000' ? '000001' : '000000';
  const body = { code, trustDevice: true };
  expect(await browser.status('POST', '/second-factor/verify', body)).toBe(401);
  expect(browser.deviceCookies()).toEqual([]);
});

test('[S83] no two tokens have a part in common', async () => {
  app = await startTrusting();
  const parts = new Set<string>();
  for (let each = 0; each < 8; each += 1) {
    const [id, secret] = (await trusting()).token.split('.');
    parts.add(id!).add(secret!);
    expect(Buffer.from(secret!, 'base64url')).toHaveLength(32);
  }
  expect(parts.size).toBe(16);
});

onEachStore('a trusted browser', (kind) => {
  beforeEach(async () => {
    app = await startTrusting(await kind.make());
  });

  test('[S83] the token lies nowhere but in its cookie: only its digest is kept', async () => {
    const browser = await trusting();
    const tokens = [browser.token];
    await browser.signIn();
    expect(await browser.knock()).toBe(200);
    tokens.push(browser.token);
    const kept = JSON.stringify([...app.enrollments]) + (await kind.dump(app.store));
    for (const token of tokens) {
      const [, secret = ''] = token.split('.');
      const bytes = Buffer.from(secret, 'base64url');
      for (const form of [secret, bytes.toString('hex'), bytes.toString('base64')]) {
        expect(kept).not.toContain(form);
      }
    }
  });

  test('[S83] after the next password it passes without a text, in a session with a new id, with a new token', async () => {
    const told = listen(app, 'device_trusted', 'device_used', 'device_revoked');
    const browser = await trusting();
    const texts = app.outbox.messages.length;
    for (const gate of ['/enforced', '/secret', '/enforced']) {
      const before = browser.token;
      const session = (await browser.signIn()).session;
      expect(await browser.knock(gate)).toBe(200);
      expect(browser.session).not.toBe(session);
      expect(browser.token).not.toBe(before);
      expect(browser.token.split('.')[0]).toBe(before.split('.')[0]);
      const now = browser.token;
      expect([await browser.knock(), browser.token]).toEqual([200, now]);
    }
    expect(app.outbox.messages).toHaveLength(texts);
    expect(told.map(({ name }) => name)).toEqual([
      'device_trusted',
      ...Array(3).fill('device_used'),
    ]);
  });

  test('[S83] twenty parallel requests of one page pass, change the token once and alarm nobody', async () => {
    const told = listen(app, 'device_used', 'device_revoked');
    const browser = await trusting();
    for (const gate of ['/enforced', '/secret']) {
      await browser.signIn();
      const answers = await browser.askAtOnce(20, gate);
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      const tokens = answers.flatMap(({ set }) => set.filter((line) => line.startsWith('__Host-')));
      expect(new Set(tokens.map((line) => line.split(';')[0])).size).toBe(1);
      expect(await browser.knock()).toBe(200);
    }
    expect(told.map(({ name }) => name)).toEqual(['device_used', 'device_used']);
    await browser.signIn();
    expect(await browser.knock()).toBe(200);
  });
});

test('[S179] an answer of a page that comes after those to its later requests alarms nobody', async () => {
  app = await startTrusting();
  const browser = await trusting();
  const told = listen(app, 'device_used', 'device_copied');
  for (const round of [1, 2]) {
    await browser.signIn();
    const early = browser.request('GET', '/enforced');
    // The first one takes the session on, and its answer is under way for long.
    const [late] = await atOnce(app.url, [early]);
    for (let each = 0; each < 3; each += 1) expect(await browser.knock()).toBe(200);
    // So was a request of the same moment, with the token of before.
    const [slow] = await atOnce(app.url, [early]);
    for (const answer of [slow!, late!]) {
      expect([round, answer.status]).toEqual([round, 200]);
      browser.take(answer);
    }
    expect(await browser.knock()).toBe(200);
  }
  await browser.signIn();
  expect(await browser.knock()).toBe(200);
  expect(told.map(({ name }) => name)).toEqual(Array(3).fill('device_used'));
  expect(app.enrollments.get('id-of-A')!.devices).toHaveLength(1);
});

test('[S83] two users trust the same browser side by side', async () => {
  app = await startTrusting();
  const browser = await trusting('A');
  await browser.trust('B');
  expect(browser.deviceCookies()).toHaveLength(2);
  for (const username of ['A', 'B', 'A', 'B']) {
    await browser.signIn(username);
    expect(await browser.knock()).toBe(200);
    const { devices } = (await browser.ask('GET', '/second-factor/devices')).json;
    expect(devices).toMatchObject([{ current: true, name: 'Firefox on Linux' }]);
  }
});

test('[S83] [S82] a trusted browser alone, without the password, opens nothing', async () => {
  app = await startTrusting();
  const visitor = (await trusting()).stolen();
  expect(await visitor.knock()).toBe(401);
  expect((await visitor.ask('GET', '/second-factor/devices')).json.code).toBe('not_authenticated');
});
