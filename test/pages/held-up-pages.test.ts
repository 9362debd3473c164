import { newestCode, startApp, type TestApp } from '../helpers/app';
import { formsIn } from '../helpers/web';
import { expectWellMade, Reader } from './reader';

/** An app with a form that is kept (`/pay`), one that is not (`/transfer`), and a CSRF token. */
async function start(csrfToken?: () => string) {
  const paid: unknown[] = [];
  const app = await startApp({
    before: (each) => {
      each.use((req, _res, next) => {
        if (csrfToken !== undefined) Object.assign(req, { csrfToken });
        next();
      });
    },
    after: (each, secondFactor) => {
      each.post('/pay', secondFactor.require({ maxAge: 300, resume: true }), (req, res) => {
        paid.push(req.body);
        res.redirect(303, '/enforced');
      });
    },
  });
  return { app, paid };
}

/** A user whose second factor was passed too long ago for a payment sends a form. */
async function heldUp(app: TestApp, path: string, fields: object): Promise<Reader> {
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  await app.clock.advance(301);
  const answer = await reader.agent
    .post(path)
    .set({ Referer: `${app.url}/enforced`, 'Sec-Fetch-Site': 'same-origin' })
    .type('form')
    .redirects(0)
    .send(fields);
  expect(answer.status).toBe(303);
  return reader.open(answer.headers.location!);
}

const LOST = "What you submitted wasn't done. You can submit it again after this step.";
const KEPT = 'We saved what you submitted. You can finish it after this step.';

test('the challenge page says what became of a form, before and after the text', async () => {
  const { app } = await start();
  for (const [path, said] of [
    ['/transfer', LOST],
    ['/pay', KEPT],
  ] as const) {
    const reader = await heldUp(app, path, { to: 'bob' });
    for (let pages = 0; pages < 2; pages += 1) {
      expect([LOST, KEPT].filter((each) => reader.text.includes(each))).toEqual([said]);
      expectWellMade(reader);
      if (pages === 0) await reader.submit('/challenge');
    }
    await app.clock.advance(600);
  }
  const plain = await (await Reader.signedIn(app)).open('/secret');
  expect(plain.text).not.toContain('you submitted');
});

test('[S157] a form that is kept is sent again when its user says so, and once', async () => {
  const { app, paid } = await start();
  const reader = await heldUp(app, '/pay', { to: 'bob', 'lines[]': ['a', 'b'], note: '' });
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  expect(reader.path).toBe('/second-factor/resume');
  expect(reader.text).toContain("This hasn't been done yet. Do you want to go ahead?");
  const shown = [...reader.page.matchAll(/<dt>([^<]*)<\/dt>\s*<dd>([^<]*)<\/dd>/g)];
  expect(shown.map(([, name, value]) => [name, value])).toEqual([
    ['To', 'bob'],
    ['Lines', 'a'],
    ['Lines', 'b'],
    ['Web address', '/pay'],
  ]);
  expect(reader.link('No, cancel')).toBe('/');
  expectWellMade(reader);
  expect(paid).toEqual([]);
  const form = formsIn(reader.page).find(({ action }) => action.startsWith('/pay?'))!;
  const inputs = [...form.html.matchAll(/name="([^"]*)" value="([^"]*)"/g)];
  expect(inputs.map(([, name, value]) => [name, value])).toEqual([
    ['to', 'bob'],
    ['lines', 'a'],
    ['lines', 'b'],
    ['note', ''],
  ]);
  const answer = await reader.post(form);
  expect([answer.status, paid.length]).toEqual([303, 1]);
  await reader.open('/second-factor/resume');
  expect(reader.text).toContain('This has been done');
  expect(formsIn(reader.page)).toEqual([]);
});

test('[S155] what a kept form holds is escaped, and its token replaced', async () => {
  const token = 'new "token" <&>';
  const { app, paid } = await start(() => token);
  const evil = '"><script>alert(1)</script>';
  const reader = await heldUp(app, '/pay', { [evil]: evil, _csrf: 'the token before' });
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  expect(reader.page).not.toContain('<script>');
  expect(reader.page).not.toContain('the token before');
  expectWellMade(reader);
  const form = formsIn(reader.page).find(({ action }) => action.startsWith('/pay?'))!;
  expect(form.fields).toEqual({ _csrf: token, [evil]: evil });
  await reader.post(form);
  expect(paid).toEqual([{ _csrf: token, [evil]: evil }]);
});

test('without a CSRF middleware a field of that name is one of the app’s own', async () => {
  const { app } = await start();
  const reader = await heldUp(app, '/pay', { to: 'bob', _csrf: 'the token before' });
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  const form = formsIn(reader.page).find(({ action }) => action.startsWith('/pay?'))!;
  expect(form.fields).toEqual({ to: 'bob', _csrf: 'the token before' });
});

test('[S77] a kept form is shown to a verified session only, and for five minutes', async () => {
  const { app } = await start();
  for (const [seconds, revoked, status] of [
    [299.999, false, 200],
    [300, false, 404],
    [0, true, 302],
  ] as const) {
    const reader = await heldUp(app, '/pay', { to: 'bob' });
    await app.clock.advance(seconds);
    if (revoked) await app.secondFactor.admin.revoke('id-of-A', { operator: 'op' });
    const answer = await reader.agent.get('/second-factor/resume').redirects(0);
    expect(answer.status).toBe(status);
    expect(answer.text.includes('bob')).toBe(status === 200);
    await app.clock.advance(600);
  }
});

test('[S77] whoever has passed the password only finds nothing there', async () => {
  const { app } = await start();
  const first = await (await Reader.signedIn(app)).open('/secret');
  await first.agent.post('/pay').type('form').redirects(0).send({ to: 'bob' }).expect(303);
  const answer = await first.agent.get('/second-factor/resume').redirects(0).expect(302);
  expect(answer.headers.location).toBe('/second-factor/');
  expect(answer.text).not.toContain('bob');
});

test('[S202] the fields of a kept form are named in words, and none is left out', async () => {
  const { app } = await start();
  const fields = { toAccount: '1', amount_usd: '2', 'ship-to[street]': '3', URL: '4', __: '5' };
  const reader = await heldUp(app, '/pay?currencyCode=EUR', fields);
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  const shown = [...reader.page.matchAll(/<dt>([^<]*)<\/dt>\s*<dd>([^<]*)<\/dd>/g)];
  expect(shown.map(([, name, value]) => [name, value])).toEqual([
    ['Currency code', 'EUR'],
    ['To account', '1'],
    ['Amount usd', '2'],
    ['Ship to street', '3'],
    ['Url', '4'],
    ['__', '5'],
    ['Web address', '/pay?currencyCode=EUR'],
  ]);
});
