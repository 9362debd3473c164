import type session from 'express-session';
import { newestCode, startApp as start, wrongCode, type TestApp } from '../helpers/app';
import { expectWellMade, Reader } from './reader';

const codesOn = ({ page }: Reader): string[] =>
  [...page.matchAll(/<code>([^<]*)<\/code>/g)].map(([, code]) => code!);

/** Enrolls C, and returns a browser that shows the codes. */
async function enrolled(app: TestApp, from = '/second-factor/'): Promise<Reader> {
  const reader = await (await Reader.signedIn(app, 'C')).open(from);
  await reader.open('/second-factor/');
  await reader.submit('/enrollment', { phone: '(206) 555-0177' });
  return reader.submitHere('/enrollment/verify', { code: newestCode(app) });
}

/** Leaves so many of the codes of C. */
function leave(app: TestApp, count: number): void {
  const { recoveryCodes, ...rest } = app.enrollments.get('id-of-C')!;
  const left = { ...recoveryCodes!, digests: recoveryCodes!.digests.slice(0, count) };
  app.enrollments.set('id-of-C', { ...rest, recoveryCodes: left });
}

/** Types wrong codes until texted codes are locked. */
async function lock(app: TestApp, reader: Reader): Promise<Reader> {
  await reader.submit('/challenge');
  for (let step = 1; step <= 3; step += 1) {
    await reader.submit('/verify', { code: wrongCode(newestCode(app), step) });
  }
  // Beside what was wrong with the last code.
  expect(reader.problem).toContain('Wrong code');
  expect(reader.text).toContain('so none is checked for 15 minutes.');
  return reader;
}

test('[S104] recovery codes are shown once, in the answer that made them, and lie nowhere', async () => {
  const app = await start();
  const reader = await enrolled(app);
  const codes = codesOn(reader);
  expect(codes).toHaveLength(10);
  for (const code of codes) expect(code).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
  expectWellMade(reader);
  const { sessions } = app.store as session.MemoryStore & { sessions: Record<string, string> };
  const after = [Object.entries(sessions), [...app.enrollments], app.outbox.messages];
  for (const path of ['/second-factor/', '/secret', '/second-factor/']) {
    await reader.open(path);
    after.push([reader.page, reader.headers] as never);
  }
  const everything = JSON.stringify(after);
  for (const code of codes) {
    expect(everything).not.toContain(code);
    expect(everything).not.toContain(code.replaceAll('-', ''));
  }
});

test('the codes page leads on to where the user wanted to go', async () => {
  const app = await start({ factor: { enrollment: 'required' } });
  const reader = await enrolled(app, '/enforced?a=1&b=2');
  await reader.open(reader.link('Go on'));
  expect(reader.path).toBe('/enforced?a=1&b=2');
  expect((await enrolled(await start())).link('Go on')).toBe('/second-factor/');
});

test('[S104] whoever cannot get a text signs in with a recovery code by a plain form', async () => {
  const app = await start();
  const [code] = codesOn(await enrolled(app));
  for (const texted of [false, true]) {
    const reader = await (await Reader.signedIn(app, 'C')).open('/secret?a=1');
    if (texted) await reader.submit('/challenge');
    expectWellMade(reader);
    await reader.submit('/recovery', { recoveryCode: 'my code' });
    expect(reader.problem).toContain('A recovery code has 16 letters and digits');
    await reader.submit('/recovery', { recoveryCode: code!.slice(0, -1) + '!' });
    expect(reader.problem).not.toBe('');
    if (texted) continue;
    await reader.submit('/recovery', { recoveryCode: code!.toLowerCase() });
    expect([reader.path, reader.page]).toEqual(['/secret?a=1', 'the secret marker']);
  }
});

