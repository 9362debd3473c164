import { connect } from 'node:net';
import session from 'express-session';
import { createSecondFactor, mapEnrollments, outboxSender, SecondFactorError } from '../../lib';
import {
  MANY_TEXTS,
  newestCode,
  pending,
  PHONES,
  SECRET,
  signIn,
  startApp as start,
  verified,
  wrongCode,
  type TestApp,
} from '../helpers/app';
import { faultsOf } from '../helpers/faults';
import { jsonPost, raw, type RawRequest } from '../helpers/parallel';
import { MOUNT, ROUTER } from '../helpers/paths';
import {
  cookieFrom,
  cookieSetBy,
  htmlAgent,
  JSON_ONLY,
  knock,
  ROADS,
  stored,
} from '../helpers/web';

beforeEach(() => void jest.spyOn(console, 'error').mockImplementation(() => undefined));
afterEach(() => void jest.restoreAllMocks());

const form = 'application/x-www-form-urlencoded';
const { challenge } = ROUTER;

/** Headers that a browser or an attacker's page sends with a post of another site. */
const CROSS_SITE: [string, Record<string, string>][] = [
  ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
  ['an unknown Sec-Fetch-Site', { 'sec-fetch-site': 'sideways' }],
  ['an empty Sec-Fetch-Site', { 'sec-fetch-site': '' }],
  ['two values of Sec-Fetch-Site', { 'sec-fetch-site': 'same-origin, cross-site' }],
  ['Sec-Fetch-Site against Origin', { 'sec-fetch-site': 'cross-site', origin: 'SELF' }],
  ['a foreign Origin', { origin: 'https://evil.example' }],
  ['Origin: null', { origin: 'null' }],
  ['an empty Origin', { origin: '' }],
  ['an Origin with our host in front', { origin: 'http://HOST.evil.example' }],
  ['an Origin with our host as its user', { origin: 'http://HOST@evil.example' }],
  ['an Origin on another port', { origin: 'http://127.0.0.1:1' }],
  ['an Origin that is no address', { origin: '://' }],
  ['a foreign Origin and a Referer of ours', { origin: 'https://evil.example', referer: 'SELF/' }],
  [
    'a foreign Origin that Host headers vouch for',
    { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
  ],
];

const WRITES: { method: string; path: string; body: object }[] = [
  { method: 'POST', path: challenge, body: {} },
  { method: 'POST', path: '/own/challenge', body: {} },
  { method: 'POST', path: ROUTER.verify, body: { code: 'CODE' } },
  { method: 'POST', path: '/own/verify', body: { code: 'CODE' } },
  { method: 'POST', path: ROUTER.enrollment, body: { phone: '+12065550177' } },
  { method: 'POST', path: ROUTER.confirm, body: { code: 'CODE' } },
  { method: 'POST', path: ROUTER.remove, body: {} },
  { method: 'DELETE', path: ROUTER.enrollment, body: {} },
];

test.each(CROSS_SITE)(
  '[S116] with %s nothing is sent, verified, enrolled or removed',
  async (_name, given) => {
    const app = await start();
    const host = app.url.slice('http://'.length);
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        value.replace('SELF', app.url).replace('HOST', host),
      ]),
    );
    const [half, whole] = [app.agent(), app.agent()];
    await verified(app, whole, 'B');
    const code = await pending(app, half);
    const texts = app.outbox.messages.length;
    await app.clock.advance(31);
    for (const agent of [half, whole]) {
      for (const { method, path, body } of WRITES) {
        const json = JSON.stringify(body).replace('CODE', code);
        const fields = new URLSearchParams(JSON.parse(json) as Record<string, string>).toString();
        for (const [type, sent] of [
          ['application/json', json],
          [form, fields],
        ] as const) {
          const cookie = cookieFrom(agent);
          const all = { ...JSON_ONLY, ...headers, 'content-type': type };
          const answer = await raw(app.url, { method, path, cookie, headers: all, body: sent });
          // The strategy's refusal goes to the app's own page.
          expect([path, type, answer.status]).toEqual([
            path,
            type,
            path === '/own/verify' ? 302 : 403,
          ]);
          if (path === '/own/verify') expect(answer.headers).toMatch(/^location: \/own$/im);
          else expect(JSON.parse(answer.body).code).toBe('cross_site_request');
        }
      }
    }
    expect(app.outbox.messages).toHaveLength(texts);
    expect(await knock(app, cookieFrom(half))).toBe(401);
    expect(app.enrollments.get('id-of-B')).toMatchObject({ phone: PHONES.B, version: 1 });
    const { attemptsLeft } = (await half.get('/second-factor').expect(200)).body.challenge;
    expect(attemptsLeft).toBe(5);
    await half.post(ROUTER.verify).send({ code }).expect(200);
  },
);

