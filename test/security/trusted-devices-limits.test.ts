import { DEFAULT_LIMITS } from '../../lib/core/limits';
import { newestCode, wrongCode, type TestApp } from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { DAY, listen, startTrusting, TrustingBrowser } from './trusting-browser';

let app: TestApp;
let browser: TrustingBrowser;
beforeEach(async () => {
  app = await startTrusting({
    factor: { limits: { lockAfter: 3, hardStop: 3 } },
    after: (routes, secondFactor) => {
      routes.get('/by-text', secondFactor.require({ methods: ['sms'] }), (_req, res) => {
        res.send('the secret marker');
      });
    },
  });
  browser = await new TrustingBrowser(app).trust();
});

const NEW_PHONE = '+12065550199';
const { enrollment: enroll } = ROUTER;

/** Somebody who has just passed the second factor with a code, in another browser. */
async function passed(username = 'A'): Promise<TrustingBrowser> {
  const other = await new TrustingBrowser(app).signIn(username);
  expect((await other.pass()).status).toBe(200);
  return other;
}

/** The password is right and the device cookie is shown: the challenge is met all the same. */
async function expectChallenge(shown = browser, username = 'A'): Promise<void> {
  await shown.signIn(username);
  for (const gate of ['/enforced', '/secret']) {
    const { status, json, set } = await shown.ask('GET', gate);
    expect([status, json.code]).toEqual([401, 'second_factor_required']);
    expect(set.filter((line) => line.startsWith('__Host-'))).toEqual([]);
  }
}

async function expectEmptyList(): Promise<void> {
  expect((await browser.pass()).status).toBe(200);
  expect((await browser.ask('GET', ROUTER.devices)).json).toEqual({ devices: [] });
}

test('[S83] a device stands in for no fresh code: step-up, another phone, removal and new recovery codes want one', async () => {
  await browser.signIn();
  expect(await browser.knock()).toBe(200);
  const kept = structuredClone(app.enrollments.get('id-of-A'));
  expect((await browser.ask('POST', '/transfer', {})).json.code).toBe('second_factor_required');
  expect(await browser.knock('/by-text')).toBe(401);
  const changes = [
    ['POST', enroll, { phone: NEW_PHONE }],
    ['DELETE', enroll, undefined],
    ['POST', `${enroll}/delete`, {}],
    ['POST', ROUTER.recoveryCodes, {}],
  ] as const;
  for (const [method, path, body] of changes) {
    const { status, json } = await browser.ask(method, path, body);
    expect([status, json.code]).toEqual([403, 'fresh_second_factor_required']);
  }
  expect(app.enrollments.get('id-of-A')).toEqual(kept);
  expect((await browser.pass()).status).toBe(200);
  expect(await browser.status('POST', '/transfer', {})).toBe(200);
  expect(await browser.knock('/by-text')).toBe(200);
});

test('[S83] the status says that only the password was given', async () => {
  await browser.signIn();
  await browser.knock();
  for (const path of ['/status', '/second-factor']) {
    const { json } = await browser.ask('GET', path);
    expect(json).toMatchObject({ enrolled: true, verified: true, amr: ['pwd'] });
    expect(json).not.toHaveProperty('verifiedAt');
  }
});

/** The same token with one letter changed. */
const edited = (token: string, at: number): string =>
  token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);

test.each<[string, (token: string) => string]>([
  ['forged', () => `${'A'.repeat(22)}.${'A'.repeat(43)}`],
  ['forged with the id of the device', (token) => `${token.split('.')[0]}.${'A'.repeat(43)}`],
  ['edited in its secret', (token) => edited(token, 40)],
  ['edited in its id', (token) => edited(token, 3)],
  ['truncated', (token) => token.slice(0, -1)],
  ['lengthened', (token) => `${token}A`],
  ['cut to its id', (token) => token.split('.')[0]!],
  ['cut after its dot', (token) => `${token.split('.')[0]}.`],
  ['empty', () => ''],
  ['made of the digest that is kept', (token) => `${token.split('.')[0]}.${kept('digest')}`],
  ['a word', () => 'true'],
  ['an object', () => encodeURIComponent(JSON.stringify({ id: kept('id'), userId: 'id-of-A' }))],
  ['of 10 kB', (token) => token.repeat(150)],
])('[S83] a token that is %s meets the challenge', async (_what, change) => {
  browser.token = change(browser.token);
  await expectChallenge();
});

