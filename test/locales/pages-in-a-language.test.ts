import type { SecondFactorOptions } from '../../lib';
import { newestCode, startApp, wrongCode, type TestApp } from '../helpers/app';
import { Reader } from '../pages/reader';
import { outside, pseudo } from './pseudo';

type Factor = Partial<SecondFactorOptions<never>>;
const mails: { to: string; subject: string; text: string }[] = [];
const IN_PSEUDO = {
  messages: { ar: pseudo },
  locale: () => 'ar',
  logoutPath: '/logout',
  support: '/help',
  trustedDevices: { days: 30 },
  email: {
    sender: { send: async (mail: (typeof mails)[number]) => void mails.push(mail) },
    address: (user: { username: string }) => `${user.username}@mail.example`,
  },
} as unknown as Factor;

/** Names of the app, of countries, and what is written in digits. */
const DATA =
  /Acme|·|•|Canada|United States|\(?[A-Za-z]+ on [A-Za-z]+\)?|Unknown browser|[\d\s.,:;@+()-]/g;

/** What a page says in words of no catalog. */
function hardCoded({ page, text }: Reader): string {
  const attributes = [
    ...page.matchAll(
      /\s(?:title|alt|placeholder|aria-label|data-delivered|data-failed)="([^"]*)"/g,
    ),
  ];
  const said = [text, ...attributes.map(([, words = '']) => words)].join(' ');
  return outside(said).replace(DATA, '');
}

async function passed(app: TestApp, name: string): Promise<Reader> {
  const reader = await (await Reader.signedIn(app, name)).open('/second-factor/');
  await reader.submit('/challenge');
  return reader.submit('/verify', { code: newestCode(app) });
}

test('every page, text and mail is in the language of the catalog, with none of its own words', async () => {
  const app = await startApp({ factor: IN_PSEUDO as never });
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  const seen: string[] = [];
  const look = (): void => {
    seen.push(reader.text);
    expect(reader.page).toMatch(/<html lang="ar" dir="rtl">/);
    expect(reader.headers['content-language']).toBe('ar');
    expect(reader.headers.vary).toMatch(/Accept-Language/);
    expect([reader.text, hardCoded(reader)]).toEqual([reader.text, '']);
  };
  look();
  for (const phone of ['no number', '+81612345678', '+18005550100', '+14362345678']) {
    await reader.submit('/enrollment', { phone });
    look();
  }
  await reader.submit('/enrollment', { phone: '206 555 0177' });
  look();
  expect(app.outbox.messages.at(-1)!.body).toMatch(
    /^\d{6} is your Acme phone setup code\..* \(pseudo\)\n/,
  );
  await reader.submit('/enrollment/verify', { code: '1' });
  look();
  await reader.submit('/enrollment/verify', { code: newestCode(app) });
  reader.page = reader.page.replace(/<code>[^<]*<\/code>/g, '');
  look();
  await reader.open('/second-factor/');
  reader.page = reader.page.replace(/<code>[^<]*<\/code>/g, '');
  look();
  await reader.submit('/recovery-codes/kept');
  look();
  await app.clock.advance(10);
  await reader.submit('/enrollment', { phone: '206 555 0178' });
  look();

  const other = await (await Reader.signedIn(app)).open('/second-factor/');
  Object.assign(reader, { page: other.page });
  await other.submit('/challenge');
  for (let guess = 1; guess <= 5; guess += 1) {
    await other.submit('/verify', { code: wrongCode(newestCode(app), guess) });
    expect([other.text, hardCoded(other)]).toEqual([other.text, '']);
  }
  const third = await (await Reader.signedIn(app, 'B')).open('/second-factor/');
  await third.agent.post('/second-factor/challenge').type('form').send({ channel: 'email' });
  await third.open('/second-factor/');
  expect([third.text, hardCoded(third)]).toEqual([third.text, '']);
  expect(mails.at(-1)).toMatchObject({
    subject: expect.stringMatching(/^\u27e6.*\u27e7$/),
    text: expect.stringMatching(/^\u27e6\d{6} is your Acme sign-in code[^]*\u27e7\n$/),
  });
  expect(new Set(seen).size).toBeGreaterThan(8);
});

test('trusted browsers are listed in the language, on a day of its calendar', async () => {
  const app = await startApp({ factor: IN_PSEUDO as never });
  const reader = await (await Reader.signedIn(app)).open('/second-factor/');
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app), trustDevice: 'on' });
  await reader.open('/second-factor/');
  expect(reader.has('/devices/delete')).toBe(false);
  expect(reader.text).toContain('\u27e6Trusted since');
  expect(hardCoded(reader)).toBe('');
});

