import {
  createSecondFactor,
  mapEnrollments,
  memoryCounter,
  outboxSender,
  SecondFactorError,
  type Counter,
  type Limits,
  type SimpleCounter,
  type SmsMessage,
  type SmsSender,
} from '../../lib';
import session from 'express-session';
import {
  codeIn,
  enrolled,
  newestCode,
  pending,
  PHONES,
  SECRET,
  signIn,
  verified,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import request from 'supertest';
import { testClock } from '../helpers/clock';
import { atOnce, jsonPost } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import {
  ask,
  askFor,
  inBlock,
  newcomer,
  signUp,
  startBehindProxy as start,
} from '../helpers/sending';
import { barrier, isSession, onEachStore } from '../helpers/stores';
import { cookieOf } from '../helpers/web';

const { verify, challenge: send, enrollment: enroll, confirm } = ROUTER;

/** The conversion guard out of the way, where a row is about another limit. */
const unguarded = {
  conversionPerCountry: { hour: 10_000, day: 10_000 },
  conversionPerBlock: { hour: 10_000, day: 10_000 },
} satisfies Partial<Limits>;
/** Waits out of the way, too, where a row is about budgets. */
const brisk = (limits: Partial<Limits> = {}, options: TestAppOptions = {}): Promise<TestApp> => {
  const roomy = { ...unguarded, resendWait: [15], ...limits };
  return start({ ...options, factor: { ...options.factor, limits: roomy } });
};

/** The session cookie of a newcomer, for raw sockets. */
async function newCookie(app: TestApp, name: string, phone: string): Promise<string> {
  const username = signUp(app, name, phone);
  const login = request(app.url).post('/login');
  return cookieOf(await login.send({ username, password: 'right' }).expect(200));
}

async function expectRefused(
  asking: PromiseLike<request.Response>,
  code: string,
  retryAfter?: number,
) {
  const answer = await asking;
  expect([answer.status, answer.body.code]).toEqual([429, code]);
  if (retryAfter === undefined) return;
  expect(answer.body.retryAfter).toBe(retryAfter);
  expect(answer.headers['retry-after']).toBe(String(retryAfter));
}

/** The budgets that refused, by the events. */
function refusals(app: TestApp): (string | undefined)[] {
  const names: (string | undefined)[] = [];
  app.secondFactor.on('send_refused', ({ budget, code }) => names.push(budget ?? code));
  return names;
}

const DAY = 86_400;

test('[S40] nobody who is not signed in gets a text, whatever the request says', async () => {
  const app = await start();
  const stranger = app.agent();
  for (const path of [send, enroll, '/own/challenge']) {
    const body = { phone: PHONES.A, userId: 'id-of-A', username: 'A' };
    const answer = await stranger.post(path).send(body).expect(401);
    expect(answer.body.code).toBe('not_authenticated');
  }
  expect(app.outbox.messages).toEqual([]);
});

test('[S40] a text goes to the number that is enrolled, never to one in the request', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  const phone = '+12065550199';
  await agent.post(`${send}?phone=${phone}`).send({ phone, to: phone }).expect(202);
  await app.clock.advance(30);
  await agent.post('/own/challenge').send({ phone }).expect(200);
  expect(app.outbox.messages.map(({ to }) => to)).toEqual([PHONES.A, PHONES.A]);
  // Nor can one who knows only the password name another phone.
  const answer = await agent.post(enroll).send({ phone }).expect(403);
  expect(answer.body.code).toBe('fresh_second_factor_required');
  expect(app.outbox.messages).toHaveLength(2);
});

onEachStore('sends', (kind) => {
  test('[S41] texts are 30, 60, 120, then 300 seconds apart', async () => {
    const made = await kind.make();
    const app = await start(made);
    const agent = app.agent();
    await signIn(agent);
    const texts: number[] = [];
    let now = 0;
    for (const at of [0, 29, 30, 89, 90, 209, 210, 509, 510, 809, 810]) {
      await app.clock.advance(at - now);
      now = at;
      await ask(agent);
      texts.push(app.outbox.messages.length);
    }
    expect(texts).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]);
  });

  test.each(['one session', 'fifty sessions'])(
    '[S42] of fifty parallel sends from %s one goes out',
    async (which) => {
      const app = await start(await kind.make());
      const cookies: string[] = [];
      for (let each = 0; each < (which === 'one session' ? 1 : 50); each += 1) {
        cookies.push(await newCookie(app, 'A', PHONES.A));
      }
      const posts = Array.from({ length: 50 }, (_, index) =>
        jsonPost(send, cookies[index % cookies.length]!, {}),
      );
      barrier(app.store, 50, isSession);
      const answers = await atOnce(app.url, posts);
      expect(app.outbox.messages).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(49);
    },
  );

  test('[S42] fifty users at once get no more texts to one phone than one user', async () => {
    const app = await start(await kind.make());
    const posts = [];
    for (let each = 0; each < 50; each += 1) {
      posts.push(jsonPost(send, await newCookie(app, `U${each}`, PHONES.A), {}));
    }
    barrier(app.store, 50, isSession);
    await atOnce(app.url, posts);
    expect(app.outbox.messages).toHaveLength(1);
  });

  test('[S42] parallel sends of many users take no more places than a budget has', async () => {
    const made = await kind.make();
    const app = await brisk({ textsPerAddress: [{ count: 7, seconds: 600 }] }, made);
    const posts = [];
    for (let each = 0; each < 50; each += 1) {
      posts.push(jsonPost(send, await newCookie(app, `U${each}`, inBlock(each)), {}));
    }
    barrier(app.store, 50, isSession);
    await atOnce(app.url, posts);
    expect(app.outbox.messages).toHaveLength(7);
  });
});