test('[S116] a post of no known origin passes as JSON or a form only', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  for (const type of [
    'text/plain',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
    'x',
  ]) {
    const headers = { ...JSON_ONLY, 'content-type': type };
    const request = {
      method: 'POST',
      cookie: cookieFrom(agent),
      headers,
      body: '{"code":"123456"}',
    };
    for (const path of [challenge, ROUTER.verify, '/own/challenge']) {
      expect([type, (await raw(app.url, { ...request, path })).status]).toEqual([type, 403]);
    }
  }
  expect(app.outbox.messages).toEqual([]);
  expect((await raw(app.url, jsonPost(challenge, cookieFrom(agent), {}))).status).toBe(202);
});

test('[S116] an old client without a Host header is not taken for this site', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  const { hostname, port } = new URL(app.url);
  const lines = [
    `POST ${challenge} HTTP/1.0`,
    'Origin: null',
    `Cookie: ${cookieFrom(agent)}`,
    'Content-Type: application/json',
    'Accept: application/json',
    'Content-Length: 2',
  ];
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${lines.join('\r\n')}\r\n\r\n{}`),
    );
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', reject).on('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(app.outbox.messages).toEqual([]);
});

test('[S116] pages of this site and of listed origins may post', async () => {
  const listed = 'https://www.acme.example';
  const app = await start({ factor: { origins: [listed] } });
  const accepted: Record<string, string>[] = [
    { 'sec-fetch-site': 'same-origin', origin: app.url },
    { 'sec-fetch-site': 'none' },
    { origin: app.url },
    { origin: listed },
    { 'sec-fetch-site': 'same-site', origin: listed },
    { 'sec-fetch-site': 'cross-site', origin: listed },
    {},
  ];
  for (const headers of accepted) {
    const agent = app.agent();
    await signIn(agent);
    const answer = await agent.post(ROUTER.verify).set(headers).send({ code: '123456' });
    expect([headers, answer.status, answer.body.code]).toEqual([headers, 401, 'challenge_expired']);
  }
  for (const origin of [
    `${listed}.evil.example`,
    'http://www.acme.example',
    `${listed}:444`,
    `${listed}/`,
  ]) {
    const agent = app.agent();
    await signIn(agent);
    await agent.post(challenge).set('Origin', origin).send({}).expect(403);
  }
});

test('[S117] an attacker can neither finish his enrollment in a victim’s session nor the reverse', async () => {
  const app = await start();
  const [attacker, victim] = [app.agent(), app.agent()];
  app.users.set('MALLORY', { id: 'id-of-mallory', username: 'MALLORY', passwordVersion: 1 });
  await signIn(attacker, 'MALLORY');
  await signIn(victim, 'C');
  await attacker.post(ROUTER.enrollment).send({ phone: '+12065550166' }).expect(202);
  const code = newestCode(app);
  const own = await victim.post(ROUTER.confirm).send({ code }).expect(401);
  expect(own.body.code).toBe('challenge_expired');
  await victim.post(ROUTER.enrollment).send({ phone: '+12065550177' }).expect(202);
  const victims = newestCode(app);
  await victim.post(ROUTER.confirm).send({ code }).expect(401);
  await attacker.post(ROUTER.confirm).send({ code: victims }).expect(401);
  expect(app.enrollments.has('id-of-C')).toBe(false);
  await victim.post(ROUTER.confirm).send({ code: victims }).expect(200);
  expect(app.enrollments.get('id-of-C')?.phone).toBe('+12065550177');
});

test('[S117] the session that an attacker signed in, moved into the victim’s browser, serves the attacker only', async () => {
  const app = await start();
  const attacker = app.agent();
  const code = await pending(app, attacker, 'A');
  // The victim's browser has got the attacker's cookie; the victim then signs in and is asked again.
  const victim = app.agent();
  victim.jar.setCookies(`${cookieFrom(attacker)}; path=/; domain=127.0.0.1`);
  await signIn(victim, 'B');
  await victim.post(ROUTER.verify).send({ code }).expect(401);
  await victim.get('/secret').expect(401);
});

/** Where a browser would be led astray, were it sent there. */
const ASTRAY = [
  'https://evil.example/',
  'http://evil.example',
  'HTTPS://evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:\\\\evil.example',
  '//evil.example',
  '//evil.example/%2e%2e',
  '///evil.example',
  '////evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/\\/evil.example',
  '/..//evil.example',
  '/../..//evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  '/a/../..//evil.example',
  '/%2e%2e//evil.example',
  '/%2e//evil.example',
  '/%5cevil.example',
  '/%5Cevil.example',
  '/%2fevil.example',
  '/%2F/evil.example',
  '/a/../%2f/evil.example',
  '/\tevil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/ /evil.example',
  '/\u0000/evil.example',
  '/a\r\nSet-Cookie: x=1',
  '/a\nLocation: //evil.example',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'evil.example',
  '@evil.example',
  'http://127.0.0.1@evil.example/',
  '/／evil.example',
  '/\u3002evil.example',
  '',
  '#',
  '?',
  '/;@evil.example',
  '/@evil.example',
  '/a?//evil.example',
  '/a#//evil.example',
];

/** A path of this site, whichever way a browser reads it, and after one more decoding, too. */
function expectLocal(location: string | undefined, given: unknown): void {
  const what = [given, location];
  expect([...what, typeof location]).toEqual([...what, 'string']);
  expect([...what, /^\/(?![/\\])[\x21-\x7e]*$/.test(location!)]).toEqual([...what, true]);
  const local = (path: string): boolean => new URL(path, 'http://acme.test').host === 'acme.test';
  expect([...what, local(location!)]).toEqual([...what, true]);
  const decoded = location!.replace(/%2f/gi, '/').replace(/%5c/gi, '\\').replace(/%2e/gi, '.');
  expect([...what, local(decoded)]).toEqual([...what, true]);
}

for (const road of ROADS) {
  test(`[S118] [S120] a returnTo that the app kept leads to a path of this site only (${road.name})`, async () => {
    for (const returnTo of [
      ...ASTRAY,
      7,
      null,
      true,
      ['//evil.example'],
      { href: '//evil.example' },
    ]) {
      const app = await start();
      const agent = app.agent();
      const code = await pending(app, agent);
      await agent.post('/plant').send({ returnTo }).expect(200);
      const headers = {
        accept: 'text/html',
        'content-type': form,
        'sec-fetch-site': 'same-origin',
      };
      const request: RawRequest = {
        method: 'POST',
        path: road.path,
        cookie: cookieFrom(agent),
        headers,
      };
      const answer = await raw(app.url, { ...request, body: `code=${code}` });
      expect([302, 303]).toContain(answer.status);
      expectLocal(/^location: (.*)$/im.exec(answer.headers)?.[1], returnTo);
      expect(answer.headers.match(/^location:/gim)).toHaveLength(1);
      expect(answer.headers).not.toMatch(/^set-cookie: x=1/im);
      const cookie = cookieSetBy(answer);
      expect(await stored(app.store, cookie!)).not.toHaveProperty('returnTo');
      await app.close();
    }
  });

  test(`[S118] [S120] what the gate remembers leads to a path of this site only (${road.name})`, async () => {
    const app = await start({ factor: { limits: MANY_TEXTS } });
    const host = app.url.slice('http://'.length);
    // As far as they can be sent as a target of a request at all.
    const sendable = ASTRAY.filter((path) => /^[\x21-\x7e]+$/.test(path) && !path.startsWith('#'));
    const targets = [...sendable, `http://${host}/secret`, 'http://evil.example/secret'];
    for (const path of targets) {
      const agent = app.agent();
      await signIn(agent);
      const headers = { accept: 'text/html' };
      const turned = await raw(app.url, { path, cookie: cookieFrom(agent), headers });
      // Not HTTP, or the home page, which stands before the gate.
      if (turned.status === 400 || turned.body === 'home') continue;
      expect([path, turned.status]).toEqual([path, 302]);
      expect(turned.headers).toMatch(/^location: \/second-factor\/$/im);
      await agent.post(challenge).send({}).expect(202);
      const answer = await agent
        .post(road.path)
        .set({ accept: 'text/html', 'sec-fetch-site': 'same-origin' })
        .type('form')
        .redirects(0)
        .send({ code: newestCode(app) });
      expect([302, 303]).toContain(answer.status);
      expectLocal(answer.headers.location, path);
      await app.clock.advance(10);
    }
  });

  test(`[S118] the way back is the page that the gate interrupted (${road.name})`, async () => {
    const app = await start();
    const agent = htmlAgent(app);
    await agent.post('/login').send({ username: 'A', password: 'right' });
    await agent.get('/enforced?a=1&b=%2Fx').expect(302);
    await agent.post(challenge).type('form').send({}).expect(303);
    const answer = await agent
      .post(road.path)
      .type('form')
      .redirects(0)
      .send({ code: newestCode(app) });
    expect(answer.headers.location).toBe('/enforced?a=1&b=%2Fx');
    expect(await stored(app.store, cookieFrom(agent))).not.toHaveProperty('returnTo');
  });
}

