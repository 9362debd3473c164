import { enrolled, signIn, startApp, verified } from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { htmlAgent } from '../helpers/web';

const ONE = 'urn:passport-sms-2fa:acr:one-factor';
const TWO = 'urn:passport-sms-2fa:acr:two-factors';

test('[S156] the status says when each factor was passed, and what both amount to', async () => {
  let signedIn = 0;
  const timed = await startApp({
    factor: { enrollmentNeedsFreshLogin: { seconds: 600, signedInAt: () => signedIn } },
  });
  signedIn = timed.clock();
  const agent = timed.agent();
  expect((await agent.get('/status')).body).toEqual({ enrolled: false, verified: false, amr: [] });
  await signIn(agent);
  const signedInAt = new Date(signedIn).toISOString();
  expect((await agent.get('/status')).body).toMatchObject({
    amr: ['pwd'],
    acr: ONE,
    signedInAt,
    authTime: signedInAt,
  });
  await timed.clock.advance(60);
  await verified(timed, agent);
  const { verifiedAt } = (await agent.get('/status')).body;
  expect(new Date(verifiedAt).getTime()).toBeGreaterThan(signedIn);
  const said = { amr: ['pwd', 'sms', 'mfa'], acr: TWO, signedInAt, authTime: verifiedAt };
  expect((await agent.get('/status')).body).toMatchObject(said);
  expect((await agent.get(ROUTER.home)).body).toMatchObject({ ...said, verified: true });
});

test.each<[string, unknown, object]>([
  ['a list', ['hwk', 'user'], { amr: ['hwk', 'user'], acr: ONE }],
  ['nothing known', 'unknown', { amr: [] }],
  ['a function', () => ['fpt'], { amr: ['fpt'], acr: ONE }],
  [
    'a function with a time',
    () => ({ amr: 'password', at: 1_000 }),
    { amr: ['pwd'], acr: ONE, signedInAt: '1970-01-01T00:00:01.000Z' },
  ],
  ['a promise', () => Promise.resolve({ amr: ['hwk'] }), { amr: ['hwk'], acr: ONE }],
  ['a function that knows nothing', () => undefined, { amr: [] }],
  ['a function that claims what is no first factor', () => ['mfa'], { amr: [] }],
  [
    'a function that fails',
    () => {
      throw new Error('away');
    },
    { amr: [] },
  ],
  [
    'a function with a time to come',
    () => ({ amr: ['pwd'], at: 9e15 }),
    { amr: ['pwd'], acr: ONE },
  ],
])('[S156] of a first factor that is %s no more is claimed', async (_what, firstFactor, said) => {
  const own = await startApp({ factor: { firstFactor: firstFactor as never } });
  const agent = own.agent();
  await signIn(agent);
  const { amr, acr, signedInAt } = (await agent.get('/status')).body;
  expect(JSON.parse(JSON.stringify({ amr, acr, signedInAt }))).toEqual(said);
  await verified(own, agent);
  const both = (await agent.get('/status')).body as { amr: string[]; acr: string };
  expect(both.amr.includes('pwd')).toBe(amr.includes('pwd'));
  expect(both.amr.includes('mfa')).toBe(amr.length > 0);
  expect(both.acr).toBe(amr.length > 0 ? TWO : ONE);
});

test('[S156] the function is asked with the user and the request', async () => {
  const own = await startApp({
    factor: {
      firstFactor: ({ username }, req) =>
        req.session.cart === undefined ? [username.toLowerCase()] : ['kba'],
    },
  });
  const agent = own.agent();
  await signIn(agent, 'B');
  expect((await agent.get('/status')).body.amr).toEqual(['b']);
  await agent.post('/cart').send({}).expect(200);
  expect((await agent.get('/status')).body.amr).toEqual(['kba']);
});

test.each<[string, unknown, boolean]>([
  ['by password', 'password', true],
  ['by a key', ['hwk'], false],
  ['each in their own way', () => ['pwd'], false],
])('no page speaks of a password where users sign in %s', async (_how, firstFactor, spoken) => {
  const own = await startApp({
    factor: { firstFactor: firstFactor as never, trustedDevices: { days: 30 } },
  });
  const browser = htmlAgent(own);
  await signIn(browser, 'C');
  const pages = [(await browser.get(ROUTER.home)).text];
  own.enrollments.set('id-of-C', enrolled('+12065550144'));
  pages.push((await browser.get(ROUTER.home)).text);
  const owner = own.agent();
  await verified(own, owner);
  pages.push((await owner.get(ROUTER.home).set('Accept', 'text/html')).text);
  expect(pages[0]).toContain('a code we text to your phone');
  expect(pages[2]).toContain('Turn it off');
  expect(pages.map((page) => /password/i.test(page))).toEqual([spoken, false, spoken]);
});
