import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from '../../lib/cli/run';
import { createSimulator, SIMULATOR_CREDENTIALS } from '../../lib/simulator';
import { account, closeServers, record, TO } from './account';
import { fails, wellSet } from './examine';
import { command, documents, terminal } from './terminal';
import { closeApps } from './webhooks-app';

interface Found {
  state: string;
  says: string;
  cure?: string;
}

interface Gone {
  code: number;
  todo: number;
  /** What was found at a step. */
  at: (title: string) => Found[];
  all: Found[];
  campaign: { samples: string[] } | undefined;
}

async function goLive(env: Record<string, string>, args: string[] = []): Promise<Gone> {
  const { code, out } = await command(['go-live', '--json', ...args], { env });
  const [document] = documents(out) as unknown as [
    { todo: number; steps: { title: string; findings: Found[] }[]; campaign: Gone['campaign'] },
  ];
  const { todo, steps, campaign } = document;
  const at = (title: string) => steps.find((step) => step.title === title)!.findings;
  return { code, todo, at, all: steps.flatMap(({ findings }) => findings), campaign };
}

const states = (found: readonly Found[]): string[] => found.map(({ state }) => state);

afterEach(closeServers);
afterEach(closeApps);

let pages: Server;
let site: string;

beforeAll(async () => {
  pages = createServer((req, res) => {
    res.statusCode = req.url === '/members' ? 403 : 200;
    res.end('These are the terms.');
  });
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
});
afterAll(() => pages.close());

const APP = ['--app-name', 'Acme', '--domain', 'acme.example', '--webhook-path', '/w'];

test('with nothing set up all of it is listed, and the exit code says that something is to do', async () => {
  const { code, out, err } = await command(['go-live']);
  expect(code).toBe(1);
  expect(err).toBe('');
  for (const title of ['1. The account', '4. Callbacks', '6. A first text', '7. The first week']) {
    expect(out).toContain(title);
  }
  expect(out).toMatch(/TODO +FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY are not set/);
  expect(out).toContain('52.88.246.140 and 52.10.220.50');
  expect(out).toMatch(/To do: \d; ok: \d; cannot be checked from here: \d\.\n$/);
});

test('where all is well nothing is to do, and what nobody can see from here is said to be so', async () => {
  const { env } = await wellSet();
  const links = ['--terms', '/terms', '--privacy', '/privacy', '--public-url', env.PUBLIC_URL!];
  const { code, at, todo } = await goLive(env, ['--app-name', 'Acme', ...links]);
  expect(at('The number').map(({ state, says }) => [state, says])).toEqual([
    ['ok', expect.stringContaining('The last text of the from number went out.')],
    ['ok', 'So the number is registered (10DLC).'],
  ]);
  expect(states(at('Callbacks'))).toEqual(['ok', 'ok', ...unseen(2)]);
  expect(states(at('A first text'))).toEqual(['ok']);
  // The app of this test has neither page: they are all that is left.
  expect({ code, todo, pages: states(at('What to fill in').slice(-2)) }).toEqual({
    code: 1,
    todo: 2,
    pages: ['todo', 'todo'],
  });
});

const unseen = (count: number): string[] => Array<string>(count).fill('cannot be checked');

test('callbacks that the account does not know are to do, unless they were set for the number', async () => {
  const { carrier, env } = await wellSet();
  carrier.callbacks.clear();
  const [all] = (await goLive(env)).at('Callbacks');
  expect(all).toMatchObject({
    state: 'todo',
    says: expect.stringContaining(
      'Answers (sms), answers with a picture (mms), receipts (sms_dlr)',
    ),
  });
  const { at } = await goLive(env, ['--only-number']);
  expect(at('Callbacks')[0]!.state).toBe('cannot be checked');
});

test('a first text that no one has sent is to do', async () => {
  const { env } = await account({ messages: [] });
  const { at } = await goLive(env);
  expect(at('A first text')).toEqual([
    expect.objectContaining({ state: 'todo', cure: 'Send one: go-live --to <your phone>.' }),
  ]);
  expect(states(at('The number'))).toEqual(unseen(2));
});

test('the first text is a sample of this app, and what the carrier says of it is told of the number', async () => {
  const delivered = await account({ messages: [record({ status: 'delivered' })] });
  const { at, campaign } = await goLive(delivered.env, [...APP, '--to', TO, '--yes']);
  const sent = JSON.parse(delivered.requests.find(({ method }) => method === 'POST')!.body) as {
    body: string;
  };
  expect(campaign!.samples).toContain(sent.body);
  expect(states([...at('The number'), ...at('A first text')])).toEqual(['ok', 'ok', 'ok']);

  const refused = await account(fails(403, /messages$/));
  const blocked = await goLive(refused.env, [...APP, '--to', TO, '--yes']);
  const found = [...blocked.at('The number'), ...blocked.at('A first text')];
  expect(states(found)).toEqual(['todo', 'todo', 'todo']);
  expect(blocked.at('A first text')[0]!.cure).toContain('10DLC brand and campaign');
});

