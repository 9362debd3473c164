import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deriveCode } from '../../lib/core/challenge/code';
import * as codes from '../../lib/core/challenge/code';
import { equalInConstantTime } from '../../lib/core/untrusted';
import { createSecondFactor } from '../../lib';
import {
  codeIn,
  fewestOptions,
  newestCode,
  pending,
  PHONES,
  signIn,
  startApp,
  verified,
  wrongCode,
  type TestApp,
} from '../helpers/app';
import { testClock } from '../helpers/clock';
import { ROUTER } from '../helpers/paths';
import { onEachStore } from '../helpers/stores';
import { cookieFrom } from '../helpers/web';

const LIB = join(__dirname, '../../lib');
const SOURCES = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => [file, readFileSync(join(LIB, file), 'utf8')] as const);

let app: TestApp;
beforeEach(async () => {
  app = await startApp();
});

const { verify, challenge: send } = ROUTER;

test('[S1] twenty thousand codes are six digits, uniform in each place, with leading zeros', () => {
  const key = randomBytes(32);
  const counts = Array.from({ length: 6 }, () => Array<number>(10).fill(0));
  const amount = 20_000;
  for (let each = 0; each < amount; each += 1) {
    const id = randomBytes(16).toString('base64url');
    const code = deriveCode(key, { id, userId: 'u', purpose: 'sign-in', phone: PHONES.A }, 6);
    expect(code).toMatch(/^[0-9]{6}$/);
    Array.from(code).forEach((digit, place) => (counts[place]![Number(digit)]! += 1));
  }
  expect(counts[0]![0]! / amount).toBeGreaterThan(0.09);
  expect(counts[0]![0]! / amount).toBeLessThan(0.11);
  for (const place of counts) {
    const expected = amount / 10;
    const chi = place.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // χ² with nine degrees of freedom at p = 0.001, over six places.
    expect(chi).toBeLessThan(32);
  }
});

test('[S1] codes over HTTP do not depend on Math.random', async () => {
  const random = jest.spyOn(Math, 'random').mockReturnValue(0.5);
  const seen = new Set<string>();
  for (let each = 0; each < 20; each += 1) {
    app.users.set(`U${each}`, { id: `u${each}`, username: `U${each}`, passwordVersion: 1 });
    app.enrollments.set(`u${each}`, {
      phone: PHONES.A.slice(0, -2) + String(10 + each),
      confirmedAt: 1,
      epoch: 'e',
      version: 1,
    });
    seen.add(await pending(app, app.agent(), `U${each}`));
  }
  random.mockRestore();
  expect(seen.size).toBeGreaterThan(18);
});

test('[S2] two servers with the same secret, user and time text different codes', async () => {
  const clock = testClock(1_800_000_000_000);
  const texts: string[] = [];
  for (let each = 0; each < 2; each += 1) {
    const other = await startApp({ clock });
    texts.push(await pending(other, other.agent()));
    await other.close();
  }
  expect(texts[0]).not.toBe(texts[1]);
});

test('[S2] consecutive codes of one user at one time do not correlate', () => {
  const key = randomBytes(32);
  const values = Array.from({ length: 1_000 }, () => {
    const id = randomBytes(16).toString('base64url');
    return Number(deriveCode(key, { id, userId: 'u', purpose: 'sign-in', phone: PHONES.A }, 6));
  });
  const mean = values.reduce((a, b) => a + b) / values.length;
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const lag = values
    .slice(1)
    .reduce((sum, value, i) => sum + (value - mean) * (values[i]! - mean), 0);
  expect(Math.abs(lag / spread)).toBeLessThan(0.15);
  expect(new Set(values).size).toBeGreaterThan(990);
});

test('[S3] a code lives 300 seconds and no longer', async () => {
  const agent = app.agent();
  const code = await pending(app, agent);
  await app.clock.advance(299);
  await agent.post(verify).send({ code }).expect(200);

  await app.clock.advance(10);
  const later = app.agent();
  const second = await pending(app, later);
  await app.clock.advance(301);
  const answer = await later.post(verify).send({ code: second }).expect(401);
  expect(answer.body.code).toBe('challenge_expired');
});

