import type { Purpose } from '../../../lib/core/outcomes';
import type { Challenge } from '../../../lib/core/challenge/challenge';
import * as message from '../../../lib/core/challenge/message';
import type { SayText } from '../../../lib/core/core';
import { english, makeWorld, START } from '../../helpers/core';

const { LONGEST_TEXT, PLAIN_TEXT } = message;
type Facts<Verb extends (facts: never, ...more: never[]) => unknown> = Parameters<Verb>[0];
const codeText = (facts: Facts<typeof message.codeText>) =>
  message.codeText(facts, english.sayText);
const helpText = (facts: Facts<typeof message.helpText>) =>
  message.helpText(facts, english.sayText);
const charactersOver = (facts: Facts<typeof message.charactersOver>) =>
  message.charactersOver(facts, english.sayText);

const purposes: Purpose[] = ['sign-in', 'step-up', 'enroll', 'replace'];
const longestHost = `${'a'.repeat(40)}.${'b'.repeat(15)}.example`;
const base = { appName: 'Acme', domain: 'acme.example', code: '012345', lifetimeSeconds: 300 };

/** GSM 03.38, the basic character set: each of these takes one place. */
const GSM7 =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

/** The longest app name that the options would take. */
function longestName(domain: string | undefined, codeLength: number): string {
  let name = 'x';
  const fits = (appName: string): boolean =>
    charactersOver({ appName, domain, codeLength, lifetimeSeconds: 600 }) <= 0;
  while (fits(`${name}x`)) name += 'x';
  return name;
}

test.each(purposes)(
  '[S57] the text for %s names the app, what it is for and its end, in one text',
  (purpose) => {
    const text = codeText({ ...base, purpose });
    expect(text).toMatch(/^012345 is your Acme [a-z -]+ code\. /);
    expect(text).toContain('Expires in 5 min.');
    expect(text).toContain("Don't share it.");
    expect(text).not.toMatch(/https?:|www\./);
    expect(text.endsWith('\n\n@acme.example #012345')).toBe(true);
    expect(text.length).toBeLessThanOrEqual(LONGEST_TEXT);
  },
);

test('the text says how to report it where there is room, before the last line, and else leaves it out', () => {
  const facts = { ...base, purpose: 'sign-in', reportWord: 'NO' } as const;
  const text = codeText(facts);
  expect(text).toContain("Don't share it. Not you? Reply NO\n\n@acme.example #012345");
  expect(codeText({ ...facts, reportWord: 'Nein' })).toContain('Not you? Reply Nein\n\n@');
  expect(codeText({ ...facts, domain: undefined })).toMatch(/ Not you\? Reply NO$/);
  const room = LONGEST_TEXT - text.length;
  const full = codeText({ ...facts, appName: `Acme${'x'.repeat(room)}` });
  expect([full.length, full.includes('Reply NO')]).toEqual([LONGEST_TEXT, true]);
  const over = codeText({ ...facts, appName: `Acme${'x'.repeat(room + 1)}` });
  expect(over).not.toContain('Reply');
  expect(over.endsWith("Don't share it.\n\n@acme.example #012345")).toBe(true);
  // A letter beyond ASCII makes the text dearer.
  expect(codeText({ ...facts, reportWord: 'НЕТ' })).toBe(codeText({ ...base, purpose: 'sign-in' }));
  expect(codeText({ ...base, purpose: 'sign-in' })).not.toContain('Reply');
});

test('[S194] the answer to HELP names app, purpose, help and STOP in one text, what it may cost where there is room', () => {
  const help = 'acme.example/help';
  expect(helpText({ appName: 'Acme', help })).toBe(
    'Acme: codes to sign in and to confirm changes. Help: acme.example/help Msg & data rates may apply. Reply STOP to end.',
  );
  const long = helpText({ appName: 'Acme', help: 'x'.repeat(80) }) ?? '';
  expect(long.length).toBeLessThanOrEqual(LONGEST_TEXT);
  expect(long).toMatch(/x{80} Reply STOP to end\.$/);
  expect(helpText({ appName: 'Acme', help: 'x'.repeat(120) })).toBeUndefined();
});

test('[S57] each purpose has words of its own', () => {
  expect(new Set(purposes.map((purpose) => codeText({ ...base, purpose }))).size).toBe(4);
});

test.each([
  [undefined, 6],
  ['acme.example', 6],
  [longestHost, 6],
  [longestHost, 10],
])(
  '[S57] the longest name with the host %p and %d digits stays one text of GSM-7',
  (domain, digits) => {
    expect(longestHost).toHaveLength(64);
    const appName = longestName(domain, digits);
    expect(appName.length).toBeGreaterThan(5);
    const lengths = purposes.map((purpose) => {
      const code = '9'.repeat(digits);
      const text = codeText({ appName, domain, purpose, code, lifetimeSeconds: 600 });
      for (const character of text) expect(GSM7).toContain(character);
      return text.length;
    });
    expect(Math.max(...lengths)).toBe(LONGEST_TEXT);
  },
);

test('[S57] whatever an app name may hold takes one place in GSM-7 and is ASCII', () => {
  for (let point = 0; point < 0x1_00; point += 1) {
    const character = String.fromCodePoint(point);
    if (!PLAIN_TEXT.test(character)) continue;
    expect(GSM7).toContain(character);
    expect(point).toBeLessThan(0x80);
  }
});

test('[S114] a name that could end the line or start another one is not plain text', () => {
  for (const name of [
    'a\nb',
    'a\r',
    'x\n\n@evil.example #000000',
    'a\u2028b',
    'é',
    '`',
    'a\tb',
    '',
  ]) {
    expect([name, PLAIN_TEXT.test(name)]).toEqual([name, false]);
  }
});