test('[S41] a new session, and another user with the phone, wait as well; Retry-After is exact', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  const sent = await ask(agent).expect(202);
  expect(sent.body.challenge.resendAt).toBe(new Date(app.clock() + 30_000).toISOString());
  await app.clock.advance(7.2);
  const other = app.agent();
  await signIn(other);
  const sharing = await newcomer(app, 'sharing', PHONES.A);
  for (const each of [agent, other, sharing]) await expectRefused(ask(each), 'resend_too_soon', 23);
  await app.clock.advance(22.799);
  for (const each of [agent, other, sharing]) await expectRefused(ask(each), 'resend_too_soon', 1);
  expect(app.outbox.messages).toHaveLength(1);
  await app.clock.advance(0.001);
  await ask(other).expect(202);
  await expectRefused(ask(agent), 'resend_too_soon', 60);
});

test('[S41] another number spares a user the wait only to put it right', async () => {
  const app = await start();
  const [agent, other] = [app.agent(), app.agent()];
  await signIn(agent, 'C');
  await signIn(other, 'C');
  await askFor(agent, inBlock(1)).expect(202);
  await expectRefused(askFor(agent, inBlock(1)), 'resend_too_soon', 30);
  await expectRefused(askFor(other, inBlock(3)), 'resend_too_soon', 30);
  expect(app.outbox.messages).toHaveLength(1);
  // Who mistyped it puts it right where the code was asked for, as often as a user may name a number.
  await askFor(agent, inBlock(2)).expect(202);
  await askFor(agent, inBlock(3)).expect(202);
  await expectRefused(askFor(agent, inBlock(4)), 'send_limit_reached');
  expect(app.outbox.messages).toHaveLength(3);
});

test('[S41] asking too soon makes nobody wait longer', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  await ask(agent).expect(202);
  await app.clock.advance(20);
  for (let each = 0; each < 20; each += 1) await expectRefused(ask(agent), 'resend_too_soon', 10);
  await app.clock.advance(10);
  await ask(agent).expect(202);
});

test('[S41] a right code ends the wait', async () => {
  const app = await start();
  const agent = app.agent();
  await verified(app, agent);
  await ask(agent).expect(202);
  expect(app.outbox.messages).toHaveLength(2);
});

/**
 * A counter of the app's own that adds to one key at a time, on which two parallel sends cross: the
 * first comes first to the wait of the user, the second to that of the phone.
 */
function crossingCounter(): SimpleCounter {
  const counts = new Map<string, { count: number; expiresAt: number }>();
  let askers = 0;
  let release = (): void => undefined;
  const overtaken = new Promise<void>((resolve) => (release = resolve));
  return {
    add: async (key, lifetimeMs, by = 1) => {
      const crosses = /:p:.*#wait$/.test(key) && by > 0;
      if (crosses) askers += 1;
      if (crosses && askers === 1) {
        await Promise.race([overtaken, new Promise((go) => setTimeout(go, 200))]);
      }
      const found = counts.get(key) ?? { count: 0, expiresAt: Date.now() + lifetimeMs };
      const count = { ...found, count: Math.max(0, found.count + by) };
      counts.set(key, count);
      if (crosses) release();
      return count;
    },
    peek: async (key) => counts.get(key),
    clear: async (key) => void counts.delete(key),
  };
}

test('[S42] of two parallel sends whose counts cross no more than one goes out', async () => {
  const app = await start({ factor: { counter: crossingCounter() } });
  const [one, other] = [app.agent(), app.agent()];
  await signIn(one);
  await signIn(other);
  const answers = await Promise.all([ask(one), ask(other)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 429]);
  expect(app.outbox.messages).toHaveLength(1);
});

