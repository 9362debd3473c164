import { transactionSeal, type Mark } from '../../lib/core/account';
import type { Challenge } from '../../lib/core/challenge/challenge';
import { CLOCK_SKEW } from '../../lib/core/limits';
import { accountNow } from '../../lib/express/account';
import { decide, requireFactor } from '../../lib/express/gate';
import type { HttpRequest } from '../../lib/express/http';
import { requesterOf } from '../../lib/express/requester';
import { approvedBy, heldRoute } from '../../lib/express/transactions';
import type { RequireOptions } from '../../lib/options/verb-options';
import { enrollmentOf, START } from '../helpers/core';
import { asJson, formPost, gateWorld, through, type Answer, type GateWorld } from './gate-world';

const WORDS = 'Pay $250 to Bob';
const ROUTE = 'GET /secret';
const HELD = { userId: 'A', at: START, words: WORDS, route: ROUTE };

let world: GateWorld;
let told: string[][];
beforeEach(() => {
  makeWorld();
});
function makeWorld(settings: object = {}): void {
  world = gateWorld(settings, { verifiedIdle: 600, verifiedSession: 3_600 });
  world.users.set('A', enrollmentOf());
  told = [];
  world.core.tell = (...line) => void told.push(line);
}

const sealOf = (words = WORDS, route = ROUTE, userId = 'A') =>
  transactionSeal(world.core.keyring, userId, route, words);

/** A request of a session in which this was confirmed, `ago` milliseconds ago. */
async function confirmed(more: object = {}, approved: object = {}): Promise<HttpRequest> {
  const req = world.request({ ...asJson, ...more });
  const whole = { id: 'challenge', seal: sealOf(), at: world.core.clock(), ...approved };
  await world.verify(req, 70, { approved: whole });
  return req;
}

/** A request of a verified session in which nothing was confirmed. */
async function verifiedOnly(more: object = {}): Promise<HttpRequest> {
  const req = world.request({ ...asJson, ...more });
  await world.verify(req);
  return req;
}

const asked = (req: HttpRequest, more: Partial<RequireOptions> = {}): Promise<Answer> =>
  through(requireFactor(world.edge, { transaction: () => WORDS, ...more }), req);
const stateOf = (req: HttpRequest) => req.session!.sms2fa as Record<string, unknown>;
const codeOf = ({ body }: Answer): unknown => (JSON.parse(body) as { code: unknown }).code;
const NEXT = 'second_factor_required';

test('[S160] what was not confirmed is held up, and kept before the answer for the next code', async () => {
  const req = await verifiedOnly();
  const save = jest.spyOn(req.session!, 'save');
  const answer = await asked(req, { maxAge: 60 });
  expect([answer.status, codeOf(answer)]).toEqual([401, NEXT]);
  expect(answer.headers['WWW-Authenticate']).toContain('max_age="60"');
  expect(stateOf(req).transaction).toEqual(HELD);
  expect(save).toHaveBeenCalledTimes(1);
  expect(heldRoute(req)).toBe(ROUTE);
  expect(heldRoute(world.request())).toBe('');
});

test('[S160] what was confirmed passes once, in any number of requests, and its session is in use', async () => {
  const req = await confirmed();
  const another = await confirmed();
  const answers = await Promise.all([asked(req), asked(another)]);
  expect(answers.map(({ passed }) => passed)).toEqual([true, false]);
  expect(stateOf(req)).not.toHaveProperty('transaction');
  expect(stateOf(req).seenAt).toBe(world.core.clock());
  expect(stateOf(another).transaction).toEqual(HELD);
  expect((await asked(await confirmed())).passed).toBe(false);
  // Also two days later; confirmed anew it passes anew.
  world.pass(172_799);
  expect((await asked(await confirmed())).passed).toBe(false);
  expect((await asked(await confirmed({}, { id: 'another challenge' }))).passed).toBe(true);
});

test.each<[what: string, of: () => object, options: Partial<RequireOptions>, passes: boolean]>([
  ['just now', () => ({}), {}, true],
  ['five minutes ago', () => ({ at: START - 300_000 }), {}, true],
  ['more than five minutes ago', () => ({ at: START - 300_001 }), {}, false],
  [
    'a minute ago, for a route that asks for that',
    () => ({ at: START - 60_000 }),
    { maxAge: 60 },
    true,
  ],
  ['more than that ago', () => ({ at: START - 60_001 }), { maxAge: 60 }, false],
  ['by a clock that is a little ahead', () => ({ at: START + CLOCK_SKEW - 1 }), {}, true],
  ['in the future', () => ({ at: START + CLOCK_SKEW }), {}, false],
  ['in other words', () => ({ seal: sealOf('Pay $250 to Eve') }), {}, false],
  ['for another path', () => ({ seal: sealOf(WORDS, 'GET /other') }), {}, false],
  ['for another method', () => ({ seal: sealOf(WORDS, 'POST /secret') }), {}, false],
  ['by another user', () => ({ seal: sealOf(WORDS, ROUTE, 'B') }), {}, false],
])('[S160] confirmed %s it passes, or not', async (_what, of, options, passes) => {
  expect((await asked(await confirmed({}, of()), options)).passed).toBe(passes);
});

