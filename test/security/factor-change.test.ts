import {
  mapEnrollments,
  memoryCounter,
  type Enrollment,
  type Enrollments,
  type SecondFactorOptions,
} from '../../lib';
import {
  enrolled,
  newestCode,
  pending,
  PHONES,
  signIn,
  startApp as start,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
  type User,
} from '../helpers/app';
import { atOnce, jsonPost, raw } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import type { RedisClient } from '../helpers/redis-server';
import { barrier, onEachStore, isRecord } from '../helpers/stores';
import { cookieFrom, JSON_ONLY, knock, sessionsOf } from '../helpers/web';

const {
  challenge: send,
  verify,
  enrollment: enroll,
  confirm,
  devices,
  recoveryCodes: renew,
} = ROUTER;
const NEW = '+12065550199';
const OTHER = '+12065550188';

afterEach(() => void jest.restoreAllMocks());

async function signedIn(app: TestApp, username = 'A'): Promise<Agent> {
  const agent = app.agent();
  await signIn(agent, username);
  return agent;
}

async function passed(app: TestApp, username = 'A'): Promise<Agent> {
  const agent = app.agent();
  await verified(app, agent, username);
  return agent;
}

/** Asks for a code to a phone that is to become the factor, and returns it. */
async function offer(app: TestApp, agent: Agent, phone = NEW): Promise<string> {
  await agent.post(enroll).send({ phone }).expect(202);
  return newestCode(app, phone);
}

async function replace(app: TestApp, agent: Agent, phone = NEW): Promise<void> {
  const code = await offer(app, agent, phone);
  await agent.post(confirm).send({ code }).expect(200);
}

/** Signs in, passes the factor and trusts the browser; returns the cookie that says so. */
async function trust(app: TestApp, agent: Agent, username = 'A'): Promise<string> {
  const code = await pending(app, agent, username);
  const answer = await agent.post(verify).send({ code, trustDevice: true }).expect(200);
  await app.clock.advance(10);
  return deviceCookie(answer.headers);
}

function deviceCookie(headers: Record<string, unknown>): string {
  const cookies = (headers['set-cookie'] ?? []) as string[];
  const device = cookies.find((each) => each.startsWith('__Host-sms2fa-device-'));
  if (device === undefined) throw new Error('no device was trusted');
  return device.split(';')[0]!;
}

const TRUSTING = { trustedDevices: { days: 30 } } satisfies Partial<SecondFactorOptions<User>>;
const factorOf = (app: TestApp, username = 'A') => app.enrollments.get(`id-of-${username}`);