test('[S43] five texts in ten minutes and ten in a day to a confirmed phone, from whatever session and address', async () => {
  const app = await brisk({ textsPerUser: [{ count: 1_000, seconds: DAY }] });
  const refused = refusals(app);
  const agent = app.agent();
  await verified(app, agent);
  const from = app.clock();
  const next = async (seconds: number, each: number) => {
    app.clock.set(from + seconds * 1_000);
    await signIn(agent);
    return ask(agent, `192.0.2.${each}`);
  };
  for (let each = 0; each < 5; each += 1) expect((await next(each * 15, each)).status).toBe(202);
  await expectRefused(next(75, 6), 'send_limit_reached', 525);
  await expectRefused(next(599, 7), 'send_limit_reached', 1);
  expect(app.outbox.messages).toHaveLength(6);
  // An hour later, as no more than ten an hour are sent at all.
  for (let each = 5; each < 10; each += 1) {
    expect((await next(3_600 + each * 15, each)).status).toBe(202);
  }
  await expectRefused(next(4_300, 11), 'send_limit_reached', DAY - 4_300);
  expect(app.outbox.messages).toHaveLength(11);
  expect((await next(DAY, 12)).status).toBe(202);
  expect(refused).toEqual(['phone', 'phone', 'phone']);
});

test('[S43] ten texts in a day to a user, whatever the phone, session and address', async () => {
  const app = await brisk();
  const refused = refusals(app);
  const agent = app.agent();
  await verified(app, agent);
  app.outbox.clear();
  const from = app.clock();
  const next = async (phone: number) => {
    app.enrollments.set('id-of-A', { ...enrolled(inBlock(phone)), version: phone + 1 });
    await signIn(agent);
    return ask(agent, `192.0.2.${phone}`);
  };
  for (let each = 0; each < 10; each += 1) {
    expect((await next(each)).status).toBe(202);
    await app.clock.advance(700);
  }
  expect((await next(10)).body).toMatchObject({
    code: 'send_limit_reached',
    retryAfter: DAY - 7_000,
  });
  expect(app.outbox.messages).toHaveLength(10);
  expect(refused).toEqual(['user']);
  app.clock.set(from + DAY * 1_000);
  expect((await next(11)).status).toBe(202);
});

test('[S43] a hundred texts in ten minutes to confirmed phones from one address, an IPv6 /64 being one', async () => {
  const app = await start();
  const refused = refusals(app);
  const from = app.clock();
  const agents: Agent[] = [];
  for (let each = 0; each < 103; each += 1) {
    agents.push(await newcomer(app, `u${each}`, inBlock(each)));
  }
  for (let each = 0; each < 100; each += 1) {
    await ask(agents[each]!, `2001:db8:1:2::${each.toString(16)}`).expect(202);
  }
  await expectRefused(ask(agents[100]!, '2001:db8:1:2:ffff::1'), 'send_limit_reached', 600);
  await ask(agents[101]!, '2001:db8:1:3::1').expect(202);
  expect(app.outbox.messages).toHaveLength(101);
  expect(refused).toEqual(['address']);
  app.clock.set(from + 600_000);
  await ask(agents[102]!, '2001:db8:1:2::1').expect(202);
});

test('[S43] ten unanswered texts an hour and fifty a day to unconfirmed phones from one address', async () => {
  const app = await brisk();
  const refused = refusals(app);
  const from = app.clock();
  let last = 0;
  const next = async (address?: string) => {
    last += 1;
    return askFor(await newcomer(app, `u${last}`), inBlock(last), address);
  };
  for (let hour = 0; hour < 5; hour += 1) {
    app.clock.set(from + hour * 3_600_000);
    for (let each = 0; each < 10; each += 1) expect((await next()).status).toBe(202);
    if (hour > 0) continue;
    // No code can come back any longer.
    await app.clock.advance(300);
    expect((await next()).body).toMatchObject({ code: 'send_limit_reached', retryAfter: 3_300 });
    expect((await next('198.51.100.9')).status).toBe(202);
  }
  app.clock.set(from + 5 * 3_600_000);
  expect((await next()).body).toMatchObject({ retryAfter: DAY - 5 * 3_600 });
  expect(app.outbox.messages).toHaveLength(51);
  expect(refused).toEqual(['unconfirmed-address', 'unconfirmed-address']);
  app.clock.set(from + DAY * 1_000);
  expect((await next()).status).toBe(202);
});

test('[S43] texts whose codes may still come back count for the day of their address, not for its hour', async () => {
  const app = await brisk();
  const refused = refusals(app);
  for (let each = 0; each < 51; each += 1) {
    const asked = await askFor(await newcomer(app, `u${each}`), inBlock(each));
    expect([each, asked.status]).toEqual([each, each < 50 ? 202 : 429]);
  }
  expect(refused).toEqual(['unconfirmed-address']);
});

