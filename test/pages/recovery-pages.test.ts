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
  return reader.submit('/enrollment/verify', { code: newestCode(app) });
}

/** The same, by a user who says that the codes are kept. */
async function keeping(app: TestApp): Promise<[Reader, string[]]> {
  const reader = await enrolled(app);
  const codes = codesOn(reader);
  return [await reader.submit('/recovery-codes/kept'), codes];
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
  // That the last one was wrong is in it.
  expect(reader.problem).toBe('');
  expect(reader.text).toContain('You can try again in 15 minutes');
  return reader;
}

test('[S104] recovery codes lie nowhere, and are shown by no page once they are kept', async () => {
  const app = await start();
  const reader = await enrolled(app);
  const codes = codesOn(reader);
  expect(codes).toHaveLength(10);
  for (const code of codes) expect(code).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
  expectWellMade(reader);
  const { sessions } = app.store as session.MemoryStore & { sessions: Record<string, string> };
  const kept = () => [Object.entries(sessions), [...app.enrollments], app.outbox.messages];
  const after: unknown[] = [kept()];
  await reader.submit('/recovery-codes/kept');
  for (const path of ['/second-factor/', '/secret', '/second-factor/recovery-codes']) {
    await reader.open(path);
    after.push([reader.page, reader.headers]);
  }
  const everything = JSON.stringify([...after, kept()]);
  for (const code of codes) {
    expect(everything).not.toContain(code);
    expect(everything).not.toContain(code.replaceAll('-', ''));
  }
});

test('[S178] the codes are shown again, by their page and by the one that is due, until they are kept', async () => {
  const app = await start();
  const reader = await enrolled(app);
  const codes = codesOn(reader);
  expect(reader.path).toBe('/second-factor/recovery-codes');
  expect(reader.text).not.toContain('older');
  for (const path of ['/second-factor/recovery-codes', '/second-factor/']) {
    await reader.open(path);
    expect(codesOn(reader)).toEqual(codes);
    expect(reader.has('/recovery-codes/kept')).toBe(true);
    expectWellMade(reader);
  }
  // The rest of the page is there as well.
  expect(reader.text).toContain('You have 10 recovery codes left.');
  await reader.submit('/recovery-codes/kept');
  expect(reader.path).toBe('/second-factor/');
  expect(reader.has('/recovery-codes/kept')).toBe(false);
  await reader.open('/second-factor/recovery-codes');
  expect([reader.path, codesOn(reader)]).toEqual(['/second-factor/', []]);
});

test('[S178] a factor that is no longer fresh shows no codes, but takes the word that they are kept', async () => {
  const app = await start();
  const reader = await enrolled(app);
  const [code] = codesOn(reader);
  await app.clock.advance(601);
  await reader.open('/second-factor/recovery-codes');
  expect([reader.path, codesOn(reader)]).toEqual(['/second-factor/', []]);
  expect(reader.text).toContain('Did you save your new recovery codes?');
  expectWellMade(reader);
  // A fresh one shows them again, in this session.
  await reader.submit('/recovery-codes');
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  await reader.open('/second-factor/recovery-codes');
  expect(codesOn(reader)[0]).toBe(code);
  await app.clock.advance(601);
  await reader.open('/second-factor/');
  await reader.submit('/recovery-codes/kept');
  expect(reader.text).not.toContain('Did you save');
});

test('[S178] another session does not see the codes, is told of them, and may make others', async () => {
  const app = await start();
  const reader = await enrolled(app);
  const codes = codesOn(reader);
  await app.clock.advance(60);
  const other = await (await Reader.signedIn(app, 'C')).open('/secret');
  await other.submit('/challenge');
  await other.submit('/verify', { code: newestCode(app) });
  await other.open('/second-factor/recovery-codes');
  expect([other.path, codesOn(other)]).toEqual(['/second-factor/', []]);
  expect(other.text).toContain('Did you save your new recovery codes?');
  expect([other.has('/recovery-codes/kept'), other.has('/recovery-codes')]).toEqual([false, true]);
  expectWellMade(other);
  await other.submitSurely('/recovery-codes');
  const others = codesOn(other);
  expect(others).toHaveLength(10);
  expect(others.some((code) => codes.includes(code))).toBe(false);
  // What the first one still shows was replaced: its button says so and keeps nothing.
  await reader.submit('/recovery-codes/kept');
  expect([reader.path, reader.problem]).toEqual([
    '/second-factor/',
    expect.stringContaining('were replaced by newer ones'),
  ]);
  expect(codesOn(reader)).toEqual([]);
  await other.submit('/recovery-codes/kept');
  await reader.open('/second-factor/');
  expect(reader.text).not.toContain('Did you save');
});

