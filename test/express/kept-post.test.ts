import {
  interruptedPost,
  keptPostOf,
  newFormId,
  takeFormId,
  whatBecame,
  withFormId,
} from '../../lib/express/kept-post';
import { requireFactor } from '../../lib/express/gate';
import { accountNow } from '../../lib/express/account';
import { turnAway } from '../../lib/express/turn-away';
import { SecondFactorError } from '../../lib/errors';
import { refuse } from '../../lib/core/outcomes';
import { noteRevoked } from '../../lib/core/sessions';
import type { HttpRequest } from '../../lib/express/http';
import type { KeptPost } from '../../lib/express/session-state';
import type { RequireOptions } from '../../lib/options/verb-options';
import { enrollmentOf, requester, START } from '../helpers/core';
import { formPost, gateWorld, through, type GateWorld } from './gate-world';

let world: GateWorld;
let ID: string;
beforeEach(() => {
  world = gateWorld();
  ID = newFormId(world.core, 'A');
  world.users.set('A', enrollmentOf());
});
const WHO = { ...requester(), sessionId: 'sid' };
const INTERRUPTED = { userId: 'A', at: START };

const note = async (req: HttpRequest, resume: RequireOptions['resume'] = true, id?: string) =>
  interruptedPost(world.edge, req, WHO, { resume, id });
/** A form post in a session that has passed the second factor, hours ago. */
const post = async (fields: object = { to: 'bob' }, more: { headers?: object } = {}) => {
  const req = world.request({ ...formPost(fields), ...more });
  req.headers = { 'sec-fetch-site': 'same-origin', ...(more.headers ?? req.headers) };
  await world.verify(req, 3_600);
  return req;
};
const fieldsOf = async (req: HttpRequest) => (await note(req))?.keptPost?.fields;

test('[S157] a form post that is interrupted is noted, and kept only where the route says so', async () => {
  const req = await post();
  expect(await note(req, false)).toEqual({ interrupted: INTERRUPTED });
  const { epoch } = await accountNow(world.edge, req, WHO);
  expect(await note(req)).toEqual({
    interrupted: INTERRUPTED,
    keptPost: {
      ...INTERRUPTED,
      id: expect.any(String) as string,
      epoch,
      path: '/transfer',
      fields: [['to', 'bob']],
    },
  });
  expect((await note(req, true, ID))?.keptPost?.id).toBe(ID);
});

test('[S116] what another site’s form posts is neither noted nor kept', async () => {
  const req = await post();
  req.headers['sec-fetch-site'] = 'cross-site';
  expect(await note(req)).toBeUndefined();
  world = gateWorld({ origins: new Set(['https://www.acme.example']) });
  world.users.set('A', enrollmentOf());
  const listed = await post({}, { headers: { origin: 'https://www.acme.example' } });
  expect(await note(listed)).toBeDefined();
});

test.each<[string, (req: HttpRequest) => unknown]>([
  ['the password alone', (req) => (req.session!.sms2fa = undefined)],
  ['another user’s second factor', (req) => world.verify(req, 0, { userId: 'B' })],
  ['what is no mark', (req) => (req.session!.sms2fa = { mark: { userId: 'A' } })],
  ['a second factor of a day ago', (req) => world.verify(req, 86_401)],
  [
    'a second factor that was revoked',
    () => world.users.set('A', enrollmentOf(undefined, { epoch: 'new' })),
  ],
  ['a second factor by another phone', () => world.users.set('A', enrollmentOf('+12065550199'))],
  ['a sign-out', () => world.edge.sessions.end('sid')],
])('[S157] after %s a post is noted, and nothing of it kept', async (_what, happens) => {
  const req = await post();
  await happens(req);
  expect(await note(req)).toEqual({ interrupted: INTERRUPTED });
});