test('[S43] a limit over all texts holds, and says so once at 80 and once at 100 percent', async () => {
  const app = await start({ factor: { limits: { overall: [{ count: 5, seconds: 3_600 }] } } });
  const refused = refusals(app);
  const alerts: object[] = [];
  app.secondFactor.on('budget_alert', ({ budget, count, limit }) =>
    alerts.push({ budget, count, limit }),
  );
  const from = app.clock();
  for (let each = 0; each < 4; each += 1) {
    const agent = await newcomer(app, `u${each}`, inBlock(each));
    await ask(agent, `192.0.2.${each}`).expect(202);
  }
  expect(alerts).toEqual([{ budget: 'overall', count: 4, limit: 5 }]);
  await askFor(await newcomer(app, 'u4'), inBlock(4), '192.0.2.4').expect(202);
  expect(alerts[1]).toEqual({ budget: 'overall', count: 5, limit: 5 });
  for (let each = 5; each < 8; each += 1) {
    const agent = await newcomer(app, `u${each}`, inBlock(each));
    await expectRefused(ask(agent, `192.0.2.${each}`), 'send_limit_reached', 3_600);
  }
  expect(app.outbox.messages).toHaveLength(5);
  expect(refused).toEqual(['overall', 'overall', 'overall']);
  expect(alerts).toHaveLength(2);
  app.clock.set(from + 3_600_000);
  await ask(await newcomer(app, 'u8', inBlock(8))).expect(202);
});

test('[S43] texts that are refused take no place in any budget', async () => {
  const app = await brisk({ textsPerAddress: [{ count: 1, seconds: 3_600 }] });
  const [first, second] = [app.agent(), app.agent()];
  await signIn(first, 'A');
  await signIn(second, 'B');
  await ask(first).expect(202);
  for (let each = 0; each < 30; each += 1) {
    await expectRefused(ask(second), 'send_limit_reached', 3_600);
  }
  // From elsewhere B has the whole budget of its phone: five in ten minutes.
  for (let each = 0; each < 5; each += 1) {
    await ask(second, `192.0.2.${each + 50}`).expect(202);
    await app.clock.advance(15);
  }
});

test('[S44] two users with one phone share its budget', async () => {
  const app = await brisk();
  app.enrollments.set('id-of-B', enrolled(PHONES.A));
  const agents = [app.agent(), app.agent()];
  await signIn(agents[0]!, 'A');
  await signIn(agents[1]!, 'B');
  for (let each = 0; each < 8; each += 1) {
    await ask(agents[each % 2]!, `192.0.2.${each}`);
    await app.clock.advance(15);
  }
  expect(app.outbox.messages).toHaveLength(5);
});

const SPELLINGS: [unknown, boolean][] = [
  ['+12025550100', true],
  ['+1 (202) 555-0100', true],
  ['12025550100', true],
  ['1-202-555-0100', true],
  ['2025550100', true],
  ['(202) 555-0100', true],
  ['202.555.0100', true],
  ['202/555/0100', true],
  ['202 555 0100', true],
  ['202\u00a0555\u00a00100', true],
  ['+1 202 555 0100', true],
  ['+1-202-555-0100', true],
  ['+1.202.555.0100', true],
  ['  2025550100 ', true],
  ['+1(202)5550100', true],
  ['1 (202) 555 0100', true],
  ['２０２５５５０１００', true],
  ['٢٠٢٥٥٥٠١٠٠', true],
  ['+12025550100;ext=1', false],
  ['+12025550100 x1', false],
  ['+12025550100,1', false],
  ['+12025550100#1', false],
  ['tel:+12025550100', true],
  ['202-555-O100', false],
  ['1-800-FLOWERS', false],
  ['+12025550100\n', true],
  ['+12025550100\r\nTo: +12025550101', false],
  ['\u200b+12025550100', true],
  ['+1202555010', false],
  ['+120255501000', false],
  ['++12025550100', false],
  ['', false],
  [12025550100, false],
  [['+12025550100'], false],
  [{ $ne: null }, false],
  [null, false],
];

