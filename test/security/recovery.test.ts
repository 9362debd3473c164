import {
  mapEnrollments,
  memoryCounter,
  type Enrollment,
  type Limits,
  type SecondFactorEvents,
} from '../../lib';
import {
  enrolled,
  failTexted,
  newestCode,
  pending,
  PHONES,
  signIn,
  startApp as start,
  verified,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { atOnce, jsonPost, raw } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { onEachStore } from '../helpers/stores';
import { watchedCounter } from '../helpers/counters';
import {
  cookieFrom,
  cookieSetBy,
  hold,
  htmlAgent,
  knock,
  sessionIdIn,
  sessionsOf,
  withoutDate,
} from '../helpers/web';

const {
  challenge: send,
  verify,
  recovery: recover,
  recoveryCodes: renew,
  kept: keep,
  enrollment: enroll,
} = ROUTER;
const WRONG = '0000-0000-0000-0000';

/** The hard stop after ten failures, and no wait for texts that these rows are not about. */
const ONE_LEVEL = { hardStop: 10 } satisfies Partial<Limits>;

/** Makes recovery codes for a user who passed the second factor and has kept them. */
async function codesFor(app: TestApp, username = 'A'): Promise<string[]> {
  const agent = app.agent();
  await verified(app, agent, username);
  return renewed(agent);
}

/** Makes new recovery codes in this session, and keeps them. */
async function renewed(agent: Agent): Promise<string[]> {
  const { body } = await agent.post(renew).send({}).expect(200);
  await agent.post(keep).send({}).expect(204);
  return body.recoveryCodes as string[];
}

async function signedIn(app: TestApp, username = 'A'): Promise<Agent> {
  const agent = app.agent();
  await signIn(agent, username);
  return agent;
}

const use = (agent: Agent, recoveryCode: unknown) => agent.post(recover).send({ recoveryCode });

/** A recovery code of the right shape that is none of a user's. */
const other = (index: number): string => `0000-0000-0000-${String(index).padStart(4, '0')}`;

async function failRecovery(agent: Agent, times: number): Promise<void> {
  for (let each = 0; each < times; each += 1) await use(agent, other(each)).expect(401);
}

function told<Name extends keyof SecondFactorEvents>(app: TestApp, name: Name) {
  const facts: SecondFactorEvents[Name][] = [];
  app.secondFactor.on(name, (each) => void facts.push(each));
  return facts;
}

const codeOf = (body: string): string => (JSON.parse(body) as { code: string }).code;

onEachStore('recovery codes at once', (kind) => {
  test.each([1, 30])(
    '[S104] [S177] of thirty parallel uses of one code, from %i sessions, all that succeed lead to one session',
    async (sessions) => {
      const app = await start(await kind.make());
      const codes = await codesFor(app);
      const used = told(app, 'recovery_used');
      const cookies: string[] = [];
      for (let each = 0; each < sessions; each += 1) {
        cookies.push(cookieFrom(await signedIn(app)));
      }
      const posts = Array.from({ length: 30 }, (_, index) =>
        jsonPost(recover, cookies[index % sessions]!, { recoveryCode: codes[0] }),
      );
      const answers = await atOnce(app.url, posts);
      expect(sessionsOf(answers)).toHaveLength(1);
      expect(used).toHaveLength(1);
      expect(app.enrollments.get('id-of-A')!.recoveryCodes!.digests).toHaveLength(9);
      const given = answers.flatMap(({ headers }) => {
        const set = cookieSetBy({ headers });
        return set === undefined ? [] : [set];
      });
      const all = [...cookies, ...new Set(given)];
      const looks = await Promise.all(all.map((each) => knock(app, each)));
      expect(looks.filter((status) => status === 200)).toHaveLength(1);
      await use(await signedIn(app), codes[0]);
      await app.clock.advance(900);
      const next = await use(await signedIn(app), codes[1]).expect(200);
      expect(next.body.recoveryCodesLeft).toBe(8);
    },
  );

  test('[S104] [S21] of forty parallel wrong recovery codes ten are compared', async () => {
    const app = await start(await kind.make());
    const [code] = await codesFor(app);
    const failures = told(app, 'failed');
    const agent = await signedIn(app);
    const cookie = cookieFrom(agent);
    const posts = Array.from({ length: 40 }, (_, index) =>
      jsonPost(recover, cookie, { recoveryCode: other(index) }),
    );
    const answers = await atOnce(app.url, posts);
    expect(failures).toHaveLength(10);
    expect(answers.filter(({ body }) => codeOf(body) === 'code_incorrect')).toHaveLength(10);
    expect(answers.filter(({ body }) => codeOf(body) === 'too_many_attempts')).toHaveLength(30);
    await use(agent, code).expect(429);
  });

  test('[S104] [S125] no recovery code is kept or told anywhere but in the answer that makes it', async () => {
    const app = await start(await kind.make());
    const events: unknown[] = [];
    for (const name of ['recovery_codes_replaced', 'recovery_used', 'failed', 'notice'] as const) {
      app.secondFactor.on(name, (facts) => void events.push(facts));
    }
    const codes = await codesFor(app);
    const agent = await signedIn(app);
    await failRecovery(agent, 1);
    const answer = await use(agent, codes[0]).expect(200);
    const page = await agent.get('/second-factor').set('Accept', 'text/html').expect(200);
    const seen = [
      await kind.dump(app.store),
      JSON.stringify([...app.enrollments.values(), events, answer.body, answer.headers]),
      page.text,
    ].join('\n');
    expect(events).toHaveLength(5);
    for (const code of codes) {
      expect(seen).not.toContain(code);
      expect(seen).not.toContain(code.replaceAll('-', ''));
    }
  });
});

test('[S104] two that cross spend one code once, also where the database cannot compare', async () => {
  const map = new Map<string, Enrollment>([['id-of-A', enrolled(PHONES.A)]]);
  const honest = mapEnrollments(map);
  let compares = true;
  const blind: typeof honest = {
    ...honest,
    // What it answers is old by then: others have read the same.
    get: async (userId: string) => {
      const found = map.get(userId);
      for (let turns = 0; turns < 50; turns += 1) await new Promise(setImmediate);
      return found;
    },
    // The first write of all is looked at.
    set: async (userId, enrollment, version) =>
      compares ? honest.set(userId, enrollment, version) : map.set(userId, enrollment) === map,
  };
  const app = await start({ factor: { enrollments: blind } });
  const [code] = await codesFor(app);
  compares = false;
  const used = told(app, 'recovery_used');
  const cookie = cookieFrom(await signedIn(app));
  const posts = Array.from({ length: 10 }, () => jsonPost(recover, cookie, { recoveryCode: code }));
  const answers = await atOnce(app.url, posts);
  expect(sessionsOf(answers)).toHaveLength(1);
  expect(used).toHaveLength(1);
});

test('[S104] [S177] the second click of a double click is no failure', async () => {
  const map = new Map<string, Enrollment>([['id-of-A', enrolled(PHONES.A)]]);
  const base = mapEnrollments(map);
  let held: ReturnType<typeof hold> | undefined;
  const enrollments: typeof base = {
    ...base,
    get: async (userId) => {
      const holding = held;
      held = undefined;
      holding?.enter();
      await holding?.released;
      return base.get(userId);
    },
  };
  const app = await start({ factor: { enrollments } });
  const [code] = await codesFor(app);
  const failures = told(app, 'failed');
  const click = jsonPost(recover, cookieFrom(await signedIn(app)), { recoveryCode: code });
  const holding = (held = hold());
  const late = raw(app.url, click);
  await holding.entered;
  const first = await raw(app.url, click);
  holding.release();
  const second = await late;
  expect([first.status, second.body]).toEqual([200, first.body]);
  expect(sessionsOf([first, second])).toHaveLength(1);
  expect(failures).toEqual([]);
});

test('[S104] [S170] a spent code between wrong ones neither counts nor puts the wait off', async () => {
  const app = await start();
  const [code] = await codesFor(app);
  await use(await signedIn(app), code).expect(200);
  const thief = await signedIn(app);
  for (let failure = 0; failure < 9; failure += 1) {
    await failRecovery(thief, 1);
    await use(thief, code).expect(401);
  }
  const last = await use(thief, other(9)).expect(401);
  expect(last.body.attemptsLeft).toBe(0);
  await use(thief, code).expect(429);
});

test.each<['error' | 'lost', number, number]>([
  ['error', 503, 200],
  ['lost', 200, 401],
])(
  '[S104] [S178] a code whose use was written or not (%s) has been used or not: %i, and again %i',
  async (how, status, again) => {
    const base = mapEnrollments(new Map<string, Enrollment>([['id-of-A', enrolled(PHONES.A)]]));
    let fault: typeof how | undefined;
    const enrollments: typeof base = {
      ...base,
      set: async (...written) => {
        const failing = fault;
        fault = undefined;
        const kept = failing !== 'error' && (await base.set(...written));
        if (failing === undefined) return kept;
        throw new Error('connection to 10.0.0.7 refused');
      },
    };
    const app = await start({ factor: { enrollments } });
    const codes = await codesFor(app);
    const agent = await signedIn(app);
    fault = how;
    const first = await use(agent, codes[0]).expect(status);
    expect(first.text).not.toContain('10.0.0.7');
    expect(await knock(app, cookieFrom(agent))).toBe(status === 200 ? 200 : 401);
    const second = await use(await signedIn(app), codes[0]).expect(again);
    if (how === 'error') expect(second.body.recoveryCodesLeft).toBe(9);
    await use(await signedIn(app), codes[0]).expect(401);
    await use(await signedIn(app), codes[1]).expect(200);
  },
);

test('[S170] the right recovery code works after two hundred wrong ones from other sessions', async () => {
  const app = await start({ before: (target) => target.set('trust proxy', true) });
  const codes = await codesFor(app);
  const [failed, locked, disabled] = [
    told(app, 'failed'),
    told(app, 'locked'),
    told(app, 'disabled'),
  ];
  const owner = await signedIn(app);
  for (let session = 0; session < 20; session += 1) {
    const thief = app.agent().set('X-Forwarded-For', `203.0.113.${session}`);
    await signIn(thief);
    const cookie = cookieFrom(thief);
    const posts = Array.from({ length: 10 }, (_, index) => {
      const post = jsonPost(recover, cookie, { recoveryCode: other(10 * session + index) });
      return { ...post, headers: { ...post.headers, 'x-forwarded-for': `203.0.113.${session}` } };
    });
    const answers = await atOnce(app.url, posts);
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(401));
  }
  expect(failed).toHaveLength(200);
  expect([locked, disabled]).toEqual([[], []]);
  expect((await use(owner, codes[0]).expect(200)).body.recoveryCodesLeft).toBe(9);
  await owner.get('/secret').expect(200);
});

