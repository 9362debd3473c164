import { newestCode, startApp, verified, type TestApp } from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { Reader, expectWellMade } from './reader';

const USER = 'id-of-C';

/** Where a browser says that a page of the app began the navigation. */
const HERE = { 'Sec-Fetch-Site': 'same-origin' };
const ELSEWHERE = { 'Sec-Fetch-Site': 'cross-site' };

/** Enrolls C, who has not said yet that the codes are saved. */
async function enrolled(app: TestApp): Promise<Reader> {
  const reader = await Reader.signedIn(app, 'C');
  reader.agent.set(HERE);
  await reader.open('/second-factor/');
  await reader.submit('/enrollment', { phone: '2065550177' });
  return reader.submit('/enrollment/verify', { code: newestCode(app) });
}

/** Signs in as C in a browser that is trusted from then on. */
async function trusted(app: TestApp): Promise<Reader> {
  await app.clock.advance(31);
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  reader.agent.set(HERE);
  await reader.submit('/challenge');
  const typed = { code: newestCode(app), trustDevice: 'on' };
  const { headers } = await reader.post(reader.form('/verify'), typed);
  const set = [(headers as Record<string, string[]>)['set-cookie'] ?? []].flat();
  // The jar keeps no such cookie of a host without https.
  const cookie = set.find((each) => each.startsWith('__Host-'))?.split(';')[0];
  reader.agent.jar.setCookie(`${cookie}; Path=/`, '127.0.0.1', '/');
  return reader;
}

/** The manage page of C, who trusts two other browsers. */
async function managing(app: TestApp): Promise<Reader> {
  const reader = await enrolled(app);
  await reader.submit('/recovery-codes/kept');
  await trusted(app);
  await trusted(app);
  await app.clock.advance(10);
  return reader.open('/second-factor/');
}

const start = () => startApp({ factor: { trustedDevices: { days: 30 }, logoutPath: '/logout' } });
const stored = (app: TestApp): string => JSON.stringify(app.enrollments.get(USER));