test('[S45] every spelling of a number is the one number with one budget, or 422', async () => {
  const clock = testClock();
  const inner = memoryCounter({ clock });
  const budgets = new Set<string>();
  const counter: Counter = {
    settle: (wish) => {
      for (const { key } of wish.take ?? []) if (/n:[^#]*#t/.test(key)) budgets.add(key);
      return inner.settle(wish);
    },
  };
  const many = [{ count: 100, seconds: DAY }];
  const app = await brisk(
    {
      unconfirmedPerPhone: many,
      unconfirmedPerAddress: many,
      unconfirmedPerBlock: many,
      sentPerPhone: many,
    },
    { clock, factor: { counter } },
  );
  for (const [index, [spelling, accepted]] of SPELLINGS.entries()) {
    const agent = await newcomer(app, `u${index}`);
    const answer = await askFor(agent, spelling);
    expect([spelling, answer.status]).toEqual([spelling, accepted ? 202 : 422]);
    if (!accepted) expect(answer.body.code).toBe('phone_invalid');
    await clock.advance(15);
  }
  expect(new Set(app.outbox.messages.map(({ to }) => to))).toEqual(new Set(['+12025550100']));
  expect(app.outbox.messages).toHaveLength(SPELLINGS.filter(([, accepted]) => accepted).length);
  expect(budgets.size).toBe(1);
});

/** A carrier that fails as it is told to, and counts its calls. */
function carrier() {
  const outbox = outboxSender();
  const state = { calls: 0, refused: undefined as boolean | undefined, outbox };
  const sender: SmsSender = {
    send: (message: SmsMessage) => {
      state.calls += 1;
      if (state.refused === undefined) return outbox.send(message);
      const { refused } = state;
      return Promise.reject(new SecondFactorError('delivery_failed', 'It failed.', { refused }));
    },
  };
  return Object.assign(state, { sender });
}

test('[S46] a definite refusal gives everything back: ten more tries at once, then with waits', async () => {
  const failing = carrier();
  failing.refused = true;
  const app = await start({ factor: { sender: failing.sender } });
  const refused = refusals(app);
  const agent = app.agent();
  await signIn(agent);
  for (let each = 0; each < 20; each += 1) {
    const answer = await ask(agent);
    const expected = each < 11 ? [502, 'delivery_failed'] : [429, 'resend_too_soon'];
    expect([answer.status, answer.body.code]).toEqual(expected);
  }
  expect(failing.calls).toBe(11);
  // Waits are all that is met.
  const waited = Array(9).fill('resend_too_soon');
  expect(refused).toEqual([...Array(11).fill('delivery_failed'), ...waited]);
  await app.clock.advance(300);
  await ask(agent).expect(502);
  await app.clock.advance(300);
  failing.refused = undefined;
  const sent = await ask(agent).expect(202);
  expect(sent.body.challenge.sendsLeft).toBe(4);
});

test('[S46] after a definite refusal the next text goes out at once and works', async () => {
  const failing = carrier();
  const app = await start({ factor: { sender: failing.sender } });
  const agent = app.agent();
  await signIn(agent);
  failing.refused = true;
  await ask(agent).expect(502);
  await agent.get(send).expect(401);
  failing.refused = undefined;
  const sent = await ask(agent).expect(202);
  // The refused one took no place of the ten minutes; as an attempt it is a step of the waits.
  expect(sent.body.challenge).toMatchObject({ sendsLeft: 4 });
  await expectRefused(ask(agent), 'resend_too_soon', 60);
  await agent
    .post(verify)
    .send({ code: codeIn(failing.outbox.last()!.body) })
    .expect(200);
});

test('[S46] a refused resend leaves the text that went out before valid', async () => {
  const failing = carrier();
  const app = await start({ factor: { sender: failing.sender } });
  const agent = app.agent();
  await signIn(agent);
  await ask(agent).expect(202);
  const code = codeIn(failing.outbox.last()!.body);
  await app.clock.advance(30);
  failing.refused = true;
  await ask(agent).expect(502);
  await agent.post(verify).send({ code }).expect(200);
});

test('[S46] where nobody knows whether a text went out, the wait and the place are kept', async () => {
  const failing = carrier();
  failing.refused = false;
  const app = await brisk({}, { factor: { sender: failing.sender } });
  const agent = app.agent();
  await signIn(agent);
  for (let each = 0; each < 7; each += 1) {
    const answer = await ask(agent);
    const expected = each < 5 ? [502, 'delivery_failed'] : [429, 'send_limit_reached'];
    expect([answer.status, answer.body.code]).toEqual(expected);
    if (each < 5) await expectRefused(ask(agent), 'resend_too_soon', 15);
    await agent.get(send).expect(401);
    await app.clock.advance(15);
  }
  expect(failing.calls).toBe(5);
});

test('[S41] a text that may have gone out lengthens the next wait', async () => {
  const failing = carrier();
  failing.refused = false;
  const app = await start({ factor: { sender: failing.sender } });
  const agent = app.agent();
  await signIn(agent);
  await ask(agent).expect(502);
  await app.clock.advance(30);
  await ask(agent).expect(502);
  await expectRefused(ask(agent), 'resend_too_soon', 60);
});

test('[S46] a sender that breaks with any other error is one of which nobody knows', async () => {
  let calls = 0;
  const sender: SmsSender = {
    send: () => {
      calls += 1;
      throw new Error('broken');
    },
  };
  const app = await start({ factor: { sender } });
  const agent = app.agent();
  await signIn(agent);
  for (let each = 0; each < 20; each += 1) await ask(agent);
  expect(calls).toBe(1);
});

test.each([
  ['Sierra Leone', '+23276123456'],
  ['Great Britain', '+447400123456'],
  ['a satellite', '+881612345678'],
  ['an international premium service', '+979123456789'],
])('[S47] no text goes to %s', async (_where, phone) => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent, 'C');
  const answer = await askFor(agent, phone).expect(422);
  expect(answer.body.code).toBe('destination_not_allowed');
  expect(app.outbox.messages).toEqual([]);
});

