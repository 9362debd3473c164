import type { Notice } from 'passport-sms-2fa';
import { happeningText } from '../../example-app/src/mail/letters';
import type { Mail } from '../../example-app/src/mail/mailer';
import { happeningOf } from '../../example-app/src/mail/notices';
import { wrongCode } from '../helpers/app';
import {
  enroll,
  newestCode,
  passSecondFactor,
  PASSWORD,
  signUp,
  startBank,
  type RunningBank,
} from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
});

const idOf = (username: string): string =>
  (
    bank.database.prepare('SELECT id FROM users WHERE username = ?').get(username) as {
      id: string;
    }
  ).id;

/** What happened, when, from where, and what to do about it. */
function expectWhole(mail: Mail, subject: string): void {
  expect(mail.to).toBe('carol@mail.example');
  expect(mail.subject).toBe(`Pebble Bank: ${subject}`);
  const when = new Date(bank.clock()).toISOString().slice(0, 16).replace('T', ' ');
  expect(mail.text).toContain(`When: ${when} UTC`);
  expect(mail.text).toMatch(/If it was not, call/);
  expect(mail.text).not.toContain('/end-sessions');
  expect(mail.text).toContain('https://bank.example/account');
  expect(mail.text).not.toMatch(/206|555|\b\d{6}\b/);
}

test('[S101] a phone that is added, replaced and removed is told by mail, once each', async () => {
  const agent = bank.agent();
  await signUp(agent, 'carol');
  await agent.post('/second-factor/enrollment').send({ phone: '2065550177', country: 'US' });
  await agent
    .post('/second-factor/enrollment/verify')
    .send({ code: newestCode(bank) })
    .expect(200);
  const added = await bank.mails.next();
  expectWhole(added, 'a phone was added');
  expect(added.text).toMatch(/From the address: (::ffff:)?127\.0\.0\.1/);
  expect(added.text).toMatch(/77\b/);

  await passSecondFactor(bank, agent);
  await agent
    .post('/second-factor/enrollment')
    .send({ phone: '2065550178', country: 'US' })
    .expect(202);
  await agent
    .post('/second-factor/enrollment/verify')
    .send({ code: newestCode(bank) })
    .expect(200);
  const replaced = await bank.mails.next();
  expectWhole(replaced, 'your phone was replaced');
  expect(replaced.text).toMatch(/78.*no longer to .*77/);

  await agent.delete('/second-factor/enrollment').expect(204);
  expectWhole(await bank.mails.next(), 'your phone was removed');
  expect(bank.mails.unread()).toEqual([]);
});

test('[S101] a lock after wrong codes is told by mail, with its end', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  const login = bank.agent();
  await login.post('/login').send({ username: 'carol', password: PASSWORD }).expect(200);
  for (let challenge = 0; challenge < 2; challenge += 1) {
    await bank.clock.advance(301);
    await login.post('/second-factor/challenge').send({}).expect(202);
    const code = wrongCode(newestCode(bank));
    for (let guess = 0; guess < 5; guess += 1) {
      await login.post('/second-factor/verify').send({ code });
    }
  }
  const mail = await bank.mails.next();
  expectWhole(mail, 'codes are locked');
  expect(mail.text).toMatch(/until \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  expect(mail.text).toContain('knows your password');
  expect(bank.mails.unread()).toEqual([]);
});

test('[S101] what a support desk does is told by mail, with the name of the operator', async () => {
  await enroll(bank, bank.agent(), 'carol');
  const { admin } = bank.secondFactor;
  for (const action of ['unlock', 'revoke', 'reset'] as const) {
    await admin[action](idOf('carol'), { operator: 'Erin' });
    const mail = await bank.mails.next();
    expect(mail.text).toContain('Erin');
    expectWhole(mail, mail.subject.slice('Pebble Bank: '.length));
  }
});

test('a user without an address, and one who is gone, get no mail', async () => {
  const agent = bank.agent();
  await agent.post('/signup').send({ username: 'carol', password: PASSWORD }).expect(201);
  const { admin } = bank.secondFactor;
  await admin.unlock(idOf('carol'), { operator: 'Erin' });
  await admin.unlock('nobody', { operator: 'Erin' });
  await signUp(bank.agent(), 'dave');
  await admin.unlock(idOf('dave'), { operator: 'Erin' });
  expect((await bank.mails.next()).to).toBe('dave@mail.example');
  expect(bank.logged).toEqual([]);
});

