import session from 'express-session';
import { ROUTES } from '../../lib/express/router/router';
import { newestCode, startApp, verified, wrongCode, type TestApp } from '../helpers/app';
import { faultsOf } from '../helpers/faults';
import { OWN, ROUTER } from '../helpers/paths';
import { attribute, htmlAgent } from '../helpers/web';
import { expectWellMade, Reader } from './reader';

const HOME = '/second-factor/';

async function start(factor: object = {}): Promise<TestApp> {
  return startApp({
    factor: { logoutPath: '/logout', support: '/help', ...factor },
    after: (each, secondFactor) => {
      each.post('/pay', secondFactor.require({ maxAge: 300, resume: true }), (_req, res) => {
        res.send('paid');
      });
      each.get('/vault', secondFactor.require({ maxAge: 300 }), (_req, res) => {
        res.send('the vault');
      });
    },
  });
}

/** A user who passed so long ago that everything important asks again. */
async function stale(app: TestApp): Promise<Reader> {
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  await app.clock.advance(601);
  return reader;
}

describe('[S202] a step-up', () => {
  test('that a change of the factor asks for texts by itself, leads back to it, and says so', async () => {
    const app = await start();
    const reader = await (await stale(app)).open(HOME);
    await reader.submit('/enrollment/delete');
    expect(reader.problem).toContain('Confirm again');
    // As far as anybody knows another site led here.
    expect(reader.page).not.toContain('data-submit-at-once');
    reader.agent.set('Sec-Fetch-Site', 'same-origin');
    await reader.open(HOME);
    await reader.submit('/challenge/delete');
    await reader.submit('/enrollment/delete');
    expect(reader.problem).toContain('Confirm again');
    expect(reader.form('/challenge').html).toContain('data-submit-at-once');
    await reader.submit('/challenge');
    await reader.submit('/verify', { code: newestCode(app) });
    // To the question that was to come first.
    expect(reader.path).toBe(`${HOME}enrollment/delete`);
    expect(reader.form('/enrollment/delete').fields.confirm).toBe('yes');
    await reader.submit('/enrollment/delete');
    expect(app.enrollments.has('id-of-A')).toBe(false);
  });

  test('that comes before another number leads back to it: nobody types it twice', async () => {
    const app = await start();
    const reader = await (await stale(app)).open(HOME);
    await reader.submit('/enrollment', { phone: '(206) 555-0177' });
    expect(reader.has('/enrollment')).toBe(false);
    await reader.submit('/challenge');
    await reader.submit('/verify', { code: newestCode(app) });
    expect(reader.form('/enrollment').fields.phone).toBe('(206) 555-0177');
    // Once: a page that is loaded later has it no longer.
    await reader.open(HOME);
    expect(reader.form('/enrollment').fields.phone ?? '').toBe('');
  });

  test('of a change can be cancelled: back to its page, nothing changed, the code dead', async () => {
    const app = await start();
    const reader = await (await stale(app)).open(HOME);
    await reader.submit('/enrollment/delete');
    await reader.submit('/challenge');
    const code = newestCode(app);
    await reader.submit('/challenge/delete');
    expect(reader.path).toBe(HOME);
    expect(reader.has('/enrollment/delete')).toBe(true);
    await reader.agent
      .post(ROUTER.verify)
      .set('Accept', 'application/json')
      .send({ code })
      .expect(401);
    expect(app.enrollments.has('id-of-A')).toBe(true);
    await reader.agent.get('/secret').expect(200);
  });

  test('that a gate asks for can be cancelled: to the home page, and a kept form is not done', async () => {
    const app = await start({ homePath: '/open' });
    const reader = await stale(app);
    const pay = () =>
      reader.agent
        .post('/pay')
        .set({ Referer: `${app.url}/enforced`, 'Sec-Fetch-Site': 'same-origin' })
        .type('form')
        .redirects(0)
        .send({ to: 'bob' });
    await reader.open((await pay()).headers.location!);
    await reader.submit('/challenge/delete');
    expect(reader.path).toBe('/open');
    await reader.open(ROUTER.resume);
    expect([reader.status, reader.text]).toEqual([
      404,
      expect.stringContaining('Nothing to finish'),
    ]);
    await reader.open('/vault');
    await reader.submit('/challenge/delete');
    expect(reader.path).toBe('/open');
    await reader.open(HOME);
    expect(reader.has('/enrollment/delete')).toBe(true);
  });

  test('is ended by DELETE for a JSON client, and a sign-in cannot be', async () => {
    const app = await start();
    const agent = app.agent();
    await agent.post('/login').send({ username: 'A', password: 'right' });
    await agent.delete(ROUTER.challenge).expect(401);
    const page = await (await Reader.signedIn(app)).open(HOME);
    expect(page.has('/challenge/delete')).toBe(false);
    await verified(app, agent);
    await agent.post(ROUTER.challenge).send({}).expect(202);
    await agent.delete(ROUTER.challenge).expect(204);
    await agent.get(ROUTER.challenge).expect(401);
  });
});

