import express, { type Express, type Request, type Response } from 'express';
import passport from 'passport';
import {
  codeIn,
  newestCode,
  pending,
  signIn,
  startApp as start,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
} from '../helpers/app';
import { LONG } from '../helpers/long';
import { FREE, ROUTER } from '../helpers/paths';
import { cookieFrom, htmlAgent, JSON_ONLY, knock, ROADS, seeded } from '../helpers/web';
import { jsonPost, raw } from '../helpers/parallel';

const MARKER = 'the secret marker';
const { verify } = ROUTER;

const isIn = (req: Request): boolean => req.isAuthenticated();

test('[S64] a pending session gets no further on any route that asks isAuthenticated only', async () => {
  const app = await start({
    after: (each) => {
      const guard = (req: Request, res: Response, next: () => void): void => {
        if (isIn(req)) next();
        else res.status(401).send('sign in');
      };
      const answer = (_req: Request, res: Response): void => void res.send(MARKER);
      for (const path of ['/account', '/mail', '/files/:id', '/admin'])
        each.get(path, guard, answer);
      each.post('/settings', guard, answer);
      each.put('/settings', guard, answer);
      each.delete('/files/:id', guard, answer);
      each.patch('/profile', guard, answer);
      each.use('/area', guard, answer);
      each.all('/any', (req, res) => void res.send(req.user === undefined ? 'nobody' : MARKER));
    },
  });
  const agent = app.agent();
  await pending(app, agent);
  const cookie = cookieFrom(agent);
  const routes: [string, string][] = [
    ['GET', '/account'],
    ['GET', '/mail'],
    ['GET', '/files/1'],
    ['GET', '/admin'],
    ['POST', '/settings'],
    ['PUT', '/settings'],
    ['DELETE', '/files/1'],
    ['PATCH', '/profile'],
    ['GET', '/area/51'],
    ['POST', '/any'],
    ['GET', '/nowhere'],
  ];
  for (const [method, path] of routes) {
    for (const accept of ['text/html', 'application/json', '*/*']) {
      const answer = await raw(app.url, { method, path, cookie, headers: { accept } });
      expect([method, path, accept, [401, 302, 303].includes(answer.status)]).toEqual([
        method,
        path,
        accept,
        true,
      ]);
      expect(answer.body).not.toContain(MARKER);
    }
  }
  expect(await knock(app, cookie, '/open')).toBe(200);
  await agent
    .post(verify)
    .send({ code: newestCode(app) })
    .expect(200);
  for (const [method, path] of routes.slice(0, 10)) {
    const answer = await raw(app.url, { method, path, cookie: cookieFrom(agent) });
    expect([method, path, answer.body]).toEqual([method, path, MARKER]);
  }
});

