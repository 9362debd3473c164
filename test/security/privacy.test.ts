import { inspect } from 'node:util';
import type { Express } from 'express';
import session from 'express-session';
import { SecondFactorError, type EventName } from '../../lib';
import {
  codeIn,
  newestCode,
  pending,
  PHONES,
  signIn,
  startApp as start,
  verified,
  wrongCode,
  type TestApp,
} from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { cookieFrom, htmlAgent, ROADS, withoutDate } from '../helpers/web';
import { faultsOf } from '../helpers/faults';
import { jsonPost, raw } from '../helpers/parallel';
import { onEachStore } from '../helpers/stores';
import { Reader } from '../pages/reader';

afterEach(() => void jest.restoreAllMocks());

const { challenge, verify } = ROUTER;

const EVENTS: EventName[] = [
  'sent',
  'send_refused',
  'verified',
  'failed',
  'locked',
  'disabled',
  'enrolled',
  'replaced',
  'removed',
  'budget_alert',
  'store_failed',
];

/** Keeps every byte that the app answers: heads, bodies and the addresses that were asked for. */
function recordAnswers(app: Express, kept: string[]): void {
  app.use((req, res, next) => {
    const write = res.write.bind(res) as (...args: unknown[]) => boolean;
    const end = res.end.bind(res) as (...args: unknown[]) => unknown;
    const keep = (chunk: unknown): void => {
      if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) kept.push(chunk.toString());
    };
    res.write = ((...args: unknown[]) => {
      keep(args[0]);
      return write(...args);
    }) as never;
    res.end = ((...args: unknown[]) => {
      keep(args[0]);
      kept.push(`${req.method} ${req.originalUrl}`, JSON.stringify(res.getHeaders()));
      return end(...args);
    }) as never;
    next();
  });
}

/** Keeps what is written to the console and what the process warns of. */
function recordLogs(kept: string[]): () => void {
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    jest
      .spyOn(console, name)
      .mockImplementation((...said) => void kept.push(inspect(said, false, 10)));
  }
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((said) => {
      kept.push(String(said));
      return true;
    });
  }
  const warn = (warning: Error): void => void kept.push(inspect(warning, false, 10));
  process.on('warning', warn);
  return () => void process.off('warning', warn);
}