test('[S101] a mail that fails changes nothing and is logged without its content', async () => {
  await bank.close();
  bank = await startBank({ mailer: { send: () => Promise.reject(new Error('mail of carol')) } });
  const agent = bank.agent();
  await signUp(agent, 'carol');
  await agent.post('/second-factor/enrollment').send({ phone: '2065550177', country: 'US' });
  const code = newestCode(bank);
  await agent.post('/second-factor/enrollment/verify').send({ code }).expect(200);
  await agent.get('/api/account').expect(200);
  expect(bank.logged).toEqual(['A mail could not be sent (Error).']);
});

const NOTICE = { at: Date.UTC(2026, 0, 2, 3, 4), userId: '1', ip: '192.0.2.7' };

test.each<[Notice['action'], Partial<Notice>, RegExp]>([
  ['locked', { until: Date.UTC(2026, 0, 2, 4) }, /wrong codes .* until 2026-01-02 04:00 UTC/],
  ['disabled', {}, /wrong codes .* any more/],
  ['revoked', { operator: 'Erin' }, /Erin ended all your sessions. Sign in again, with your pass/],
  [
    'many_wrong_codes',
    { wrongCodes: 20, since: Date.UTC(2026, 0, 1) },
    /20 wrong codes .* since 2026-01-01 00:00 UTC\.[^]*If they were not yours, .*: change it\./,
  ],
  ['recovery_used', { recoveryCodesLeft: 3 }, /recovery codes\. 3 are left/],
  ['recovery_codes_replaced', {}, /Once these are kept, the older ones no longer work/],
  ['device_trusted', { device: { id: 'd', name: 'Firefox on Linux' } }, /"Firefox on Linux" may/],
  ['device_revoked', { device: { id: 'd', name: 'Firefox' } }, /"Firefox" needs a code again/],
  ['device_copied', {}, /a copy of what a device is .* asked for a code.* change it/],
  ['device_copied', { endedAt: 0 }, /had ended before, 1970-01-01 00:00 UTC\. Nothing else/],
  ['device_trusted', { device: { id: 'd', name: 'evil.example on Linux' } }, /on, a device may/],
])('the notice of %s says what happened', (action, facts, what) => {
  const happening = happeningOf({ ...NOTICE, ...facts, action });
  const text = happeningText(happening, 'https://bank.example');
  expect(text).toMatch(what);
  expect(text).toContain('When: 2026-01-02 03:04 UTC\nFrom the address: 192.0.2.7');
  expect(text).not.toContain('within a minute');
  expect(happening.subject.length).toBeLessThan(80);
});

const PHONE = '••• ••• ••77';
const TEXTED = { phone: PHONE, textedAt: Date.UTC(2026, 0, 2, 3), purpose: 'sign-in' } as const;
const mailOf = (facts: Partial<Notice>): string => {
  const happening = happeningOf({ ...NOTICE, ...TEXTED, ...facts, action: 'reported' });
  return happeningText(happening, 'https://bank.example', 'the-token');
};
/** What is known in this state, and what must not be said in it. */
test.each<[string, Partial<Notice>, RegExp, RegExp]>([
  [
    'the newest code, unused',
    { newest: true, codeUsed: false },
    /texted to the number .*77 at 2026-01-02 03:00 UTC was answered with NO\. It no longer works, and whoever asked for it was signed out\.\n/,
    /come back|earlier code/,
  ],
  [
    'the newest code, unused, after one that was used',
    { newest: true, codeUsed: false, earlierCodeUsed: true },
    /Who signed in with an earlier code was not\./,
    /come back/,
  ],
  [
    'the newest code, used',
    { newest: true, codeUsed: true },
    /had come back before\. Whoever signed in with it was signed out[^]*may have been in your account/,
    /no longer works/,
  ],
  [
    'a code that another account’s covers, used',
    { newest: false, codeUsed: true },
    /newest one was not about your account[^]*texted to it at 2026-01-02 03:00 UTC\. If you did not ask for that one/,
    /come back|used|no longer works|been in your account/,
  ],
  [
    'a code that another account’s covers, unused',
    { newest: false, codeUsed: false },
    /newest one was not about your account/,
    /come back|used|been in your account/,
  ],
  ...[true, false].map((newest): [string, Partial<Notice>, RegExp, RegExp] => [
    `a number that was typed in, ${newest ? 'the newest' : 'covered'}`,
    { newest, codeUsed: false, purpose: 'enroll' },
    /Whoever reads the texts to the number .*77 answered our code with NO\. It was not added/,
    // Whose else the number is, nobody learns.
    /newest|another account|signed out/,
  ]),
])('the mail about NO says what is known, and has the link: %s', (_state, facts, says, never) => {
  const text = mailOf(facts);
  expect(text).toMatch(says);
  expect(text).not.toMatch(never);
  expect(text).toContain('https://bank.example/end-sessions?token=the-token\n');
  expect(text).toContain('change it');
  expect(text).not.toContain('there is nothing to do');
});