const kept = (part: 'digest' | 'id'): string => app.enrollments.get('id-of-A')!.devices![0]![part];

test('[S83] [S96] another user cannot use the token, under either name', async () => {
  const { token } = browser;
  const other = await new TrustingBrowser(app).trust('B');
  const own = other.token;
  other.token = token;
  await expectChallenge(other, 'B');
  await expectChallenge(browser, 'B');
  other.token = own;
  await other.signIn('B');
  expect(await other.knock()).toBe(200);
  await browser.signIn('A');
  expect(await browser.knock()).toBe(200);
});

test('[S83] the trust ends thirty days after it began, used or not', async () => {
  // It began ten seconds before the next text may go out.
  await app.clock.advance(20 * DAY - DEFAULT_LIMITS.waitAfterSuccess);
  await browser.signIn();
  const { set } = await browser.ask('GET', '/enforced');
  expect(set.join()).toContain(`Max-Age=${10 * DAY};`);
  await app.clock.advance(10 * DAY - 1);
  await browser.signIn();
  expect(await browser.knock()).toBe(200);
  await app.clock.advance(1);
  expect(await browser.knock()).toBe(401);
  const told = listen(app, 'device_revoked');
  await expectChallenge();
  expect(told).toEqual([]);
  await expectEmptyList();
});

test('[S83] a device of an older password stands on the list no longer', async () => {
  app.users.get('A')!.passwordVersion += 1;
  await browser.signIn();
  await expectEmptyList();
});

test.each<[string, () => Promise<void>]>([
  [
    '[S75] the phone is replaced',
    async () => {
      const other = await passed();
      expect(await other.status('POST', enroll, { phone: NEW_PHONE })).toBe(202);
      const body = { code: newestCode(app, NEW_PHONE) };
      expect(await other.status('POST', `${enroll}/verify`, body)).toBe(200);
    },
  ],
  [
    '[S75] the factor is removed, and the same phone enrolled anew',
    async () => {
      const other = await passed();
      expect(await other.status('DELETE', enroll)).toBe(204);
      await other.signIn();
      expect(await other.status('POST', enroll, { phone: '+12065550142' })).toBe(202);
      const body = { code: newestCode(app) };
      expect(await other.status('POST', `${enroll}/verify`, body)).toBe(200);
    },
  ],
  [
    'the password changes',
    async () => {
      app.users.get('A')!.passwordVersion += 1;
      await Promise.resolve();
    },
  ],
  [
    'a support desk ends everything',
    () => app.secondFactor.admin.revoke('id-of-A', { operator: 'Eve' }),
  ],
  [
    'wrong codes disable the factor',
    async () => {
      const other = await new TrustingBrowser(app).signIn();
      await other.ask('POST', ROUTER.challenge, {});
      for (const guess of [1, 2, 3]) {
        const body = { code: wrongCode(newestCode(app), guess), trustDevice: true };
        expect(await other.status('POST', ROUTER.verify, body)).toBe(401);
      }
      expect(app.enrollments.get('id-of-A')!.disabledAt).toBeDefined();
    },
  ],
])('[S83] %s: the device passes no longer, nor does its session', async (_what, happen) => {
  const told = listen(app, 'device_revoked');
  await browser.signIn();
  expect(await browser.knock()).toBe(200);
  await happen();
  expect(await browser.knock()).toBe(401);
  await expectChallenge();
  expect(told).toEqual([]);
});

test('[S83] a removed factor leaves no device that stands in for it', async () => {
  expect(await (await passed()).status('DELETE', enroll)).toBe(204);
  await browser.signIn();
  expect((await browser.ask('GET', '/secret')).json.code).toBe('enrollment_required');
});