test('[S170] the eleventh recovery code of a session within a minute waits, and no other session does', async () => {
  const app = await start();
  const codes = await codesFor(app);
  const [here, elsewhere] = [await signedIn(app), await signedIn(app)];
  await failRecovery(here, 10);
  await app.clock.advance(10);
  const cookie = cookieFrom(here);
  const answers = [];
  for (const recoveryCode of [codes[0], WRONG]) {
    answers.push(await raw(app.url, jsonPost(recover, cookie, { recoveryCode })));
  }
  const [right, wrong] = answers.map(withoutDate);
  expect(right).toBe(wrong);
  expect(answers[0]!.status).toBe(429);
  expect(answers[0]!.headers).toMatch(/^retry-after: 50$/im);
  expect(JSON.parse(answers[0]!.body)).toMatchObject({
    code: 'too_many_attempts',
    retryAfter: 50,
    detail: expect.stringContaining('Too many wrong recovery codes'),
  });
  await use(elsewhere, codes[1]).expect(200);
  await app.clock.advance(49);
  await use(here, codes[0]).expect(429);
  await app.clock.advance(1);
  await use(here, codes[0]).expect(200);
});

test('[S170] sixty wrong recovery codes a minute from one address, whosever they are, are the last', async () => {
  const app = await start({ before: (target) => target.set('trust proxy', true) });
  const codes = await codesFor(app);
  const from = async (address: string, username = 'A') => {
    const agent = app.agent().set('X-Forwarded-For', address);
    await signIn(agent, username);
    return agent;
  };
  for (let session = 0; session < 6; session += 1) {
    await failRecovery(await from('203.0.113.1', session % 2 === 0 ? 'A' : 'B'), 10);
  }
  await use(await from('203.0.113.1'), codes[0]).expect(429);
  await use(await from('203.0.113.2'), codes[0]).expect(200);
  await app.clock.advance(60);
  await use(await from('203.0.113.1'), codes[1]).expect(200);
});

