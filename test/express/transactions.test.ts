import type { Mark } from '../../lib/core/account';
import type { Challenge } from '../../lib/core/challenge/challenge';
import { CLOCK_SKEW } from '../../lib/core/limits';
import { refuse } from '../../lib/core/outcomes';
import type { HttpRequest } from '../../lib/express/http';
import { KEY } from '../../lib/express/session-state';
import {
  approvedBy,
  forgetTransaction,
  heldRoute,
  heldTransaction,
  refusedApproval,
} from '../../lib/express/transactions';
import { START } from '../helpers/core';
import { formPost, gateWorld, type GateWorld } from './gate-world';

const WORDS = 'Pay $250 to Bob';
const ROUTE = 'POST /transfer';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
});

/** A post of user A whose session has just passed, and the mark of that. */
async function posted(more: object = {}): Promise<{ req: HttpRequest; mark: Mark }> {
  const req = world.request({ ...formPost({}), ...more });
  return { req, mark: await world.verify(req) };
}

/** The mark of a session that has confirmed this transaction by a code. */
const confirmed = (mark: Mark, words = WORDS, route = ROUTE): Mark => ({
  ...mark,
  ...approvedBy(world.core, mark, { id: 'one', userId: mark.userId } as Challenge, words, route),
});

const ask = (
  req: HttpRequest,
  mark: Mark,
  transaction: (req: never) => unknown = () => WORDS,
  more: { maxAge?: number } = {},
) => refusedApproval(world.edge, req, mark, { transaction: transaction as never, ...more });

const held = ({ session }: HttpRequest): unknown =>
  (session as unknown as Record<string, { transaction?: unknown }>)[KEY]?.transaction;

test('[S160] what nobody has confirmed is held up: the next code is for it, and the session says so before the answer', async () => {
  const { req, mark } = await posted({ originalUrl: '/transfer?a=1' });
  let saved: unknown;
  req.session!.save = ((done: () => void) => {
    saved = held(req);
    done();
  }) as never;
  const wanted = { transaction: () => WORDS, maxAge: 60 };
  expect(await refusedApproval(world.edge, req, mark, wanted)).toEqual(
    refuse('second_factor_required', { wanted }),
  );
  expect(saved).toEqual({ userId: 'A', at: START, words: WORDS, route: ROUTE });
  expect(heldTransaction(world.edge, req, 'A')).toBe(WORDS);
  expect(heldRoute(req)).toBe(ROUTE);
});

test('[S160] what was confirmed passes once, and is held up after that', async () => {
  const { req, mark } = await posted();
  const approved = confirmed(mark);
  expect(await ask(req, approved)).toBeUndefined();
  expect(held(req)).toBeUndefined();
  expect(await ask(req, approved)).toMatchObject({ code: 'second_factor_required' });
  expect(held(req)).toMatchObject({ words: WORDS });
  // The same again, by a code of its own.
  const again = { ...approved, approved: { ...approved.approved!, id: 'two' } };
  expect(await ask(req, again)).toBeUndefined();
});

test.each<[string, object, string, string, boolean]>([
  ['the same', {}, WORDS, ROUTE, true],
  ['the same with a query', { originalUrl: '/transfer?b=2' }, WORDS, ROUTE, true],
  ['other words', {}, 'Pay $250 to Eve', ROUTE, false],
  ['another path', { originalUrl: '/give' }, WORDS, ROUTE, false],
  ['another method', { method: 'PUT' }, WORDS, ROUTE, false],
  ['no method', { method: undefined }, WORDS, 'POST /transfer', false],
  ['no path', { originalUrl: undefined }, WORDS, 'POST ', true],
])(
  '[S160] a code for one transaction opens it and no other: %s',
  async (_what, more, words, route, passes) => {
    const { req, mark } = await posted(more);
    const answer = await ask(req, confirmed(mark, WORDS, route), () => words);
    expect(answer === undefined).toBe(passes);
  },
);

test('[S160] what another user has confirmed opens nothing', async () => {
  const { req, mark } = await posted();
  const theirs = confirmed({ ...mark, userId: 'B' });
  expect(await ask(req, { ...theirs, userId: 'A' })).toMatchObject({
    code: 'second_factor_required',
  });
});

test.each<[number, number | undefined, boolean]>([
  [300, undefined, true],
  [301, undefined, false],
  [60, 60, true],
  [61, 60, false],
  [-CLOCK_SKEW / 1_000 + 1, undefined, true],
  [-CLOCK_SKEW / 1_000, undefined, false],
])('[S160] confirmed %i s ago, with maxAge %p: passes %p', async (ago, maxAge, passes) => {
  const { req, mark } = await posted();
  const { approved, ...rest } = confirmed(mark);
  const then = { ...rest, approved: { ...approved!, at: START - ago * 1_000 } };
  const answer = await ask(req, then, undefined, maxAge === undefined ? {} : { maxAge });
  expect(answer === undefined).toBe(passes);
});

test.each<[string, object, string]>([
  ['a form of another site', { headers: { 'sec-fetch-site': 'cross-site' } }, 'cross_site_request'],
  ['a form of another origin', { headers: { origin: 'https://b.example' } }, 'cross_site_request'],
  ['text of nobody', { headers: { 'content-type': 'text/plain' } }, 'request_malformed'],
])(
  '[S160] %s carries out nothing, and the app is not asked what it says',
  async (_what, more, code) => {
    const { req, mark } = await posted(formPost({}, more));
    const transaction = jest.fn(() => WORDS);
    expect(await ask(req, confirmed(mark), transaction)).toEqual(refuse(code as never));
    expect([transaction.mock.calls, held(req)]).toEqual([[], undefined]);
  },
);