test.each([
  ['another method', { method: 'PUT' }],
  ['no path', { originalUrl: undefined }],
  ['a path of another host', { originalUrl: '//evil.example/' }],
  ['a path that is written in two ways', { originalUrl: '/a/../transfer' }],
  ['JSON', { headers: { 'content-type': 'application/json' } }],
  ['a file', { headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
  ['no type', { headers: {} }],
  ['another type', { headers: { 'content-type': 'text/application/x-www-form-urlencoded' } }],
  ['a type like it', { headers: { 'content-type': 'application/x-www-form-urlencodedx' } }],
  [
    'a body beyond all bounds',
    {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': '10241',
      },
    },
  ],
])('a post with %s is noted, not kept', async (_what, more: object) => {
  expect(await note(await post({ to: 'bob' }, more))).toEqual({ interrupted: INTERRUPTED });
});

test('a type is a form’s in any case and with a charset', async () => {
  const headers = { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' };
  expect(await fieldsOf(await post({ to: 'bob' }, { headers }))).toBeDefined();
});

test('a post of up to 4 kB is kept, counted as it is sent', async () => {
  const longest = 'ä'.repeat(682);
  expect(new URLSearchParams({ a: `${longest}xx` }).toString()).toHaveLength(4_096);
  expect(await fieldsOf(await post({ a: `${longest}xx` }))).toBeDefined();
  expect(await fieldsOf(await post({ a: `${longest}xxx` }))).toBeUndefined();
});

test('the fields are kept under the names that they came with', async () => {
  const req = await post(
    Object.assign(Object.create({ inherited: 'x' }) as object, {
      to: 'bob',
      empty: '',
      tags: ['a', 'b'],
      address: { city: 'Rome', lines: ['1', '2'] },
      single: ['only'],
      rows: [{ name: 'x' }, { name: 'y' }],
      count: 7,
      none: null,
    }),
  );
  expect(await fieldsOf(req)).toEqual([
    ['to', 'bob'],
    ['empty', ''],
    ['tags', 'a'],
    ['tags', 'b'],
    ['address[city]', 'Rome'],
    ['address[lines]', '1'],
    ['address[lines]', '2'],
    ['single[]', 'only'],
    ['rows[0][name]', 'x'],
    ['rows[1][name]', 'y'],
  ]);
  expect(await fieldsOf(Object.assign(await post(), { body: undefined }))).toEqual([]);
});

describe('in the words of the app', () => {
  const worded = async (describe: (req: HttpRequest) => unknown) =>
    (await note(await post(), { describe: describe as never }))?.keptPost?.words;

  test('it says what the form would do, at once or later', async () => {
    const words = { title: 'Send money', lines: [['To', 'bob'] as const, ['Amount', 7] as const] };
    const kept = {
      title: 'Send money',
      lines: [
        ['To', 'bob'],
        ['Amount', '7'],
      ],
    };
    expect(await worded((req) => ({ ...words, seen: req.body }))).toEqual(kept);
    expect(await worded(() => Promise.resolve(words))).toEqual(kept);
    expect(await worded(({ body }) => ({ title: (body as { to: string }).to, lines: [] }))).toEqual(
      { title: 'bob', lines: [] },
    );
  });

  test.each<[string, () => unknown]>([
    ['it throws', () => assertNever()],
    ['it rejects', () => Promise.reject(new Error('no'))],
    ['it gives nothing', () => undefined],
    ['it gives no title', () => ({ lines: [] })],
    ['it gives an empty title', () => ({ title: '', lines: [] })],
    ['it gives no lines', () => ({ title: 'Pay' })],
    ['it gives lines that are none', () => ({ title: 'Pay', lines: ['to'] })],
    ['it gives a line whose label is none', () => ({ title: 'Pay', lines: [[7, 'bob']] })],
    ['it gives a line of three', () => ({ title: 'Pay', lines: [['to', 'bob', 'eve']] })],
    ['it gives a value that is none', () => ({ title: 'Pay', lines: [['to', {}]] })],
    ['it gives too much', () => ({ title: 'Pay', lines: [['to', 'x'.repeat(8_192)]] })],
    ['it inherits', () => Object.create({ title: 'Pay', lines: [] }) as object],
  ])('where %s the form is kept as it came, and listeners learn why', async (_what, describe) => {
    expect(await worded(describe)).toBeUndefined();
    expect(await fieldsOf(await post())).toEqual([['to', 'bob']]);
    const failed = world.events.filter(({ name }) => name === 'store_failed');
    expect(failed.map(({ facts }) => (facts as { error: Error }).error.message)).toEqual([
      expect.stringMatching(/^describe failed: /),
    ]);
  });
});

test('what the app says of a form may fill 8 kB; why more was not taken, or less, is told', async () => {
  const worded = async (words: object) => {
    const describe = () => words as { title: string; lines: [] };
    return (await note(await post(), { describe }))?.keptPost?.words;
  };
  const room = 8_192 - JSON.stringify(['', []]).length;
  expect(await worded({ title: 'x'.repeat(room), lines: [] })).toBeDefined();
  expect(await worded({ title: 'x'.repeat(room + 1), lines: [] })).toBeUndefined();
  expect(await worded({ title: 'Pay' })).toBeUndefined();
  expect(world.told('store_failed').map(({ error }) => (error as Error).message)).toEqual([
    'describe failed: it gave too much',
    'describe failed: it gave no { title, lines: [[label, value]] }',
  ]);
});

function assertNever(): never {
  throw new Error('no');
}

/** A session in which a form is kept. */
async function kept(more: Partial<KeptPost> = {}): Promise<HttpRequest> {
  const req = await post();
  const { keptPost } = (await note(req))!;
  Object.assign(req.session!.sms2fa as object, { keptPost: { ...keptPost, ...more } });
  return req;
}
const waiting = async (req: HttpRequest, who = WHO) =>
  keptPostOf(world.edge, req, who, await accountNow(world.edge, req, who));

test('a kept post waits five minutes, for its own user', async () => {
  const req = await kept();
  expect(await waiting(await post())).toBeUndefined();
  expect(await waiting(req, { ...WHO, userId: 'B' })).toBeUndefined();
  world.pass(299.999);
  expect(await waiting(req)).toBeDefined();
  world.pass(0.001);
  expect(await waiting(req)).toBeUndefined();
});

test('[S191] a post that was kept before a revocation or a new password waits no longer', async () => {
  const req = await kept();
  world.users.set('A', enrollmentOf(undefined, { epoch: 'new' }));
  expect(await waiting(req)).toBeUndefined();
  world.users.set('A', enrollmentOf());
  expect(await waiting(req)).toBeDefined();
  expect(await waiting(req, { ...WHO, credentialsEpoch: 'new' })).toBeUndefined();
});

test('[S191] nor does one of a user without a phone, whose sessions the support desk has ended', async () => {
  const req = await kept({ epoch: 'none' });
  const account = { enrollment: undefined, epoch: 'none', mark: undefined };
  expect(await keptPostOf(world.edge, req, WHO, account)).toBeDefined();
  await noteRevoked(world.core, 'A');
  expect(await keptPostOf(world.edge, req, WHO, account)).toBeUndefined();
});

test.each(['/transfer', '/transfer?', '/transfer?a=1&b=%20', '/?sms2fa-form=x', '/a?b?c&'])(
  'the name of a form goes with %s, and is gone behind the gate',
  (path) => {
    const action = withFormId({ path, id: ID });
    const req = world.request({ originalUrl: action, url: action.replace('/transfer', '/') });
    expect(takeFormId(world.edge, req)).toBe(ID);
    expect([req.originalUrl, req.url]).toEqual([path, path.replace('/transfer', '/')]);
    expect(takeFormId(world.edge, req)).toBeUndefined();
  },
);

test('the name of a form is a part of the query, whether or not there is one', () => {
  expect(withFormId({ path: '/transfer', id: ID })).toBe(`/transfer?sms2fa-form=${ID}`);
  expect(withFormId({ path: '/transfer?a=1', id: ID })).toBe(`/transfer?a=1&sms2fa-form=${ID}`);
});

test('what Express 4 has parsed of it goes, too; what is no such name stays', () => {
  const query = { a: '1', 'sms2fa-form': ID };
  takeFormId(world.edge, world.request({ originalUrl: `/pay?a=1&sms2fa-form=${ID}`, query }));
  expect(query).toEqual({ a: '1' });
  for (const originalUrl of [
    undefined,
    '/pay',
    '/pay?sms2fa-form=',
    `/pay?sms2fa-form=${ID}x`,
    `/pay?sms2fa-form=${ID}&a=1`,
    `/pay?xsms2fa-form=${ID}`,
  ]) {
    const req = world.request({ originalUrl });
    expect(takeFormId(world.edge, req)).toBeUndefined();
    expect(req.originalUrl).toBe(originalUrl);
  }
});

test('[S191] only a name that was made for this user, and comes from another page, is that of a form', () => {
  expect(newFormId(world.core, 'A')).not.toBe(ID);
  const named = (id: string, more: object = {}) =>
    takeFormId(world.edge, world.request({ originalUrl: `/pay?sms2fa-form=${id}`, ...more }));
  expect(named(ID)).toBe(ID);
  expect(named('A'.repeat(22))).toBeUndefined();
  expect(named(newFormId(world.core, 'B'))).toBeUndefined();
  // Signed out, as Passport and apps say it.
  for (const user of [undefined, null, false]) expect(named(ID, { user })).toBeUndefined();
  for (const query of [null, undefined, 'text']) expect(named(ID, { query })).toBe(ID);
  const from = (referer: string) => named(ID, { headers: { referer } });
  expect(from('https://acme.example/second-factor/resume')).toBe(ID);
  expect(from(`https://acme.example/pay?sms2fa-form=${newFormId(world.core, 'A')}`)).toBe(ID);
  expect(from(`https://acme.example/pay?sms2fa-form=${ID}`)).toBeUndefined();
});

const gate = (options: RequireOptions = { resume: true }) => requireFactor(world.edge, options);
/** The page's post of the form that a session keeps. */
const again = (req: HttpRequest, more: object = {}): HttpRequest => {
  const { keptPost } = req.session!.sms2fa as { keptPost: KeptPost };
  const url = withFormId(keptPost);
  return world.request({
    ...formPost({ to: 'bob' }),
    session: { ...req.session!, sms2fa: { ...(req.session!.sms2fa as object) } },
    originalUrl: url,
    url,
    ...more,
  });
};

test('[S191] of two posts with old copies of the session one passes, and it is seen by both', async () => {
  const req = await kept();
  const { id } = (req.session!.sms2fa as { keptPost: KeptPost }).keptPost;
  const [first, second] = [again(req), again(req)];
  const answers = await Promise.all([through(gate(), first), through(gate(), second)]);
  expect(answers.map(({ passed }) => passed)).toEqual([true, false]);
  expect(answers[1]).toMatchObject({ status: 409 });
  expect(answers[1].body).toContain('This has been sent');
  expect(first.originalUrl).toBe('/transfer');
  const { mark, ...state } = first.session!.sms2fa as { mark: object };
  expect(mark).toBeDefined();
  expect(state).toEqual({ sentPost: { ...INTERRUPTED, id } });
  // The app has it done.
  expect(await whatBecame(world.core, id)).toBe('sent');
  first.res!.end();
  await Promise.resolve();
  expect(await whatBecame(world.core, id)).toBe('done');
  const third = await through(gate(), again(req));
  expect([third.passed, third.body.includes('This has been done')]).toEqual([false, true]);
  const next = jest.fn();
  await through((each, res) => gate()(each, res, next), again(req));
  await new Promise(setImmediate);
  expect(next).not.toHaveBeenCalled();
  const json = await through(gate(), again(req, { accepts: () => 'json' }));
  expect([json.status, JSON.parse(json.body).detail]).toEqual([404, 'This has been done.']);
});

test.each([
  [200, 'done'],
  [303, 'done'],
  [399, 'done'],
  [400, 'sent'],
  [422, 'sent'],
  [500, 'sent'],
])('[S191] what is answered with %d is told as %s, for a day', async (statusCode, became) => {
  const req = await kept();
  const { id } = (req.session!.sms2fa as { keptPost: KeptPost }).keptPost;
  const first = again(req);
  await through(gate(), first);
  Object.assign(first.res!, { statusCode }).end();
  await Promise.resolve();
  expect(await whatBecame(world.core, id)).toBe(became);
  world.pass(86_399);
  expect(await whatBecame(world.core, id)).toBe(became);
  world.pass(1);
  expect(await whatBecame(world.core, id)).toBeUndefined();
});

test('[S191] a form that is sent leaves another one that waits where it is', async () => {
  const req = await kept();
  const { keptPost } = req.session!.sms2fa as { keptPost: KeptPost };
  const url = withFormId({ path: '/other', id: ID });
  const other = again(req, { originalUrl: url, url });
  expect((await through(gate(), other)).passed).toBe(true);
  expect(other.session!.sms2fa).toMatchObject({ keptPost });
  expect(other.session!.sms2fa).not.toHaveProperty('sentPost');
  // Nor does it need one, nor a form that has no name.
  expect((await through(gate(), await post())).passed).toBe(true);
  const none = await post();
  Object.assign(none, {
    originalUrl: withFormId({ path: '/other', id: newFormId(world.core, 'A') }),
  });
  expect((await through(gate(), none)).passed).toBe(true);
});

test('[S191] what was sent is not kept again where the gate has shut meanwhile', async () => {
  const req = await kept();
  await through(gate(), again(req));
  const stale = again(req);
  const answer = await through(gate({ resume: true, maxAge: 60 }), stale);
  expect([answer.passed, answer.status]).toEqual([false, 409]);
  const fresh = await kept({ id: ID });
  const held = again(fresh);
  expect((await through(gate({ resume: true, maxAge: 60 }), held)).status).toBe(303);
  // To look at its address again sends nothing.
  const viewed = again(req, { method: 'GET', body: undefined });
  expect((await through(gate({ resume: true, maxAge: 60 }), viewed)).status).toBe(302);
  expect(held.session!.sms2fa).toMatchObject({ keptPost: { id: ID, path: '/transfer' } });
});

test('[S191] a counter that does not answer, or is broken, lets no form pass', async () => {
  const settle = jest.spyOn(world.core.counter, 'settle');
  const req = again(await kept());
  settle.mockRejectedValue(new SecondFactorError('store_unavailable', 'away'));
  const next = jest.fn();
  const answered = through((each, res) => gate()(each, res, next), req);
  expect(await answered).toMatchObject({ passed: false, status: 503 });
  await new Promise(setImmediate);
  expect(next).not.toHaveBeenCalled();
  settle.mockRejectedValue(new Error('a bug'));
  await expect(through(gate(), again(await kept()))).resolves.toMatchObject({ passed: false });
});

test('a form that is filled in anew takes the place of the one that waits; another path leaves it', async () => {
  const pass = async (more: object) => {
    const req = again(await kept(), more);
    expect((await through(gate(), req)).passed).toBe(true);
    return (req.session!.sms2fa as { keptPost?: KeptPost }).keptPost !== undefined;
  };
  expect(await pass({ originalUrl: '/elsewhere' })).toBe(true);
  expect(await pass({ originalUrl: '/transfer' })).toBe(false);
  // The page that sends it again may stand at the same path.
  expect(await pass({ originalUrl: '/transfer', method: 'GET' })).toBe(true);
  expect(await pass({ originalUrl: undefined })).toBe(true);
});

test('the gate that shuts takes the name of the form as well', async () => {
  const req = again(await kept());
  const res = { setHeader: () => undefined, end: () => undefined };
  const turning = { redirectTo: undefined, resume: true, arrivedAt: START };
  const refusal = refuse('second_factor_required');
  await turnAway(world.edge, req, res as never, { refusal, ...turning });
  expect(req.originalUrl).toBe('/transfer');
});
