import { createServer } from 'node:http';
import { flowrouteSender } from 'passport-sms-2fa';
import {
  createSimulator,
  SIMULATOR_CREDENTIALS,
  type RunningSimulator,
} from 'passport-sms-2fa/simulator';
import request from 'supertest';
import { createApp } from '../../example-app/src/app';
import { openDatabase, type Database } from '../../example-app/src/accounts/database';
import {
  openSessionStore,
  type SessionStoreHandle,
} from '../../example-app/src/server/session-store';
import { Browser } from '../helpers/browser';
import { testClock, type TestClock } from '../helpers/clock';
import {
  age,
  connect,
  hasRedis,
  startRedis,
  type RedisClient,
  type RedisServer,
} from '../helpers/redis-server';
import { codeIn, wrongCode } from '../helpers/app';
import { listen, type Listening } from '../helpers/servers';

const PHONE = '12065550177';
const PASSWORD = 'a long enough password';

describe.each(hasRedis() ? ['memory', 'Redis'] : ['memory'])('the bank, sessions in %s', (kind) => {
  let redis: RedisServer | undefined;
  let client: RedisClient | undefined;
  let simulator: RunningSimulator;
  let sessions: SessionStoreHandle;
  let database: Database;
  let clock: TestClock;
  let server: Listening;
  let url: string;

  beforeAll(async () => {
    if (kind !== 'Redis') return;
    redis = await startRedis();
    client = await connect(redis);
  });
  afterAll(async () => {
    client?.destroy();
    await redis?.stop();
  });
  beforeEach(async () => {
    clock = testClock();
    // Redis goes by a clock of its own.
    clock.onAdvance(async (milliseconds) => {
      if (client !== undefined) await age(client, milliseconds);
    });
    database = openDatabase(':memory:');
    simulator = await createSimulator().listen(0);
    sessions = await openSessionStore(redis === undefined ? undefined : new URL(redis.url));
    const app = createApp({
      database,
      sessionStore: sessions.store,
      sender: flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: simulator.url }),
      secrets: {
        session: 'session secret of a test, long enough',
        secondFactor: 'second factor secret, long enough too',
      },
      domain: 'bank.example',
      clock,
      passwordCost: { N: 1_024, r: 8, p: 1 },
    });
    server = await listen(createServer(app));
    ({ url } = server);
  });
  afterEach(async () => {
    await server.close();
    await simulator.close();
    sessions.close();
    database.close();
  });

  async function texts(): Promise<string[]> {
    const answer = await fetch(`${simulator.url}/inbox?to=${PHONE}`);
    const { messages } = (await answer.json()) as { messages: { body: string }[] };
    return messages.map(({ body }) => body);
  }
  const newestCode = async (): Promise<string> => codeIn((await texts())[0] ?? 'no text');

  test('a person signs up, enrolls, signs out and in, mistypes a code, transfers and leaves, by forms', async () => {
    const browser = new Browser(url);
    await browser.visit('/signup');
    await browser.submit('/signup', { username: 'carol', password: PASSWORD });
    await browser.visit('/account');
    expect(browser.text()).toContain('Protect your account');
    await browser.submit('/second-factor/enrollment', { phone: '(206) 555-0177' });
    expect(browser.text()).toContain('Confirm your phone');
    expect((await texts())[0]).toMatch(/phone setup code[^]*\n\n@bank\.example #\d{6}$/);
    await browser.submit('/second-factor/enrollment/verify', { code: await newestCode() });
    await browser.visit('/account');
    expect(browser.url).toBe(`${url}/account`);
    await browser.submit('/logout');
    await browser.visit('/account');
    expect(browser.url).toBe(`${url}/login`);

    // A right code makes the next text wait for a moment.
    await clock.advance(10);
    await browser.submit('/login', { username: 'carol', password: PASSWORD });
    expect(browser.text()).toContain("Confirm it's you");
    expect(browser.text()).not.toContain('206');
    await browser.submit('/second-factor/challenge');
    const code = await newestCode();
    await browser.submit('/second-factor/verify', { code: wrongCode(code) });
    expect(browser.text()).toContain('Wrong code');
    await browser.visit('/account');
    expect(browser.url).toBe(`${url}/second-factor/`);
    await browser.submit('/second-factor/verify', { code: `${code.slice(0, 3)} ${code.slice(3)}` });
    expect(browser.url).toBe(`${url}/account`);

    await clock.advance(301);
    const other = new Browser(url);
    await other.visit('/signup');
    await other.submit('/signup', { username: 'dave', password: PASSWORD });
    await browser.submit('/transfer', { to: 'dave', amount: '12.50' });
    expect(browser.url).toBe(`${url}/second-factor/`);
    await browser.submit('/second-factor/challenge');
    expect((await texts())[0]).toContain('security code');
    await browser.submit('/second-factor/verify', { code: await newestCode() });
    expect(browser.url).toBe(`${url}/second-factor/resume`);
    expect(browser.form('/transfer').fields).toEqual({ to: 'dave', amount: '12.50' });
    await browser.submit('/transfer');
    expect(browser.url).toBe(`${url}/account`);
    expect(browser.text()).toContain('$87.50');
    await browser.submit('/logout');
    await browser.visit('/account');
    expect(browser.url).toBe(`${url}/login`);
  });

  test('a program does the same with JSON', async () => {
    const agent = request.agent(url).set('Accept', 'application/json');
    const credentials = { username: 'carol', password: PASSWORD };
    await agent.post('/signup').send(credentials).expect(201);
    const unenrolled = await agent.get('/api/account').expect(403);
    expect(unenrolled.body.code).toBe('enrollment_required');
    const started = await agent
      .post('/second-factor/enrollment')
      .send({ phone: PHONE, country: 'US' })
      .expect(202);
    expect(started.body.challenge).toMatchObject({
      purpose: 'enroll',
      codeLength: 6,
      delivery: 'accepted',
    });
    const enrolled = await agent
      .post('/second-factor/enrollment/verify')
      .send({ code: await newestCode() })
      .expect(200);
    expect(enrolled.body).toMatchObject({ enrolled: true, verified: true });
    await agent.post('/logout').send({}).expect(204);
    await agent.get('/api/account').expect(401);

    await clock.advance(10);
    await agent.post('/login').send(credentials).expect(200);
    expect((await agent.get('/api/account').expect(401)).body.code).toBe('second_factor_required');
    await agent.post('/second-factor/challenge').send({}).expect(202);
    const code = await newestCode();
    const wrong = await agent
      .post('/second-factor/verify')
      .send({ code: wrongCode(code) })
      .expect(401);
    expect(wrong.body).toMatchObject({ code: 'code_incorrect', attemptsLeft: 4 });
    await agent.get('/api/account').expect(401);
    await agent
      .post('/second-factor/verify')
      .send({ code })
      .expect(200, { verified: true, returnTo: '/account' });
    await agent.get('/api/account').expect(200);

    const other = request.agent(url).set('Accept', 'application/json');
    await other.post('/signup').send({ username: 'dave', password: PASSWORD }).expect(201);
    await clock.advance(301);
    await agent.post('/transfer').send({ to: 'dave', amount: '12.50' }).expect(401);
    await agent.post('/second-factor/challenge').send({}).expect(202);
    await agent
      .post('/second-factor/verify')
      .send({ code: await newestCode() })
      .expect(200);
    await agent
      .post('/transfer')
      .send({ to: 'dave', amount: '12.50' })
      .expect((answer) => expect(answer.ok).toBe(true));
    expect((await agent.get('/api/account').expect(200)).text).toContain('87.5');
    await agent.post('/logout').send({}).expect(204);
    await agent.get('/api/account').expect(401);
  });
});