test('[S47] a list that shrinks after enrolling is obeyed at each send', async () => {
  const app = await start({ factor: { allowedCountries: ['US'] } });
  app.enrollments.set('id-of-A', enrolled('+16045550142'));
  const agent = app.agent();
  await signIn(agent);
  const answer = await ask(agent).expect(422);
  expect(answer.body.code).toBe('destination_not_allowed');
  expect(app.outbox.messages).toEqual([]);
  await agent.get('/secret').expect(401);
});

test('[S47] the list decides by the region: a number of a listed country is texted', async () => {
  const app = await start({ factor: { allowedCountries: ['GB', 'JM'], defaultCountry: 'GB' } });
  const agent = app.agent();
  await signIn(agent, 'C');
  await askFor(agent, PHONES.A).expect(422);
  await askFor(agent, '+447400123456').expect(202);
  await app.clock.advance(30);
  await askFor(agent, '+18762101234').expect(202);
});

test.each([
  ['Jamaica', '+18762101234'],
  ['the Bahamas', '+12423591234'],
  ['the Dominican Republic', '+18092345678'],
  ['Barbados', '+12462501234'],
  ['Trinidad', '+18682911234'],
  ['Bermuda', '+14413701234'],
  ['a premium number', '+19005550100'],
  ['a premium exchange', '+12069765100'],
  ['a toll-free number', '+18005550100'],
  ['a newer toll-free number', '+18885550100'],
])('[S48] inside +1 no text goes to %s', async (_what, phone) => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent, 'C');
  for (const written of [phone, phone.slice(2), phone.replace(/^\+1(...)/, '+1 ($1) ')]) {
    const answer = await askFor(agent, written).expect(422);
    expect(answer.body.code).toBe('destination_not_allowed');
  }
  expect(app.outbox.messages).toEqual([]);
});

test('[S48] nor does one to the numbers of those islands that nobody has', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent, 'C');
  for (const area of [876, 242, 246, 868, 809, 441, 345]) {
    await askFor(agent, `+1${area}5550100`).expect(422);
  }
  expect(app.outbox.messages).toEqual([]);
});

const inARow = (index: number): string => `+1202555${String(100 + index).padStart(4, '0')}`;

test('[S53] thirty numbers in a row get twenty texts an hour, from however many addresses', async () => {
  const app = await brisk();
  const refused = refusals(app);
  const from = app.clock();
  for (let each = 0; each < 30; each += 1) {
    const agent = await newcomer(app, `u${each}`);
    await askFor(agent, inARow(each), `192.0.2.${each}`).expect(each < 20 ? 202 : 429);
  }
  expect(app.outbox.messages).toHaveLength(20);
  expect(refused).toEqual(Array(10).fill('unconfirmed-block'));
  await askFor(await newcomer(app, 'next'), '+12025560100', '192.0.2.99').expect(202);
  app.clock.set(from + 3_600_000);
  await askFor(await newcomer(app, 'later'), '+12025550130', '192.0.2.99').expect(202);
});

test('[S53] with the limits as they come, thirty numbers in a row get twenty texts at most', async () => {
  const app = await start();
  for (let each = 0; each < 30; each += 1) {
    await askFor(await newcomer(app, `u${each}`), inARow(each), `192.0.2.${each}`);
  }
  expect(app.outbox.messages.length).toBeGreaterThan(0);
  expect(app.outbox.messages.length).toBeLessThanOrEqual(20);
});

test('[S54] a user may try three numbers a day, and text each again', async () => {
  const app = await start();
  const refused = refusals(app);
  const from = app.clock();
  const agent = await newcomer(app, 'curious');
  for (let each = 0; each < 3; each += 1) {
    await askFor(agent, inBlock(each)).expect(202);
    await app.clock.advance(300);
  }
  await expectRefused(askFor(agent, inBlock(3)), 'send_limit_reached', DAY - 900);
  const again = app.agent();
  await signIn(again, 'CURIOUS');
  await expectRefused(askFor(again, inBlock(4), '198.51.100.7'), 'send_limit_reached', DAY - 900);
  expect(app.outbox.messages).toHaveLength(3);
  expect(refused).toEqual(['phones', 'phones']);
  await askFor(agent, inBlock(0)).expect(202);
  app.clock.set(from + DAY * 1_000);
  await askFor(agent, inBlock(3)).expect(202);
});

