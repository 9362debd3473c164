import {
  MANY_TEXTS,
  newestCode,
  pending,
  PHONES,
  signIn,
  startApp as start,
  verified,
  type Agent,
} from '../helpers/app';
import { outboxSender, SecondFactorError } from '../../lib';
import { ROUTER } from '../helpers/paths';
import { Reader } from '../pages/reader';

const { enrollment, verify, recovery, confirm, kept } = ROUTER;

const around =
  (before: string, after = before) =>
  (text: string) =>
    before + text + after;
const between = (each: string) => (text: string) => text.slice(0, -3) + each + text.slice(-3);
const digitsFrom = (zero: number) => (text: string) =>
  text.replace(/[0-9]/g, (digit) => String.fromCodePoint(zero + Number(digit)));
const wide = (text: string): string =>
  text.replace(/[!-~]/g, (each) => String.fromCodePoint(each.charCodeAt(0) + 0xfee0));

/** What keyboards, contact apps and chats make of the same characters. */
const SPELLINGS: [name: string, spell: (text: string) => string][] = [
  ['as it is', (text) => text],
  ['spaces around it', around('  ')],
  ['a tab behind it', around('', '\t')],
  ['a line end behind it', around('', '\r\n')],
  ['no-break spaces around it', around('\u00a0')],
  ['an ideographic space before it', around('\u3000', '')],
  ['a line separator behind it', around('', '\u2028')],
  ['a mark of direction around it (iOS contacts)', around('\u202a', '\u202c')],
  ['an isolate around it', around('\u2066', '\u2069')],
  ['an override before it', around('\u202e', '')],
  ['a left-to-right mark before it', around('\u200e', '')],
  ['a right-to-left mark behind it', around('', '\u200f')],
  ['an Arabic letter mark before it', around('\u061c', '')],
  ['a byte order mark before it', around('\ufeff', '')],
  ['a zero-width space within', between('\u200b')],
  ['a zero-width joiner within', between('\u200d')],
  ['a word joiner within', between('\u2060')],
  ['an invisible sign within', between('\u2062')],
  ['a soft hyphen within', between('\u00ad')],
  ['a variation selector within', between('\ufe0f')],
  ['a space within', between(' ')],
  ['a narrow no-break space within', between('\u202f')],
  ['a figure space within', between('\u2007')],
  ['a tab within', between('\t')],
  ['a line end within', between('\n')],
  ['a hyphen within', between('-')],
  ['a Unicode hyphen within', between('\u2010')],
  ['a no-break hyphen within', between('\u2011')],
  ['a figure dash within', between('\u2012')],
  ['an en dash within', between('\u2013')],
  ['an em dash within', between('\u2014')],
  ['a horizontal bar within', between('\u2015')],
  ['a minus sign within', between('\u2212')],
  ['a full-width hyphen within', between('\uff0d')],
  ['a small hyphen within', between('\ufe63')],
  ['a Japanese long vowel within', between('\u30fc')],
  ['a half-width long vowel within', between('\uff70')],
  ['full-width characters', wide],
  ['Arabic digits', digitsFrom(0x660)],
  ['Persian digits', digitsFrom(0x6f0)],
  ['Devanagari digits', digitsFrom(0x966)],
  ['Bengali digits', digitsFrom(0x9e6)],
  ['Thai digits', digitsFrom(0xe50)],
  ['mathematical digits', digitsFrom(0x1d7d8)],
];

/** As JSON and as a form; answers of both. */
async function twice(agent: Agent, path: string, body: Record<string, string>) {
  const json = await agent.post(path).send(body);
  return [json, await agent.post(path).type('form').send(body)];
}

async function eachSpelling(
  agent: Agent,
  path: string,
  field: string,
  text: string,
  is: { status: number; body: object },
): Promise<void> {
  for (const [name, spell] of SPELLINGS) {
    for (const { status, body } of await twice(agent, path, { [field]: spell(text) })) {
      expect({ name, status, body }).toMatchObject({ name, ...is });
    }
  }
}

test('[S45] a number is the same number in every spelling', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  // It is known for the one that is enrolled, and nothing is texted.
  const theirs = { status: 403, body: { code: 'already_enrolled' } };
  for (const phone of [PHONES.A, '(206) 555-0142']) {
    await eachSpelling(agent, enrollment, 'phone', phone, theirs);
  }
  for (const phone of [
    'tel:+1-206-555-0142',
    'tel:%2B12065550142',
    'sms:2065550142',
    '(+1) 206 555 0142',
  ]) {
    await eachSpelling(agent, enrollment, 'phone', phone, theirs);
  }
  const another = await agent.post(enrollment).send({ phone: '+12065550149' });
  expect(another.status).toBe(202);
});

/** Every other time as a form. */
function sent(agent: Agent, path: string, body: Record<string, string>, turn: number) {
  return agent
    .post(path)
    .type(turn % 2 === 0 ? 'json' : 'form')
    .send(body);
}