test('no text goes out without a yes', async () => {
  const { env, requests } = await account();
  const none = await command(['go-live', '--to', TO], { env });
  expect(none).toMatchObject({ code: 1, err: expect.stringContaining('Give --yes') });
  const no = await command(['go-live', '--to', TO], { env, input: ['n'] });
  expect(no.err).toContain('Nothing was sent or checked.');
  expect(requests).toEqual([]);
});

test('of a toll-free number the verification is asked for', async () => {
  const { env } = await account({ numbers: ['18005550100'], messages: [] });
  const { at } = await goLive({ ...env, FLOWROUTE_FROM: '18005550100' });
  expect(at('The number')[1]!.says).toContain('toll-free number is verified');
});

test.each([
  ['/terms', 'ok', '/terms'],
  ['/members', 'todo', 'answers 403'],
  [undefined, 'todo', 'has no address'],
])('the page of the terms at %s is %s', async (path, state, words) => {
  const { env } = await account();
  const terms = path === undefined ? [] : ['--terms', path];
  const { at } = await goLive({ ...env, PUBLIC_URL: site }, [...APP, ...terms]);
  const found = at('What to fill in').find(({ says }) => says.includes('terms'));
  expect(found).toMatchObject({ state, says: expect.stringContaining(words) });
});

test('what goes into the form stands there as the app has it', async () => {
  const { env } = await account();
  const args = [...APP, '--code-length', '8', '--support', 'https://acme.example/help'];
  const { out } = await command(['go-live', ...args], { env: { ...env, PUBLIC_URL: site } });
  expect(out).toContain('12345678 is your Acme sign-in code. Expires in 5 min.');
  expect(out).toContain('@acme.example #12345678');
  expect(out).toContain('Help: acme.example/help');
  expect(out).toContain(`type their number in at ${site}/second-factor`);
  expect(out).toMatch(/Stop words +STOP, STOP ALL, UNSUBSCRIBE/);
  expect(out).toMatch(/^ +"[^"]*agree[^"]*Acme[^"]*STOP[^"]*HELP[^"]*"$/m);
});

test('on a terminal it asks of what it cannot see, sends the first text, and keeps what was said', async () => {
  const carrier = await account({ messages: [record({ status: 'delivered' })] });
  const here = terminal({ env: carrier.env, isTTY: true });
  const ended = run(['go-live', '--app-name', 'Acme'], here);
  let what: string;
  do {
    what = await here.asked(/Is that done\?|A phone of yours/);
    here.type(what === 'A phone of yours' ? TO : 'y');
  } while (what !== 'A phone of yours');
  expect(await ended).toBe(1);
  expect(here.out()).toContain('and it was delivered.');
  expect(here.out()).toMatch(/cannot be checked from here: 0\.\n$/);
  expect(carrier.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('a new user gets from an account that may not text to a text that was delivered', async () => {
  const unregistered = '12065550101';
  const simulator = await createSimulator({
    from: [SIMULATOR_CREDENTIALS.from, unregistered],
    unregistered: [unregistered],
    timeScale: 0,
  }).listen(0);
  try {
    const env = {
      FLOWROUTE_ACCESS_KEY: SIMULATOR_CREDENTIALS.accessKey,
      FLOWROUTE_SECRET_KEY: SIMULATOR_CREDENTIALS.secretKey,
      FLOWROUTE_API: simulator.url,
    };
    const args = [...APP, '--to', '12065550123', '--yes'];
    const first = await goLive({ ...env, FLOWROUTE_FROM: unregistered }, args);
    expect(first.at('A first text')[0]).toMatchObject({
      state: 'todo',
      says: expect.stringContaining('not registered for 10DLC'),
      cure: expect.stringContaining('10DLC brand and campaign'),
    });
    const refused = await goLive({ ...env, FLOWROUTE_FROM }, [...APP, '--to', '12065550133', '-y']);
    expect(refused.at('A first text')[0]!.says).toContain('not SMS enabled');
    const then = await goLive({ ...env, FLOWROUTE_FROM }, args);
    expect(then.at('A first text')[0]!.says).toContain('and it was delivered.');
    expect(states(then.at('The number'))).toEqual(['ok', 'ok']);
  } finally {
    await simulator.close();
  }
});

const FLOWROUTE_FROM = SIMULATOR_CREDENTIALS.from;

test('a phone that has opted out says nothing of the number', async () => {
  const simulator = await createSimulator({ timeScale: 0 }).listen(0);
  try {
    const env = {
      FLOWROUTE_ACCESS_KEY: SIMULATOR_CREDENTIALS.accessKey,
      FLOWROUTE_SECRET_KEY: SIMULATOR_CREDENTIALS.secretKey,
      FLOWROUTE_API: simulator.url,
      FLOWROUTE_FROM,
    };
    const { at } = await goLive(env, [...APP, '--to', '12065550110', '--yes']);
    expect(at('A first text')[0]).toMatchObject({ state: 'todo' });
    expect(at('A first text')[0]!.cure).toContain('UNSTOP');
    expect(states(at('The number'))).toEqual(unseen(2));
  } finally {
    await simulator.close();
  }
});