onEachStore('a change of the factor', (kind) => {
  test.each([
    ['first', 'C', 'enroll', 'enrolled'],
    ['new', 'A', 'replace', 'replaced'],
  ] as const)(
    '[S99] [S177] fifty parallel confirmations of a %s phone make one factor and one session',
    async (_which, username, records, event) => {
      const app = await start(await kind.make());
      const agent = username === 'A' ? await passed(app) : await signedIn(app, username);
      const code = await offer(app, agent);
      const events: object[] = [];
      const notices: string[] = [];
      app.secondFactor.on(event, (facts) => void events.push(facts));
      app.secondFactor.on('notice', ({ action }) => void notices.push(action));
      const version = factorOf(app, username)?.version ?? app.clock() % 2 ** 30;
      barrier(app.store, 50, (sid) => isRecord(sid, records));
      const post = jsonPost(confirm, cookieFrom(agent), { code });
      const answers = await atOnce(app.url, Array<typeof post>(50).fill(post));
      expect(sessionsOf(answers)).toHaveLength(1);
      // Whoever is answered again is shown the same codes.
      const shown = answers.filter(({ body }) => body.includes('recoveryCodes'));
      expect(new Set(shown.map(({ body }) => body)).size).toBe(1);
      expect(events).toHaveLength(1);
      expect(notices).toEqual([event]);
      expect(factorOf(app, username)).toMatchObject({ phone: NEW, version: version + 1 });
      const dump = await kind.dump(app.store);
      expect(dump.match(/"mark\\*":/g)).toHaveLength(1);
      const keys = dump.match(/sms2fa[a-z][0-9a-f]{25}/g) ?? [];
      expect(keys.filter((key) => isRecord(key, records))).toEqual([]);
    },
  );

  test('[S99] of two sessions that confirm two phones at once one wins, and its codes work', async () => {
    const app = await start(await kind.make());
    const [one, two] = [await signedIn(app, 'C'), await signedIn(app, 'C')];
    const first = await offer(app, one);
    await app.clock.advance(30);
    const second = await offer(app, two, OTHER);
    barrier(app.store, 2, (sid) => isRecord(sid, 'enroll'));
    const answers = await atOnce(app.url, [
      jsonPost(confirm, cookieFrom(one), { code: first }),
      jsonPost(confirm, cookieFrom(two), { code: second }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(factorOf(app, 'C')!.phone).toBe([NEW, OTHER][winner]);
    const { recoveryCodes } = JSON.parse(answers[winner]!.body) as { recoveryCodes: string[] };
    const recoveryCode = recoveryCodes[0];
    const agent = await signedIn(app, 'C');
    await agent.post(ROUTER.recovery).send({ recoveryCode }).expect(200);
  });

  test.each([
    ['A', 'a replacement'],
    ['C', 'a first enrollment'],
  ])('[S98] eleven minutes later nothing is left of %s who gave up %s', async (username) => {
    const app = await start(await kind.make());
    const agent = username === 'A' ? await passed(app) : await signedIn(app, username);
    const before = factorOf(app, username);
    const code = await offer(app, agent);
    expect(await kind.dump(app.store)).toContain(NEW);
    await app.clock.advance(660);
    await letRecordsEnd(app, 660_000);
    const dump = await kind.dump(app.store);
    expect(dump).not.toMatch(/2065550199|555-?0199|sms2fa[pe][0-9a-f]{25}/);
    expect(factorOf(app, username)).toEqual(before);
    await agent
      .post(confirm)
      .send({ code })
      .expect(username === 'A' ? 403 : 401);
    expect(factorOf(app, username)).toEqual(before);
  });

  test('[S97] five wrong codes drop the pending number, and count for the user', async () => {
    const app = await start(await kind.make());
    const agent = await signedIn(app, 'C');
    const code = await offer(app, agent);
    for (let step = 1; step <= 5; step += 1) {
      const answer = await agent
        .post(confirm)
        .send({ code: wrongCode(code, step) })
        .expect(401);
      expect(answer.body).toMatchObject({ code: 'code_incorrect', attemptsLeft: 5 - step });
    }
    expect(await kind.dump(app.store)).not.toContain(NEW);
    expect((await agent.post(confirm).send({ code }).expect(401)).body.code).toBe(
      'challenge_expired',
    );
    await app.clock.advance(30);
    const second = await offer(app, agent);
    for (let step = 1; step <= 5; step += 1) {
      await agent.post(confirm).send({ code: wrongCode(second, step) });
    }
    await app.clock.advance(60);
    await agent.post(enroll).send({ phone: NEW }).expect(429);
    await agent.post(confirm).send({ code: second }).expect(429);
    expect(factorOf(app, 'C')).toBeUndefined();
  });

  test('[S74] a session of another process is held up at once after a first enrollment', async () => {
    const { store, clock } = await kind.make();
    const map = new Map<string, Enrollment>();
    const factor = { counter: memoryCounter({ clock }), enrollments: mapEnrollments(map) };
    const [here, there] = [
      await start({ store, clock, factor }),
      await start({ store, clock, factor }),
    ];
    const [ua1, ua2] = [await signedIn(here, 'C'), await signedIn(there, 'C')];
    await ua2.get('/enforced').expect(200);
    await replace(here, ua1);
    await ua2.get('/enforced').expect(401);
    await ua2.get('/secret').expect(401);
    // A phone that replaces it ends that of a verified session within ten seconds.
    await clock.advance(60);
    await verified(there, ua2, 'C');
    await clock.advance(60);
    await replace(here, ua1, OTHER);
    await clock.advance(10);
    await ua2.get('/enforced').expect(401);
    await ua1.get('/enforced').expect(200);
  });
});

/** The stores go by clocks of their own: lets them live through so many milliseconds. */
async function letRecordsEnd({ store }: TestApp, milliseconds: number): Promise<void> {
  const later = Date.now() + milliseconds;
  const { client } = store as unknown as { client?: RedisClient };
  if (client === undefined) {
    // A MemoryStore drops what has ended when it is looked through.
    jest.spyOn(Date, 'now').mockReturnValue(later);
    await new Promise((resolve) => store.all!(resolve));
    return;
  }
  for (const key of await client.keys('sess:*')) {
    await client.pExpire(key, (await client.pTTL(key)) - milliseconds);
  }
}

test.each(['replaced', 'removed', 'removed and enrolled again'])(
  '[S75] a phone that is %s ends every other session and every trusted device',
  async (change) => {
    const app = await start({ factor: TRUSTING });
    const [owner, other, trusted] = [app.agent(), app.agent(), app.agent()];
    const cookie = await trust(app, trusted);
    await verified(app, other);
    await verified(app, owner);
    expect((await owner.get(devices)).body.devices).toHaveLength(1);
    if (change === 'replaced') await replace(app, owner);
    else await owner.delete(enroll).expect(204);
    if (change === 'removed and enrolled again') await replace(app, owner, PHONES.A);
    const shut = change === 'removed' ? 403 : 401;
    await other.get('/secret').expect(shut);
    await trusted.get('/secret').expect(shut);
    const again = cookieFrom(await signedIn(app));
    expect(await knock(app, `${again}; ${cookie}`)).toBe(shut);
    expect(factorOf(app)?.devices ?? []).toEqual([]);
    if (change !== 'removed') expect((await owner.get(devices)).body.devices).toEqual([]);
  },
);

/** Enrollments where something can come between a look and the write that follows it. */
function crossed() {
  const map = new Map<string, Enrollment>([['id-of-A', enrolled(PHONES.A)]]);
  const base = mapEnrollments(map);
  let between: (() => Promise<unknown>) | undefined;
  const intervene = async (): Promise<void> => {
    const first = between;
    between = undefined;
    await first?.();
  };
  const enrollments: Enrollments = {
    ...base,
    set: async (...written) => {
      await intervene();
      return base.set(...written);
    },
    delete: async (...asked) => {
      await intervene();
      return base.delete(...asked);
    },
  };
  return { map, enrollments, cross: (first: () => Promise<unknown>) => (between = first) };
}

test('[S75] [S99] a device that is trusted while the phone is confirmed dies with the old phone', async () => {
  const { map, enrollments, cross } = crossed();
  const app = await start({ factor: { ...TRUSTING, enrollments } });
  const owner = await passed(app);
  const trusting = app.agent();
  const code = await pending(app, trusting);
  await app.clock.advance(30);
  const newer = await offer(app, owner);
  let cookie = '';
  cross(async () => {
    const answer = await trusting.post(verify).send({ code, trustDevice: true }).expect(200);
    cookie = deviceCookie(answer.headers);
    expect(map.get('id-of-A')!.devices).toHaveLength(1);
  });
  await owner.post(confirm).send({ code: newer }).expect(200);
  expect(map.get('id-of-A')).toMatchObject({ phone: NEW, version: 3 });
  expect(map.get('id-of-A')).not.toHaveProperty('devices');
  expect(await knock(app, `${cookieFrom(await signedIn(app))}; ${cookie}`)).toBe(401);
});

test('[S75] [S99] a device that asks for trust on the old phone gets none on the new one', async () => {
  const { map, enrollments, cross } = crossed();
  const app = await start({ factor: { ...TRUSTING, enrollments } });
  const owner = await passed(app);
  const trusting = app.agent();
  const code = await pending(app, trusting);
  await app.clock.advance(30);
  const newer = await offer(app, owner);
  cross(() => owner.post(confirm).send({ code: newer }).expect(200).then());
  const answer = await trusting.post(verify).send({ code, trustDevice: true });
  expect(() => deviceCookie(answer.headers)).toThrow('no device');
  expect(map.get('id-of-A')).toMatchObject({ phone: NEW });
  expect(map.get('id-of-A')).not.toHaveProperty('devices');
  await trusting.get('/secret').expect(401);
});

test.each(['a revocation', 'a replacement', 'a removal'])(
  '[S94] [S99] a replacement that %s overtakes changes nothing',
  async (what) => {
    const { map, enrollments, cross } = crossed();
    const app = await start({ factor: { enrollments } });
    const [owner, other] = [await passed(app), await passed(app)];
    const code = await offer(app, owner);
    await app.clock.advance(30);
    const first = await offer(app, other, OTHER);
    let after: Enrollment | undefined;
    cross(async () => {
      if (what === 'a removal') await other.delete(enroll).expect(204);
      else if (what === 'a replacement') await other.post(confirm).send({ code: first });
      else await app.secondFactor.admin.revoke('id-of-A', { operator: 'Grace' });
      after = map.get('id-of-A');
    });
    await owner.post(confirm).send({ code }).expect(401);
    expect(map.get('id-of-A')).toEqual(after);
    expect(after?.phone).not.toBe(NEW);
  },
);

test('[S94] [S99] a removal that crosses a replacement leaves the new phone', async () => {
  const { map, enrollments, cross } = crossed();
  const app = await start({ factor: { enrollments } });
  const [owner, other] = [await passed(app), await passed(app)];
  const code = await offer(app, owner);
  cross(() => owner.post(confirm).send({ code }).expect(200).then());
  await other.delete(enroll).expect(403);
  expect(map.get('id-of-A')).toMatchObject({ phone: NEW });
});

test('[S76] a pending enrollment dies once another phone was enrolled, and a replacement with the factor', async () => {
  const app = await start();
  const [late, first] = [await signedIn(app, 'C'), await signedIn(app, 'C')];
  const code = await offer(app, late);
  await app.clock.advance(30);
  await replace(app, first, OTHER);
  await late.post(confirm).send({ code }).expect(403);
  expect(factorOf(app, 'C')!.phone).toBe(OTHER);
  await late.get('/enforced').expect(401);

  const [replacing, removing] = [await passed(app), await passed(app)];
  const wanted = await offer(app, replacing, '+12065550177');
  await removing.delete(enroll).expect(204);
  await replacing.post(confirm).send({ code: wanted }).expect(401);
  expect(factorOf(app)).toBeUndefined();
});

test('[S91] a number that was typed and never confirmed challenges nobody and gets no text at sign-in', async () => {
  const app = await start();
  const agent = await signedIn(app, 'C');
  const code = await offer(app, agent);
  await agent.post('/logout').send({}).expect(200);
  await signIn(agent, 'C');
  expect((await agent.get('/second-factor')).body).toEqual({
    enrolled: false,
    verified: false,
    amr: ['pwd'],
    acr: 'urn:passport-sms-2fa:acr:one-factor',
  });
  await agent.get('/enforced').expect(200);
  await agent.post(send).send({}).expect(403);
  await agent.post(confirm).send({ code }).expect(401);
  expect(app.outbox.messages).toHaveLength(1);
});

describe('where a first phone needs a fresh sign-in', () => {
  /** An app that says what the test says about when the user signed in. */
  async function asking(signedInAt: (app: TestApp) => unknown): Promise<TestApp> {
    const app: TestApp = await start({
      factor: {
        enrollmentNeedsFreshLogin: {
          seconds: 300,
          signedInAt: () => signedInAt(app) as number | undefined,
        },
      },
    });
    return app;
  }

  test.each<[string, (now: number) => unknown, boolean]>([
    ['just now', (now) => now, true],
    ['300 seconds ago', (now) => now - 300_000, true],
    ['a millisecond longer ago', (now) => now - 300_001, false],
    ['in the future', (now) => now + 1, false],
    ['nobody knows when', () => undefined, false],
    ['at no time', () => null, false],
    ['at what is no number', () => 'yesterday', false],
  ])('[S92] [S95] signed in %s', async (_when, at, fresh) => {
    const app = await asking(({ clock }) => at(clock()));
    const [first, owner] = [await signedIn(app, 'C'), await passed(app)];
    const texts = app.outbox.messages.length;
    const answer = await first.post(enroll).send({ phone: NEW });
    expect(answer.status).toBe(fresh ? 202 : 401);
    expect(app.outbox.messages).toHaveLength(texts + (fresh ? 1 : 0));
    if (!fresh) expect(answer.body.code).toBe('fresh_login_required');
    // To remove the phone takes both: the password just now, and the second factor just now.
    const stale = await signedIn(app);
    await stale.delete(enroll).expect(fresh ? 403 : 401);
    await owner.post(`${enroll}/delete`).set('Sec-Fetch-Site', 'cross-site').send({}).expect(403);
    expect(factorOf(app)).toBeDefined();
    await owner.delete(enroll).expect(fresh ? 204 : 401);
    expect(factorOf(app) === undefined).toBe(fresh);
  });

  test('[S94] a replacement needs the second factor, whenever the password was typed', async () => {
    const app = await asking(() => 0);
    await replace(app, await passed(app));
    expect(factorOf(app)!.phone).toBe(NEW);
  });
});

test('[S95] a removal needs a second factor passed at most ten minutes ago, and a post of this site', async () => {
  const app = await start();
  const owner = await passed(app);
  await app.agent().delete(enroll).expect(401);
  await (await signedIn(app)).delete(enroll).expect(403);
  await owner.delete(enroll).set('Origin', 'https://evil.example').expect(403);
  await owner.post(`${enroll}/delete`).set('Sec-Fetch-Site', 'cross-site').expect(403);
  await owner.get(`${enroll}/delete`).expect(405);
  await app.clock.advance(601);
  const stale = await owner.delete(enroll).expect(403);
  expect(stale.body.code).toBe('fresh_second_factor_required');
  expect(factorOf(app)).toEqual(enrolled(PHONES.A));
  await owner.post(send).send({}).expect(202);
  await owner
    .post(verify)
    .send({ code: newestCode(app) })
    .expect(200);
  await app.clock.advance(600);
  await owner.delete(enroll).expect(204);
  expect(factorOf(app)).toBeUndefined();
});

test('[S93] a pending session changes nothing and is told nothing', async () => {
  const app = await start({ factor: TRUSTING });
  await trust(app, app.agent());
  const waiting = app.agent();
  const code = await pending(app, waiting);
  const before = structuredClone(factorOf(app));
  const texts = app.outbox.messages.length;
  const id = before!.devices![0]!.id;
  const body = { phone: NEW, code, userId: 'id-of-A', verified: true };
  const calls: [method: 'get' | 'post' | 'delete', path: string, status: number][] = [
    ['post', enroll, 403],
    ['post', confirm, 403],
    ['delete', enroll, 403],
    ['post', `${enroll}/delete`, 403],
    ['post', renew, 403],
    ['get', devices, 401],
    ['delete', devices, 401],
    ['post', `${devices}/delete`, 401],
    ['delete', `${devices}/${id}`, 401],
    ['post', `${devices}/${id}/delete`, 401],
  ];
  for (const [method, path, status] of calls) {
    const answer = await waiting[method](path).send(method === 'get' ? undefined : body);
    expect([path, answer.status]).toEqual([path, status]);
    expect(Object.keys(answer.body)).toEqual(['type', 'title', 'status', 'code', 'detail']);
  }
  expect(factorOf(app)).toEqual(before);
  expect(app.outbox.messages).toHaveLength(texts);
  await waiting.post(verify).send({ code }).expect(200);
});

test('[S94] another phone needs the second factor fresh, to be named and to be confirmed', async () => {
  const app = await start({ factor: { ...TRUSTING, limits: { challengeLifetime: 600 } } });
  const owner = app.agent();
  const cookie = await trust(app, owner);
  await app.clock.advance(500);
  const code = await offer(app, owner);
  await app.clock.advance(101);
  const late = await owner.post(confirm).send({ code }).expect(403);
  expect(late.body.code).toBe('fresh_second_factor_required');
  await owner.post(enroll).send({ phone: NEW }).expect(403);
  // A trusted device passes the gate, and stands in for nothing here.
  const device = `${cookieFrom(await signedIn(app))}; ${cookie}`;
  expect(await knock(app, device)).toBe(200);
  const answer = await raw(app.url, jsonPost(enroll, device, { phone: NEW }));
  expect(answer.status).toBe(403);
  const removal = { method: 'DELETE', path: enroll, cookie: device, headers: JSON_ONLY };
  expect((await raw(app.url, removal)).status).toBe(403);
  expect(factorOf(app)!.phone).toBe(PHONES.A);
});

test('[S94] the old phone serves until the new one is confirmed, and not a moment longer', async () => {
  const app = await start();
  const owner = await passed(app);
  const code = await offer(app, owner);
  const other = app.agent();
  await app.clock.advance(30);
  await signIn(other);
  await other.post(send).send({}).expect(202);
  expect(app.outbox.messages.at(-1)!.to).toBe(PHONES.A);
  const old = newestCode(app, PHONES.A);
  await owner
    .post(confirm)
    .send({ code: wrongCode(code) })
    .expect(401);
  expect(factorOf(app)).toEqual(enrolled(PHONES.A));
  await owner.post(confirm).send({ code }).expect(200);
  await owner.get('/secret').expect(200);
  await other.post(verify).send({ code: old }).expect(401);
  await app.clock.advance(60);
  await other.post(send).send({}).expect(202);
  expect(app.outbox.messages.at(-1)!.to).toBe(NEW);
});

test('[S94] who lost the phone replaces it with a recovery code', async () => {
  const app = await start();
  const recoveryCode = (await (await passed(app)).post(renew).send({}).expect(200)).body
    .recoveryCodes[0] as string;
  const agent = await signedIn(app);
  await agent.post(ROUTER.recovery).send({ recoveryCode }).expect(200);
  await replace(app, agent);
  expect(factorOf(app)!.phone).toBe(NEW);
});

test('[S96] the devices of another user are not there, whatever the path or the body says', async () => {
  const app = await start({ factor: TRUSTING });
  const cookie = await trust(app, app.agent(), 'B');
  const { id } = factorOf(app, 'B')!.devices![0]!;
  const thief = await passed(app);
  expect((await thief.get(devices)).body).toEqual({ devices: [] });
  await thief.delete(`${devices}/${id}`).send({ userId: 'id-of-B' }).expect(404);
  await thief.post(`${devices}/${id}/delete`).send({ userId: 'id-of-B' }).expect(404);
  await thief.delete(devices).send({ userId: 'id-of-B', id }).expect(204);
  await thief.delete(enroll).send({ userId: 'id-of-B', phone: PHONES.B }).expect(204);
  expect(factorOf(app, 'B')!.devices).toHaveLength(1);
  expect(await knock(app, `${cookieFrom(await signedIn(app, 'B'))}; ${cookie}`)).toBe(200);
  await replace(app, thief);
  expect(await knock(app, `${cookieFrom(await signedIn(app))}; ${cookie}`)).toBe(401);
});