test('the codes page leads on to where the user wanted to go', async () => {
  const app = await start({ factor: { enrollment: 'required' } });
  const reader = await enrolled(app, '/enforced?a=1&b=2');
  await reader.open('/second-factor/recovery-codes');
  await reader.submit('/recovery-codes/kept');
  expect(reader.path).toBe('/enforced?a=1&b=2');
  const [plain] = await keeping(await start());
  expect(plain.path).toBe('/second-factor/');
  expect((await enrolled(await start())).link('Not now')).toBe('/');
});

test('[S104] whoever cannot get a text signs in with a recovery code by a plain form', async () => {
  const app = await start();
  const [, [code]] = await keeping(app);
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
  const [, [code]] = await keeping(app);
  await app.clock.advance(60);
  const reader = await lock(app, await (await Reader.signedIn(app, 'C')).open('/secret'));
  expectWellMade(reader);
  expect(reader.text).toContain('or use a recovery code now.');
  expect([reader.has('/verify'), reader.has('/challenge')]).toEqual([false, false]);
  await reader.submit('/recovery', { recoveryCode: '0000-0000-0000-0000' });
  expect(reader.problem).toContain("isn't one of your unused recovery codes");
  expect(reader.text).toContain('You can try again in 15 minutes');
  await reader.submit('/recovery', { recoveryCode: code! });
  expect(reader.path).toBe('/secret');
});

test('[S31] a phone that the hard stop disabled is told as such, with what is left to do', async () => {
  const app = await start({ factor: { limits: { lockAfter: 3, hardStop: 3 } } });
  const [, [code]] = await keeping(app);
  await app.clock.advance(60);
  const reader = await (await Reader.signedIn(app, 'C')).open('/secret');
  await reader.submit('/challenge');
  for (let step = 1; step <= 3; step += 1) {
    await reader.submit('/verify', { code: wrongCode(newestCode(app), step) });
  }
  expect(reader.problem).toBe('');
  const off = 'Codes to this phone are turned off after too many wrong ones.';
  expect(reader.text).toContain(`${off} Use a recovery code, or contact support.`);
  expectWellMade(reader);
  expect([reader.has('/verify'), reader.has('/challenge')]).toEqual([false, false]);
  const { recoveryCodes, ...rest } = app.enrollments.get('id-of-C')!;
  app.enrollments.set('id-of-C', rest);
  await reader.open('/second-factor/');
  expect(reader.text).toContain(`${off} Contact support to get back in.`);
  app.enrollments.set('id-of-C', { ...rest, recoveryCodes: recoveryCodes! });
  await reader.open('/second-factor/');
  await reader.submit('/recovery', { recoveryCode: code! });
  expect(reader.path).toBe('/secret');
});

test('where no recovery code is left none is asked for', async () => {
  const app = await start({ factor: { limits: { lockAfter: 3 } } });
  await keeping(app);
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
  [10, false, 'You have 10 recovery codes left.'],
  [4, false, 'You have 4 recovery codes left.'],
  [3, true, 'You have 3 recovery codes left.'],
  [1, true, 'You have one recovery code left.'],
  [0, true, 'You have no recovery codes left.'],
])('with %i codes left the page warns: %p', async (count, warns, said) => {
  const app = await start();
  const [reader] = await keeping(app);
  leave(app, count);
  await reader.open('/second-factor/');
  expect(reader.text).toContain(said);
  expect(reader.text.includes('Get new ones soon.')).toBe(warns);
  expectWellMade(reader);
});

test('[S104] [S178] new codes are made by a plain form, and the older ones die once those are kept', async () => {
  const app = await start();
  const [reader, [old, older]] = await keeping(app);
  await reader.submitSurely('/recovery-codes');
  expect(reader.path).toBe('/second-factor/recovery-codes');
  const [fresh] = codesOn(reader);
  expectWellMade(reader);
  expect(reader.text).toContain('Until then, your older recovery codes work');
  const type = async (code: string | undefined) => {
    const other = await (await Reader.signedIn(app, 'C')).open('/secret');
    return other.submit('/recovery', { recoveryCode: code! });
  };
  expect((await type(fresh)).problem).toContain('Use one of the older ones.');
  expect((await type(old)).path).toBe('/secret');
  await reader.submit('/recovery-codes/kept');
  expect((await type(older)).problem).toContain("isn't one of your unused recovery codes");
  expect((await type(fresh)).path).toBe('/secret');
});

test('[S170] whoever tried too many recovery codes is told how long to wait, and may use a text', async () => {
  const app = await start();
  await keeping(app);
  await app.clock.advance(60);
  const reader = await (await Reader.signedIn(app, 'C')).open('/secret');
  for (let each = 0; each < 11; each += 1) {
    await reader.submit('/recovery', { recoveryCode: '0000-0000-0000-0000' });
  }
  expect(reader.problem).toMatch(
    /Too many attempts Too many wrong recovery codes .* Try again in 60 seconds\./,
  );
  expectWellMade(reader);
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  expect(reader.path).toBe('/secret');
});