describe('[S202] another tab that still asks for a code', () => {
  /** One browser with two tabs: the first goes in, the second shows the form as it was. */
  async function twoTabs(app: TestApp) {
    const reader = await (await Reader.signedIn(app)).open('/secret?from=mail');
    await reader.submit('/challenge');
    const code = newestCode(app);
    const form = reader.form('/verify');
    await reader.submit('/verify', { code });
    await app.clock.advance(60);
    return { reader, form, code };
  }

  test('goes on to where its user wanted, with the right code, a wrong one, or none', async () => {
    const app = await start();
    const { reader, form, code } = await twoTabs(app);
    for (const typed of [code, wrongCode(code), '']) {
      const answer = await reader.post(form, { code: typed });
      expect([answer.status, answer.headers.location]).toEqual([303, '/secret?from=mail']);
    }
    for (const path of [ROUTER.challenge, ROUTER.verify]) {
      await reader.open(path);
      expect(reader.path).toBe('/secret?from=mail');
    }
    // What was wanted a while ago is wanted no more.
    await app.clock.advance(301);
    expect((await reader.post(form, { code })).headers.location).toBe('/');
  });

  test('hears that the code is over where a step-up is asked for', async () => {
    const app = await start();
    const { reader, form, code } = await twoTabs(app);
    await app.clock.advance(301);
    await reader.open('/vault');
    await reader.open((await reader.post(form, { code })).headers.location!);
    expect(reader.problem).toContain('Code expired');
    await reader.submit('/challenge');
    await app.clock.advance(300);
    await reader.submit('/verify', { code: newestCode(app) });
    expect(reader.problem).toContain('Code expired');
    expect(reader.has('/challenge')).toBe(true);
  });

  test('learns nothing by it: a JSON client is told that there is nothing to check', async () => {
    const app = await start();
    const agent = app.agent();
    await verified(app, agent);
    await app.clock.advance(60);
    const { body } = await agent.post(ROUTER.verify).send({ code: '123456' }).expect(401);
    expect(body).toMatchObject({ code: 'challenge_expired' });
  });
});

test('[S202] no path of the router answers a browser that asks for it with JSON or "not allowed"', async () => {
  const app = await start();
  for (const reader of [await Reader.signedIn(app), await stale(app)]) {
    for (const path of Object.keys(ROUTES)) {
      const asked = `/second-factor${path.replace(':id', 'some')}`;
      const answer = await reader.agent.get(asked).redirects(0);
      expect([asked, [200, 302, 404].includes(answer.status)]).toEqual([asked, true]);
      if (answer.status === 302) continue;
      expect([asked, answer.headers['content-type']]).toEqual([asked, 'text/html; charset=utf-8']);
      expect(answer.text).not.toContain('Not found');
    }
  }
});

describe('[S202] whose session has ended', () => {
  test.each(['GET', 'POST'])('is told so at a %s, with a way to sign in', async (method) => {
    const app = await start();
    const reader = await (await Reader.signedIn(app)).open(HOME);
    const { sessions } = app.store as session.MemoryStore & { sessions: object };
    for (const id of Object.keys(sessions)) app.store.destroy(id);
    const answer =
      method === 'GET'
        ? await reader.agent.get(HOME).redirects(0)
        : await reader.post(reader.form('/challenge'));
    expect([answer.status, answer.type]).toEqual([401, 'text/html']);
    expect(answer.text).toContain('Your session has ended. Sign in again to go on.');
    expect(answer.text).toContain('<a href="/login">Sign in</a>');
    expect(answer.text).toContain('<a href="/help">Get help</a>');
    expect(app.outbox.messages).toEqual([]);
  });

  test.each([
    ['brings no cookie', ''],
    ['brings a cookie of something else', 'theme=s:dark; other=s%3Ashort.abc'],
  ])('is told from a stranger, who %s and comes to the sign-in', async (_name, cookie) => {
    const app = await start();
    const answer = await htmlAgent(app).get(HOME).set('Cookie', cookie).redirects(0);
    expect([answer.status, answer.headers.location]).toEqual([302, '/login']);
  });
});