/** The form as the page has it; of the first of the browsers. */
const formOf = (reader: Reader, form: string): string =>
  form === ONE ? /(\/devices\/(?!delete)[^/"]+\/delete)"/.exec(reader.page)![1]! : form;
const ONE = 'one browser';

/** What is lost, by its form, the page that asks, and what is said after it. */
const LOSSES: [form: string, asks: string, question: string, said: string][] = [
  [
    '/enrollment/delete',
    '/enrollment/delete',
    'Turn off two-step verification?',
    'Two-step verification is off.',
  ],
  ['/recovery-codes', '/recovery-codes/new', 'Get new recovery codes?', 'Your recovery codes'],
  [ONE, ONE, 'Stop trusting ', "Done. That browser isn't trusted anymore."],
  [
    '/devices/delete',
    '/devices/delete',
    'Stop trusting all 2 browsers?',
    'Done. No browser is trusted anymore.',
  ],
];

test.each(LOSSES)('[S205] %s asks once, and says after it that it was done', async (...row) => {
  const [named, path, question, said] = row;
  const app = await start();
  const reader = await managing(app);
  const form = formOf(reader, named);
  const asks = path === ONE ? form : path;
  const before = stored(app);
  await reader.submit(form);
  expect([reader.path, stored(app)]).toEqual([`/second-factor${asks}`, before]);
  expect(reader.text).toContain(question);
  expect(reader.link('Cancel')).toBe('/second-factor/');
  expectWellMade(reader);
  // To ask, and to be asked again, does nothing.
  await reader.open(`/second-factor${asks}`);
  expect(stored(app)).toBe(before);
  await reader.submit(form);
  expect(stored(app)).not.toBe(before);
  expect(reader.text).toContain(said);
  if (said.startsWith('Done.') || said.endsWith('off.')) {
    expect(reader.page).toMatch(/<p class="notice" role="status">[^<]+<\/p>/);
    await reader.open('/second-factor/');
    expect(reader.page).not.toContain('class="notice"');
  }
});

test.each(LOSSES)('[S205] an API client that posts to %s is asked nothing', async (named) => {
  const app = await start();
  const reader = await managing(app);
  const form = formOf(reader, named);
  const before = stored(app);
  const path = `/second-factor${form}`;
  const answer = await reader.agent.post(path).set('Accept', 'application/json').send({});
  expect(answer.status).toBe(form === '/recovery-codes' ? 200 : 204);
  expect(stored(app)).not.toBe(before);
  const asking = named === '/recovery-codes' ? `${path}/new` : path;
  const { status } = await reader.agent.get(asking).set('Accept', 'application/json');
  expect(status).toBe(named === '/recovery-codes' ? 404 : 405);
});

test.each(LOSSES)(
  '[S205] a step-up for %s comes before the question, and leads back to it',
  async (named, path, question) => {
    const app = await start();
    await managing(app);
    // Passed by its trust alone, which changes no factor.
    const reader = await trusted(app);
    await app.clock.advance(10);
    await reader.agent.post('/login').send({ username: 'C', password: 'right' }).expect(200);
    await reader.open('/second-factor/');
    await reader.open('/second-factor/');
    const form = formOf(reader, named);
    await reader.submit(form);
    expect([reader.path, reader.text.includes(question)]).toEqual(['/second-factor/', false]);
    // The page asks for the text by itself.
    expect(reader.page).toContain('data-submit-at-once');
    await app.clock.advance(31);
    await reader.submit('/challenge');
    await reader.submit('/verify', { code: newestCode(app) });
    expect(reader.path).toBe(`/second-factor${path === ONE ? form : path}`);
    expect(reader.text).toContain(question.replace('2', '3'));
  },
);

test('a step-up for another number leads back to its form, which stands open', async () => {
  const app = await start();
  const reader = await managing(app);
  expect(reader.page).not.toMatch(/<details id="(?:number|expired)"\s+open/);
  await app.clock.advance(601);
  await reader.submit('/enrollment', { phone: '2065550178' });
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  expect(reader.path).toBe('/second-factor/?open=phone');
  expect(reader.page).toMatch(/<details id="(?:number|expired)"\s+open/);
  await app.clock.advance(10);
  await reader.submit('/enrollment', { phone: '2065550178' });
  expect(reader.text).toContain('we texted to +1 206 555 0178');
});

test('[S184] [S185] another site begins no step-up by a page that asks, and chooses nothing that comes after one', async () => {
  const app = await start();
  const reader = await managing(app);
  await app.clock.advance(601);
  reader.agent.set(ELSEWHERE);
  for (const [, asks] of LOSSES.slice(0, 2)) {
    await reader.open(`/second-factor${asks}`);
    expect([reader.path, reader.has('/challenge')]).toEqual(['/second-factor/', false]);
  }
  reader.agent.set(HERE);
  await reader.open('/second-factor/enrollment/delete');
  expect([reader.path, reader.has('/challenge')]).toEqual(['/second-factor/', true]);
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  expect(reader.path).toBe('/second-factor/enrollment/delete');
});

test('[S205] a second click on what is off by then says that it is off', async () => {
  const app = await start();
  const reader = await managing(app);
  await reader.submit('/enrollment/delete');
  const form = reader.form('/enrollment/delete');
  await reader.post(form);
  const again = await reader.post(form);
  await reader.open(again.headers.location!);
  expect([reader.problem, reader.text.includes('Two-step verification is off.')]).toEqual([
    '',
    true,
  ]);
});

test('whoever may be asked for a phone by every page is told so before it is turned off', async () => {
  const app = await startApp({ factor: { enrollment: 'required' } });
  const reader = await enrolled(app);
  await reader.submit('/recovery-codes/kept');
  await reader.submit('/enrollment/delete');
  expect(reader.text).toContain("You'll be asked to add a phone again before you can go on.");
});

test('[S178] the codes come as a text file too, in the session that may see them, until they are saved', async () => {
  const app = await start();
  const reader = await enrolled(app);
  const codes = [...reader.page.matchAll(/<code>([^<]*)<\/code>/g)].map(([, code]) => code!);
  const path = reader.link('Download');
  expect(path).toBe('/second-factor/recovery-codes.txt');
  const file = await reader.agent.get(path).expect(200);
  expect(file.text).toBe(`Recovery codes for Acme\n\n${codes.join('\n')}\n`);
  expect(file.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': 'attachment; filename="recovery-codes.txt"',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  // Another site has nothing put on the disk, nor has another session of the user.
  await reader.agent.get(path).set(ELSEWHERE).expect(302);
  const other = app.agent();
  await app.clock.advance(60);
  await verified(app, other, 'C');
  await other
    .get(path)
    .set({ ...HERE, Accept: 'text/html' })
    .expect(302);
  await reader.agent.get(path).set('Accept', 'application/json').expect(404);
  await app.clock.advance(601);
  await reader.agent.get(path).expect(302);
  await reader.agent.post(ROUTER.kept).type('form').send({});
  await reader.agent.get(path).expect(302);
});