test('[S65] no way of writing a path gets a pending session past the gate', async () => {
  const app = await start({
    before: (each) => {
      // A rewrite, as proxies and old apps do it: the path as it was sent differs from the route.
      each.use((req, _res, next) => {
        const target = req.headers['x-rewrite'];
        if (typeof target === 'string') req.url = target;
        next();
      });
    },
    after: (each) => {
      const sub = express();
      sub.get(['/secret', '/open', '/open/secret'], (_req, res) => void res.send(MARKER));
      each.use('/sub', sub);
      each.use('/open', sub);
      each.get('/deep/*splat', (_req, res) => void res.send(MARKER));
      each.use(express.static(__dirname));
    },
  });
  const agent = app.agent();
  await pending(app, agent);
  const cookie = cookieFrom(agent);
  const host = app.url.slice('http://'.length);
  const paths = [
    '/second-factor/verify/../../secret',
    '/second-factor/../secret',
    '/second-factor/%2e%2e/secret',
    '/second-factor/verify/..%2f..%2fsecret',
    '/second-factor/verify%2f..%2f..%2fsecret',
    '/%2f..%2fsecret',
    '%2f..%2fsecret',
    '/open/../secret',
    '/open/..%2fsecret',
    '/open%2f..%2fsecret',
    '/open%2f..%2f..%2fsecret',
    '/open/%2e%2e/secret',
    '/open/./../secret',
    '/open/..;/secret',
    '/open;/secret',
    '/open;/../secret',
    '/open/secret',
    '/open/open',
    '/open//secret',
    '/open/',
    '/open//',
    '//open',
    '/./open',
    '/OPEN/secret',
    '/open%00/secret',
    '/open%20',
    '/open\\..\\secret',
    '\\secret',
    '//secret',
    '///secret',
    '/SECRET',
    '/Secret',
    '/secret/',
    '/secret//',
    '/secret;x=1',
    '/secret?x=/open',
    '/secret?/open',
    '/secret?x=/second-factor/verify',
    '/secret#/open',
    '/secret/%2e',
    '/%73ecret',
    '/s%65cret',
    '/secret%20',
    '/secret%09',
    '/secret.json',
    '/secret..',
    '/api//secret',
    '/api/secret/',
    '/API/SECRET',
    '/api/%73ecret',
    '/enforced/',
    '/ENFORCED',
    '/enforced?x',
    '/sub/secret',
    '/sub/open',
    '/sub/open/secret',
    '/SUB/secret',
    '/deep/secret',
    '/deep/../secret',
    `http://${host}/secret`,
    `http://${host}/open`,
    `http://${host}/open/../secret`,
    `http://${host}/enforced?x=/open`,
    'http://evil.example/secret',
    'http://evil.example/open',
    '//evil.example/secret',
    '//open/secret',
    'http://open/secret',
  ];
  // Not even as a path that a rewrite makes of an allowed one, or the other way round.
  const rewritten: [string, string][] = [
    ['/open', '/secret'],
    ['/open', '/enforced'],
    ['/open', '/sub/secret'],
    ['/secret', '/open'],
    ['/enforced', '/open'],
  ];
  const targets = [
    ...paths.map((path) => ({ path, headers: {} })),
    ...rewritten.map(([path, to]) => ({ path, headers: { 'x-rewrite': to } })),
  ];
  for (const method of ['GET', 'HEAD', 'POST']) {
    for (const accept of ['application/json', 'text/html']) {
      for (const { path, headers } of targets) {
        const answer = await raw(app.url, {
          method,
          path,
          cookie,
          headers: { accept, ...headers },
        });
        expect([method, path, headers, answer.status === 200]).toEqual([
          method,
          path,
          headers,
          false,
        ]);
        expect(answer.status).toBeLessThan(500);
        expect(answer.body).not.toContain(MARKER);
      }
    }
  }
  expect(await knock(app, cookie, '/open')).toBe(200);
  expect(await knock(app, cookie, '/open?x=1')).toBe(200);
  // express-session gives no session to a target that is no path; then nothing is open, either.
  for (const path of ['*', 'secret', '?/secret']) {
    const answer = await raw(app.url, { path, cookie, headers: JSON_ONLY });
    expect([path, answer.status]).not.toEqual([path, 200]);
    expect(answer.body).not.toContain(MARKER);
  }
  const whole = app.agent();
  await verified(app, whole, 'B');
  for (const path of ['/SECRET', '/sub/secret', '/deep/x', `http://${host}/secret`]) {
    expect(await knock(app, cookieFrom(whole), path)).toBe(200);
  }
});

test('[S77] a pending browser is sent to the challenge, with nothing of the page and nothing to cache', async () => {
  const app = await start();
  const agent = htmlAgent(app);
  await agent.post('/login').send({ username: 'A', password: 'right' }).expect(200);
  for (const path of ['/secret', '/api/secret', '/enforced']) {
    const answer = await agent.get(path).expect(302);
    expect(answer.headers.location).toBe(ROUTER.home);
    expect(answer.text).not.toContain(MARKER);
    expect(answer.headers['cache-control']).toBe('no-store');
  }
  const post = await agent.post('/enforced').type('form').send({ x: 1 }).expect(303);
  expect(post.headers.location).toBe(ROUTER.home);
});