test('[S118] a page whose path only begins like the router’s is a way back as well', async () => {
  const app = await start();
  const browser = htmlAgent(app);
  await signIn(browser);
  await browser.get(`${MOUNT}-help`).expect(302).expect('Location', ROUTER.home);
  await browser.post(challenge).send({}).expect(202);
  const passed = await browser
    .post(ROUTER.verify)
    .send({ code: newestCode(app) })
    .expect(200);
  expect(passed.body).toMatchObject({ returnTo: `${MOUNT}-help` });
});

test('[S119] only the view of a page of moderate length is remembered', async () => {
  const app = await start();
  const remembered = async (request: RawRequest): Promise<unknown> => {
    const agent = app.agent();
    await signIn(agent);
    await raw(app.url, { ...request, cookie: cookieFrom(agent) });
    return (await stored(app.store, cookieFrom(agent)))?.returnTo;
  };
  const accept = 'text/html';
  expect(await remembered({ path: '/secret', headers: { accept } })).toBe('/secret');
  const not: RawRequest[] = [
    { method: 'POST', path: '/enforced', headers: { accept } },
    { method: 'PUT', path: '/enforced', headers: { accept } },
    { method: 'DELETE', path: '/enforced', headers: { accept } },
    { path: '/secret', headers: JSON_ONLY },
    { path: '/api/secret', headers: { accept: '*/*' } },
    { path: '/secret', headers: { accept, 'content-type': 'application/json' } },
    { path: '/second-factor', headers: { accept } },
    { path: ROUTER.home, headers: { accept } },
    { path: '/second-factor/nothing', headers: { accept } },
    { path: `/secret?x=${'a'.repeat(2_048)}`, headers: { accept } },
    { method: 'POST', path: '/enforced', headers: { accept, referer: 'https://evil.example/x' } },
    { method: 'POST', path: '/enforced', headers: { accept, referer: 'nonsense' } },
    {
      method: 'POST',
      path: '/enforced',
      headers: { accept, referer: `${app.url}/second-factor/` },
    },
    {
      method: 'POST',
      path: '/enforced',
      headers: { accept, referer: `${app.url}//evil.example/` },
    },
  ];
  for (const request of not)
    expect([request, await remembered(request)]).toEqual([request, undefined]);
  const referer = `${app.url}/form?x=1`;
  const posted = { method: 'POST', path: '/enforced', headers: { accept, referer } };
  expect(await remembered(posted)).toBe('/form?x=1');
});

