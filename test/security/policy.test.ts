import type { EnrollmentOption, SecondFactor } from '../../lib';
import { signIn, startApp, type TestApp, type User } from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { htmlAgent } from '../helpers/web';
import { blocksIn, runBlock } from '../docs/page';

const DAY = 86_400_000;
interface Person extends User {
  role?: string;
  teamId?: string;
  createdAt?: Date;
}

let app: TestApp;
/** C has no phone; the policy of the running app is asked for them. */
let policy: (user: Person) => unknown;
beforeEach(async () => {
  policy = () => 'optional';
  app = await startApp({
    factor: { enrollment: ((user: Person) => policy(user)) as EnrollmentOption<User> },
  });
});

const knock = async (path = '/enforced') => {
  const agent = app.agent();
  await signIn(agent, 'C');
  const { status, body } = await agent.get(path);
  return [status, (body as { code?: string }).code];
};
const OPEN = [200, undefined];
const SHUT = [403, 'enrollment_required'];

test('[S207] before its date the policy lets pass and says the date, from then on it leads to enrollment', async () => {
  const from = app.clock() + 3 * DAY;
  policy = async () => ({ requiredFrom: new Date(from) });
  const agent = app.agent();
  await signIn(agent, 'C');
  await agent.get('/enforced').expect(200);
  // A route of its own asks for a factor all the same.
  await agent.get('/secret').expect(403);
  const said = { enrollmentRequiredFrom: new Date(from).toISOString() };
  expect((await agent.get('/status')).body).toMatchObject(said);
  expect((await agent.get(ROUTER.home)).body).toMatchObject(said);
  const browser = htmlAgent(app);
  await browser.post('/login').send({ username: 'C', password: 'right' });
  const { text } = await browser.get(ROUTER.home);
  expect(text).toContain('will need a phone in 3 days. Until then you can go on without one.');
  expect(text).toContain('Not now');
  await app.clock.advance(2.5 * 86_400);
  expect((await browser.get(ROUTER.home)).text).toContain('in less than a day');
  await app.clock.advance(0.5 * 86_400);
  expect(await knock()).toEqual(SHUT);
  expect((await agent.get('/status')).body).toMatchObject(said);
  await browser.get('/enforced').expect(302).expect('Location', ROUTER.home);
  const late = (await browser.get(ROUTER.home)).text;
  expect(late).not.toContain('Not now');
  expect(late).not.toContain('Until then');
});

test('[S207] who may go on without goes where they wanted; not where the gate sent them from', async () => {
  policy = () => 'optional';
  const browser = htmlAgent(app);
  const notNow = async () => {
    const { text } = await browser.get(ROUTER.home);
    return /<a href="([^"]*)">Not now/.exec(text)?.[1];
  };
  // Asked for before the sign-in; the app leads to the page of the phone after it.
  await browser.get('/secret?page=2').set('Sec-Fetch-Site', 'none').expect(302);
  await browser.post('/login-keeping').send({ username: 'C', password: 'right' });
  expect(await notNow()).toBe('/secret?page=2');
  await browser.get('/secret').expect(302).expect('Location', ROUTER.home);
  expect(await notNow()).toBeUndefined();
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a boolean', true],
  ['another word', 'always'],
  ['a date as it is', new Date()],
  ['a date that is none', { requiredFrom: new Date(NaN) }],
  [
    'a date that has no time',
    { requiredFrom: Object.assign(new Date(), { getTime: () => Infinity }) },
  ],
  ['a date as a text', { requiredFrom: '2027-01-01' }],
  ['a promise of none', Promise.resolve('no')],
])('[S207] a policy that answers %s opens nothing', async (_name, answer) => {
  policy = () => answer;
  expect((await knock())[0]).toBe(500);
  const agent = app.agent();
  await signIn(agent, 'C');
  expect((await agent.get('/status')).status).toBe(500);
});

test('[S207] a moment that no calendar has a page for is none to tell', async () => {
  policy = () => ({ requiredFrom: new Date(8.64e15) });
  expect((await knock())[0]).toBe(200);
  const agent = app.agent();
  await signIn(agent, 'C');
  const status = await agent.get('/second-factor/').set('Accept', 'application/json').expect(200);
  expect(status.body.enrollmentRequiredFrom).toBeUndefined();
  const page = await agent.get('/second-factor/').set('Accept', 'text/html').expect(200);
  expect(page.text).not.toMatch(/\d days/);
});

