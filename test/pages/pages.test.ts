import { newestCode, startApp as start, wrongCode } from '../helpers/app';
import { attribute, formsIn, type Form } from '../helpers/web';
import { Html, html } from '../../lib/pages/html';
import { Reader } from './reader';

test('[S151] there is one field for the code, made for autofill, paste and screen readers', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  const inputs = [...reader.page.matchAll(/<input[^>]*>/g)].map(([tag]) => tag);
  const codes = inputs.filter((tag) => attribute(tag, 'type') !== 'hidden');
  expect(codes).toHaveLength(1);
  const input = codes[0]!;
  expect(attribute(input, 'name')).toBe('code');
  expect(attribute(input, 'type')).toBe('text');
  expect(attribute(input, 'inputmode')).toBe('numeric');
  expect(attribute(input, 'autocomplete')).toBe('one-time-code');
  expect(attribute(input, 'aria-describedby')).toBe('problem delivery');
  expect(reader.page).toContain('id="problem"');
  // As browsers compile it since 2023: with the flag v, against the whole value.
  const pattern = new RegExp(`^(?:${attribute(input, 'pattern')!})$`, 'v');
  for (const typed of ['123456', '123 456', '123-456']) expect(typed).toMatch(pattern);
  expect('12345x').not.toMatch(pattern);
  const longest = attribute(input, 'maxlength');
  expect(longest === undefined || Number(longest) >= 12).toBe(true);
  expect(reader.page).toMatch(new RegExp(`<label for="${attribute(input, 'id')!}">[^<]+</label>`));
  expect(reader.page).not.toMatch(/onpaste|oninput|onkey/i);
});

test('[S151] a code pasted with a space or a dash is taken', async () => {
  for (const mark of [' ', '-', '\u2013', '\u00a0']) {
    const app = await start();
    const reader = await (await Reader.signedIn(app)).open('/secret');
    await reader.submit('/challenge');
    const code = newestCode(app);
    await reader.submit('/verify', { code: `${code.slice(0, 3)}${mark}${code.slice(3)}` });
    expect(reader.path).toBe('/secret');
    expect(reader.page).toBe('the secret marker');
  }
});

test('[S152] signing in works by plain forms: text, wrong code, resend, right code', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app)).open('/secret?from=mail');
  expect(reader.path).toBe('/second-factor/');
  expect(app.outbox.messages).toEqual([]);
  await reader.submit('/challenge');
  expect(app.outbox.messages).toHaveLength(1);
  await reader.submit('/verify', { code: wrongCode(newestCode(app)) });
  expect(reader.path).toBe('/second-factor/');
  expect(reader.problem).toContain('Wrong code');
  await app.clock.advance(31);
  await reader.submit('/challenge');
  expect(app.outbox.messages).toHaveLength(2);
  expect(reader.problem).toBe('');
  await reader.submit('/verify', { code: newestCode(app) });
  expect(reader.path).toBe('/secret?from=mail');
  expect(reader.page).toBe('the secret marker');
});

test('[S152] enrolling, replacing and removing work by plain forms', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  await reader.submit('/enrollment', { phone: 'no number' });
  expect(reader.problem).toContain('Check the phone number');
  expect(reader.form('/enrollment').fields.phone).toBe('no number');
  await reader.submit('/enrollment', { phone: '(206) 555-0177' });
  await reader.submit('/enrollment/verify', { code: wrongCode(newestCode(app)) });
  expect(reader.problem).toContain('Wrong code');
  await reader.submit('/enrollment/verify', { code: newestCode(app) });
  expect(app.enrollments.get('id-of-C')?.phone).toBe('+12065550177');
  expect(reader.text).toContain('Your recovery codes');
  await reader.submit('/recovery-codes/kept');
  expect(reader.text).toContain('77');
  await reader.open('/secret');
  expect(reader.page).toBe('the secret marker');

  await app.clock.advance(10);
  await reader.open('/second-factor/');
  await reader.submit('/enrollment', { phone: '206 555 0178' });
  expect(reader.text).toContain('Until then, codes go to your old number');
  // A number that was mistyped can be put right at once.
  expect(reader.has('/enrollment')).toBe(true);
  expect(app.enrollments.get('id-of-C')?.phone).toBe('+12065550177');
  await reader.submit('/enrollment/verify', { code: newestCode(app) });
  expect(app.enrollments.get('id-of-C')?.phone).toBe('+12065550178');

  await reader.open('/second-factor/');
  await reader.submitSurely('/enrollment/delete');
  expect(app.enrollments.has('id-of-C')).toBe(false);
  expect(reader.has('/enrollment')).toBe(true);
});

