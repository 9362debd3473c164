import { account, closeServers, SECRET } from './account';
import { closeApps } from './webhooks-app';
import { examine, fails, wellSet } from './examine';

afterEach(closeServers);
afterEach(closeApps);

describe('of the way to the app', () => {
  test('another secret than the app has is wrong', async () => {
    const { env } = await wellSet();
    const { of } = await examine({
      ...env,
      SECOND_FACTOR_SECRET: 'a secret for tests; 32 characters or more',
    });
    expect(of('reach')[0]).toMatchObject({ state: 'wrong', cure: expect.stringContaining('same') });
  });

  test('another path than the app has is wrong', async () => {
    const { env } = await wellSet();
    const { of } = await examine(env, ['--webhook-path', '/hooks']);
    expect(of('reach')[0]!.says).toContain('/hooks/… (404)');
  });

  test.each([
    [302, 'redirect (302)'],
    [403, 'answers 403 before the webhooks'],
    [200, 'answers 200 before the webhooks'],
  ])('an app that answers %d is wrong', async (status, words) => {
    const { env } = await wellSet();
    const app = await account(fails(status));
    const { of } = await examine({ ...env, PUBLIC_URL: app.url });
    expect(of('reach')[0]!.says).toContain(words);
  });

  test('an app that is away is wrong', async () => {
    const { env } = await wellSet();
    const { of } = await examine({ ...env, PUBLIC_URL: 'http://localhost:1' });
    expect(of('reach')[0]).toMatchObject({
      state: 'wrong',
      says: expect.stringContaining('cannot'),
    });
  });

  test.each([
    ['http://localhost:3000', 'a local name'],
    ['http://bank.example', 'not an https address'],
  ])('the real carrier cannot call %s', async (address, words) => {
    const env = { PUBLIC_URL: address, SECOND_FACTOR_SECRET: SECRET };
    expect((await examine(env)).of('reach')[0]!.says).toContain(words);
  });
});

test.each([
  [-60_000, 'slow'],
  [60_000, 'fast'],
])('a clock that is %d ms off is wrong', async (off, words) => {
  const { env } = await account();
  const { code, of } = await examine(env, [], () => Date.now() + off);
  expect(code).toBe(1);
  expect(of('clock')[0]!.says).toMatch(new RegExp(`^The clock is \\d+ s ${words}\\.$`));
});