test('[S3] a lifetime above ten minutes is refused when the app starts', () => {
  const make = (challengeLifetime: number) => () =>
    createSecondFactor({
      ...fewestOptions(),
      limits: { challengeLifetime },
    });
  expect(make(601)).toThrow(
    /limits\.challengeLifetime is 601\. Give a whole number from 60 to 600/,
  );
  expect(make(600)).not.toThrow();
});

test('[S4] one millisecond before the end the code works, at the end it is dead', async () => {
  const [early, late] = [app.agent(), app.agent()];
  const start = app.clock();
  const first = await pending(app, early, 'A');
  const second = await pending(app, late, 'B');
  app.clock.set(start + 300_000);
  await late.post(verify).send({ code: second }).expect(401);
  app.clock.set(start + 299_999);
  await early.post(verify).send({ code: first }).expect(200);
});

test('[S5] a code works once, in the old session and in a new one', async () => {
  const agent = app.agent();
  const code = await pending(app, agent);
  await agent.post(verify).send({ code }).expect(200);
  // For ten seconds it is the same success again [S177].
  await app.clock.advance(10);
  await agent.post(verify).send({ code }).expect(401);
  await agent.post('/logout').expect(200);
  await signIn(agent);
  await agent.post(verify).send({ code }).expect(401);
  await app.clock.advance(10);
  const other = app.agent();
  await pending(app, other);
  const answer = await other.post(verify).send({ code }).expect(401);
  expect(answer.body.code).toBe('code_incorrect');
});

test('[S7] a resend texts the same code, which then works', async () => {
  const agent = app.agent();
  const first = await pending(app, agent);
  await app.clock.advance(31);
  await agent.post(send).send({}).expect(202);
  expect(newestCode(app)).toBe(first);
  expect(app.outbox.messages).toHaveLength(2);
  await agent.post(verify).send({ code: first }).expect(200);
});

test('[S7] with less than two minutes left a resend opens a new challenge and kills the old code', async () => {
  const agent = app.agent();
  const first = await pending(app, agent);
  await app.clock.advance(181);
  await agent.post(send).send({}).expect(202);
  const second = newestCode(app);
  expect(second).not.toBe(first);
  await agent.post(verify).send({ code: first }).expect(401);
  await agent.post(verify).send({ code: second }).expect(200);
});

test('[S8] no resend lengthens a challenge', async () => {
  const agent = app.agent();
  const code = await pending(app, agent);
  const { expiresAt } = (await agent.get(send)).body;
  for (const seconds of [30, 60]) {
    await app.clock.advance(seconds);
    const answer = await agent.post(send).send({}).expect(202);
    expect(answer.body.challenge.expiresAt).toBe(expiresAt);
    expect(newestCode(app)).toBe(code);
  }
  await app.clock.advance(211);
  await agent.post(verify).send({ code }).expect(401);
});

test('[S9] the code of one user is a wrong code for another, and still works for its own', async () => {
  const [ua1, ua2] = [app.agent(), app.agent()];
  const codeOfA = await pending(app, ua1, 'A');
  await pending(app, ua2, 'B');
  const answer = await ua2.post(verify).send({ code: codeOfA }).expect(401);
  expect(answer.body).toMatchObject({ code: 'code_incorrect', attemptsLeft: 4 });
  await ua1.post(verify).send({ code: codeOfA }).expect(200);
});

test('[S10] a code works only in the session that asked for it', async () => {
  const [ua1, ua2] = [app.agent(), app.agent()];
  const first = await pending(app, ua1);
  await app.clock.advance(31);
  const second = await pending(app, ua2);
  expect(second).not.toBe(first);
  await ua2.post(verify).send({ code: first }).expect(401);
  await ua1.post(verify).send({ code: first }).expect(200);
});