test('[S104] a used code is never good again: not elsewhere, not later, not where the counts are gone', async () => {
  const app = await start();
  const codes = await codesFor(app);
  await use(await signedIn(app), codes[0]).expect(200);
  await use(await signedIn(app), codes[0]).expect(401);
  await app.clock.advance(3_600);
  await use(await signedIn(app), codes[0]).expect(401);
  const { store, clock, enrollments } = app;
  const anew = { counter: memoryCounter(), enrollments: mapEnrollments(enrollments) };
  const second = await start({ store, clock, factor: anew });
  const answer = await use(await signedIn(second), codes[0]).expect(401);
  expect(answer.body.code).toBe('code_incorrect');
  await use(await signedIn(second), codes[1]).expect(200);
});

test('[S104] ten codes of eighty bits come at a time, all of them different', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  const all: string[] = [];
  for (let sets = 0; sets < 100; sets += 1) {
    const { recoveryCodes } = (await agent.post(renew).send({}).expect(200)).body;
    expect(recoveryCodes).toHaveLength(10);
    all.push(...(recoveryCodes as string[]));
  }
  for (const code of all) {
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
  }
  expect(new Set(all).size).toBe(1_000);
  // Five bits a place: each of 32 digits stands in each of the sixteen places.
  for (let place = 0; place < 16; place += 1) {
    const digits = new Set(all.map((code) => code.replaceAll('-', '')[place]));
    expect(digits.size).toBe(32);
  }
});