test('[S54] an unconfirmed number gets five texts a day for one user, and ten whoever asks', async () => {
  const app = await start();
  const refused = refusals(app);
  const from = app.clock();
  const owner = await newcomer(app, 'owner');
  for (let each = 0; each < 6; each += 1) {
    await askFor(owner, '+12065550177').expect(each < 5 ? 202 : 429);
    await app.clock.advance(1_200);
  }
  for (let each = 0; each < 8; each += 1) {
    const agent = await newcomer(app, `u${each}`);
    await askFor(agent, '+12065550177', `192.0.2.${each}`).expect(each < 5 ? 202 : 429);
    await app.clock.advance(3_600);
  }
  expect(app.outbox.messages).toHaveLength(10);
  expect(refused).toEqual(['unconfirmed-phone', ...Array(3).fill('unconfirmed-phone-all')]);
  app.clock.set(from + DAY * 1_000);
  await askFor(await newcomer(app, 'next'), '+12065550177').expect(202);
});

test('[S54] a stranger who types my number uses up neither my budget nor my wait', async () => {
  const app = await brisk();
  for (let each = 0; each < 11; each += 1) {
    const stranger = await newcomer(app, `u${each}`);
    await askFor(stranger, PHONES.A, `192.0.2.${each}`).expect(each < 10 ? 202 : 429);
    await app.clock.advance(each < 9 ? 15 : 0);
  }
  expect(app.outbox.messages).toHaveLength(10);
  const agent = app.agent();
  await signIn(agent);
  for (let each = 0; each < 5; each += 1) {
    const sent = await ask(agent).expect(202);
    expect(sent.body.challenge.sendsLeft).toBe(4 - each);
    await app.clock.advance(15);
  }
  await expectRefused(ask(agent), 'send_limit_reached');
});

test('[S43] who answers every text meets no budget of unanswered texts: thirty times a day, and from one office', async () => {
  const app = await start();
  const refused = refusals(app);
  // Not more than ten an hour and thirty a day: so many are sent to nobody, answered or not.
  for (let each = 0; each < 30; each += 1) {
    await verified(app, app.agent());
    await app.clock.advance(390);
  }
  for (let each = 0; each < 120; each += 1) {
    const agent = await newcomer(app, `u${each}`, inBlock(each));
    await ask(agent).expect(202);
    await agent
      .post(verify)
      .send({ code: newestCode(app) })
      .expect(200);
  }
  const agent = app.agent();
  await verified(app, agent, 'B');
  for (let each = 0; each < 9; each += 1) {
    await ask(agent).expect(202);
    await agent
      .post(verify)
      .send({ code: newestCode(app) })
      .expect(200);
    await app.clock.advance(10);
  }
  expect(refused).toEqual([]);
});

test('[S43] a right code gives back the places of every text of its challenge, and no more', async () => {
  const app = await brisk();
  const [left, right] = [app.agent(), app.agent()];
  await signIn(left);
  await ask(left).expect(202);
  await app.clock.advance(15);
  await signIn(right);
  await ask(right).expect(202);
  await app.clock.advance(15);
  const sent = await ask(right).expect(202);
  expect(sent.body.challenge.sendsLeft).toBe(2);
  const code = newestCode(app);
  await right.post(verify).send({ code }).expect(200);
  await app.clock.advance(10);
  await right.post(verify).send({ code }).expect(401);
  const after = await ask(right).expect(202);
  // The text of the left session is still unanswered, and so is this one.
  expect(after.body.challenge.sendsLeft).toBe(3);
});

test('[S43] a right code gives nothing back to a window that began after its texts', async () => {
  const limits = { textsPerPhone: [{ count: 2, seconds: 60 }], challengeLifetime: 600 };
  const app = await brisk(limits);
  const [early, late] = [app.agent(), app.agent()];
  await signIn(early);
  await signIn(late);
  await ask(early).expect(202);
  const code = newestCode(app);
  await app.clock.advance(60);
  await ask(late).expect(202);
  await early.post(verify).send({ code }).expect(200);
  await app.clock.advance(10);
  const again = await ask(late).expect(202);
  expect(again.body.challenge.sendsLeft).toBe(0);
});

test('[S55] no GET or HEAD sends a text, prefetched or not', async () => {
  const app = await start({
    // An app that mounts the sending for every method.
    after: (each, secondFactor) => each.all('/own/any', secondFactor.challenge()),
  });
  const [waiting, inside, newest] = [app.agent(), app.agent(), app.agent()];
  await verified(app, inside, 'B');
  await signIn(waiting, 'A');
  await signIn(newest, 'C');
  app.outbox.clear();
  const paths = ['', '/', '/challenge', '/verify', '/enrollment', '/enrollment/verify'];
  const all = [...paths, '/enrollment/delete', '/style.css', '/script.js', '/nothing'];
  for (const agent of [waiting, inside, newest]) {
    for (const path of [
      ...all.map((each) => `/second-factor${each}`),
      '/own/challenge',
      '/own/any',
      '/secret',
    ]) {
      for (const accept of ['text/html', 'application/json']) {
        for (let each = 0; each < 5; each += 1) {
          await agent.get(path).set({ Accept: accept, Purpose: 'prefetch' });
          await agent.head(path).set({ Accept: accept, 'Sec-Purpose': 'prefetch;prerender' });
        }
      }
    }
  }
  await inside.get('/own/any').expect(405);
  expect(app.outbox.messages).toEqual([]);
});