test('[S77] the browser cannot show the page again from its cache after logout', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  const answer = await agent.get('/secret').expect(200);
  expect(answer.headers['cache-control']).toBe('no-store');
  await agent.post('/logout').expect(200);
  const after = await agent.get('/secret').set('If-None-Match', answer.headers.etag!).expect(401);
  expect(after.text).not.toContain(MARKER);
});

test('[S78] API clients get a problem document, whatever the method, and no redirect', async () => {
  const app = await start();
  const agent = app.agent();
  await pending(app, agent);
  const cookie = cookieFrom(agent);
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND']) {
    for (const path of ['/api/secret', '/enforced', '/api/nothing']) {
      for (const headers of [
        { accept: 'application/json' },
        { accept: 'application/problem+json, application/json' },
        { accept: '*/*' },
        { accept: 'text/html', 'content-type': 'application/json' },
        { 'x-requested-with': 'XMLHttpRequest', accept: 'application/json, text/javascript, */*' },
        {},
      ]) {
        const answer = await raw(app.url, { method, path, cookie, headers });
        expect([method, path, headers, answer.status]).toEqual([method, path, headers, 401]);
        expect(answer.headers).not.toMatch(/^location:/im);
        if (method === 'HEAD') continue;
        expect(answer.headers).toMatch(/^content-type: application\/problem\+json/im);
        expect(JSON.parse(answer.body)).toMatchObject({
          status: 401,
          code: 'second_factor_required',
        });
      }
    }
  }
});

test('[S84] none of two hundred names that promise to skip the second factor does', async () => {
  const app = await start();
  const agent = app.agent();
  await pending(app, agent);
  const cookie = cookieFrom(agent);
  const verbs = ['skip', 'bypass', 'disable', 'no', 'without', 'trusted', 'verified', 'passed'];
  const nouns = ['2fa', 'mfa', 'otp', 'tfa', 'sms', 'second-factor', 'challenge', 'code', 'auth'];
  const joined = verbs.flatMap((verb) =>
    nouns.flatMap((noun) => [`${verb}-${noun}`, `${verb}_${noun}`, `${noun}_${verb}`]),
  );
  const single = ['debug', 'test', 'admin', 'internal', 'otprequired', 'mfa', 'sms2fa', 'mark'];
  const names = [
    ...joined,
    ...single,
    'verified',
    'isVerified',
    'trustDevice',
    'remember',
    '__proto__',
  ];
  expect(names.length).toBeGreaterThan(200);
  const closed = [401];
  for (const [index, name] of names.entries()) {
    const value = ['1', 'true', 'false', 'yes', '{"verified":true}'][index % 5]!;
    const [byName, sent] = [encodeURIComponent(name), encodeURIComponent(value)];
    const tries = [
      { path: `/secret?${byName}=${sent}`, cookie },
      { path: '/secret', cookie, headers: { [`x-${name}`]: value, [name]: value } },
      { path: '/secret', cookie: `${cookie}; ${name}=${sent}` },
      jsonPost('/enforced', cookie, { [name]: value === 'true' ? true : value }),
      jsonPost('/transfer', cookie, { [name]: true }),
    ];
    for (const request of tries) {
      const headers = { ...JSON_ONLY, ...request.headers };
      const answer = await raw(app.url, { ...request, headers });
      expect([name, request.path, closed.includes(answer.status)]).toEqual([
        name,
        request.path,
        true,
      ]);
    }
    const trying = jsonPost(`${verify}?${byName}=${sent}`, cookie, { [name]: true });
    // Many malformed requests from one address may be told to wait.
    expect([400, 429]).toContain((await raw(app.url, trying)).status);
  }
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', 'localhost']) {
    for (const header of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'cf-connecting-ip']) {
      const headers = { ...JSON_ONLY, [header]: address };
      expect((await raw(app.url, { path: '/secret', cookie, headers })).status).toBe(401);
    }
  }
  expect(await knock(app, cookie)).toBe(401);
});

