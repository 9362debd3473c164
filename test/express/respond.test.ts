import type { Express, NextFunction, Request, Response } from 'express';
import { createSecondFactor, type OnRefused } from '../../lib';
import { fewestOptions, signIn, startApp, type Agent } from '../helpers/app';
import { OWN, ROUTER } from '../helpers/paths';
import { htmlAgent } from '../helpers/web';

let warned: string[];
beforeEach(() => {
  warned = [];
  jest.spyOn(process, 'emitWarning').mockImplementation((message) => {
    warned.push(String(message));
  });
});
afterEach(() => jest.restoreAllMocks());

const start = (onRefused: OnRefused) =>
  startApp({
    factor: { onRefused },
    after: (app: Express) => {
      app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
        res.status(res.statusCode === 200 ? 418 : 500).json({ handled: error.message });
      });
    },
  });

const envelope: OnRefused = (_req, res: Response, problem) => {
  res.json({ error: { code: problem.code, said: problem.status } });
};

/** Every place that answers an API client, what is asked there, and what it is refused with. */
const PLACES: [string, string, (agent: Agent) => Promise<{ status: number; body: unknown }>][] = [
  ['require()', 'second_factor_required', async (agent) => agent.get('/secret')],
  ['enforce()', 'second_factor_required', async (agent) => agent.get('/enforced')],
  ['challenge()', 'cross_site_request', async (agent) => crossSite(agent, OWN.challenge)],
  ['a post to the router', 'code_malformed', async (agent) => agent.post(ROUTER.verify).send({})],
  ['its guard', 'cross_site_request', async (agent) => crossSite(agent, ROUTER.challenge)],
  ['its other methods', 'method_not_allowed', async (agent) => agent.put(ROUTER.challenge)],
  ['its other paths', 'not_found', async (agent) => agent.get(`${ROUTER.challenge}/none`)],
  ['what it shows', 'challenge_expired', async (agent) => agent.get(ROUTER.challenge)],
];

async function crossSite(agent: Agent, path: string) {
  return agent.post(path).set('Sec-Fetch-Site', 'cross-site').send({});
}

test.each(PLACES)('onRefused answers API clients instead of %s', async (_name, code, ask) => {
  const app = await start(envelope);
  const agent = app.agent();
  await signIn(agent);
  const { status, body } = await ask(agent);
  expect([status, body]).toEqual([status, { error: { code, said: status } }]);
  expect(status).toBeGreaterThanOrEqual(400);
});

test.each(PLACES)('next() lets nobody pass at %s; next(error) is for the app', async (...row) => {
  const [, code, ask] = row;
  const given: unknown[] = [undefined, null, 'route', 'router', '', new Error('own')];
  let turn = 0;
  const app = await start((_req, res: Response, _problem, next) => {
    res.setHeader('X-Half', 'done');
    next(given[turn]);
  });
  const agent = app.agent();
  await signIn(agent);
  for (; turn < given.length - 1; turn += 1) {
    const { status, body } = await ask(agent);
    expect(body).toMatchObject({ code, status });
  }
  expect(await ask(agent)).toMatchObject({ status: 418, body: { handled: 'own' } });
});

test.each<[string, OnRefused]>([
  [
    'throws',
    () => {
      throw new Error('broke');
    },
  ],
  ['rejects', () => Promise.reject(new Error('broke'))],
])('what %s is the 500 problem of the library, and told once', async (_name, onRefused) => {
  const app = await start(onRefused);
  for (let turn = 0; turn < 2; turn += 1) {
    const { body, type } = await app.agent().get('/secret').expect(500);
    expect([type, body]).toEqual([
      'application/problem+json',
      expect.objectContaining({ code: 'misconfigured' }),
    ]);
  }
  expect(warned).toEqual([
    expect.stringMatching(/^passport-sms-2fa: onRefused failed: broke\. Have it answer/),
  ]);
  expect(await app.secondFactor.check()).toContainEqual(
    expect.objectContaining({ check: 'onRefused', state: 'warning' }),
  );
});