test('[S121] the domain in a text is the configured one, whatever host a request names', async () => {
  const hosts: Record<string, string>[] = [
    { host: 'evil.example' },
    { host: 'evil.example:fake@acme.example' },
    { host: 'a@b' },
    { host: 'acme.example #000000' },
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
    { forwarded: 'host=evil.example' },
    { 'x-host': 'evil.example', 'x-forwarded-server': 'evil.example' },
  ];
  for (const trusted of [false, true]) {
    for (const headers of hosts) {
      const app = await start({ before: (each) => each.set('trust proxy', trusted) });
      const agent = app.agent();
      await signIn(agent);
      const request = jsonPost(challenge, cookieFrom(agent), {});
      const answer = await raw(app.url, {
        ...request,
        headers: { ...request.headers, ...headers },
      });
      expect([headers, answer.status]).toEqual([headers, 202]);
      const { body } = app.outbox.last()!;
      expect(body.split('\n').at(-1)).toBe(`@acme.example #${newestCode(app)}`);
      expect(body).not.toContain('evil');
      await app.close();
    }
  }
});

test.each([
  'evil.example #1 ',
  'acme.example ',
  ' acme.example',
  'https://acme.example',
  'acme.example/',
  'acme.example:443',
  'a@acme.example',
  'acme.example#1',
  'acme.example\n@evil.example #000000',
  'acme.example\n',
  'ACME.example',
  'acme',
  '.acme.example',
  'acme.example.',
  'acme..example',
  '-acme.example',
  'acme.example-',
  '192.0.2.1',
  '[::1]',
  'äcme.example',
  'acme_x.example',
  '*.acme.example',
  `${'a'.repeat(63)}.example`,
  '',
  7,
  null,
  ['acme.example'],
])('[S121] the domain %p is refused when the app starts', (domain) => {
  const make = () =>
    createSecondFactor({
      appName: 'Acme',
      domain: domain as string,
      secret: SECRET,
      sessionStore: new session.MemoryStore(),
      sender: outboxSender(),
      enrollments: mapEnrollments(new Map()),
    });
  expect(make).toThrow(TypeError);
  expect(make).toThrow(/domain is .*bare host name/s);
});