test('[S160] of a path its query is no part: the words say what the request does', async () => {
  expect((await asked(await confirmed({ originalUrl: '/secret?b=2' }))).passed).toBe(true);
});

test('[S160] a link of another site carries nothing out, spends nothing, and chooses no words', async () => {
  const headers = { host: 'acme.example', 'sec-fetch-site': 'cross-site' };
  const linked = await confirmed({ headers });
  const answer = await asked(linked);
  expect([answer.status, codeOf(answer)]).toEqual([401, NEXT]);
  expect(stateOf(linked)).not.toHaveProperty('transaction');
  expect((await asked(await confirmed())).passed).toBe(true);
});

test.each<[string, object, string]>([
  ['another origin', { origin: 'https://evil.example' }, 'cross_site_request'],
  ['another site', { 'sec-fetch-site': 'cross-site' }, 'cross_site_request'],
  [
    'a form that an old browser sends from anywhere',
    { 'content-type': 'text/plain' },
    'request_malformed',
  ],
])(
  '[S160] a post of %s carries nothing out, and nobody is asked what it is',
  async (_, headers, code) => {
    const route = 'POST /transfer';
    const post = () => formPost({ to: 'bob' }, { headers });
    const transaction = jest.fn(() => WORDS);
    const answer = await asked(await confirmed(post(), { seal: sealOf(WORDS, route) }), {
      transaction,
    });
    expect(codeOf(answer)).toBe(code);
    expect(transaction).not.toHaveBeenCalled();
    const own = formPost({ to: 'bob' }, { headers: { origin: 'https://acme.example' } });
    expect((await asked(await confirmed(own, { seal: sealOf(WORDS, route) }))).passed).toBe(true);
  },
);

test('[S160] the app is asked with the request, its body read; what cannot be read says no transaction', async () => {
  const json = { 'content-type': 'application/json' };
  const transaction = jest.fn((_req: unknown) => WORDS);
  const post = await verifiedOnly(formPost({ to: 'bob' }));
  await asked(post, { transaction });
  expect(transaction.mock.calls).toEqual([[post]]);
  expect((post as { body?: unknown }).body).toEqual({ to: 'bob' });
  for (const type of [{}, json]) {
    const headers = { ...type, 'content-length': '10241' };
    const answer = await asked(await verifiedOnly(formPost({}, { headers })), { transaction });
    expect(codeOf(answer)).toBe('request_too_large');
  }
  // What the app's own parser has read is the app's to judge; so is what no parser here knows, or a view.
  const large = { 'content-length': '10241' };
  const upload = {
    ...large,
    'content-type': 'multipart/form-data',
    origin: 'https://acme.example',
  };
  for (const more of [
    { ...formPost({}, { headers: large }), readableDidRead: true },
    formPost({}, { headers: upload }),
    { headers: { host: 'acme.example', ...json, ...large } },
  ]) {
    expect(codeOf(await asked(await verifiedOnly(more), { transaction }))).toBe(NEXT);
  }
});

test.each<[what: string, words: string, code: string, said: string | undefined]>([
  ['a hundred characters', 'x'.repeat(100), NEXT, undefined],
  ['any letters', 'Überweise 5 € an Żółć 🙂', NEXT, undefined],
  ['one more', 'x'.repeat(101), 'request_too_large', '101 characters'],
  ['a line break', 'Pay\nBob', 'request_malformed', 'a line break or a control character'],
  ['another one', 'Pay\u2028Bob', 'request_malformed', 'a line break or a control character'],
  [
    'what turns the text around',
    'Pay \u202eBob',
    'request_malformed',
    'a line break or a control character',
  ],
])(
  '[S160] of words with %s no more than one line gets into a text',
  async (_, words, code, said) => {
    const req = await verifiedOnly();
    const answer = await asked(req, { transaction: () => words });
    expect(codeOf(answer)).toBe(code);
    expect(stateOf(req).transaction).toEqual(said === undefined ? { ...HELD, words } : undefined);
    expect(told).toHaveLength(said === undefined ? 0 : 1);
    if (said === undefined) return;
    const cure = 'Have it shorten what users type to one line, in all 100 characters.';
    const line = `The function transaction of require() gave ${said}. ${cure}`;
    expect(told).toEqual([['warn', 'transaction', line]]);
    expect(answer.body).toContain('100');
    // Nor does it need a logger.
    world.core.tell = undefined;
    expect(codeOf(await asked(req, { transaction: () => words }))).toBe(code);
  },
);