test('[S202] a form of the app’s own that challenge() refuses gets a page with the way back', async () => {
  const app = await start();
  const agent = htmlAgent(app);
  await agent.post('/login').send({ username: 'A', password: 'right' });
  const form = () =>
    agent.post(OWN.challenge).set('Referer', `${app.url}/my/code?a=b`).type('form').send({});
  await form().expect(200);
  const refused = await form().expect(429);
  expect(refused.type).toBe('text/html');
  expect(refused.headers['retry-after']).toBe('30');
  expect(refused.text).toContain('<a href="/my/code?a=b">Back</a>');
  expect(refused.text).toContain('<a href="/help">Get help</a>');
  const elsewhere = await agent
    .post(OWN.challenge)
    .set({ Referer: 'https://evil.example/my/code', 'Sec-Fetch-Site': 'same-origin' })
    .type('form')
    .send({});
  expect(elsewhere.text).toContain('<a href="/">Back</a>');
  const json = await agent
    .post(OWN.challenge)
    .set('Accept', 'application/json')
    .send({})
    .expect(429);
  expect(json.body).toMatchObject({ code: 'resend_too_soon' });
});

test('[S143] a page for an outage says when to try again, and whom to ask', async () => {
  const store = new session.MemoryStore();
  const faults = faultsOf(store);
  const app = await startApp({ store, factor: { support: '/help' } });
  const reader = await (await Reader.signedIn(app)).open(HOME);
  faults.fail('get', 2);
  const answer = await reader.agent.get(HOME);
  expect([answer.status, answer.type, answer.headers['retry-after']]).toEqual([
    503,
    'text/html',
    '5',
  ]);
  expect(answer.text).toContain('<a href="/help">Get help</a>');
});

test('[S203] a wrong recovery code is told at its own field, which is open and has the focus', async () => {
  const app = await start({ limits: { lockAfter: 3 } });
  const reader = await (await Reader.signedIn(app, 'C')).open(HOME);
  await reader.submit('/enrollment', { phone: '(206) 555-0177' });
  await reader.submit('/enrollment/verify', { code: newestCode(app) });
  await reader.submit('/recovery-codes/kept');
  await app.clock.advance(30);
  const again = await (await Reader.signedIn(app, 'C')).open(HOME);
  const input = (name: string) =>
    [...again.page.matchAll(/<input[^>]*>/g)]
      .map(([tag]) => tag)
      .find((tag) => attribute(tag, 'name') === name) ?? '';
  const part = () => /<details[^>]*>[\s\S]*?<\/details>/.exec(again.page)?.[0] ?? '';
  await again.submit('/challenge');
  expect(part()).not.toMatch(/^<details\s+open/);
  for (const typed of ['too short', 'ABCD-EFGH-JKMN-PQRS']) {
    await again.submit('/recovery', { recoveryCode: typed });
    expect(part()).toMatch(/^<details\s+open/);
    expect(part()).toMatch(/id="problem"[\s\S]*role="alert"/);
    expect(again.problem).toContain('recovery code');
    expect(input('recoveryCode')).toMatch(
      /aria-describedby="problem"\s+aria-invalid="true"\s+autofocus/,
    );
    expect(input('code')).not.toMatch(/autofocus|aria-invalid|aria-describedby="problem/);
    // What is secret comes back into no page.
    expect(again.page).not.toContain(typed);
    expectWellMade(again);
  }
  await again.submit('/verify', { code: wrongCode(newestCode(app)) });
  expect(input('code')).toMatch(
    /aria-describedby="problem delivery"\s+aria-invalid="true"[\s\S]*autofocus/,
  );
  expect(part()).not.toMatch(/^<details\s+open|id="problem"/);
  for (const step of [2, 3]) {
    await again.submit('/verify', { code: wrongCode(newestCode(app), step) });
  }
  expect(again.text).toContain('or use a recovery code now.');
  expect(part()).toMatch(/^<details\s+open/);
});