/** Every route of the library in many states, as [what, request]. */
async function everyAnswer(app: TestApp) {
  const [none, half, whole] = [app.agent(), app.agent(), app.agent()];
  const code = await pending(app, half, 'A');
  await verified(app, whole, 'B');
  const requests: RawRequest[] = [];
  for (const accept of ['text/html', 'application/json']) {
    for (const agent of [none, half, whole]) {
      const cookie = cookieFrom(agent);
      for (const path of [
        '',
        '/',
        '/challenge',
        '/verify',
        '/enrollment',
        '/nothing',
        '/style.css',
        '/script.js',
      ]) {
        for (const method of ['GET', 'HEAD', 'PUT']) {
          requests.push({ method, path: `/second-factor${path}`, cookie, headers: { accept } });
        }
      }
      for (const path of ['/challenge', '/verify', '/enrollment', '/enrollment/verify']) {
        for (const body of [`code=${wrongCode(code)}&phone=1`, 'code=x', '']) {
          const headers = { accept, 'content-type': form };
          requests.push({ method: 'POST', path: `/second-factor${path}`, cookie, headers, body });
        }
        const headers = { accept, origin: 'https://evil.example' };
        requests.push({ method: 'POST', path: `/second-factor${path}`, cookie, headers, body: '' });
      }
      if (agent !== whole) {
        for (const path of ['/secret', '/enforced', '/transfer']) {
          if (path === '/enforced' && agent === none) continue;
          const method = path === '/transfer' ? 'POST' : 'GET';
          requests.push({ method, path, cookie, headers: { accept } });
        }
      }
    }
  }
  const answers = [];
  for (const request of requests) answers.push({ request, answer: await raw(app.url, request) });
  return { answers, code };
}

test('[S122] [S123] [S155] nothing is cached or framed, no code is in an address, no script is inline', async () => {
  const app = await start();
  const { answers, code } = await everyAnswer(app);
  const statuses = new Set<number>();
  let pages = 0;
  for (const { request, answer } of answers) {
    const what = [request.method, request.path, request.headers?.accept, answer.status];
    const { headers, body } = answer;
    statuses.add(answer.status);
    expect([...what, answer.status < 500]).toEqual([...what, true]);
    expect([...what, /^cache-control: no-store$/im.test(headers)]).toEqual([...what, true]);
    expect([...what, /^referrer-policy: same-origin$/im.test(headers)]).toEqual([...what, true]);
    expect([...what, /^x-content-type-options: nosniff$/im.test(headers)]).toEqual([...what, true]);
    expect(/^location: (.*)$/im.exec(headers)?.[1] ?? '').not.toContain(code);
    if (!/^content-type: text\/html/im.test(headers)) continue;
    pages += 1;
    const policy = /^content-security-policy: (.*)$/im.exec(headers)?.[1] ?? '';
    expect([...what, policy]).toEqual([...what, expect.stringContaining("frame-ancestors 'none'")]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    expect(headers).toMatch(/^x-frame-options: DENY$/im);
    // What `default-src 'self'` allows, and no more.
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:/i);
    for (const [, address] of body.matchAll(/\s(?:src|href|action)="([^"]*)"/g)) {
      expect(address).toMatch(/^\/(?!\/)/);
    }
  }
  expect([...statuses].sort()).toEqual(
    expect.arrayContaining([200, 302, 303, 400, 401, 403, 404, 405]),
  );
  expect(pages).toBeGreaterThan(20);
});