test('[S32] the way in with a recovery code stays open while texted codes are locked', async () => {
  const app = await start({ factor: { limits: { lockAfter: 3 } } });
  const [code] = codesOn(await enrolled(app));
  await app.clock.advance(60);
  const reader = await lock(app, await (await Reader.signedIn(app, 'C')).open('/secret'));
  expectWellMade(reader);
  expect(reader.text).toContain('A recovery code lets you in before that.');
  expect([reader.has('/verify'), reader.has('/challenge')]).toEqual([false, false]);
  await reader.submit('/recovery', { recoveryCode: '0000-0000-0000-0000' });
  expect(reader.problem).toContain('not one of your recovery codes');
  expect(reader.text).toContain('so none is checked for 15 minutes.');
  await reader.submit('/recovery', { recoveryCode: code! });
  expect(reader.path).toBe('/secret');
});

test('[S31] a phone that the hard stop disabled is told as such, with what is left to do', async () => {
  const app = await start({ factor: { limits: { lockAfter: 3, hardStop: 3 } } });
  const [code] = codesOn(await enrolled(app));
  await app.clock.advance(60);
  const reader = await (await Reader.signedIn(app, 'C')).open('/secret');
  await reader.submit('/challenge');
  for (let step = 1; step <= 3; step += 1) {
    await reader.submit('/verify', { code: wrongCode(newestCode(app), step) });
  }
  expect(reader.problem).toContain('Wrong code');
  const off = 'Codes to this phone were switched off after too many wrong ones.';
  expect(reader.text).toContain(`${off} Use a recovery code, or ask for help.`);
  expectWellMade(reader);
  expect([reader.has('/verify'), reader.has('/challenge')]).toEqual([false, false]);
  const { recoveryCodes, ...rest } = app.enrollments.get('id-of-C')!;
  app.enrollments.set('id-of-C', rest);
  await reader.open('/second-factor/');
  expect(reader.text).toContain(`${off} Ask for help.`);
  app.enrollments.set('id-of-C', { ...rest, recoveryCodes: recoveryCodes! });
  await reader.open('/second-factor/');
  await reader.submit('/recovery', { recoveryCode: code! });
  expect(reader.path).toBe('/secret');
});

test('where no recovery code is left none is asked for', async () => {
  const app = await start({ factor: { limits: { lockAfter: 3 } } });
  await enrolled(app);
  leave(app, 0);
  await app.clock.advance(60);
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  expect(reader.has('/recovery')).toBe(false);
  await lock(app, reader);
  expect(reader.has('/recovery')).toBe(false);
  expect(reader.text).not.toContain('A recovery code lets you in');
  const without = await (await Reader.signedIn(app)).open('/second-factor/');
  expect(without.has('/recovery')).toBe(false);
});

test.each([
  [10, false, '10 recovery codes are left.'],
  [4, false, '4 recovery codes are left.'],
  [3, true, '3 recovery codes are left.'],
  [1, true, 'One recovery code is left.'],
  [0, true, '0 recovery codes are left.'],
])('with %i codes left the page warns: %p', async (count, warns, said) => {
  const app = await start();
  const reader = await enrolled(app);
  leave(app, count);
  await reader.open('/second-factor/');
  expect(reader.text).toContain(said);
  expect(reader.text.includes('Make new ones soon.')).toBe(warns);
  expectWellMade(reader);
});

test('[S104] new codes are made by a plain form, and the older ones are dead', async () => {
  const app = await start();
  const reader = await enrolled(app);
  const [old] = codesOn(reader);
  await reader.open('/second-factor/');
  await reader.submitHere('/recovery-codes');
  const [fresh] = codesOn(reader);
  expectWellMade(reader);
  expect(reader.link('Go on')).toBe('/second-factor/');
  const other = await (await Reader.signedIn(app, 'C')).open('/secret');
  await other.submit('/recovery', { recoveryCode: old! });
  expect(other.problem).toContain('Wrong code');
  await other.submit('/recovery', { recoveryCode: fresh! });
  expect(other.path).toBe('/secret');
});