for (const road of ROADS) {
  test(`[S85] a right code does not stand in for the password (${road.name})`, async () => {
    const app = await start();
    const owner = app.agent();
    const code = await pending(app, owner);
    const stranger = app.agent();
    const bodies = [
      { code },
      { code, userId: 'id-of-A' },
      { code, user: { id: 'id-of-A' } },
      { code, username: 'A', email: 'a@acme.example' },
      { code, sessionId: cookieFrom(owner) },
    ];
    for (const body of bodies) {
      const answer = await stranger.post(road.path).send(body);
      expect(road.passed(answer)).toBe(false);
      if (road.name === 'router') expect(answer.body.code).toBe('not_authenticated');
      await stranger.get('/secret').expect(401);
    }
    // Nor does a sign-in with a wrong password and the right code.
    await stranger.post('/login').send({ username: 'A', password: 'wrong', code }).expect(401);
    await stranger.get('/secret').expect(401);
    // The code is still there for its owner.
    expect(road.passed(await owner.post(road.path).send({ code }))).toBe(true);
  });

  test(`[S86] ids that the client names never change whose second factor is asked (${road.name})`, async () => {
    const app = await start({
      after: (each) => {
        each.get('/whoami', (req, res) => void res.json({ id: (req.user as { id?: string }).id }));
      },
    });
    const [ua1, ua2] = [app.agent(), app.agent()];
    const codeOfA = await pending(app, ua1, 'A');
    const codeOfB = await pending(app, ua2, 'B');
    const named = (name: string): object => ({
      userId: `id-of-${name}`,
      user: `id-of-${name}`,
      username: name,
      challengeId: 'x',
      sessionID: cookieFrom(name === 'A' ? ua1 : ua2),
      token: 'x',
      phone: '+12065550143',
      purpose: 'sign-in',
    });
    // B's own code with A's session, and A's code with B's session, whatever the ids say.
    for (const [agent, code, name] of [
      [ua1, codeOfB, 'B'],
      [ua2, codeOfA, 'A'],
    ] as const) {
      expect(road.passed(await agent.post(road.path).send({ code, ...named(name) }))).toBe(false);
      expect(await knock(app, cookieFrom(agent))).toBe(401);
    }
    const mixed = await ua1.post(road.path).send({ code: codeOfA, ...named('B') });
    expect(road.passed(mixed)).toBe(true);
    expect((await ua1.get('/whoami').expect(200)).body).toEqual({ id: 'id-of-A' });
    expect(await knock(app, cookieFrom(ua2))).toBe(401);
  });

  test(`[S86] a challenge serves the user it was opened for, even in the same session (${road.name})`, async () => {
    const app = await start();
    // The same phone and epochs: only the user id tells the two apart.
    app.enrollments.set('id-of-B', { ...app.enrollments.get('id-of-A')! });
    const agent = app.agent();
    const code = await pending(app, agent, 'A');
    await agent
      .post('/plant')
      .send({ passport: { user: 'B' } })
      .expect(200);
    expect(road.passed(await agent.post(road.path).send({ code }))).toBe(false);
    await agent.get('/secret').expect(401);
    expect((await agent.get('/second-factor').expect(200)).body.challenge).toBeUndefined();
  });

  test(`[S88] an answer that a client pretends to have had opens nothing (${road.name})`, async () => {
    const app = await start();
    const agent = app.agent();
    const code = await pending(app, agent);
    const answer = await agent.post(road.path).send({ code: wrongCode(code), verified: true });
    expect(road.passed(answer)).toBe(false);
    const cookie = `${cookieFrom(agent)}; verified=true; mfa=1`;
    const pretended = { ...JSON_ONLY, 'x-verified': 'true', referer: `${app.url}${verify}` };
    const paths = ['/secret?verified=true', '/secret', '/enforced?returnTo=/'];
    for (const path of paths) {
      expect((await raw(app.url, { path, cookie, headers: pretended })).status).toBe(401);
    }
    expect((await agent.get('/status')).body.verified).toBe(false);
  });

  test(`[S87] a code before a text, and the same code twice, are refused without a crash (${road.name})`, async () => {
    const app = await start();
    const agent = app.agent();
    await signIn(agent);
    expect(road.passed(await agent.post(road.path).send({ code: '123456' }))).toBe(false);
    await agent.post(ROUTER.confirm).send({ code: '123456' }).expect(403);
    await agent.post(ROUTER.challenge).send({}).expect(202);
    const code = newestCode(app);
    expect(road.passed(await agent.post(road.path).send({ code }))).toBe(true);
    // For ten seconds it would be the second click of a double click.
    await app.clock.advance(10);
    expect(road.passed(await agent.post(road.path).send({ code }))).toBe(false);
    await agent.get('/secret').expect(200);
    const fresh = app.agent();
    await signIn(fresh, 'C');
    for (const path of [road.path, ROUTER.confirm]) {
      const answer = await fresh.post(path).send({ code: '123456' });
      expect(answer.status).toBeLessThan(500);
      expect(road.passed(answer)).toBe(false);
    }
    await fresh.post(ROUTER.challenge).send({}).expect(403);
  });
}