/** Lets an app text for every purpose; the texts in the order sign-in, step-up, replace, enroll. */
async function everyText(app: TestApp): Promise<string[]> {
  const [agent, other] = [app.agent(), app.agent()];
  await verified(app, agent);
  await ask(agent).expect(202);
  await agent
    .post(verify)
    .send({ code: newestCode(app) })
    .expect(200);
  await app.clock.advance(10);
  await askFor(agent, '+12065550198').expect(202);
  await signIn(other, 'C');
  await askFor(other, '+12065550199').expect(202);
  return app.outbox.messages.map(({ body }) => body);
}

test('[S57] every text names the app and its purpose, when it expires, and asks not to share it', async () => {
  const texts = await everyText(await start());
  for (const [index, purpose] of ['sign-in', 'security', 'phone change', 'phone setup'].entries()) {
    const code = codeIn(texts[index]!);
    expect(texts[index]).toBe(
      `${code} is your Acme ${purpose} code. Expires in 5 min. Don't share it.\n\n@acme.example #${code}`,
    );
  }
});

test('[S57] the longest texts fit into one SMS, in characters that cost nothing more', async () => {
  const domain = `${'a'.repeat(30)}.${'b'.repeat(25)}.example`;
  expect(domain).toHaveLength(64);
  const limits = { codeLength: 10, challengeLifetime: 600 };
  const startWith = (length: number) =>
    start({ factor: { appName: 'W'.repeat(length), domain, limits } });
  let length = 1;
  const fits = (amount: number): boolean => {
    const sessionStore = new session.MemoryStore();
    try {
      createSecondFactor({
        appName: 'W'.repeat(amount),
        domain,
        limits,
        secret: SECRET,
        sessionStore,
        sender: outboxSender(),
        enrollments: mapEnrollments(new Map()),
      });
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain('appName');
      return false;
    }
  };
  while (fits(length + 1)) length += 1;
  const texts = await everyText(await startWith(length));
  expect(Math.max(...texts.map((text) => text.length))).toBe(160);
  for (const text of texts) {
    // Both in ASCII and in the basic GSM-7 alphabet: no backtick, braces, backslash, tilde, bar, caret.
    expect(text).toMatch(/^[A-Za-z0-9 \n!"#$%&'()*+,\-./:;<=>?@_]+$/);
    expect(text).not.toMatch(/https?:|www\./i);
    expect(text.split('\n').at(-1)).toBe(`@${domain} #${codeIn(text)}`);
  }
});

test.each(['x\n\n@evil.com #000000', 'x\r\ny', 'Acmé', 'A`B', '{Acme}', 'x\u2028y', ' Acme', ''])(
  '[S57][S114] %j as the name of an app is refused at the start',
  async (appName) => {
    await expect(start({ factor: { appName } })).rejects.toThrow(/appName/);
  },
);

test('[S114] nothing a user sends or is called adds a line to a text', async () => {
  const app = await start();
  const evil = 'x\n\n@evil.com #000000';
  app.users.set('E', { id: evil, username: 'E', passwordVersion: 1 });
  app.enrollments.set(evil, enrolled(PHONES.A));
  const agent = app.agent();
  const headers = { 'X-Forwarded-Host': 'evil.com', 'User-Agent': 'evil' };
  await signIn(agent, 'E');
  const fields = { appName: evil, domain: 'evil.com', name: evil, purpose: evil, code: '000000' };
  await agent.post(send).set(headers).send(fields).expect(202);
  const code = newestCode(app);
  await agent.post(verify).send({ code }).expect(200);
  await app.clock.advance(10);
  const wanted = { ...fields, phone: '+12065550199', country: 'US' };
  await agent.post(enroll).set(headers).send(wanted).expect(202);
  await agent
    .post(confirm)
    .send({ code: newestCode(app) })
    .expect(200);
  for (const { body } of app.outbox.messages) {
    const lines = body.split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.at(-1)).toBe(`@acme.example #${codeIn(body)}`);
    expect(body).not.toContain('evil');
  }
});

test('[S127] a session that only waits for its code is told the number masked', async () => {
  const app = await start();
  const agent = app.agent();
  await pending(app, agent);
  const answer = await agent.get('/second-factor').expect(200);
  expect(answer.text).not.toContain('5550142');
});