test('[S152] a change that needs a fresh second factor leads through the challenge and back', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  await app.clock.advance(601);
  await reader.open('/second-factor/');
  await reader.submit('/enrollment/delete');
  expect(app.enrollments.has('id-of-A')).toBe(true);
  expect(reader.problem).toContain('Confirm again');
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  // The question itself, which nobody has been asked so far.
  expect(reader.path).toBe('/second-factor/enrollment/delete');
  await reader.submit('/enrollment/delete');
  expect(app.enrollments.has('id-of-A')).toBe(false);
});

test('[S152] a step-up by a form leads back to the page that the form stands on', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  await app.clock.advance(301);
  const answer = await reader.agent
    .post('/transfer')
    .set('Referer', `${app.url}/enforced?form`)
    .set('Sec-Fetch-Site', 'same-origin')
    .type('form')
    .redirects(0)
    .send({ amount: 7 });
  expect(answer.status).toBe(303);
  await reader.open(answer.headers.location!);
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  expect(reader.path).toBe('/enforced?form');
  await reader.agent.post('/transfer').type('form').send({ amount: 7 }).expect(200);
});

test('[S152] viewing a page again sends nothing and says an error once', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app)).open('/second-factor/');
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: wrongCode(newestCode(app)) });
  expect(reader.problem).not.toBe('');
  for (let each = 0; each < 3; each += 1) await reader.open('/second-factor/');
  expect(reader.problem).toBe('');
  expect(app.outbox.messages).toHaveLength(1);
});

test('[S152] the page asks for the first text by itself, and not after an error or with a code on its way', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app)).open('/second-factor/');
  expect(reader.form('/challenge').html).toContain('data-submit-at-once');
  await reader.submit('/challenge');
  expect(reader.page).not.toContain('data-submit-at-once');
  await app.clock.advance(301);
  await reader.agent
    .post('/second-factor/verify')
    .type('form')
    .send({ code: newestCode(app) });
  await reader.open('/second-factor/');
  expect(reader.problem).not.toBe('');
  expect(reader.page).not.toContain('data-submit-at-once');
});

test('[S153] the page says how long the code works, and after that offers another text', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  expect(reader.text).toContain('It works for 5 more minutes');
  expect(reader.text).toContain('You can ask for it again in 30 seconds');
  expect(reader.has('/challenge')).toBe(true);
  await app.clock.advance(241);
  await reader.open('/second-factor/');
  expect(reader.text).toContain('It works for 1 more minute.');
  const code = newestCode(app);
  await app.clock.advance(60);
  // The form was shown while the code still worked.
  await reader.submit('/verify', { code });
  expect(reader.problem).toContain("can't be used anymore");
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  expect(reader.path).toBe('/secret');
});

test('[S154] what is wrong with a code is said in words, differently for each case', async () => {
  const app = await start({ factor: { limits: { lockAfter: 6 } } });
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  const code = newestCode(app);
  const said = new Map<string, string>();
  for (const [name, typed] of [
    ['too short', '12345'],
    ['too long', '1234567'],
    ['not digits', 'abcdef'],
    ['wrong', wrongCode(code)],
  ] as const) {
    await reader.submit('/verify', { code: typed });
    said.set(name, reader.problem);
    expect(reader.page).toMatch(/<div id="problem"[^>]*role="alert"/);
    expect(reader.form('/verify').html).toContain('aria-describedby="problem');
  }
  await app.clock.advance(301);
  await reader.submit('/verify', { code });
  said.set('expired', reader.problem);
  await reader.submit('/challenge');
  for (let step = 1; step <= 5; step += 1) {
    await reader.submit('/verify', { code: wrongCode(newestCode(app), step) });
  }
  await reader.open('/second-factor/');
  expect(reader.problem).toBe('');
  said.set('locked', /too many wrong codes.*?minutes/.exec(reader.text)?.[0] ?? '');
  for (const [name, problem] of said) expect([name, problem]).not.toEqual([name, '']);
  expect(said.get('locked')).toMatch(/try again in 15 minutes/);
  // Each name stands once: no two cases are told in the same words.
  const byWords = new Map([...said].map(([name, problem]) => [problem, name]));
  expect([...byWords.values()]).toEqual([...said.keys()]);
});