test('[S207] a policy that fails opens nothing; who has a factor is not asked about', async () => {
  const asked = jest.fn(() => {
    throw new Error('the teams are away');
  });
  policy = asked;
  expect(await knock()).toEqual([503, 'store_unavailable']);
  policy = () => Promise.reject(new Error('the teams are away'));
  expect(await knock()).toEqual([503, 'store_unavailable']);
  asked.mockClear();
  const agent = app.agent();
  await signIn(agent, 'A');
  expect((await agent.get('/enforced')).body).toMatchObject({ code: 'second_factor_required' });
  expect(asked).not.toHaveBeenCalled();
});

test('[S207] who has passed a factor of the app, or has one, is told no date', async () => {
  await app.close();
  app = await startApp({
    factor: {
      enrollment: () => ({ requiredFrom: new Date(app.clock() + DAY) }),
      hasOwnFactor: () => true,
    },
  });
  const agent = app.agent();
  await signIn(agent, 'C');
  expect((await agent.get('/status')).body).not.toHaveProperty('enrollmentRequiredFrom');
});

describe('docs/policy.md', () => {
  const [roles = '', teams = '', newUsers = '', grace = '', report = ''] = blocksIn(
    'policy.md',
    'js',
  );
  const TEAMS = { find: async (id: string) => ({ secondFactor: id === 'strict' }) };
  const run = (block: string, words: Record<string, unknown> = {}) => {
    const names = Object.keys(words).map((name) => `import { ${name} } from 'app';\n`);
    return runBlock('policy.md', names.join('') + block, { app: words });
  };
  const of = (block: string) =>
    run(block, { teams: TEAMS }).enrollment as (user: Partial<Person>) => unknown;
  const at = (time: string) => ({ createdAt: new Date(time) });

  test.each([
    ['roles', roles, { role: 'admin' }, SHUT],
    ['roles', roles, { role: 'customer' }, OPEN],
    ['teams', teams, { teamId: 'strict' }, SHUT],
    ['teams', teams, { teamId: 'easy' }, OPEN],
    ['new users', newUsers, at('2027-01-01T00:00:00Z'), SHUT],
    ['new users', newUsers, at('2026-12-31T23:59:59Z'), OPEN],
  ])('[S207] %s', async (_name, block, facts, expected) => {
    policy = (user) => of(block)({ ...user, ...facts });
    expect(await knock()).toEqual(expected);
  });

  test.each([
    ['2020-05-05T00:00:00Z', '2027-01-15T00:00:00.000Z'],
    ['2027-03-01T12:00:00Z', '2027-03-15T12:00:00.000Z'],
  ])('[S207] a grace after the sign-up of %s ends %s', async (created, end) => {
    policy = (user) => of(grace)({ ...user, ...at(created) });
    app.clock.set(Date.parse(end) - 1);
    expect(await knock()).toEqual(OPEN);
    app.clock.set(Date.parse(end));
    expect(await knock()).toEqual(SHUT);
  });

  test('the report says who has a phone, since when, and who must', async () => {
    policy = (user) =>
      user.role === 'admin' ? 'required' : { requiredFrom: new Date('2999-01-01T00:00:00Z') };
    const { secondFactor }: { secondFactor: SecondFactor } = app;
    const write = run(report, { secondFactor }).report as (users: unknown) => Promise<string[]>;
    const [A, , C] = [...app.users.values()];
    const users = [A, C, { ...C, id: 'of an admin', role: 'admin' }];
    const lines = [
      'id-of-A,true,false,1970-01-01T00:00:00.001Z',
      'id-of-C,false,false,2999-01-01T00:00:00.000Z',
      'of an admin,false,true,',
    ];
    expect(await write(users)).toEqual(lines);
    expect(
      await write(
        (async function* () {
          yield* users;
        })(),
      ),
    ).toEqual(lines);
  });
});

test('a report asks for eight users at once, in their order, and ends where a store fails', async () => {
  let [open, most] = [0, 0];
  policy = async () => {
    most = Math.max(most, (open += 1));
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    return 'required';
  };
  const users = Array.from({ length: 40 }, (_, index) => ({ id: `u${index}` }));
  const found: string[] = [];
  for await (const { userId, missing } of app.secondFactor.admin.list(users)) {
    found.push(userId);
    expect(missing).toBe(true);
  }
  expect(found).toEqual(users.map(({ id }) => id));
  expect(most).toBe(8);
  policy = (user) => (user.id === 'u9' ? 'never' : 'optional');
  const read = async () => {
    for await (const line of app.secondFactor.admin.list(users)) found.push(line.userId);
  };
  await expect(read()).rejects.toMatchObject({ code: 'misconfigured' });
  expect(found).toHaveLength(40 + 9);
  for (const none of [undefined, 'u1', 7, {}]) {
    expect(() => app.secondFactor.admin.list(none as never)).toThrow(/Give a list of users/);
  }
});