test('[S104] a code is taken as people type it, and each of a set works once', async () => {
  const app = await start();
  const codes = await codesFor(app);
  const typed = [
    (code: string) => code.toLowerCase(),
    (code: string) => code.replaceAll('-', ''),
    (code: string) => ` ${code.replaceAll('-', ' ')} `,
    (code: string) => code.replaceAll('0', 'O').replaceAll('1', 'l'),
    (code: string) => code.replaceAll('0', 'o').replaceAll('1', 'I').replaceAll('-', '\u2013'),
  ];
  for (const [index, code] of codes.entries()) {
    const agent = await signedIn(app);
    const answer = await use(agent, typed[index % typed.length]!(code)).expect(200);
    expect(answer.body).toEqual({ verified: true, returnTo: '/', recoveryCodesLeft: 9 - index });
    await agent.get('/secret').expect(200);
  }
  for (const code of codes) await use(await signedIn(app), code).expect(401);
});

test('[S104] [S58] a recovery code opens the gate for its session alone, under a new id', async () => {
  const app = await start();
  const [code] = await codesFor(app);
  const [agent, elsewhere] = [await signedIn(app), await signedIn(app)];
  const before = cookieFrom(agent);
  await use(agent, code).expect(200);
  expect(sessionIdIn(cookieFrom(agent))).not.toBe(sessionIdIn(before));
  await agent.get('/secret').expect(200);
  expect(await knock(app, before)).toBe(401);
  await elsewhere.get('/secret').expect(401);
  const status = (await agent.get('/second-factor')).body;
  expect(status).toMatchObject({ amr: ['pwd', 'recovery', 'mfa'], recoveryCodesLeft: 9 });
  expect((await elsewhere.get('/second-factor')).body).not.toHaveProperty('recoveryCodesLeft');
});

test('[S104] codes of one user are nothing for another, nor are texted codes and recovery codes each other', async () => {
  const app = await start();
  const [code] = await codesFor(app, 'B');
  const agent = app.agent();
  const texted = await pending(app, agent);
  await use(agent, code).expect(401);
  await use(agent, texted).expect(400);
  await agent.post(verify).send({ code }).expect(400);
  await use(await signedIn(app, 'B'), code).expect(200);
});