test('[S154] from three attempts left on the page warns', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  const code = newestCode(app);
  const warnings: (string | undefined)[] = [];
  for (let step = 1; step <= 5; step += 1) {
    await reader.submit('/verify', { code: wrongCode(code, step) });
    warnings.push(/(?:\d|One|No) attempts? left/.exec(reader.problem)?.[0]);
  }
  expect(warnings).toEqual([
    undefined,
    '3 attempts left',
    '2 attempts left',
    'One attempt left',
    undefined,
  ]);
  // The used-up challenge is gone, and the page offers another.
  expect(reader.has('/challenge')).toBe(true);
  expect(reader.problem).toContain("this code can't be used anymore");
  expect(reader.problem).not.toContain('try again');
});

test('[S154] nobody is told of a text on its way where none is: after a right code', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  const again = await (await Reader.signedIn(app)).open('/secret');
  await again.submit('/challenge');
  expect(again.problem).toContain("We can't send another one just yet.");
  expect(again.problem).toContain('Try again in 10 seconds.');
  expect(again.problem).not.toContain('on its way');
});

test.each([
  '/challenge',
  '/verify',
  '/enrollment',
  '/enrollment/verify',
  '/enrollment/delete',
  '/recovery',
  '/recovery-codes',
  '/recovery-codes/kept',
  '/devices/delete',
  '/devices/some/delete',
])(
  'who asks in a browser for %s, where a form went, comes to the page that is due',
  async (path) => {
    const app = await start();
    const reader = await Reader.signedIn(app);
    await reader.open(`/second-factor${path}`);
    expect(reader.path).toBe('/second-factor/');
    expect(reader.has('/challenge')).toBe(true);
  },
);

test('[S116] every form carries the token of the app’s own CSRF middleware, escaped', async () => {
  const token = 'a"b<c>&\'d';
  const app = await start({
    before: (each) => {
      each.use((req, _res, next) => {
        Object.assign(req, { csrfToken: () => token });
        next();
      });
    },
  });
  const seen: Form[] = [];
  const look = (reader: Reader): void => {
    const forms = formsIn(reader.page);
    expect(forms.length).toBeGreaterThan(0);
    seen.push(...forms);
  };
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  look(reader);
  await reader.submit('/enrollment', { phone: '2065550177' });
  look(reader);
  await reader.submit('/enrollment/verify', { code: newestCode(app) });
  look(await reader.open('/second-factor/'));
  await reader.submit('/enrollment', { phone: '2065550178' });
  look(reader);
  const other = await (await Reader.signedIn(app)).open('/second-factor/');
  look(other);
  await other.submit('/challenge');
  look(other);
  for (const { action, fields, html: markup } of seen) {
    expect([action, fields._csrf]).toEqual([action, token]);
    expect(markup).not.toContain(token);
  }
});

test.each([
  ['there is none', undefined],
  ['it gives no text', () => 7],
])('[S116] without a CSRF middleware (%s) no empty token is sent', async (_name, csrfToken) => {
  const app = await start({
    before: (each) => {
      each.use((req, _res, next) => {
        Object.assign(req, { csrfToken });
        next();
      });
    },
  });
  const reader = await (await Reader.signedIn(app)).open('/second-factor/');
  expect(reader.page).not.toContain('_csrf');
});

test('a name with characters of HTML in it is shown as it is', async () => {
  const app = await start({ factor: { appName: `B&B "<Q's>"` } });
  const reader = await (await Reader.signedIn(app)).open('/second-factor/');
  expect(reader.page).toContain('B&amp;B &quot;&lt;Q&#39;s&gt;&quot;');
  expect(reader.page).not.toContain('<Q');
});

test('html`` escapes every text that is put in', () => {
  const evil = `<script>alert("1")</script>&'`;
  const escaped = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;';
  expect(html`<p title="${evil}">${evil}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`);
});

test('html`` takes numbers and pieces of HTML, and leaves out what is not there', () => {
  expect(html`${1}${0}${undefined}${false}${''}`.text).toBe('10');
  expect(html`<b>${html`<i>${'<'}</i>`}</b>`.text).toBe('<b><i>&lt;</i></b>');
  expect(html`${[html`<i>1</i>`, html`<i>2</i>`]}`.text).toBe('<i>1</i><i>2</i>');
  expect(html`${[]}`.text).toBe('');
});

test('html`` does not take an object for HTML because it has a text', () => {
  const posing = { text: '<script>' } as unknown as string;
  let out = '';
  try {
    out = html`${posing}`.text;
  } catch {
    // Refusing it is as good.
  }
  expect(out).not.toContain('<script>');
  expect(html`${new Html('<b>')}`.text).toBe('<b>');
});