test('[S11] codes for signing in, stepping up, enrolling and replacing are not interchangeable', async () => {
  const purposes = ['sign-in', 'step-up', 'enroll', 'replace'] as const;
  for (const issued of purposes) {
    for (const used of purposes) {
      // A verified session has no sign-in challenge to try a step-up code on, nor the reverse.
      if (issued === 'sign-in' && used === 'step-up') continue;
      const each = await startApp();
      const agent = each.agent();
      if (issued === 'enroll') each.enrollments.delete('id-of-A');
      if (issued === 'step-up' || issued === 'replace') await verified(each, agent);
      else await signIn(agent);
      const phone = '+12065550199';
      if (issued === 'enroll' || issued === 'replace') {
        await agent.post(ROUTER.enrollment).send({ phone }).expect(202);
      } else await agent.post(send).send({}).expect(202);
      const code = newestCode(each);
      // The state that the other purpose needs: enrolled or not, as it is or taken out of band.
      const path = used === 'sign-in' || used === 'step-up' ? verify : ROUTER.confirm;
      const sameRoad =
        (issued === 'enroll' || issued === 'replace') === (used === 'enroll' || used === 'replace');
      if (issued !== used && sameRoad) {
        if (issued === 'enroll')
          each.enrollments.set('id-of-A', { phone, confirmedAt: 1, epoch: 'x', version: 1 });
        if (issued === 'replace') each.enrollments.delete('id-of-A');
        if (issued === 'step-up') await agent.post('/logout').then(() => signIn(agent));
      }
      const answer = await agent.post(path).send({ code });
      expect([issued, used, answer.status === 200]).toEqual([issued, used, issued === used]);
      await each.close();
    }
  }
});

test('[S12] a phone that changes between text and code kills the code', async () => {
  const agent = app.agent();
  const code = await pending(app, agent);
  const before = app.enrollments.get('id-of-A')!;
  app.enrollments.set('id-of-A', { ...before, phone: '+12065550177', version: 2 });
  await agent.post(verify).send({ code }).expect(401);
  await agent.get('/secret').expect(401);
});

test('[S12] a phone that changes after the code ends the verified session', async () => {
  const agent = app.agent();
  await verified(app, agent);
  const before = app.enrollments.get('id-of-A')!;
  app.enrollments.set('id-of-A', { ...before, phone: '+12065550177', version: 2 });
  await app.clock.advance(11);
  await agent.get('/secret').expect(401);
});

test.each([
  ['deleted', (a: TestApp) => a.users.delete('A')],
  ['disabled', (a: TestApp) => (a.users.get('A')!.gone = true)],
  ['given a new password', (a: TestApp) => (a.users.get('A')!.passwordVersion = 2)],
  ['left without the factor', (a: TestApp) => a.enrollments.delete('id-of-A')],
])('[S13] a user who is %s between text and code gets no further', async (_what, change) => {
  const agent = app.agent();
  const code = await pending(app, agent);
  change(app);
  await agent.post(verify).send({ code }).expect(401);
  await agent.get('/secret').expect((answer) => expect([401, 403]).toContain(answer.status));
});

