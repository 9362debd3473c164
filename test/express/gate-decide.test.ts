import type { IncomingMessage } from 'node:http';
import {
  SecondFactorError,
  type DecideOptions,
  type SecondFactor,
  type SecondFactorOptions,
} from '../../lib';
import { admits, decide } from '../../lib/express/gate';
import { enrollmentOf } from '../helpers/core';
import { formPost, gateWorld } from './gate-world';
import { FREE, ROUTER } from '../helpers/paths';
import { newestCode, signIn, startApp, verified, type Agent, type TestApp } from '../helpers/app';
import type { User } from '../helpers/app';

/** The test app with a route that says what `decide()` and `admits()` make of its own request. */
function asked(factor: Partial<SecondFactorOptions<User>> = {}): Promise<TestApp> {
  return startApp({
    factor,
    after: (app, secondFactor) => {
      app.get(FREE.verify, (req, res, next) => {
        const { gate, maxAge, redirectTo } = req.query as Record<string, string>;
        const options = {
          ...(gate === undefined ? {} : { gate: gate as 'enforce' }),
          ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
          ...(redirectTo === undefined ? {} : { redirectTo }),
        };
        secondFactor.decide(req, options).then((decision) => res.json(decision), next);
      });
      app.get(FREE.challenge, (req, res, next) => {
        secondFactor.admits(req).then((admitted) => res.json(admitted), next);
      });
      app.get('/stepped', secondFactor.require({ maxAge: 300 }), (_req, res) => void res.json(1));
    },
  });
}

const ROWS: [string, (app: TestApp, agent: Agent) => Promise<unknown>, object][] = [
  ['nobody', () => Promise.resolve(), {}],
  ['one factor passed', (_app, agent) => signIn(agent), {}],
  ['both passed', (app, agent) => verified(app, agent), {}],
  [
    'both passed, some time ago',
    async (app, agent) => {
      await verified(app, agent);
      await app.clock.advance(400);
    },
    {},
  ],
  ['no factor', (_app, agent) => signIn(agent, 'C'), {}],
  [
    'no factor, where one is required',
    (_app, agent) => signIn(agent, 'C'),
    { enrollment: 'required' },
  ],
  [
    'a factor of the app’s own, not passed',
    (_app, agent) => signIn(agent, 'C'),
    { hasOwnFactor: () => true },
  ],
];

/** What tells a client by a header what to do. To who has passed nothing `enforce()` answered, before the route. */
function saidBeside({ headers }: { headers: Record<string, string> }, maxAge?: number): object {
  const said = headers['www-authenticate'];
  const acr = ', acr_values';
  const asked =
    maxAge === undefined || said?.includes('max_age') === true
      ? said
      : said?.replace(acr, `, max_age="${maxAge}"${acr}`);
  return asked === undefined ? {} : { 'WWW-Authenticate': asked };
}

test.each(ROWS)(
  '[S79] decide says what require would, admits what enforce would: %s',
  async (_name, arrive, factor) => {
    const app = await asked(factor);
    const agent = app.agent();
    await arrive(app, agent);
    for (const [gate, query] of [
      ['/secret', ''],
      ['/stepped', '?maxAge=300'],
    ] as const) {
      const answer = await agent.get(gate);
      // Strangers are for enforce() to let pass, and for require() to stop.
      const decision = (await agent.get(`${FREE.verify}${query}`).expect(200)).body as object;
      if (answer.status === 200) expect(decision).toEqual({ allowed: true });
      else {
        const { status, body: problem } = answer as { status: number; body: { code: string } };
        const redirect = problem.code === 'not_authenticated' ? '/login' : '/second-factor/';
        const headers = saidBeside(answer, query === '' ? undefined : 300);
        expect(decision).toEqual({ allowed: false, status, problem, redirect, headers });
      }
    }
    const enforced = await agent.get('/enforced');
    expect((await agent.get(FREE.challenge)).body).toBe(enforced.status === 200);
    const { body: decision } = await agent.get(`${FREE.verify}?gate=enforce`).expect(200);
    if (enforced.status === 200) expect(decision).toEqual({ allowed: true });
    else {
      const { status, body: problem } = enforced;
      const redirect = '/second-factor/';
      const headers = saidBeside(enforced);
      expect(decision).toEqual({ allowed: false, status, problem, redirect, headers });
    }
  },
);

