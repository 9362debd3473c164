import { english } from '../helpers/core';
import { newestCode, startApp, type TestApp, type TestAppOptions } from '../helpers/app';
import { formsIn } from '../helpers/web';
import { publicDevice } from '../../lib/core/devices/trusted-devices';
import { expectWellMade, Reader } from './reader';

async function start(days?: number, options: TestAppOptions = {}): Promise<TestApp> {
  const trusted = days === undefined ? {} : { trustedDevices: { days } };
  return await startApp({ ...options, factor: trusted });
}

/** Signs in with a code, and has the browser trusted where the box is ticked. */
async function verified(app: TestApp, ticked: boolean): Promise<Reader> {
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await app.clock.advance(30);
  await reader.submit('/challenge');
  const typed = { code: newestCode(app), ...(ticked ? { trustDevice: 'on' } : {}) };
  const answer = await reader.post(reader.form('/verify'), typed);
  const set = [answer.headers['set-cookie'] ?? []].flat();
  const cookie = set.find((each) => each.startsWith('__Host-'))?.split(';')[0];
  // The jar keeps no such cookie of a host without https.
  if (cookie !== undefined) reader.agent.jar.setCookie(`${cookie}; Path=/`, '127.0.0.1', '/');
  return reader.open('/second-factor/');
}
/** The code, with the box ticked, whether or not it is there. */
async function verifyTicked(app: TestApp, reader: Reader): Promise<void> {
  const form = reader.form('/verify');
  form.fields.trustDevice = 'on';
  await reader.post(form, { code: newestCode(app), trustDevice: 'on' });
}
const devices = (app: TestApp) => app.enrollments.get('id-of-A')!.devices ?? [];

test.each([
  [30, '30 days'],
  [1, '1 day '],
])(
  '[S83] trust for %i days is offered in words, and only taken where it is asked for',
  async (days, words) => {
    const app = await start(days);
    const reader = await (await Reader.signedIn(app)).open('/secret');
    expect(reader.page).not.toContain('trustDevice');
    await reader.submit('/challenge');
    expect(reader.text).toContain(`Don't ask for a code in this browser for ${words}`);
    expect(reader.page).not.toContain('checked');
    expectWellMade(reader);
    await reader.submit('/verify', { code: newestCode(app) });
    expect(devices(app)).toEqual([]);
    await verified(app, true);
    expect(devices(app)).toHaveLength(1);
  },
);

test('[S83] without the option no trust is offered, and the box has no effect', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  expect(reader.page).not.toContain('trustDevice');
  const form = reader.form('/verify');
  form.fields.trustDevice = 'on';
  await reader.post(form, { code: newestCode(app), trustDevice: 'on' });
  expect(devices(app)).toEqual([]);
  await reader.open('/second-factor/');
  expect(reader.text).not.toContain('Trusted browsers');
});

test('[S83] trust is offered to no browser that is trusted, and at no step-up; what a form says of it there is ignored', async () => {
  const app = await start(30);
  const reader = await verified(app, true);
  const [device] = devices(app);
  const untrusted = await verified(app, false);
  for (const stepUp of [reader, untrusted]) {
    await app.clock.advance(301);
    await stepUp.agent.post('/transfer').type('form').redirects(0).send({});
    await stepUp.open('/second-factor/');
    await stepUp.submit('/challenge');
    expect(stepUp.has('/verify')).toBe(true);
    expect(stepUp.page).not.toContain('trustDevice');
    await verifyTicked(app, stepUp);
    expect(devices(app)).toEqual([device]);
  }
  // Verified for a day: the browser is trusted, but its session has to pass again.
  await app.clock.advance(86_400);
  for (const [shown, offers] of [
    [reader, false],
    [untrusted, true],
  ] as const) {
    await shown.open('/secret');
    await shown.submit('/challenge');
    expect(shown.page.includes('trustDevice')).toBe(offers);
    await verifyTicked(app, shown);
    expect(devices(app)).toHaveLength(offers ? 2 : 1);
    await app.clock.advance(31);
  }
  expect(devices(app)[1]).toEqual(device);
});

test('the page lists the trusted browsers with their days, and which of them this is', async () => {
  const app = await start(30);
  const none = await verified(app, false);
  expect(none.text).toContain('You have no trusted browsers.');
  expect(none.has('/devices/delete')).toBe(false);
  const first = await verified(app, true);
  expect(first.has('/devices/delete')).toBe(false);
  await app.clock.advance(86_400);
  const second = await verified(app, true);
  expectWellMade(second);
  const day = (ago: number) => english.day(new Date(app.clock() - ago * 86_400_000).toISOString());
  const dates = (at: string) => `Trusted since ${at}, last used ${at}`;
  const [newest = '', oldest = ''] = second.page.match(/<li>[\s\S]*?<\/li>/g) ?? [];
  expect([newest, oldest].map((line) => line.includes('(this browser)'))).toEqual([true, false]);
  expect(newest).toContain(dates(day(0)));
  expect(oldest).toContain(dates(day(1)));
  expect(devices(app).every(({ name }) => second.text.includes(name))).toBe(true);
  expect(second.page).not.toContain(devices(app)[0]!.digest);
});

test('[S83] the trust in one browser, or in all of them, is ended by plain forms', async () => {
  const app = await start(30);
  await verified(app, true);
  await verified(app, true);
  const reader = await verified(app, true);
  const [newest, middle, oldest] = devices(app).map(({ id }) => id);
  // The id itself, with which a token begins, stands on no page.
  for (const id of [newest, middle, oldest]) expect(reader.page).not.toContain(id);
  await reader.submitSurely(`/devices/${publicDevice(devices(app)[1]!).id}/delete`);
  expect(devices(app).map(({ id }) => id)).toEqual([newest, oldest]);
  expect(reader.path).toBe('/second-factor/');
  await reader.submitSurely('/devices/delete');
  expect(devices(app)).toEqual([]);
  expect(reader.text).toContain('You have no trusted browsers.');
});

test('a name of a browser from the app’s database is shown as it is', async () => {
  const app = await start(30);
  const reader = await verified(app, true);
  const { devices: [device] = [], ...rest } = app.enrollments.get('id-of-A')!;
  const name = '<img src=x> & "co"';
  app.enrollments.set('id-of-A', { ...rest, devices: [{ ...device!, name }] });
  await reader.open('/second-factor/');
  expect(reader.page).toContain('&lt;img src=x&gt; &amp; &quot;co&quot;');
  expect(reader.page).not.toContain('<img');
});

test('[S116] the forms of the list carry the token of the app’s own CSRF middleware', async () => {
  const app = await start(30, {
    before: (each) => {
      each.use((req, _res, next) => {
        Object.assign(req, { csrfToken: () => 'the token' });
        next();
      });
    },
  });
  await verified(app, true);
  const reader = await verified(app, true);
  const forms = formsIn(reader.page);
  expect(forms.filter(({ action }) => action.includes('/devices/'))).toHaveLength(3);
  for (const { fields } of forms) expect(fields._csrf).toBe('the token');
});

test('a second click at the end of the trust in a browser says where it is, beside the list', async () => {
  const app = await start(30);
  const reader = await verified(app, true);
  const { id } = publicDevice(devices(app)[0]!);
  await reader.submit(`/devices/${id}/delete`);
  const form = reader.form(`/devices/${id}/delete`);
  await reader.post(form, {});
  const { status, headers } = await reader.post(form, {});
  expect([status, headers.location]).toEqual([303, '/second-factor/']);
  await reader.open('/second-factor/');
  expect(reader.problem).toContain("This browser isn't trusted");
  expect(reader.text).toContain('You have no trusted browsers.');
});