onEachStore('[S14] at rest', (kind) => {
  test('[S14] the store holds no code, and another secret makes every code invalid', async () => {
    const { store, clock } = await kind.make();
    const first = await startApp({ store, clock });
    const agent = first.agent();
    const code = await pending(first, agent);
    const dump = await kind.dump(store);
    expect(dump).toContain('sms2fa');
    expect(dump).not.toContain(code);
    const id = /"sms2fa\\*":\[\[\\*"([\w-]{22})/.exec(dump)?.[1];
    expect(id).toBeDefined();
    const keyless = { id: id!, userId: 'id-of-A', purpose: 'sign-in', phone: PHONES.A };
    expect(deriveCode(Buffer.alloc(0), keyless, 6)).not.toBe(code);

    const other = await startApp({
      store,
      clock,
      factor: { secret: 'another secret, as long as the first one' },
    });
    // The cookie secret is the same, so the other app knows the session; the code it cannot derive.
    const cookie = cookieFrom(agent);
    const answer = await other
      .agent()
      .post(verify)
      .set('Cookie', cookie)
      .send({ code })
      .expect(401);
    expect(answer.body.code).toBe('challenge_expired');
    await agent.post(verify).send({ code }).expect(200);
    await Promise.all([first.close(), other.close()]);
  });
});

test('[S15] comparing never throws and takes only equal codes', () => {
  for (const given of ['', '1', '12345', '1234567', '1'.repeat(64), '12345６']) {
    expect(codes.codesMatch('123456', given)).toBe(false);
  }
  expect(codes.codesMatch('123456', '123456')).toBe(true);
});

test('[S15] the library compares codes in one place only, in constant time', () => {
  expect(codes.codesMatch.toString()).toContain('equalInConstantTime');
  expect(equalInConstantTime.toString()).toContain('timingSafeEqual');
  const callsOf = (name: string): string[] =>
    SOURCES.flatMap(([file, source]) =>
      Array.from(source.matchAll(new RegExp(`(?<!function )\\b${name}\\(`, 'g')), () => file),
    );
  expect(callsOf('codesMatch')).toEqual(['core/verify/verify-code.ts']);
  // A code is made in one place, and read there by those that text it and compare it.
  expect(callsOf('deriveCode')).toEqual(['core/challenge/challenge.ts']);
  expect(callsOf('timingSafeEqual')).toEqual(['core/untrusted.ts']);
  // What is typed is called `code` wherever it goes.
  const compared = SOURCES.filter(([, source]) =>
    /[=!]== (?:input|given|typed)?[cC]ode\b(?!\.)/.test(source),
  );
  expect(compared.map(([file]) => file)).toEqual([]);
});

test.each(['', ' ', null, 'null', 'undefined', '000000', '123456', undefined])(
  '[S16] %p is never accepted, whatever the challenge',
  async (code) => {
    const spy = jest.spyOn(codes, 'deriveCode').mockReturnValue('735104');
    const body = code === undefined ? {} : { code };
    const agents = { none: app.agent(), live: app.agent(), spent: app.agent() };
    await signIn(agents.none, 'C');
    await pending(app, agents.live, 'A');
    await verified(app, agents.spent, 'B');
    for (const agent of Object.values(agents)) {
      const answer = await agent.post(verify).send(body);
      expect([400, 401]).toContain(answer.status);
    }
    await agents.live.get('/secret').expect(401);
    await app.clock.advance(301);
    expect([400, 401]).toContain((await agents.live.post(verify).send(body)).status);
    spy.mockRestore();
  },
);

test('[S17] every part of the right code, and the code with a digit more, is malformed', async () => {
  const agent = app.agent();
  const code = await pending(app, agent);
  for (const given of [...Array(5).keys()]
    .map((length) => code.slice(0, length + 1))
    .concat(`${code}0`)) {
    const answer = await agent.post(verify).send({ code: given }).expect(400);
    expect(answer.body.code).toBe('code_malformed');
  }
  const status = await agent.get('/second-factor').expect(200);
  expect(status.body.challenge.attemptsLeft).toBe(5);
  await agent
    .post(verify)
    .send({ code: wrongCode(code) })
    .expect(401);
  await agent.post(verify).send({ code }).expect(200);
});

test('[S149] the last line of every text binds the code to the configured domain', async () => {
  const agent = app.agent();
  const code = await pending(app, agent);
  const lines = app.outbox.last()!.body.split('\n');
  expect(lines.at(-1)).toBe(`@acme.example #${code}`);
  expect(lines.at(-2)).toBe('');
  // The machine line as the WICG grammar reads it: "@" host SP "#" code, and nothing behind it.
  const [, host, machine] = /^@(\S+) #(\S+)$/.exec(lines.at(-1)!)!;
  expect([host, machine]).toEqual(['acme.example', code]);
});

test('[S150] the machine line carries raw digits', async () => {
  await pending(app, app.agent());
  expect(/#(\S+)$/.exec(app.outbox.last()!.body)?.[1]).toMatch(/^[0-9]{6}$/);
  expect(codeIn(app.outbox.last()!.body)).toMatch(/^[0-9]{6}$/);
});