test('[S104] [S32] recovery works while texted codes are locked, and ends their lock', async () => {
  const app = await start();
  const codes = await codesFor(app);
  const agent = await signedIn(app);
  await failTexted(app, agent, 10);
  await agent.post(verify).send({ code: '000000' }).expect(429);
  await use(agent, WRONG).expect(401);
  await use(agent, codes[0]).expect(200);
  await agent.get('/secret').expect(200);
  await app.clock.advance(60);
  await verified(app, app.agent());
});

test('[S104] [S31] after the hard stop a recovery code opens the gate, and leaves the phone disabled', async () => {
  const app = await start({ factor: { limits: ONE_LEVEL } });
  const codes = await codesFor(app);
  const [agent, before] = [await signedIn(app), app.agent()];
  await verified(app, before);
  await failTexted(app, agent, 10);
  expect(app.enrollments.get('id-of-A')).toHaveProperty('disabledAt', app.clock());
  await before.get('/secret').expect(401);
  await use(agent, codes[0]).expect(200);
  await agent.get('/secret').expect(200);
  await agent.post(send).send({}).expect(429);
  await (await signedIn(app)).get('/secret').expect(401);
  await use(await signedIn(app), codes[1]).expect(200);
});

test.each([
  ['the same phone', PHONES.A],
  ['another phone', '+12065550199'],
])(
  '[S104] [S31] after the hard stop and a recovery code %s may be enrolled',
  async (_what, phone) => {
    const app = await start({ factor: { limits: ONE_LEVEL } });
    const [code] = await codesFor(app);
    const agent = await signedIn(app);
    await failTexted(app, agent, 10);
    await use(agent, code).expect(200);
    await app.clock.advance(60);
    await agent.post(enroll).send({ phone }).expect(202);
    await agent
      .post(`${enroll}/verify`)
      .send({ code: newestCode(app) })
      .expect(200);
    expect(app.enrollments.get('id-of-A')).not.toHaveProperty('disabledAt');
    await app.clock.advance(60);
    await verified(app, app.agent());
  },
);

test('[S104] [S34] what is no recovery code is 400 and counts for nobody', async () => {
  const counted: string[] = [];
  const counter = memoryCounter();
  const watched = watchedCounter(counter, (key) => counted.push(key));
  const app = await start({ factor: { counter: watched } });
  const [code = ''] = await codesFor(app);
  const agent = await signedIn(app);
  counted.length = 0;
  const malformed = [
    undefined,
    null,
    '',
    ' ',
    1234567812345678,
    true,
    [code],
    { $ne: null },
    code.slice(1),
    `${code}0`,
    `${code}\u0000`,
    code.replace(/.$/, 'U'),
    code.replace(/.$/, '\u00df'),
    '0'.repeat(5_000),
    '123456',
  ];
  for (const each of malformed) {
    const answer = await use(agent, each).expect(400);
    expect(answer.body.code).toBe('code_malformed');
  }
  await agent.post(`${recover}?recoveryCode=${code}`).send({}).expect(400);
  await agent
    .post(recover)
    .type('form')
    .send(`recoveryCode=${code}&recoveryCode=${code}`)
    .expect(400);
  expect(counted.filter((key) => !key.includes('#malformed.'))).toEqual([]);
  // The address that goes on like this is stopped; the user is not locked.
  for (let more = malformed.length + 2; more < 50; more += 1) await use(agent, 'x').expect(400);
  await use(agent, 'x').expect(429);
  await use(agent, code).expect(200);
});

test('[S104] new codes that are kept kill the older ones, whether asked for or come with a phone', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  const sets = [await renewed(agent), await renewed(agent)];
  await agent.post(enroll).send({ phone: '+12065550199' }).expect(202);
  const confirmed = await agent.post(`${enroll}/verify`).send({ code: newestCode(app) });
  sets.push(confirmed.body.recoveryCodes as string[]);
  await use(await signedIn(app), sets[1]![5]).expect(200);
  await agent.post(keep).send({}).expect(204);
  for (const [index, [first, last]] of sets.map((set) => [set[0], set[9]]).entries()) {
    const status = index === 2 ? 200 : 401;
    for (const code of [first, last]) await use(await signedIn(app), code).expect(status);
  }
});