onEachStore('privacy', (kind) => {
  test('[S125] [S126] no code and no full phone number is anywhere but in the texts', async () => {
    const answers: string[] = [];
    const logs: string[] = [];
    const events: string[] = [];
    const dumps: string[] = [];
    const seen = new Set<string>();
    const stopRecording = recordLogs(logs);
    const made = await kind.make();
    const faults = faultsOf(made.store);
    const send = jest.fn();
    const app = await start({
      ...made,
      before: (each) => recordAnswers(each, answers),
      // Ten digits: no other number in what is kept looks like one by chance.
      factor: {
        logger: undefined,
        limits: {
          codeLength: 10,
          lockAfter: 3,
          lockEvery: 3,
          hardStop: 6,
          overall: [
            { count: 5, seconds: 3_600 },
            { count: 1_000, seconds: 86_400 },
          ],
        },
      },
    });
    const outbox = app.outbox.send.bind(app.outbox);
    app.outbox.send = (message, options) => {
      send(message);
      return message.to.endsWith('99')
        ? Promise.reject(
            new SecondFactorError('delivery_failed', `to ${message.to}: no`, { refused: true }),
          )
        : outbox(message, options);
    };
    for (const name of EVENTS) {
      app.secondFactor.on(name, (facts) => {
        seen.add(name);
        events.push(inspect(facts, false, 10));
        // What a listener throws becomes a line for the operator, which must be as silent.
        if (name === 'failed') throw new Error('a listener that throws');
      });
    }
    const dump = async (): Promise<void> => void dumps.push(await kind.dump(app.store));

    // A person enrolls, signs out and in by forms, steps up, replaces the phone and removes it.
    const c = app.agent();
    await signIn(c, 'C');
    await c.post(ROUTER.enrollment).send({ phone: '+12065550199' }).expect(502);
    await app.clock.advance(31);
    await c.post(ROUTER.enrollment).send({ phone: '(206) 555-0177' }).expect(202);
    await dump();
    const first = newestCode(app);
    await c
      .post(ROUTER.confirm)
      .send({ code: wrongCode(first) })
      .expect(401);
    await c.post(ROUTER.confirm).send({ code: first }).expect(200);
    await dump();
    await app.clock.advance(10);
    const page = htmlAgent(app);
    await page.post('/login').send({ username: 'C', password: 'right' });
    await page.get('/secret').expect(302);
    await page.post(challenge).type('form').send({}).expect(303);
    await page.get(ROUTER.home).expect(200);
    await page
      .post(verify)
      .type('form')
      .send({ code: wrongCode(newestCode(app)) })
      .expect(303);
    await page.get(ROUTER.home).expect(200);
    await page.post(verify).type('form').send({ code: '12' }).expect(303);
    await page.get(ROUTER.home).expect(200);
    await page
      .post('/own/verify')
      .type('form')
      .send({ code: wrongCode(newestCode(app)) });
    await dump();
    await page
      .post('/own/verify')
      .type('form')
      .send({ code: newestCode(app) })
      .expect(302, /\/secret/);
    await page.get(ROUTER.home).expect(200);
    await app.clock.advance(301);
    await page.post(challenge).type('form').send({}).expect(303);
    await page
      .post(verify)
      .type('form')
      .send({ code: newestCode(app) })
      .expect(303);
    await app.clock.advance(10);
    await page.post(ROUTER.enrollment).type('form').send({ phone: '+12065550178' }).expect(303);
    await page.get(ROUTER.home).expect(200);
    await dump();
    await page
      .post(ROUTER.confirm)
      .type('form')
      .send({ code: newestCode(app) })
      .expect(303);
    await page.get(ROUTER.home).expect(200);
    await page.post(ROUTER.remove).type('form').send({ confirm: 'yes' }).expect(303);

    // Another guesses until the factor is locked, then disabled.
    const a = app.agent();
    await app.clock.advance(3_600);
    for (const until of [1_000, 0]) {
      const code = await pending(app, a);
      await a.get(challenge).expect(200);
      await a.get('/second-factor').expect(200);
      for (const step of [1, 2, 3])
        await a
          .post(verify)
          .send({ code: wrongCode(code, step) })
          .expect(401);
      await a.post(verify).send({ code }).expect(429);
      await a.post(challenge).send({}).expect(429);
      await dump();
      await app.clock.advance(until);
    }
    await app.clock.advance(100_000);

    // A store fails while a right code is checked, and the same code is tried again.
    const b = app.agent();
    const code = await pending(app, b, 'B');
    faults.fail('set', 1);
    await b.post(verify).send({ code }).expect(503);
    faults.heal();
    await b.post(verify).send({ code }).expect(200);
    await app.clock.advance(10);
    await b.post(verify).send({ code }).expect(401);
    const query = await raw(app.url, jsonPost('/second-factor/nothing', cookieFrom(b), { code }));
    expect(query.status).toBe(404);
    await dump();
    // What listeners and warnings still have to say.
    await new Promise((resolve) => setImmediate(resolve));
    stopRecording();
    jest.restoreAllMocks();

    expect([...seen].sort()).toEqual([...EVENTS].sort());
    const messages = send.mock.calls.map(([message]) => message as { to: string; body: string });
    const codes = new Set(messages.map(({ body }) => codeIn(body)));
    expect(codes.size).toBeGreaterThan(6);
    const kept = { answers, logs, events, dumps };
    expect(answers.join('')).toContain('attemptsLeft');
    expect(logs.join('\n')).toContain('a listener of the event failed failed');
    expect(logs.join('\n')).toContain('send_refused: ');
    expect(dumps.join('\n')).toContain('sms2fa');
    for (const [where, texts] of Object.entries(kept)) {
      const all = texts.join('\n');
      for (const each of codes) {
        // Neither the right codes nor the wrong ones that were typed.
        for (const digits of [each, wrongCode(each), wrongCode(each, 2), wrongCode(each, 3)]) {
          expect([where, all.includes(digits)]).toEqual([where, false]);
        }
      }
    }

    const phones = [...new Set(messages.map(({ to }) => to))];
    expect(phones.length).toBeGreaterThan(4);
    const keys = dumps.flatMap((each) =>
      kind.name === 'Redis'
        ? each.split('\n').map((line) => line.split(' ')[0] ?? '')
        : Object.keys(JSON.parse(each) as object),
    );
    expect(keys.length).toBeGreaterThan(4);
    for (const phone of phones) {
      const digits = phone.slice(2);
      const spellings = [phone.slice(1), digits, digits.slice(3)].concat(
        `${digits.slice(0, 3)}-${digits.slice(3, 6)}-${digits.slice(6)}`,
        `(${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)}`,
        `${digits.slice(3, 6)}-${digits.slice(6)}`,
      );
      for (const [where, texts] of Object.entries({ answers, logs, keys, events })) {
        for (const spelling of spellings) {
          // Whoever adds a number sees it, to put it right [S202]; on that page alone.
          const found = texts.find(
            (text) =>
              text.includes(spelling) &&
              !text.includes('action="/second-factor/enrollment/verify"'),
          );
          expect([where, spelling, found]).toEqual([where, spelling, undefined]);
        }
      }
    }
  });
});