test('[S122] the forms of the pages post; nothing secret is put into an address', async () => {
  const app = await start();
  const agent = htmlAgent(app);
  await agent.post('/login').send({ username: 'A', password: 'right' });
  const look = async (): Promise<void> => {
    const page = (await agent.get('/second-factor/').expect(200)).text;
    const forms = [...page.matchAll(/<form[^>]*>/g)].map(([tag]) => tag);
    expect(forms).not.toEqual([]);
    for (const form of forms) expect(form).toMatch(/method="post"/);
    const code = app.outbox.messages.length === 0 ? 'no code yet' : newestCode(app);
    for (const [, address] of page.matchAll(/\s(?:src|href|action)="([^"]*)"/g)) {
      // The library's own files have their version behind them.
      expect(address?.replace(/\?v=[0-9a-f]{12}$/, '')).not.toMatch(/\?|2065550142/);
      expect(address).not.toContain(code);
    }
  };
  await look();
  const sent = await agent.post(challenge).type('form').send({}).expect(303);
  expect(sent.headers.location).toBe('/second-factor/');
  await look();
  const code = newestCode(app);
  for (const typed of [wrongCode(code), code]) {
    const answer = await agent.post('/second-factor/verify').type('form').send({ code: typed });
    expect(answer.headers.location).toMatch(/^\/(?:second-factor\/)?$/);
  }
  await look();
});

test('[S124] what is broken is told in a fixed form, with nothing of what broke', async () => {
  let broken = 0;
  for (const operation of ['get', 'set', 'destroy'] as const) {
    for (const accept of ['application/json', 'text/html']) {
      for (const k of [1, 2, 3]) {
        for (const path of [ROUTER.verify, challenge, '/own/verify', '/own/challenge', '/secret']) {
          const store = new session.MemoryStore();
          const faults = faultsOf(store);
          const app = await start({ store, before: (each) => each.set('env', 'production') });
          const agent = app.agent();
          const code = await pending(app, agent);
          await app.clock.advance(31);
          const headers = { accept, 'content-type': form };
          const method = path === '/secret' ? 'GET' : 'POST';
          const request = {
            method,
            path,
            cookie: cookieFrom(agent),
            headers,
            body: `code=${code}`,
          };
          faults.fail(operation, k);
          const answer = await raw(app.url, request);
          if (answer.status >= 500) {
            broken += 1;
            expectFixedForm(answer);
          }
          expect(answer.headers + answer.body).not.toMatch(
            /10\.0\.0\.7|fault of the test|node_modules|lib\//,
          );
          await app.close();
        }
      }
    }
  }
  expect(broken).toBeGreaterThan(30);
});

function expectFixedForm({ status, headers, body }: Awaited<ReturnType<typeof raw>>): void {
  if (/^content-type: application\/problem\+json/im.test(headers)) {
    const problem = JSON.parse(body) as Record<string, unknown>;
    expect(Object.keys(problem).sort()).toEqual(['code', 'detail', 'status', 'title', 'type']);
    expect(problem).toMatchObject({
      type: 'urn:passport-sms-2fa:store_unavailable',
      status: 503,
      code: 'store_unavailable',
      detail: "We can't check this right now. Try again in a moment.",
    });
    return;
  }
  // The library's page, or Express's own where the app's session middleware or Passport failed.
  expect(body).toMatch(
    /Temporarily unavailable|<pre>(Service Unavailable|Internal Server Error)<\/pre>/,
  );
  expect([500, 503]).toContain(status);
}

test.each([
  ['an error of its own', () => new Error('secret key sk_live_1 was refused by 10.0.0.7'), 502],
  ['no error at all', () => 'sk_live_1 10.0.0.7', 502],
  [
    'an error of the library',
    () =>
      new SecondFactorError('delivery_failed', 'carrier said sk_live_1', { reason: 'rejected' }),
    502,
  ],
  [
    'a phone that has opted out',
    () => new SecondFactorError('phone_opted_out', 'carrier said sk_live_1', { refused: true }),
    409,
  ],
])('[S124] a sender that fails with %s is not quoted', async (_name, fail, status) => {
  const sender = {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- senders may
    send: () => Promise.reject(fail()),
  };
  const app = await start({ factor: { sender }, before: (each) => each.set('env', 'production') });
  for (const path of [challenge, '/own/challenge']) {
    const agent = app.agent();
    await signIn(agent, path === challenge ? 'A' : 'B');
    const answer = await agent.post(path).send({}).expect(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(Object.keys(answer.body as object).sort()).toEqual([
      'code',
      'detail',
      'status',
      'title',
      'type',
    ]);
    expect(answer.text).not.toMatch(/sk_live|10\.0\.0\.7|carrier said/);
  }
});