test('[S109] [S110] a code is the same code in every spelling', async () => {
  const app = await start({ factor: { limits: MANY_TEXTS } });
  const agent = app.agent();
  await verified(app, agent);
  for (const [turn, [name, spell]] of SPELLINGS.entries()) {
    await agent.post(ROUTER.challenge).send({}).expect(202);
    const answer = await sent(agent, verify, { code: spell(newestCode(app)) }, turn);
    expect([name, answer.status, answer.body.verified]).toEqual([name, 200, true]);
    await app.clock.advance(300);
  }
});

test('[S109] a recovery code is the same code in every spelling, in either case', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  const cases = [
    (code: string) => code,
    (code: string) => code.toLowerCase(),
    (code: string) => code.replace(/0/g, 'o').replace(/1/g, 'l').replaceAll('-', ''),
  ];
  let codes: string[] = [];
  for (const [turn, [name, spell]] of SPELLINGS.entries()) {
    if (codes.length === 0) {
      codes = (await agent.post(ROUTER.recoveryCodes).send({}).expect(200)).body.recoveryCodes;
      await agent.post(kept).send({}).expect(204);
    }
    const code = cases[turn % 3]!(codes.pop() ?? '');
    const answer = await sent(agent, recovery, { recoveryCode: spell(code) }, turn);
    expect([name, answer.status, answer.body.recoveryCodesLeft]).toEqual([name, 200, codes.length]);
    await app.clock.advance(20);
  }
});

test('the country of a number is read in every spelling, and may be left empty', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  for (const [name, spell] of SPELLINGS.filter(([each]) => !each.endsWith('within'))) {
    for (const country of ['us', 'US', 'ca']) {
      const body = { phone: '206 555 0142', country: spell(country) };
      const answers = await twice(agent, enrollment, body);
      const codes = answers.map((each) => each.body.code);
      expect([name, country, codes]).toEqual([
        name,
        country,
        ['already_enrolled', 'already_enrolled'],
      ]);
    }
  }
  for (const answer of await twice(agent, enrollment, { phone: '206 555 0142', country: '' })) {
    expect(answer.body.code).toBe('already_enrolled');
  }
});

test.each<[string, object | string, boolean]>([
  ['JSON true', { trustDevice: true }, true],
  ['a box', 'trustDevice=on', true],
  ['a hidden field before the box', 'trustDevice=0&trustDevice=1', true],
  ['a hidden field behind the box', 'trustDevice=true&trustDevice=false', true],
  ['a hidden field alone', 'trustDevice=0', false],
  ['no word', {}, false],
])('a browser is trusted by %s: as it was ticked', async (_name, body, trusted) => {
  const app = await start({ factor: { trustedDevices: { days: 30 } } });
  const agent = app.agent();
  const code = await pending(app, agent);
  const form = typeof body === 'string';
  await agent
    .post(verify)
    .type(form ? 'form' : 'json')
    .send(form ? `code=${code}&${body}` : { code, ...body })
    .expect(200);
  expect(app.enrollments.get('id-of-A')?.devices?.length ?? 0).toBe(trusted ? 1 : 0);
});

test('what is no number stands in its field again on the next page, escaped, and on no other', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  const typed = '206 555 014 "><script>alert(1)</script>';
  await reader.submit('/enrollment', { phone: typed });
  expect(reader.text).toContain('Check the phone number');
  expect(reader.form('/enrollment').fields.phone).toBe(typed);
  expect(reader.page).not.toContain('<script>alert');
  expect(reader.page).toContain('aria-invalid="true"');
  await reader.open('/second-factor/');
  expect(reader.form('/enrollment').fields.phone).toBe('');
  expect(reader.text).not.toContain('Check the phone number');
  await reader.submit('/enrollment', { phone: `\u202a${'9'.repeat(9_000)}` });
  expect(reader.form('/enrollment').fields.phone?.length).toBe(63);
  await reader.submit('/enrollment', { phone: '(206) 555-0177' });
  expect(reader.text).toContain('Confirm your phone');
  // The number that waits for its code, to be put right.
  expect(reader.form('/enrollment').fields.phone).toBe('+12065550177');
});

test('a number that is not served is told why, where texts go, and may be put right', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  expect(reader.text).toContain('We text numbers in: Canada, United States');
  await reader.submit('/enrollment', { phone: '+1 876 555 0100' });
  expect(reader.text).toContain("We don't text numbers in this country: Jamaica.");
  expect(reader.text).toContain('these countries: Canada, United States.');
  expect(reader.form('/enrollment').fields.phone).toBe('+1 876 555 0100');
  for (const phone of ['+1 436 234 5678', '436-234-5678', '+1 679 234 5678']) {
    await reader.submit('/enrollment', { phone });
    expect(reader.text).toContain("We don't know the area code of this number.");
    expect(reader.form('/enrollment').fields.phone).toBe(phone);
  }
  expect(app.outbox.messages).toEqual([]);
});