test('[S127] a pending session sees two digits of the phone, in a mask that is as long for every number', async () => {
  const app = await start({ factor: { allowedCountries: ['US', 'CA', 'DK', 'GB'] } });
  const numbers = { A: '+12065550142', B: '+4520123456', C: '+447400123456' };
  const masks: string[] = [];
  for (const [name, phone] of Object.entries(numbers)) {
    app.enrollments.set(`id-of-${name}`, { phone, confirmedAt: 1, epoch: 'e', version: 1 });
    const agent = app.agent();
    await pending(app, agent, name);
    const page = await agent.get(ROUTER.home).set('Accept', 'text/html').expect(200);
    const shown = /<span class="phone" dir="ltr"[^>]*>([^<]*)<\/span>/.exec(page.text)?.[1] ?? '';
    const { body } = await agent.get('/second-factor').expect(200);
    const status = (await agent.get('/status').expect(200)).body.phone as string;
    const polled = (await agent.get(challenge).expect(200)).body.phone as string;
    expect(new Set([shown, body.phone, body.challenge.phone, status, polled]).size).toBe(1);
    expect(shown.replace(/\D/g, '')).toBe(phone.slice(-2));
    masks.push(shown.replace(/\d/g, '#'));
    // Nor in three digits anywhere else on the page.
    expect(page.text).not.toContain(phone.slice(-3));
    expect(JSON.stringify(body)).not.toContain(phone.slice(-4));
  }
  expect(new Set(masks).size).toBe(1);
});

test('[S127] a number that is being enrolled is masked, too', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent, 'C');
  const answer = await agent.post(ROUTER.enrollment).send({ phone: '+12065550177' });
  expect(answer.body.challenge.phone).toMatch(/^\D+77$/);
  expect(answer.text).not.toContain('0177');
});