test('a refusal is in the language of each request, and its code in none', async () => {
  const app = await startApp({ factor: { messages: { pt: pseudo } } });
  const agent = app.agent();
  const bare = await agent.get('/secret').set('Accept-Language', 'pt-BR,en;q=0.5').expect(401);
  expect(bare.body).toMatchObject({
    code: 'not_authenticated',
    title: '\u27e6Not signed in\u27e7',
    detail: '\u27e6Sign in first.\u27e7',
  });
  expect([bare.headers['content-language'], bare.headers.vary]).toEqual(['pt', 'Accept-Language']);
  const english = await agent.get('/secret').set('Accept-Language', 'fi').expect(401);
  expect(english.body).toMatchObject({ code: 'not_authenticated', title: 'Not signed in' });
  expect(english.headers['content-language']).toBe('en');
  const none = await agent
    .get('/second-factor/nothing')
    .set({ Accept: 'text/html', 'Accept-Language': 'pt' });
  expect([none.status, none.text.includes('\u27e6Not found\u27e7')]).toEqual([404, true]);
});

test('a detail that was kept in the session is said in the language of who reads it', async () => {
  const app = await startApp({ factor: { messages: { pt: pseudo } } });
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  await reader.agent.post('/second-factor/verify').type('form').send({ code: '123' });
  const page = await reader.agent.get('/second-factor/').set('Accept-Language', 'pt');
  expect(page.text).toContain('\u27e6That is too short. A code has 6 digits.\u27e7');
});

test('a session of an older version, with a sentence said already, is answered with the words of the code', async () => {
  const app = await startApp();
  const reader = await (await Reader.signedIn(app)).open('/secret');
  const state = {
    challengeFor: undefined,
    problem: { code: 'code_malformed', detail: 'said before' },
  };
  const store = app.store as unknown as { sessions: Record<string, string> };
  for (const [id, text] of Object.entries(store.sessions)) {
    const session = JSON.parse(text) as Record<string, Record<string, unknown>>;
    const key = Object.keys(session).find((name) => /2fa|second/i.test(name));
    if (key === undefined) continue;
    store.sessions[id] = JSON.stringify({ ...session, [key]: { ...session[key], ...state } });
  }
  await reader.open('/second-factor/');
  expect(reader.problem).toBe('Check the code Enter the digits of the code we sent you.');
});

test('the text is in the language of the request that asks for it', async () => {
  const app = await startApp({ factor: { messages: { pt: pseudo } } });
  const agent = app.agent();
  await agent.post('/login').send({ username: 'A', password: 'right' });
  await agent.post('/second-factor/challenge').set('Accept-Language', 'pt').expect(202);
  expect(app.outbox.messages.at(-1)!.body).toMatch(
    /^\d{6} is your Acme sign-in code.* \(pseudo\)\n/,
  );
  await app.clock.advance(31);
  await agent.post('/second-factor/challenge').expect(202);
  expect(app.outbox.messages.at(-1)!.body).not.toContain('pseudo');
});

test.each<[string, (req: never) => unknown]>([
  [
    'throws',
    () => {
      throw new Error('+1 206 555 0142 is away');
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('away');
    },
  ],
  ['gives a number', () => 7],
])(
  'where the app’s locale %s the browser’s language stands in, and a line says so',
  async (_what, locale) => {
    const lines: string[] = [];
    const logger = {
      warn: (line: string) => lines.push(line),
      error: (line: string) => lines.push(line),
    };
    const factor = { messages: { pt: pseudo }, locale: locale as never, logger };
    const app = await startApp({ factor });
    const answer = await app.agent().get('/secret').set('Accept-Language', 'pt').expect(401);
    expect(answer.headers['content-language']).toBe('pt');
    await new Promise(setImmediate);
    expect(lines).toEqual([expect.stringContaining('locale failed')]);
    expect(lines[0]).not.toContain('0142');
  },
);

test('a language of the app’s that there is not leaves it to the browser', async () => {
  const app = await startApp({ factor: { messages: { pt: pseudo }, locale: () => 'fi' } });
  const answer = await app.agent().get('/secret').set('Accept-Language', 'pt').expect(401);
  expect(answer.headers['content-language']).toBe('pt');
});

test('the manage page of a passed session keeps to the language of its user', async () => {
  const app = await startApp({ factor: IN_PSEUDO as never });
  const reader = await (await passed(app, 'A')).open('/second-factor/');
  expect(reader.has('/enrollment/delete')).toBe(true);
  expect(hardCoded(reader)).toBe('');
});