test('a number stays in its field whatever it was refused for, for its user and five minutes', async () => {
  let refuses = true;
  const sender = outboxSender();
  const beforeSend = () => !refuses;
  const app = await start({ factor: { sender, beforeSend } });
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  const phone = '(206) 555-0177';
  const submit = async (words: string) => {
    await reader.submit('/enrollment', { phone });
    expect(reader.text).toContain(words);
    expect([words, reader.form('/enrollment').fields.phone]).toEqual([words, phone]);
    // It is not the number that is wrong.
    expect(reader.page).not.toContain('aria-invalid');
  };
  await submit('Code not sent');
  refuses = false;
  await submit('Wait a moment');
  await app.clock.advance(60);
  jest
    .spyOn(sender, 'send')
    .mockRejectedValueOnce(
      new SecondFactorError('delivery_failed', 'away', { refused: true, reason: 'unavailable' }),
    );
  await submit('Problem sending the code');
  await app.clock.advance(60);
  await reader.submit('/enrollment', { phone });
  expect(reader.text).toContain('Confirm your phone');
  await reader.submit('/enrollment', { phone });
  expect(reader.text).toContain('Wait a moment');
  expect(reader.page).toContain(`value="${phone}"`);
  // A page that nobody went to leaves the number behind, and not for long.
  await reader.post(reader.form('/enrollment'), { phone });
  await app.clock.advance(300);
  await reader.open('/second-factor/');
  expect(reader.form('/enrollment').fields.phone).toBe('');
});

test('a number that was refused is not shown to who signs in next in the same session', async () => {
  const app = await start();
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  await reader.post(reader.form('/enrollment'), { phone: '206 555 014' });
  app.enrollments.delete('id-of-B');
  await reader.agent.post('/login-keeping').send({ username: 'B', password: 'right' }).expect(200);
  await reader.open('/second-factor/');
  expect(reader.form('/enrollment').fields.phone).toBe('');
});

test('JSON with anything but a string for a number or a code is refused, and told to send one', async () => {
  const app = await start();
  const rows: [string, string, unknown, string, string][] = [
    ['phone', enrollment, 12_065_550_177, 'phone_invalid', '"+12065550142": a number loses'],
    ['phone', enrollment, ['+12065550177'], 'phone_invalid', 'phone as a string'],
    ['code', confirm, 12_345, 'code_malformed', '"012345": a number loses the zeros in front'],
    ['code', verify, 123_456, 'code_malformed', '"012345": a number loses the zeros in front'],
    ['code', verify, { $ne: 1 }, 'code_malformed', 'code as a string'],
    ['code', verify, true, 'code_malformed', 'code as a string'],
    ['recoveryCode', recovery, 1_234, 'code_malformed', '"XXXX-XXXX-XXXX-XXXX": a number loses'],
    ['recoveryCode', recovery, null, 'code_malformed', 'A recovery code has 16 letters'],
  ];
  const [agent, stranger] = [app.agent(), app.agent()];
  await signIn(agent);
  await signIn(stranger, 'C');
  for (const [name, path, value, code, words] of rows) {
    const by = path === verify || path === recovery ? agent : stranger;
    const answer = await by.post(path).send({ [name]: value });
    expect([name, value, answer.status]).toEqual([name, value, name === 'phone' ? 422 : 400]);
    expect(answer.body).toMatchObject({ code, detail: expect.stringContaining(words) });
  }
  expect(app.outbox.messages).toEqual([]);
});

test('[S45] an area that is opened is texted, counted and verified like any other', async () => {
  const app = await start({ factor: { numberOverrides: ['1436'] } });
  const agent = app.agent();
  await signIn(agent, 'C');
  await agent.post(enrollment).send({ phone: '436 234 5678' }).expect(202);
  expect(app.outbox.messages.map(({ to }) => to)).toEqual(['+14362345678']);
  await agent
    .post(confirm)
    .send({ code: newestCode(app) })
    .expect(200);
  expect(app.enrollments.get('id-of-C')?.phone).toBe('+14362345678');
  await app.clock.advance(60);
  const again = app.agent();
  const code = await pending(app, again, 'C');
  await again.post(verify).send({ code }).expect(200);
  const other = await agent.post(enrollment).send({ phone: '+1 679 234 5678' });
  expect([other.status, other.body.code]).toEqual([422, 'destination_not_allowed']);
});

test('many countries are counted on the page, with their names to open', async () => {
  const allowedCountries = ['us', 'ＣＡ', 'GB', 'FR', 'DE', 'IT', 'ES'];
  const app = await start({ factor: { allowedCountries, defaultCountry: 'us' } });
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  expect(reader.text).toMatch(
    /We text numbers in 7 countries Canada, France, Germany, Italy, Spain/,
  );
});