test('[S87] on random walks over everything nothing crashes and only a right code opens the gate', async () => {
  let opened = 0;
  const seeds = LONG ? [1, 2, 3, 4, 5, 6, 7, 8] : [1, 2];
  for (const seed of seeds) opened += await walk(seed, 150);
  // The walks did get somewhere.
  expect(opened).toBeGreaterThan(seeds.length);
});

interface Walker {
  agent: Agent;
  user: string | undefined;
  /** Whether a right code was accepted in this session since its password. */
  passed: boolean;
}

async function walk(seed: number, steps: number): Promise<number> {
  const app = await start();
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const walkers: Walker[] = [1, 2].map(() => ({
    agent: app.agent(),
    user: undefined,
    passed: false,
  }));
  const codes = (): string[] => app.outbox.messages.map(({ body }) => codeIn(body)).slice(-4);
  let opened = 0;
  for (let step = 0; step < steps; step += 1) {
    const walker = pick(walkers);
    const { agent } = walker;
    const to = app.enrollments.get(`id-of-${walker.user ?? 'nobody'}`)?.phone;
    const texted = app.outbox.messages
      .filter((text) => text.to === to)
      .map(({ body }) => codeIn(body));
    const right = texted.at(-1) ?? '314159';
    const code = pick([
      right,
      right,
      right,
      right,
      ...codes(),
      wrongCode(right),
      '000000',
      '12',
      '',
    ]);
    const act = pick([
      'login', 'send', 'send', 'send', 'verify', 'verify', 'verify', 'strategy', 'strategy',
      'enroll', 'confirm', 'remove', 'logout', 'clock', 'clock', 'status', 'page', 'gate',
    ] as const); // prettier-ignore
    const what = `seed ${seed}, step ${step}: ${act} as ${walker.user ?? 'nobody'}`;
    let status = 0;
    if (act === 'login') {
      const user = pick(['A', 'B', 'C']);
      status = (
        await agent
          .post(pick(['/login', '/login-keeping']))
          .send({ username: user, password: 'right' })
      ).status;
      Object.assign(walker, { user, passed: false });
    } else if (act === 'send') {
      status = (await agent.post(pick([ROUTER.challenge, '/own/challenge'])).send({})).status;
    } else if (act === 'verify' || act === 'strategy') {
      const road = ROADS[act === 'verify' ? 0 : 1]!;
      const answer = await agent.post(road.path).send({ code });
      status = answer.status;
      if (road.passed(answer)) {
        expect([what, texted.includes(code)]).toEqual([what, true]);
        walker.passed = true;
        opened += 1;
      }
    } else if (act === 'enroll') {
      const phone = pick(['+12065550177', '+12065550142', 'x', '+447911123456']);
      status = (await agent.post(ROUTER.enrollment).send({ phone })).status;
    } else if (act === 'confirm') {
      const sent = pick([code, ...codes()]);
      const answer = await agent.post(ROUTER.confirm).send({ code: sent });
      status = answer.status;
      if (status === 200) {
        expect([what, codes().includes(sent)]).toEqual([what, true]);
        // Another session of the same user may no longer be verified: the factor is a new one.
        for (const other of walkers) if (other.user === walker.user) other.passed = false;
        walker.passed = true;
      }
    } else if (act === 'remove') {
      const answer = await agent.delete(ROUTER.enrollment);
      status = answer.status;
      if (status === 204) {
        for (const other of walkers) if (other.user === walker.user) other.passed = false;
      }
    } else if (act === 'logout') {
      status = (await agent.post('/logout').send({ keep: random() < 0.5 })).status;
      Object.assign(walker, { user: undefined, passed: false });
    } else if (act === 'clock') {
      await app.clock.advance(pick([1, 31, 61, 121]));
    } else if (act === 'status') status = (await agent.get('/second-factor')).status;
    else if (act === 'page') {
      status = (await agent.get(ROUTER.home).set('Accept', 'text/html')).status;
    } else status = (await agent.get('/enforced')).status;
    expect([what, status < 500]).toEqual([what, true]);
    for (const each of walkers) {
      const open = (await each.agent.get('/secret')).status === 200;
      expect([what, each.user, open && !each.passed]).toEqual([what, each.user, false]);
    }
  }
  return opened;
}