test('[S104] [S130] the answer tells nothing of texted codes, nor whether there are recovery codes', async () => {
  const states: Record<string, (app: TestApp, agent: Agent) => Promise<unknown>> = {
    'no recovery codes': () => Promise.resolve(),
    'nothing pending': (app) => codesFor(app),
    'a pending challenge': async (app, agent) => {
      await codesFor(app);
      await agent.post(send).send({}).expect(202);
    },
    'a spent challenge': async (app, agent) => {
      await codesFor(app);
      await failTexted(app, agent, 5);
    },
    'locked texted codes': async (app, agent) => {
      await codesFor(app);
      await failTexted(app, agent, 10);
      await agent.post(send).send({}).expect(429);
    },
    'a disabled phone': (app) => {
      app.enrollments.set('id-of-A', { ...enrolled(PHONES.A), disabledAt: 1 });
      return Promise.resolve();
    },
  };
  const answers = new Map<string, string[]>();
  for (const [state, enter] of Object.entries(states)) {
    const app = await start();
    const agent = await signedIn(app);
    await enter(app, agent);
    const post = jsonPost(recover, cookieFrom(agent), { recoveryCode: WRONG });
    const answer = withoutDate(await raw(app.url, post));
    answers.set(answer, [...(answers.get(answer) ?? []), state]);
  }
  expect([...answers.values()]).toEqual([Object.keys(states)]);
});

test('[S104] nobody makes or uses codes without what that takes', async () => {
  const app = await start();
  const codes = await codesFor(app);
  const kept = app.enrollments.get('id-of-A');
  expect((await use(app.agent(), codes[0]).expect(401)).body.code).toBe('not_authenticated');
  await app.agent().post(renew).send({}).expect(401);
  const none = await use(await signedIn(app, 'C'), codes[0]).expect(403);
  expect(none.body.code).toBe('enrollment_required');
  await (await signedIn(app, 'C')).post(renew).send({}).expect(403);
  const waiting = await signedIn(app);
  const refused = await waiting.post(renew).send({}).expect(403);
  expect(refused.body.code).toBe('fresh_second_factor_required');
  const stale = app.agent();
  await verified(app, stale);
  await app.clock.advance(600);
  await stale.post(send).set('Sec-Fetch-Site', 'cross-site').send({}).expect(403);
  await waiting
    .post(recover)
    .set('Sec-Fetch-Site', 'cross-site')
    .send({ recoveryCode: codes[0] })
    .expect(403);
  await stale.post(renew).set('Origin', 'https://evil.example').send({}).expect(403);
  await app.clock.advance(1);
  await stale.post(renew).send({}).expect(403);
  await waiting.get(recover).query({ recoveryCode: codes[0] }).expect(405);
  expect(app.enrollments.get('id-of-A')).toEqual(kept);
  await use(waiting, codes[0]).expect(200);
});

test('[S104] [S14] nothing in a leaked enrollment lets anyone in', async () => {
  const app = await start({ factor: { trustedDevices: { days: 30 } } });
  const agent = app.agent();
  const code = await pending(app, agent);
  const passed = await agent.post(verify).send({ code, trustDevice: true }).expect(200);
  const cookies = (passed.headers['set-cookie'] as unknown as string[]).join('\n');
  const [, name, token = ''] = /(__Host-sms2fa-device-[\w-]+)=([^;]+)/.exec(cookies) ?? [];
  const { body } = await agent.post(renew).send({}).expect(200);
  const codes = body.recoveryCodes as string[];
  const { newRecoveryCodes } = app.enrollments.get('id-of-A')!;
  await agent.post(keep).send({}).expect(204);
  const leaked = app.enrollments.get('id-of-A')!;
  const dump = JSON.stringify([leaked, newRecoveryCodes]);
  for (const secret of [...codes, ...codes.map((each) => each.replaceAll('-', '')), code, token]) {
    expect(dump).not.toContain(secret);
  }
  expect(dump).not.toContain(token.split('.')[1]);
  const { salt, digests } = leaked.recoveryCodes!;
  const thief = await signedIn(app);
  for (const value of [salt, newRecoveryCodes!.keyId, ...digests]) {
    expect((await use(thief, value)).status).toBe(400);
    expect((await use(thief, Buffer.from(value, 'base64url').toString('hex'))).status).toBe(400);
  }
  for (const digest of digests.slice(0, 5)) {
    const cut = digest.toUpperCase().replace(/[U_-]/g, '0').slice(0, 16);
    expect((await use(thief, cut)).status).toBe(401);
  }
  const [device] = leaked.devices!;
  const cookie = `${cookieFrom(thief)}; ${name}=${device!.id}.${device!.digest}`;
  expect(await knock(app, cookie)).toBe(401);
  await thief.get('/secret').expect(401);
});