test.each<[string, () => unknown, string]>([
  ['says nothing', () => undefined, 'gave no line of 1 to 100 characters'],
  ['says an empty line', () => '', 'gave no line of 1 to 100 characters'],
  ['says no text', () => 250, 'gave no line of 1 to 100 characters'],
  [
    'fails',
    () => {
      throw new Error('away');
    },
    'failed',
  ],
  ['rejects', () => Promise.reject(new Error('away')), 'failed'],
])(
  '[S160] an app that %s keeps the gate shut, and reads what to do',
  async (_, transaction, what) => {
    const req = await confirmed();
    const { passed, error } = await asked(req, { transaction: transaction as () => string });
    const cure = 'Have it give what the request does, such as "Pay $250.00 to Bob".';
    expect(passed).toBe(false);
    expect(error).toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining(`function transaction of require() ${what}. ${cure}`),
    });
    const { message } = ((error as Error).cause ?? {}) as { message?: string };
    expect(message).toBe(what === 'failed' ? 'transaction failed: away' : undefined);
    expect(stateOf(req)).not.toHaveProperty('transaction');
  },
);

describe('what is held up', () => {
  const account = async (req: HttpRequest) =>
    accountNow(world.edge, req, (await requesterOf(world.edge, req))!);
  const holding = async (transaction: object | undefined, ago = 0, more: object = {}) => {
    const req = await confirmed(more);
    await world.verify(req, ago);
    if (transaction !== undefined) stateOf(req).transaction = transaction;
    return req;
  };

  test('[S160] is what the next code is for, for ten minutes, and for its user', async () => {
    for (const [transaction, is] of [
      [HELD, WORDS],
      [{ ...HELD, at: START - 599_999 }, WORDS],
      [{ ...HELD, at: START - 600_000 }, undefined],
      [{ ...HELD, userId: 'B' }, undefined],
      [undefined, undefined],
    ] as const) {
      expect((await account(await holding(transaction))).transaction).toBe(is);
    }
  });

  test('[S160] is forgotten where a step-up for something else is, and nowhere else', async () => {
    const gate = (options: RequireOptions) => (req: HttpRequest) =>
      through(requireFactor(world.edge, options), req);
    const left = async (go: (req: HttpRequest) => Promise<unknown>, ago: number) => {
      const req = await holding(HELD, ago);
      await go(req);
      return (stateOf(req) as { transaction?: { words: string } }).transaction?.words;
    };
    expect(await left(gate({ maxAge: 60 }), 61)).toBeUndefined();
    expect(await left(gate({ maxAge: 60 }), 60)).toBe(WORDS);
    expect(await left(gate({ transaction: () => 'Pay Eve' }), 0)).toBe('Pay Eve');
    const decided = (maxAge: number) => (req: HttpRequest) => decide(world.edge, req, { maxAge });
    expect(await left(decided(60), 61)).toBeUndefined();
    expect(await left(decided(60), 60)).toBe(WORDS);
  });

  test('[S160] stays while a store is away', async () => {
    for (const go of [
      (req: HttpRequest) => through(requireFactor(world.edge, {}), req),
      (req: HttpRequest) => decide(world.edge, req, {}),
    ]) {
      const req = await holding(HELD);
      const away = jest.spyOn(world.edge.sessions, 'isLive').mockRejectedValue(new Error('away'));
      await go(req).catch(() => undefined);
      away.mockRestore();
      expect(stateOf(req)).toHaveProperty('transaction', HELD);
    }
  });

  test('[S160] and a session that has passed nothing keeps what it has', async () => {
    const req = world.request(asJson);
    Object.assign(req.session!, { sms2fa: { transaction: HELD } });
    await through(requireFactor(world.edge, {}), req);
    expect(stateOf(req)).toEqual({ transaction: HELD });
  });
});

test('[S160] a code for one transaction leaves all else of the mark as old as it was', async () => {
  const challenge = { id: 'challenge', userId: 'A' } as Challenge;
  const before = {
    id: 'm',
    userId: 'A',
    phone: 'p',
    epoch: 'e',
    verifiedAt: START - 5,
    amr: ['sms'],
  };
  const approved = { id: 'challenge', seal: sealOf(), at: START };
  const { verifiedAt, amr } = before;
  const added = (mark: Mark) => approvedBy(world.core, mark, challenge, WORDS, ROUTE);
  expect(added(before)).toStrictEqual({ verifiedAt, amr, approved });
  const more = { passedAt: [START - 5], deviceId: 'd' };
  expect(added({ ...before, ...more })).toStrictEqual({ verifiedAt, amr, ...more, approved });
});