test('[S114] a name that looks like the machine line stays in the prose', () => {
  const text = codeText({ ...base, appName: '@evil.example #000000', purpose: 'sign-in' });
  const lines = text.split('\n');
  expect(lines.filter((line) => line.startsWith('@'))).toEqual(['@acme.example #012345']);
  expect(lines.at(-1)).toBe('@acme.example #012345');
});

test('[S149] without a domain there is no machine line', () => {
  expect(codeText({ ...base, domain: undefined, purpose: 'enroll' })).not.toContain('@');
});

test('[S57] lifetimes are told in whole minutes, never zero', () => {
  for (const [lifetimeSeconds, minutes] of [
    [60, 1],
    [90, 1],
    [119, 1],
    [120, 2],
    [600, 10],
    [30, 1],
  ] as const) {
    expect(codeText({ ...base, purpose: 'sign-in', lifetimeSeconds })).toContain(
      `in ${minutes} min.`,
    );
  }
});

/** Says the text of a code in other words. */
const inWords =
  (long: string, short: string): SayText =>
  (name) =>
    name === 'text.short' ? short : name === 'text.report' ? ' R' : long;
const textIn = (long: string, short: string, reportWord?: string) =>
  message.codeText({ ...base, purpose: 'sign-in', reportWord }, inWords(long, short));

test('[S57] a text that would be split in its language says less, where that makes it one', () => {
  const line = '\n\n@acme.example #012345';
  const room = 70 - line.length;
  expect(textIn('é'.repeat(room), 'short')).toBe('é'.repeat(room) + line);
  expect(textIn('é'.repeat(room + 1), 'short')).toBe(`short${line}`);
  expect(textIn('é'.repeat(room + 1), 'é'.repeat(room + 1))).toBe('é'.repeat(room + 1) + line);
  expect(textIn('e'.repeat(160 - line.length), 'short')).toBe('e'.repeat(160 - line.length) + line);
  expect(textIn('e'.repeat(161 - line.length), 'short')).toBe(`short${line}`);
  // How to report it goes first.
  expect(textIn('é'.repeat(room - 3), 'short', 'NO')).toBe(`${'é'.repeat(room - 3)}  R${line}`);
  expect(textIn('é'.repeat(room - 2), 'short', 'NO')).toBe('é'.repeat(room - 2) + line);
});

test('a mail says the transaction that it confirms, its subject no code', () => {
  const { core } = makeWorld();
  const challenge: Challenge = {
    ...{ id: 'c', userId: 'A', phone: 'ann@acme.example', channel: 'email', epoch: 'e' },
    ...{ keyId: 'k', createdAt: START, expiresAt: START + 300_000, sentAt: START },
    ...{ purpose: 'step-up', resendAt: START, sends: 1, sendsLeft: 1, held: [] },
  };
  const mail = (transaction?: string) => {
    const confirms = transaction === undefined ? {} : { transaction };
    const about = { ...challenge, ...confirms };
    return message.mailOf(core, about, Buffer.alloc(32, 7), english.sayText);
  };
  expect(mail('$250.00 to Bob').text).toMatch(/^\d{6} is your/);
  expect(mail('$250.00 to Bob').text).toContain('$250.00 to Bob');
  expect(mail().text).toContain('security code');
  for (const { to, subject } of [mail(), mail('$250.00 to Bob')]) {
    expect(to).toBe('ann@acme.example');
    expect(subject).not.toMatch(/\d/);
  }
});

test.each<[string, Partial<Challenge>, string]>([
  ['for a sign-in', { purpose: 'sign-in' }, 'mail.text.sign-in'],
  ['for another purpose', { purpose: 'replace' }, 'mail.text.replace'],
  [
    'for a transaction',
    { purpose: 'step-up', transaction: '$250.00 to Bob' },
    'mail.text.transaction',
  ],
])('a mail %s says the app, the code and for how many minutes', (_what, more, name) => {
  const said: unknown[] = [];
  const say: SayText = (...given) => String(said.push(given));
  const { core } = makeWorld({}, { challengeLifetime: 330 });
  const challenge: Challenge = {
    ...{ id: 'c', userId: 'A', phone: 'ann@acme.example', channel: 'email', epoch: 'e' },
    ...{ keyId: 'k', createdAt: START, expiresAt: START + 330_000, sentAt: START },
    ...{ purpose: 'sign-in', resendAt: START, sends: 1, sendsLeft: 1, held: [], ...more },
  };
  message.mailOf(core, challenge, Buffer.alloc(32, 7), say);
  const { purpose: _, ...facts } = more;
  const code = expect.stringMatching(/^[0-9]{6}$/) as string;
  expect(said).toEqual([
    [name, { appName: 'Acme', code, minutes: 5, ...facts }],
    [`mail.subject.${challenge.purpose}`, { appName: 'Acme' }],
  ]);
});

test('a text for a transaction that is split says less, and the transaction all the same', () => {
  const facts = { ...base, purpose: 'step-up', transaction: '$250.00 to Bob' } as const;
  const said: string[] = [];
  const say: SayText = (name, about) => {
    said.push(name);
    const { transaction } = about as { transaction?: string };
    return name === 'text.transaction' ? 'x'.repeat(161) : `${transaction}.`;
  };
  expect(message.codeText(facts, say)).toMatch(/^\$250\.00 to Bob\.\n/);
  expect(said).toEqual(['text.transaction', 'text.transactionShort']);
});
