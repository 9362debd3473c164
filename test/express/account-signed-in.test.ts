import { CLOCK_SKEW } from '../../lib/core/limits';
import { acrFor, signedInBy } from '../../lib/express/account';
import { START } from '../helpers/core';
import { gateWorld, type GateWorld } from './gate-world';
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

/** How the user of a request signed in, by what the app says, and what the operator is told. */
async function said(settings: object) {
  const world = gateWorld(settings);
  const told = hear(world);
  return { ...(await signedInBy(world.edge, world.request())), told };
}

function hear({ core }: GateWorld): string[][] {
  const told: string[][] = [];
  core.tell = (...line) => void told.push(line);
  return told;
}

const broken = () => {
  throw new Error('away');
};
const CURE = 'Until it answers nothing is claimed of the first factor.';

test('[S156] the operator reads which function of the app’s fails, and what follows', async () => {
  expect(await said({ firstFactor: broken })).toEqual({
    amr: [],
    at: undefined,
    told: [['error', 'firstFactor', `firstFactor failed: away. ${CURE}`]],
  });
  expect(await said({ freshLogin: { seconds: 1, signedInAt: broken } })).toEqual({
    amr: ['pwd'],
    at: undefined,
    told: [['error', 'signedInAt', `signedInAt failed: away. ${CURE}`]],
  });
});

test('[S156] an app that says nothing of when its users sign in is not asked, and no error is told', async () => {
  expect(await said({})).toEqual({ amr: ['pwd'], at: undefined, told: [] });
  // What the first factor says comes before what is asked for a fresh sign-in.
  const signedInAt = jest.fn(() => START - 2);
  const firstFactor = () => ({ amr: ['pwd'], at: START - 1 });
  expect(await said({ firstFactor, freshLogin: { seconds: 1, signedInAt } })).toEqual({
    amr: ['pwd'],
    at: START - 1,
    told: [],
  });
  expect(signedInAt).not.toHaveBeenCalled();
});

test.each([
  [START, START],
  [1, 1],
  [0, undefined],
  [-1, undefined],
  [undefined, undefined],
  [null, undefined],
  ['yesterday', undefined],
  // A clock that differs a little is no lie, and none of its future is told.
  [START + CLOCK_SKEW, START],
  [START + CLOCK_SKEW + 1, undefined],
])('[S156] of a first factor that was passed at %p the time %p is said', async (at, is) => {
  expect(await said({ firstFactor: () => ({ amr: ['pwd'], at }) })).toMatchObject({ at: is });
  expect(await said({ freshLogin: { seconds: 1, signedInAt: () => at } })).toMatchObject({
    at: is,
  });
});

test.each<[unknown, boolean]>([
  ['urn:example:loa-2', true],
  ['x'.repeat(200), true],
  [undefined, true],
  ['', false],
  ['x'.repeat(201), false],
  ['two words', false],
  ['a "quote"', false],
  ['a\\b', false],
  ['é', false],
  [2, false],
  [['urn:a'], false],
  [null, false],
])('what fits into no header is no acr: %p is one, or none: %p', (given, fits) => {
  const world = gateWorld({ acr: () => given });
  // Nor does it need a logger.
  expect(acrFor(world.edge, ['pwd'])).toBe(fits ? given : undefined);
  const told = hear(world);
  expect(acrFor(world.edge, ['pwd'])).toBe(fits ? given : undefined);
  const line =
    'acr gave something that is no value of acr. ' +
    'Give a text of printable ASCII without blanks, quotes and backslashes.';
  expect(told).toEqual(fits ? [] : [['error', 'acr', line]]);
});

test('an acr that fails is told, and none is said; what it does to the list stays its own', () => {
  const world = gateWorld({ acr: broken });
  expect(acrFor(world.edge, ['pwd'])).toBeUndefined();
  const told = hear(world);
  expect(acrFor(world.edge, ['pwd'])).toBeUndefined();
  expect(told).toEqual([['error', 'acr', 'acr failed: away. No acr is said until it answers.']]);
  const amr = ['pwd'];
  const { edge } = gateWorld({ acr: (list: string[]) => list.pop() });
  expect(acrFor(edge, amr)).toBe('pwd');
  expect(amr).toEqual(['pwd']);
});
