import {
  forgetKeptPost,
  interruptedBy,
  keptPostOf,
  noteInterrupted,
  takeInterrupted,
} from '../../lib/express/interrupted';
import type { Mark } from '../../lib/core/account';
import type { HttpRequest } from '../../lib/express/http';
import { requester, START } from '../helpers/core';
import { formPost, gateWorld, type GateWorld } from './gate-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
});
const note = (req: HttpRequest, resume = true) =>
  noteInterrupted(world.edge, req, requester(), resume);
const markOf = (userId: string, verifiedAt: number): Mark => ({
  id: 'm',
  userId,
  phone: 'p',
  epoch: 'e',
  verifiedAt,
  amr: ['sms'],
});
/** In a session that has passed the second factor, long ago. */
const MARK = markOf('A', START - 9e9);
const post = (fields: object = { to: 'bob' }, more: { headers?: object } = {}) => {
  const req = world.request({ ...formPost(fields), ...more });
  req.headers = { 'sec-fetch-site': 'same-origin', ...(more.headers ?? req.headers) };
  req.session!.sms2fa = { mark: MARK };
  return req;
};
/** What was noted beside the mark. */
const state = (req: HttpRequest) => {
  const { mark, ...noted } = req.session!.sms2fa as { mark: Mark };
  expect(mark).toBe(MARK);
  return noted;
};
const kept = (req: HttpRequest) => keptPostOf(req, 'A', world.core.clock());

test('[S157] a form post that is interrupted is noted, and kept only where the route says so', async () => {
  const interrupted = { userId: 'A', at: START };
  const req = post();
  expect(await note(req, false)).toBe(false);
  expect(state(req)).toEqual({ interrupted });
  expect(await note(req)).toBe(true);
  const keptPost = { userId: 'A', at: START, path: '/transfer', fields: [['to', 'bob']] };
  expect(state(req)).toEqual({ interrupted, keptPost });
  // The next one takes its place, also where it is not kept.
  expect(await note(req, false)).toBe(false);
  expect(state(req)).toEqual({ interrupted });
});

test('[S116] what another site’s form posts is neither noted nor kept', async () => {
  const req = post();
  req.headers['sec-fetch-site'] = 'cross-site';
  expect(await note(req)).toBe(false);
  expect(state(req)).toEqual({});
  world = gateWorld({ origins: new Set(['https://www.acme.example']) });
  req.headers.origin = 'https://www.acme.example';
  expect(await note(req)).toBe(true);
});

test.each([
  ['the password alone', undefined],
  ['another user’s second factor', { mark: markOf('B', START) }],
  ['what is no mark', { mark: { userId: 'A' } }],
])('[S157] after %s a post is noted, and nothing of it kept', async (_what, passed) => {
  const req = post();
  req.session!.sms2fa = passed;
  expect(await note(req)).toBe(false);
  expect(req.session!.sms2fa).toEqual({ ...passed, interrupted: { userId: 'A', at: START } });
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
  const req = post({ to: 'bob' }, more);
  expect(await note(req)).toBe(false);
  expect(state(req)).toEqual({ interrupted: { userId: 'A', at: START } });
});

test('a type is a form’s in any case and with a charset', async () => {
  const headers = { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' };
  expect(await note(post({ to: 'bob' }, { headers }))).toBe(true);
});

test('a post of up to 4 kB is kept, counted as it is sent', async () => {
  const longest = 'ä'.repeat(682);
  expect(new URLSearchParams({ a: `${longest}xx` }).toString()).toHaveLength(4_096);
  expect(await note(post({ a: `${longest}xx` }))).toBe(true);
  expect(await note(post({ a: `${longest}xxx` }))).toBe(false);
});

test('the fields are kept under the names that they came with', async () => {
  const req = post(
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
  await note(req);
  expect(kept(req)!.fields).toEqual([
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
  const empty = Object.assign(post(), { body: undefined });
  await note(empty);
  expect(kept(empty)!.fields).toEqual([]);
});

test('a kept post waits five minutes, for its own user', async () => {
  const req = post();
  expect(kept(req)).toBeUndefined();
  await note(req);
  expect(keptPostOf(req, 'B', START)).toBeUndefined();
  expect(keptPostOf(req, 'A', START + 299_999)).toBeDefined();
  expect(keptPostOf(req, 'A', START + 300_000)).toBeUndefined();
});

test('that a post was interrupted is said once, within five minutes, to its own user', async () => {
  for (const [userId, after, said] of [
    ['A', 299_999, true],
    ['A', 300_000, false],
    ['B', 0, false],
  ] as const) {
    const req = post();
    await note(req);
    expect(takeInterrupted(req, markOf(userId, START), START + after)).toBe(said);
    expect(takeInterrupted(req, markOf('A', START), START)).toBe(false);
    expect(kept(req)).toBeDefined();
  }
});

test('a page on the way, before the user has passed again, does not take it', async () => {
  const req = post();
  await note(req);
  expect(takeInterrupted(req, markOf('A', START - 1), START)).toBe(false);
  expect(takeInterrupted(req, markOf('A', START), START)).toBe(true);
  await note(req);
  // Another user's is nobody's business, and goes.
  expect(takeInterrupted(req, markOf('B', START - 1), START)).toBe(false);
  expect(takeInterrupted(req, markOf('A', START), START)).toBe(false);
});

test('[S59] a new session takes along what its own user was about to do', async () => {
  const req = post();
  expect(interruptedBy(req, 'A')).toEqual({});
  await note(req, false);
  expect(interruptedBy(req, 'A')).toStrictEqual({ interrupted: { userId: 'A', at: START } });
  await note(req);
  expect(interruptedBy(req, 'A')).toEqual(state(req));
  expect(interruptedBy(req, 'B')).toEqual({});
});

test('a post that was sent again is forgotten, another path leaves it', async () => {
  const req = post();
  await note(req);
  req.originalUrl = '/elsewhere';
  forgetKeptPost(req);
  expect(kept(req)).toBeDefined();
  req.originalUrl = '/transfer';
  // The page that sends it again may stand at the same path.
  forgetKeptPost(Object.assign(req, { method: 'GET' }));
  expect(kept(req)).toBeDefined();
  forgetKeptPost(Object.assign(req, { method: 'POST' }));
  expect(state(req)).toEqual({});
  forgetKeptPost(world.request({ originalUrl: undefined }));
});
