import type { SecondFactorOptions } from '../../lib';
import type { Messages } from '../../lib/locales/catalog';
import { createLocales, messagesOf } from '../../lib/locales/locales';
import { newestCode, startApp, wrongCode } from '../helpers/app';
import { expectWellMade, Reader } from '../pages/reader';

const LANGUAGES = ['es', 'fr', 'de', 'zh', 'ar'] as const;
const mails: { to: string; subject: string; text: string }[] = [];
const FACTOR = {
  terms: '/terms',
  support: '/help',
  email: {
    sender: { send: async (mail: (typeof mails)[number]) => void mails.push(mail) },
    address: (user: { username: string }) => `${user.username}@mail.example`,
  },
} as unknown as Partial<SecondFactorOptions<never>>;

/** The last line as the WICG grammar of origin-bound one-time codes reads it. */
function lastLine(text: string): [host: string | undefined, code: string | undefined] {
  const line = text.slice(text.lastIndexOf('\n') + 1);
  const [, host, code] = /^@([a-z0-9.-]+)(?: @[a-z0-9.-]+)? #([^ ]+)$/.exec(line) ?? [];
  return [host, code];
}

/** Words of English that no sentence of another language has. */
const ENGLISH = /\b(?:the|your|you|we|of|this|sign|enter|wrong|texted|agree)\b/i;

test.each(LANGUAGES)(
  'pages, texts, mails and problem documents are in %s for who asks for it',
  async (tag) => {
    const { say, dir, lang } = createLocales().best([tag]);
    const app = await startApp({ factor: FACTOR as never });
    const reader = await Reader.signedIn(app);
    reader.agent.set('Accept-Language', `${tag}-XX,${tag};q=0.9,en;q=0.8`);
    const shows = (...sentences: string[]): void => {
      for (const sentence of sentences)
        expect(reader.text).toContain(sentence.replace(/\s+/g, ' '));
      expect(reader.page).toContain(`<html lang="${lang}" dir="${dir}">`);
      expect(reader.headers).toMatchObject({ 'content-language': tag, vary: 'Accept-Language' });
      expect(reader.text).not.toMatch(ENGLISH);
      expectWellMade(reader);
    };
    await reader.open('/secret');
    shows(say('challenge.title'), say('code.textMe'), say('code.emailMe'));
    await reader.submit('/challenge');
    const text = app.outbox.messages.at(-1)!.body;
    expect(text.replace(/\d{6}/g, '000000')).toBe(
      `${say('text.code.sign-in', { appName: 'Acme', code: '000000', minutes: 5 })}\n\n@acme.example #000000`,
    );
    expect(lastLine(text)).toEqual(['acme.example', newestCode(app)]);
    shows(say('code.label'), say('code.noText'), '••• ••• ••42');
    // Numbers, addresses and codes read from left to right, whatever stands around them.
    expect(reader.page).toContain(
      '<span class="phone" dir="ltr" aria-hidden="true">••• ••• ••42</span>' +
        `<span class="unseen">${say('phone.ending', { digits: '42' })}</span>`,
    );
    expect(reader.page).toMatch(/<span class="phone" dir="ltr">A•••@mail.example<\/span>/);
    expect(reader.page).toMatch(/<input\s+id="code"[^>]* dir="ltr"/);
    await reader.submit('/verify', { code: wrongCode(newestCode(app)) });
    shows(say('problem.code_incorrect.title'), say('problem.code_incorrect.detail'));
    await reader.submit('/verify', { code: '12' });
    shows(say('detail.codeTooShort', { digits: 6 }));
    const other = await Reader.signedIn(app, 'B');
    other.agent.set('Accept-Language', tag);
    await other.agent.post('/second-factor/challenge').type('form').send({ channel: 'email' });
    expect(mails.at(-1)).toMatchObject({
      subject: say('mail.subject.sign-in', { appName: 'Acme' }),
      text: expect.stringMatching(/\d{6}/),
    });
    expect(mails.at(-1)!.text).not.toMatch(ENGLISH);

    const third = await Reader.signedIn(app, 'C');
    third.agent.set('Accept-Language', tag);
    Object.assign(reader, { agent: third.agent });
    await reader.open('/second-factor/');
    shows(say('enrollment.title'), say('consent.text', { appName: 'Acme' }));
    expect(reader.page).toMatch(/<input\s+id="phone"[^>]* dir="ltr"/);
    await reader.submit('/enrollment', { phone: '12' });
    shows(say('problem.phone_invalid.title'));

    const json = app.agent().set('Accept-Language', tag);
    const refused = await json.get('/secret').expect(401);
    expect(refused.body).toMatchObject({
      code: 'not_authenticated',
      title: say('problem.not_authenticated.title'),
      detail: say('problem.not_authenticated.detail'),
    });
    expect(refused.headers).toMatchObject({ 'content-language': tag, vary: 'Accept-Language' });
  },
);

test('what a user would agree to is in the language that its document says', async () => {
  const app = await startApp({ factor: FACTOR as never });
  const agent = app.agent();
  await agent.post('/login').send({ username: 'C', password: 'right' }).expect(200);
  for (const tag of LANGUAGES) {
    const { body, headers } = await agent
      .get('/second-factor')
      .set('Accept-Language', tag)
      .expect(200);
    const text = (messagesOf(tag, {}) as Messages)['consent.text'];
    expect(body.consent.text).toBe(text.replace('{appName}', 'Acme'));
    expect(headers).toMatchObject({ 'content-language': tag, vary: 'Accept-Language' });
  }
  // No words, no language.
  const enrolled = app.agent();
  await enrolled.post('/login').send({ username: 'A', password: 'right' }).expect(200);
  const { headers } = await enrolled.get('/second-factor').set('Accept-Language', 'es').expect(200);
  expect([headers['content-language'], headers.vary]).toEqual([undefined, undefined]);
});

test('a step before a form, trusted browsers and recovery codes are in Arabic, each code in its own direction', async () => {
  const app = await startApp({ factor: { trustedDevices: { days: 30 } } });
  const { say } = createLocales().best(['ar']);
  const reader = await Reader.signedIn(app);
  reader.agent.set({ 'Accept-Language': 'ar-EG', 'User-Agent': 'Mozilla/5.0 Firefox/140.0' });
  await reader.open('/secret');
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app), trustDevice: 'on' });
  await reader.open('/second-factor/');
  expect(reader.text).toContain(say('manage.browsers'));
  await reader.submit('/recovery-codes');
  expect(reader.page).toMatch(/<ol class="codes" dir="ltr">/);
  expect(reader.text).toContain(say('recoveryCodes.save'));
});