test('[S160] a link of another site neither uses up what was confirmed nor chooses what the next text says', async () => {
  const foreign = { method: 'GET', headers: { 'sec-fetch-site': 'cross-site' } };
  const { req, mark } = await posted(foreign);
  const approved = confirmed(mark, WORDS, 'GET /transfer');
  expect(await ask(req, approved)).toMatchObject({ code: 'second_factor_required' });
  expect([held(req), world.added]).toEqual([undefined, []]);
  const own = await posted({ method: 'GET' });
  expect(await ask(own.req, approved)).toBeUndefined();
});

test.each<[string, unknown, string]>([
  ['gives nothing', undefined, 'gave no line of 1 to 100 characters'],
  ['gives an empty text', '', 'gave no line of 1 to 100 characters'],
  ['gives a number', 7, 'gave no line of 1 to 100 characters'],
  ['throws', new Error('broke'), 'failed'],
])(
  '[S160] a function that %s keeps the gate shut, and the developer reads why',
  async (_what, given, says) => {
    const { req, mark } = await posted();
    const transaction = (): unknown => {
      if (given instanceof Error) throw given;
      return given;
    };
    await expect(ask(req, confirmed(mark), transaction)).rejects.toMatchObject({
      code: 'misconfigured',
      message: `The function transaction of require() ${says}. Have it give what the request does, such as "Pay $250.00 to Bob".`,
      ...(given instanceof Error && { cause: { message: 'transaction failed: broke' } }),
    });
    expect(held(req)).toBeUndefined();
  },
);

test.each<[string, string, string, string]>([
  ['too long', 'x'.repeat(101), 'request_too_large', '101 characters'],
  ['two lines', 'Pay\nBob', 'request_malformed', 'a line break or a control character'],
  ['a line separator', 'Pay\u2028Bob', 'request_malformed', 'a line break or a control character'],
  ['a control character', 'Pay\u0007', 'request_malformed', 'a line break or a control character'],
])(
  '[S160] words that are %s are told to who typed them, and to the operator',
  async (_what, words, code, what) => {
    const lines: unknown[][] = [];
    Object.assign(world.core, { tell: (...line: unknown[]) => void lines.push(line) });
    const { req, mark } = await posted();
    expect(await ask(req, mark, () => words)).toEqual(
      refuse(code as never, { detail: { say: 'detail.transactionUnfit', most: 100 } }),
    );
    expect(lines).toEqual([
      [
        'warn',
        'transaction',
        `The function transaction of require() gave ${what}. Have it shorten what users type to one line, in all 100 characters.`,
      ],
    ]);
    expect(held(req)).toBeUndefined();
  },
);

test('[S160] a hundred characters are a line, and may be looked up first', async () => {
  const { req, mark } = await posted();
  const words = 'x'.repeat(100);
  expect(await ask(req, confirmed(mark, words), () => Promise.resolve(words))).toBeUndefined();
});

test('[S160] a body that cannot be read says no transaction; one that is no form or JSON is the app’s affair', async () => {
  const transaction = jest.fn(() => WORDS);
  const large = { host: 'acme.example', 'content-length': '10241' };
  const of = (type: string) => ({ headers: { ...large, 'content-type': type } });
  for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
    const { req, mark } = await posted(of(type));
    expect(await ask(req, mark, transaction)).toEqual(refuse('request_too_large'));
  }
  expect(transaction).not.toHaveBeenCalled();
  for (const more of [
    { ...of('application/json'), readableDidRead: true },
    { ...of('application/json'), method: 'GET' },
    { headers: large },
  ]) {
    const { req, mark } = await posted(more);
    expect(await ask(req, mark, transaction)).toMatchObject({ code: 'second_factor_required' });
  }
  expect(transaction).toHaveBeenCalledTimes(3);
});

test('[S160] what is held up is its user’s, for ten minutes, and goes when something else is held up', async () => {
  const { req, mark } = await posted();
  expect([heldTransaction(world.edge, req, 'A'), heldRoute(req)]).toEqual([undefined, '']);
  forgetTransaction(req);
  await ask(req, mark);
  expect(heldTransaction(world.edge, req, 'B')).toBeUndefined();
  world.pass(599.999);
  expect(heldTransaction(world.edge, req, 'A')).toBe(WORDS);
  world.pass(0.001);
  expect(heldTransaction(world.edge, req, 'A')).toBeUndefined();
  forgetTransaction(req);
  expect([held(req), heldRoute(req)]).toEqual([undefined, '']);
});

test('[S160] without a mark nothing is forgotten: nobody passed who could have begun something else', async () => {
  const { req } = await posted();
  const transaction = { userId: 'A', at: START, words: WORDS, route: ROUTE };
  (req.session as unknown as Record<string, unknown>)[KEY] = { transaction };
  forgetTransaction(req);
  expect(held(req)).toEqual(transaction);
});

test.each([{}, { passedAt: [1] }, { deviceId: 'd' }, { passedAt: [1, 2], deviceId: 'd' }])(
  '[S160] a code for one transaction is no step-up: the mark keeps its times and its browser, %j',
  (more) => {
    const mark = { verifiedAt: 5, amr: ['sms'], ...more } as unknown as Mark;
    const { approved, ...rest } = approvedBy(
      world.core,
      mark,
      { id: 'one', userId: 'A' } as Challenge,
      WORDS,
      ROUTE,
    );
    expect(rest).toStrictEqual({ verifiedAt: 5, amr: ['sms'], ...more });
    expect(approved).toEqual({ id: 'one', at: START, seal: expect.any(String) });
  },
);