test('[S89] only POST verifies; the code stays unused by every other method', async () => {
  const app = await start();
  const agent = app.agent();
  const code = await pending(app, agent);
  const cookie = cookieFrom(agent);
  const json = { ...JSON_ONLY, 'content-type': 'application/json' };
  const body = JSON.stringify({ code });
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    for (const more of [{}, { 'x-http-method-override': 'POST', 'x-http-method': 'POST' }]) {
      const path = `${verify}?code=${code}&_method=POST`;
      const headers = { ...json, ...more };
      const answer = await raw(app.url, { method, path, cookie, headers, body });
      expect([method, answer.status]).toEqual([method, 405]);
      expect(answer.headers).toMatch(/^allow: POST$/im);
      expect(await knock(app, cookie)).toBe(401);
    }
  }
  const query = await raw(app.url, jsonPost(`${verify}?code=${code}`, cookie, {}));
  expect(query.status).toBe(400);
  const overridden = { ...jsonPost(verify, cookie, { code: wrongCode(code) }) };
  Object.assign(overridden.headers!, { 'x-http-method-override': 'GET', 'x-code': code });
  expect((await raw(app.url, overridden)).status).toBe(401);
  await agent.post(verify).send({ code }).expect(200);
});

test('[S89] the strategy verifies by POST only, whatever method its route takes', async () => {
  const app = await start({ after: allMethods });
  const agent = app.agent();
  const code = await pending(app, agent);
  const cookie = cookieFrom(agent);
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) {
    const headers = {
      ...JSON_ONLY,
      'content-type': 'application/json',
      'x-http-method-override': 'POST',
    };
    const body = JSON.stringify({ code });
    const path = `${FREE.verify}?code=${code}`;
    const answer = await raw(app.url, { method, path, cookie, headers, body });
    expect([method, answer.status]).toEqual([method, 405]);
    expect(await knock(app, cookie)).toBe(401);
  }
  const answer = await raw(app.url, jsonPost(`${FREE.verify}?code=${code}`, cookie, {}));
  expect(answer.status).toBe(400);
  expect((await raw(app.url, jsonPost(FREE.verify, cookie, { code }))).status).toBe(200);
});

function allMethods(app: Express, secondFactor: TestApp['secondFactor']): void {
  const authenticator = new passport.Passport();
  authenticator.use(secondFactor.strategy());
  app.all(FREE.verify, authenticator.authenticate('sms-2fa'), (_req, res) => void res.json({}));
}