test('[S104] a code that crosses the word that a new set is kept, and a set that crosses a new phone, lose as a whole', async () => {
  const map = new Map<string, Enrollment>([['id-of-A', enrolled(PHONES.A)]]);
  const base = mapEnrollments(map);
  let first: (() => Promise<unknown>) | undefined;
  const enrollments: typeof base = {
    ...base,
    set: async (...written) => {
      const before = first;
      first = undefined;
      await before?.();
      return base.set(...written);
    },
  };
  const app = await start({ factor: { enrollments } });
  const [old] = await codesFor(app);
  const owner = app.agent();
  await verified(app, owner);
  const digests = (): string[] => map.get('id-of-A')!.recoveryCodes!.digests;

  let newer: string[] = [];
  first = async () => {
    newer = await renewed(owner);
  };
  await use(await signedIn(app), old).expect(401);
  expect(digests()).toHaveLength(10);
  // Two codes that cross are both good: the second is taken from what the first left.
  const [one, two] = [await signedIn(app), await signedIn(app)];
  first = () => use(one, newer[0]).expect(200).then();
  expect((await use(two, newer[1]).expect(200)).body.recoveryCodesLeft).toBe(8);
  expect(digests()).toHaveLength(8);

  const second = app.agent();
  await verified(app, second);
  await owner.post(enroll).send({ phone: '+12065550199' }).expect(202);
  const confirmed = { code: newestCode(app, '+12065550199') };
  first = () => owner.post(`${enroll}/verify`).send(confirmed).expect(200).then();
  await second.post(renew).send({}).expect(403);
  expect(map.get('id-of-A')).toMatchObject({ phone: '+12065550199' });
  expect(digests()).toHaveLength(8);
  await owner.post(keep).send({}).expect(204);
  expect(digests()).toHaveLength(10);
});

/** Where the app has a factor of its own, passed by this call. */
const OWN_FACTOR: TestAppOptions = {
  after: (target, secondFactor) => {
    target.post('/open', async (req, res) => {
      await secondFactor.satisfy(req, ['otp']);
      res.json({});
    });
  },
};

test("[S31] [S103] after the hard stop the app's own factor lets the user enroll a phone anew", async () => {
  const app = await start({ ...OWN_FACTOR, factor: { limits: ONE_LEVEL } });
  const agent = await signedIn(app);
  await failTexted(app, agent, 10);
  await agent.post('/open').send({}).expect(200);
  await agent.get('/secret').expect(200);
  await app.clock.advance(60);
  await agent.post(enroll).send({ phone: PHONES.A }).expect(202);
  await agent
    .post(`${enroll}/verify`)
    .send({ code: newestCode(app) })
    .expect(200);
  await app.clock.advance(60);
  await verified(app, app.agent());
});

test("[S103] the app's own factor opens the gate without a text, and the page offers a recovery code", async () => {
  const app = await start(OWN_FACTOR);
  await codesFor(app);
  const page = htmlAgent(app);
  await signIn(page);
  expect((await page.get('/second-factor').expect(200)).text).toContain(`action="${recover}"`);
  const agent = await signedIn(app);
  const before = app.outbox.messages.length;
  await agent.post('/open').send({}).expect(200);
  await agent.get('/secret').expect(200);
  expect((await agent.get('/status')).body.amr).toEqual(['pwd', 'otp', 'mfa']);
  expect(app.outbox.messages).toHaveLength(before);
});