test('a browser may be sent where decide says, and comes back', async () => {
  const app = await asked();
  const agent = app.agent().set('Accept', 'text/html');
  await signIn(agent);
  const decision = (await agent.get(`${FREE.verify}?redirectTo=/confirm`)).body as object;
  expect(decision).toMatchObject({ allowed: false, redirect: '/confirm' });
  await agent.post(ROUTER.challenge).type('form').send({}).expect(303);
  const code = newestCode(app);
  const back = `${FREE.verify}?redirectTo=/confirm`;
  await agent.post(ROUTER.verify).type('form').send({ code }).expect(303).expect('Location', back);
  // What is allowed is kept by no cache, as behind the gate.
  await agent.get(FREE.verify).expect('Cache-Control', 'no-store').expect({ allowed: true });
});

test('[S134] while a store is away nothing is allowed, and nobody is sent anywhere', async () => {
  const world = gateWorld();
  const away = new SecondFactorError('store_unavailable', 'away');
  jest.spyOn(world.edge.enrollments, 'get').mockRejectedValue(away);
  for (const gate of ['require', 'enforce'] as const) {
    expect(await decide(world.edge, world.request(), { gate })).toEqual({
      allowed: false,
      status: 503,
      problem: expect.objectContaining({ code: 'store_unavailable' }) as object,
      headers: { 'Retry-After': '5' },
    });
  }
  expect(await admits(world.edge, world.request())).toBe(false);
});

test.each<[DecideOptions, string | undefined]>([
  [{}, '/second-factor/'],
  [{ methods: ['sms'] }, '/second-factor/'],
  [{ methods: ['otp', 'sms'] }, '/second-factor/'],
  [{ methods: ['otp'], redirectTo: '/otp' }, '/otp'],
  // No page here asks for what is the app's own.
  [{ methods: ['otp'] }, undefined],
])('[S103] of %j a browser goes to the page that has it: %s', async (options, redirect) => {
  const world = gateWorld();
  world.users.set('A', enrollmentOf());
  const decision = await decide(world.edge, world.request(), options);
  expect(decision).toMatchObject({ allowed: false, status: 401 });
  expect('redirect' in decision).toBe(redirect !== undefined);
  expect(decision).toMatchObject(redirect === undefined ? {} : { redirect });
});

test('of a form only that it was held up is remembered: nothing would send it again', async () => {
  const world = gateWorld();
  const headers = { referer: 'https://acme.example/form' };
  const req = world.request(formPost({ to: 'bob' }, { headers }));
  await world.verify(req, 301);
  expect(await decide(world.edge, req, { maxAge: 300 })).toMatchObject({ allowed: false });
  expect(req.session).toMatchObject({ returnTo: '/form' });
  expect(req.session!.sms2fa).toHaveProperty('interrupted');
  expect(req.session!.sms2fa).not.toHaveProperty('keptPost');
});

test('without a session, or with an option that there is not, they reject', async () => {
  const { secondFactor } = await startApp();
  const req = { headers: {}, method: 'GET' } as IncomingMessage;
  const misconfigured = expect.objectContaining({ code: 'misconfigured' }) as SecondFactorError;
  await expect(secondFactor.decide(req)).rejects.toEqual(misconfigured);
  await expect(secondFactor.admits(req)).rejects.toEqual(misconfigured);
  const wrong = { maxage: 5 } as Parameters<SecondFactor['decide']>[1];
  await expect(secondFactor.decide(req, wrong)).rejects.toThrow(/decide\(\{ maxage \}\) is 5/);
});

test.each([
  [{ gate: 'enforced' }, 'gate', '"enforced"'],
  [{ gate: null }, 'gate', 'null'],
  [{ gate: 'enforce', maxAge: 300 }, 'maxAge', '300'],
  [{ gate: 'enforce', methods: ['sms'] }, 'methods', '["sms"]'],
])('what no gate asks is refused: decide(%j)', async (options, name, shown) => {
  const { secondFactor } = await startApp();
  const decided = secondFactor.decide({} as IncomingMessage, options as DecideOptions);
  await expect(decided).rejects.toThrow(TypeError);
  await expect(
    secondFactor.decide({} as IncomingMessage, options as DecideOptions),
  ).rejects.toThrow(`passport-sms-2fa: decide({ ${name} }) is ${shown}. `);
});