test('[S199] what an onRefused that fails says of a number, a code or a key is not told', async () => {
  const app = await start(() => {
    throw new Error('no row of +1 (206) 555-0142\nfor 482913 in c2VjcmV0IG9mIHRoZSBhcHA');
  });
  await app.agent().get('/secret').expect(500);
  const [finding] = await app.secondFactor.check();
  for (const told of [warned.join(), finding?.says]) {
    expect(told).toContain('onRefused failed: no row of +(digits) for (digits) in (hidden)');
  }
});

test('an answer that came before next(), or a throw, is the answer', async () => {
  const app = await start((_req, res: Response, problem, next) => {
    res.json({ own: problem.code });
    next();
    throw new Error('late');
  });
  const answer = await app.agent().get('/secret').expect(401);
  expect(answer.body).toEqual({ own: 'not_authenticated' });
});

test('where nothing is sent within 5 s the library answers, without what was begun', async () => {
  const real = setTimeout;
  jest
    .spyOn(global, 'setTimeout')
    .mockImplementation((work: () => void, wait?: number) =>
      real(work, wait === 5_000 ? 20 : wait),
    );
  const app = await start((_req, res: Response) => {
    res.status(299).setHeader('Content-Encoding', 'gzip');
    res.statusMessage = 'Own words';
  });
  const answer = await app.agent().get('/secret').expect(401);
  const { body, headers } = answer;
  expect(body).toMatchObject({ code: 'not_authenticated' });
  expect(answer).toHaveProperty('res.statusMessage', 'Unauthorized');
  expect(headers).not.toHaveProperty('content-encoding');
  expect(warned).toEqual([
    expect.stringMatching(/^passport-sms-2fa: onRefused sent nothing within 5 s\./),
  ]);
});

test('browsers keep their pages and redirects', async () => {
  const app = await start(envelope);
  const browser = htmlAgent(app);
  await browser.get('/secret').expect(302).expect('Location', '/login');
  await browser.get(`${ROUTER.challenge}/none`).expect(404).expect('Content-Type', /html/);
});

const made = (csp: unknown) =>
  createSecondFactor({
    ...fewestOptions(),
    csp: csp as object,
  });

test('csp adds sources to the policy of the pages, and leaves scripts alone', async () => {
  const app = await startApp({
    factor: {
      csp: {
        styleSrc: ['https://cdn.acme.example/css/'],
        imgSrc: ["'self'", 'data:', '*.acme.example:8443'],
        fontSrc: [],
        connectSrc: ['wss://live.acme.example'],
        frameAncestors: ["'self'", 'https://portal.acme.example'],
      },
    },
  });
  const { headers } = await htmlAgent(app).get(`${ROUTER.challenge}/none`);
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; style-src 'self' https://cdn.acme.example/css/; script-src 'self'; connect-src 'self' wss://live.acme.example; img-src 'self' data: *.acme.example:8443; frame-ancestors 'self' https://portal.acme.example; base-uri 'none'",
  );
  expect(headers).not.toHaveProperty('x-frame-options');
});

test.each(
  ['styleSrc', 'imgSrc', 'fontSrc', 'connectSrc', 'frameAncestors'].flatMap((name) =>
    [
      'https://a.example; script-src *',
      'https://a.example,b.example',
      'https://a.example b.example',
      'https://a.example\n',
      "'unsafe-inline'",
      'unsafe-inline',
      "'unsafe-eval'",
      "'none'",
      "'nonce-abc'",
      '"self"',
      'self',
      '*',
      'https:',
      'javascript:',
      'https://a.example/?x',
      'ftp://a.example',
      '',
      name === 'frameAncestors' ? 'https://a.example/path' : 'https://*.*.example',
    ].map((source) => [name, source]),
  ),
)('csp.%s refuses %j', (name, source) => {
  expect(() => made({ [name]: [source] })).toThrow(`csp.${name}[0] is ${JSON.stringify(source)}. `);
});

test('csp has no form-action and no scripts, and says why', () => {
  expect(() => made({ formAction: ["'self'"] })).toThrow(
    /csp\.formAction is .* on purpose: Chromium holds the redirects after a form to it/,
  );
  expect(() => made({ scriptSrc: ["'self'"] })).toThrow(/csp\.scriptSrc is .* no script can be/);
});
