import request from 'supertest';
import { jsonPost, atOnce } from '../helpers/parallel';
import { wrongCode, type Agent } from '../helpers/app';
import { Browser } from '../helpers/browser';
import {
  enroll,
  expectHalfWay,
  expectStranger,
  mailbox,
  NEW_PASSWORD,
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

/** Asks for a link and takes the token out of the mail. */
async function linkFor(username: string): Promise<string> {
  await bank.agent().post('/forgot-password').send({ username }).expect(202);
  const { text } = await bank.mails.next();
  const token = /^https:\/\/bank\.example\/reset-password\?token=([\w-]{43})$/m.exec(text)?.[1];
  if (token === undefined) throw new Error(`no link in: ${text}`);
  return token;
}

const reset = (token: string, password = NEW_PASSWORD) =>
  bank.agent().post('/reset-password').send({ token, password });

/** Has a code texted for this link; the next text may go out at once. */
async function codeFor(agent: Agent, token: string): Promise<string> {
  await bank.clock.advance(301);
  await agent.post('/reset-password/code').send({ token }).expect(202);
  return newestCode(bank);
}

test('[S81] a reset signs nobody in, leaves the second factor, and ends what the old password earned', async () => {
  const verified = bank.agent();
  await enroll(bank, verified, 'carol');
  const half = bank.agent();
  await half.post('/login').send({ username: 'carol', password: PASSWORD }).expect(200);
  await bank.clock.advance(301);
  await half.post('/second-factor/challenge').send({}).expect(202);
  const pendingCode = newestCode(bank);

  const token = await linkFor('carol');
  const resetter = bank.agent();
  const code = await codeFor(resetter, token);
  await resetter.post('/reset-password').send({ token, password: NEW_PASSWORD, code }).expect(200);
  expect((await bank.mails.next()).subject).toContain('your password was changed');
  await expectStranger(resetter);
  await expectStranger(verified);
  await half.post('/second-factor/verify').send({ code: pendingCode }).expect(401);
  await expectStranger(half);

  const agent = bank.agent();
  await agent.post('/login').send({ username: 'carol', password: PASSWORD }).expect(401);
  const login = await agent
    .post('/login')
    .send({ username: 'carol', password: NEW_PASSWORD })
    .expect(200);
  expect(login.body.secondFactor).toMatchObject({ enrolled: true, verified: false });
  await expectHalfWay(agent);
  await agent.post('/second-factor/verify').send({ code: pendingCode }).expect(401);
  await passSecondFactor(bank, agent);
  await agent.get('/api/account').expect(200);
});

test('a person gets a new password by forms', async () => {
  await signUp(bank.agent(), 'carol');
  const browser = new Browser(bank.url);
  await browser.visit('/login');
  await browser.visit('/forgot-password');
  await browser.submit('/forgot-password', { username: 'carol' });
  expect(browser.text()).toContain('Check your email');
  const { text, to } = await bank.mails.next();
  expect(to).toBe('carol@mail.example');
  const link = new URL(/https:\S+/.exec(text)?.[0] ?? '');
  await browser.visit(`${link.pathname}${link.search}`);
  // Nothing is said of a phone to whoever has none.
  expect(browser.text()).toContain('Then sign in with it.');
  await browser.submit('/reset-password', { password: 'short' });
  expect(browser.text()).toContain('at least 8 characters');
  await browser.submit('/reset-password', { password: NEW_PASSWORD });
  expect(browser.url).toBe(`${bank.url}/login`);
  expect(browser.text()).toContain('Your password is changed');
  await browser.visit(`${link.pathname}${link.search}`);
  expect(browser.status).toBe(400);
  expect(browser.text()).toContain("doesn't work anymore");
});

test('[S211] the link alone changes no password where the account has a phone; the code of its own text does, once', async () => {
  await enroll(bank, bank.agent(), 'carol');
  const token = await linkFor('carol');
  const page = await bank.agent().get(`/reset-password?token=${token}`).expect(200);
  expect(page.text).toContain('name="code"');
  expect(page.text).toContain('and another code from your phone.');
  expect((await reset(token).expect(400)).body.error).toBe('code_malformed');
  const resetter = bank.agent();
  const code = await codeFor(resetter, token);
  const post = (more: object) =>
    resetter.post('/reset-password').send({ token, password: NEW_PASSWORD, ...more });
  expect((await post({ code: wrongCode(code) }).expect(401)).body.error).toBe('code_incorrect');
  expect((await post({ code, password: 'short' }).expect(422)).body.error).toBe(
    'password_too_short',
  );
  // The second of two clicks is told how long to wait.
  const again = await resetter.post('/reset-password/code').send({ token }).expect(429);
  expect(again.body.message).toMatch(
    /^We can't send another one just yet\. Try again in \d+ seconds\.$/,
  );
  await post({ code }).expect(200);
  await post({ code }).expect(400);
  await expectStranger(resetter);
});

test('a link works once, also when it is used twice at the same time', async () => {
  await signUp(bank.agent(), 'carol');
  const token = await linkFor('carol');
  const answers = await atOnce(
    bank.url,
    Array.from({ length: 5 }, (_, index) =>
      jsonPost('/reset-password', '', { token, password: `${NEW_PASSWORD} ${index}` }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400]);
  await reset(token).expect(400);
});

test('a link dies after 30 minutes, with a newer link, and with another change of the password', async () => {
  const owner = bank.agent();
  await enroll(bank, owner, 'carol');
  const late = await linkFor('carol');
  await bank.clock.advance(30 * 60);
  expect((await reset(late).expect(400)).body.error).toBe('link_invalid');

  const older = await linkFor('carol');
  const newer = await linkFor('carol');
  await reset(older).expect(400);
  await bank.agent().get(`/reset-password?token=${newer}`).expect(200);

  await passSecondFactor(bank, owner);
  await owner.post('/password').send({ current: PASSWORD, password: NEW_PASSWORD }).expect(200);
  await reset(newer).expect(400);
});

test('looking at a link uses nothing up and tells no other page of it', async () => {
  await signUp(bank.agent(), 'carol');
  const token = await linkFor('carol');
  for (let looks = 0; looks < 3; looks += 1) {
    const page = await bank.agent().get(`/reset-password?token=${token}`).expect(200);
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    expect(page.headers['cache-control']).toBe('no-store');
  }
  await reset(token, 'short').expect(422);
  await reset(token).expect(200);
});

test('the database keeps a hash of the token and not the token', async () => {
  await signUp(bank.agent(), 'carol');
  const token = await linkFor('carol');
  const rows = bank.database.prepare('SELECT * FROM password_resets').all();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(token);
});

test('known and unknown users get the same answer, and only the known one a mail', async () => {
  await signUp(bank.agent(), 'carol');
  const [known, unknown] = await Promise.all(
    ['carol', 'nobody'].map((username) =>
      request(bank.url).post('/forgot-password').send({ username }).expect(202),
    ),
  );
  expect(known?.body).toEqual(unknown?.body);
  expect(known?.headers['set-cookie']).toBeUndefined();
  expect((await bank.mails.next()).to).toBe('carol@mail.example');
  expect(bank.mails.unread()).toEqual([]);
});

test('[S121] the link leads to the configured address, whatever host the request names', async () => {
  await signUp(bank.agent(), 'carol');
  for (const headers of [
    { Host: 'evil.example' },
    { 'X-Forwarded-Host': 'evil.example' },
    { Forwarded: 'host=evil.example' },
  ]) {
    const asked = bank.agent().post('/forgot-password').set(headers);
    await asked.send({ username: 'carol' }).expect(202);
    const { text } = await bank.mails.next();
    expect(text).toContain('https://bank.example/reset-password?token=');
    expect(text).not.toContain('evil');
  }
});

test('a mail server that fails changes no answer, and the log gets no address and no link', async () => {
  await bank.close();
  const failed = mailbox();
  bank = await startBank({
    mailer: {
      send: async (mail) => {
        await failed.send(mail);
        const message = `550 ${mail.to}: ${mail.text}`;
        throw Object.assign(new Error(message), { code: 'EENVELOPE', responseCode: 550 });
      },
    },
  });
  await signUp(bank.agent(), 'carol');
  await bank.agent().post('/forgot-password').send({ username: 'carol' }).expect(202);
  const { text } = await failed.next();
  const token = /token=([\w-]+)/.exec(text)?.[1] ?? '';
  await reset(token).expect(200);
  await failed.next();
  await bank.agent().get('/').expect(200);
  expect(bank.logged[0]).toBe('A mail could not be sent (EENVELOPE 550).');
  expect(JSON.stringify(bank.logged)).not.toMatch(/token|carol/);
});

test('a reset from another site is refused', async () => {
  await signUp(bank.agent(), 'carol');
  const token = await linkFor('carol');
  const foreign = { 'Sec-Fetch-Site': 'cross-site' };
  await reset(token).set(foreign).expect(403);
  await bank.agent().post('/forgot-password').set(foreign).send({ username: 'carol' }).expect(403);
  await reset(token).expect(200);
});