for (const road of ROADS) {
  test(`[S130] no answer tells whether a code that no longer counts was the right one (${road.name})`, async () => {
    const states: [
      string,
      (app: TestApp, agent: ReturnType<TestApp['agent']>, code: string) => Promise<unknown>,
    ][] = [
      ['expired', (app) => app.clock.advance(301)],
      [
        'used up',
        async (_app, agent, code) => {
          for (const step of [1, 2, 3, 4, 5])
            await agent.post(road.path).send({ code: wrongCode(code, step) });
        },
      ],
      [
        'bound to another phone',
        async (app) => {
          const before = app.enrollments.get('id-of-A')!;
          app.enrollments.set('id-of-A', { ...before, phone: '+12065550199', version: 2 });
        },
      ],
      ['of a removed factor', async (app) => app.enrollments.delete('id-of-A')],
      [
        'locked',
        async (app, agent, code) => {
          for (const step of [1, 2, 3])
            await agent.post(road.path).send({ code: wrongCode(code, step) });
          return app.clock.advance(1);
        },
      ],
    ];
    const heard = new Map<string, string>();
    for (const [state, reach] of states) {
      const lockAfter = state === 'locked' ? 3 : 10;
      const app = await start({ factor: { limits: { lockAfter } } });
      const agent = app.agent();
      const code = await pending(app, agent);
      await reach(app, agent, code);
      const cookie = cookieFrom(agent);
      const answers = [];
      for (const typed of [code, wrongCode(code, 9), code, wrongCode(code, 8)]) {
        answers.push(withoutDate(await raw(app.url, jsonPost(road.path, cookie, { code: typed }))));
      }
      expect([state, new Set(answers).size]).toEqual([state, 1]);
      if (state !== 'locked') heard.set(state, answers[0]!);
      await agent.get('/secret').expect((answer) => expect([401, 403]).toContain(answer.status));
    }
    // One answer for all the ways in which a challenge may be gone.
    expect(new Set(heard.values()).size).toBe(1);
  });

  test(`[S130] the right code of a spent challenge is answered as any other (${road.name})`, async () => {
    const app = await start();
    const agent = app.agent();
    const code = await pending(app, agent);
    expect(road.passed(await agent.post(road.path).send({ code }))).toBe(true);
    await app.clock.advance(10);
    const cookie = cookieFrom(agent);
    const [right, wrong] = [code, wrongCode(code)].map((typed) =>
      raw(app.url, jsonPost(road.path, cookie, { code: typed })),
    );
    expect(withoutDate(await right!)).toBe(withoutDate(await wrong!));
  });
}

test('[S133] a text names the app and the purpose, and nothing of the user or of what the user does', async () => {
  const app = await start();
  const username = 'WILHELMINA.ROSSI@MAIL.EXAMPLE';
  app.users.set(username, { id: 'account-4711', username, passwordVersion: 1 });
  const agent = app.agent();
  await signIn(agent, username);
  await agent.get('/secret?amount=1000&to=bob').expect(403);
  await agent.post(ROUTER.enrollment).send({ phone: '+12065550177' }).expect(202);
  await agent
    .post(ROUTER.confirm)
    .send({ code: newestCode(app) })
    .expect(200);
  await app.clock.advance(301);
  await agent.post('/transfer').send({ amount: 1_000, to: 'bob' }).expect(401);
  await agent.post(challenge).send({ amount: 1_000, to: 'bob' }).expect(202);
  await agent
    .post(verify)
    .send({ code: newestCode(app) })
    .expect(200);
  await app.clock.advance(10);
  await agent.post(ROUTER.enrollment).send({ phone: '+12065550178' }).expect(202);
  expect(app.outbox.messages).toHaveLength(3);
  for (const { to, body } of app.outbox.messages) {
    expect(body).toMatch(
      /^\d{6} is your Acme (sign-in|security|phone setup|phone change) code\. Expires in 5 min\. Don't share it\.\n\n@acme\.example #\d{6}$/,
    );
    expect(body).not.toMatch(/wilhelmina|rossi|mail|4711|bob|1000|transfer/i);
    expect(body).not.toContain(to.slice(-4));
  }
});

test('[S126] the sessions hold no phone number but in the challenge that waits for its code', async () => {
  const store = new session.MemoryStore();
  const app = await start({ store });
  await verified(app, app.agent());
  const dump = JSON.stringify((store as unknown as { sessions: object }).sessions);
  expect(dump).toContain('mark');
  expect(dump).not.toContain(PHONES.A.slice(2));
});

test('[S126] a number that was refused is in its session until the next page, and in no event', async () => {
  const store = new session.MemoryStore();
  const app = await start({ store, factor: { beforeSend: () => false } });
  const events: unknown[] = [];
  for (const name of EVENTS) app.secondFactor.on(name, (facts) => void events.push(facts));
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  const dump = () => JSON.stringify((store as unknown as { sessions: object }).sessions);
  await reader.post(reader.form('/enrollment'), { phone: '2065550177' });
  expect(dump()).toContain('2065550177');
  await reader.open('/second-factor/');
  expect(reader.form('/enrollment').fields.phone).toBe('2065550177');
  expect(dump()).not.toContain('2065550177');
  expect(events).toHaveLength(1);
  expect(inspect(events, { depth: 9 })).not.toContain('2065550177');
});
