import { isForm, isJson, wantsPage, type HttpRequest } from '../../lib/express/http';
import { findingsOf } from '../../lib/express/operator';
import { countMalformed, guardedPost, isCrossSite } from '../../lib/express/post';
import { refuse } from '../../lib/core/outcomes';
import { makeWorld, requester } from '../helpers/core';
import { formPost, gateWorld } from './gate-world';

const requestWith = (headers: Record<string, string>, accepted?: string): HttpRequest =>
  ({
    headers: { host: 'acme.example', ...headers },
    accepts: (types: string[]) => accepted ?? types[0],
  }) as unknown as HttpRequest;

const LISTED = new Set(['https://www.acme.example']);
const FORM = 'application/x-www-form-urlencoded';

test.each<[Record<string, string>, boolean]>([
  [{ 'sec-fetch-site': 'same-origin' }, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-site': 'same-site' }, true],
  [{ 'sec-fetch-site': 'cross-site' }, true],
  [{ 'sec-fetch-site': '' }, true],
  [{ 'sec-fetch-site': 'same-site', origin: 'https://www.acme.example' }, false],
  [{ 'sec-fetch-site': 'same-site', origin: 'https://blog.acme.example' }, true],
  // Whatever an origin says, the browser that says `cross-site` knows better.
  [{ 'sec-fetch-site': 'cross-site', origin: 'https://acme.example' }, true],
  [{ origin: 'https://acme.example' }, false],
  [{ origin: 'http://acme.example' }, false],
  [{ origin: 'https://acme.example:443' }, false],
  [{ origin: 'HTTPS://ACME.EXAMPLE' }, false],
  // Some proxies write the port of the host that browsers leave out.
  [{ origin: 'https://acme.example:443', host: 'acme.example:443' }, false],
  [{ origin: 'http://acme.example:80', host: 'acme.example:80' }, false],
  [{ origin: 'https://www.acme.example' }, false],
  [{ origin: 'https://acme.example:8443' }, true],
  [{ origin: 'https://acme.example.evil.example' }, true],
  [{ origin: 'https://evil.example', 'content-type': 'application/json' }, true],
  [{ origin: 'null' }, true],
  [{ origin: '' }, true],
  [{}, false],
  [{ 'content-type': 'application/json' }, false],
  [{ 'content-type': 'application/problem+json; charset=utf-8' }, false],
  [{ 'content-type': FORM }, false],
  [{ 'content-type': `${FORM}; charset=utf-8` }, false],
  [{ 'content-type': 'text/plain' }, true],
  [{ 'content-type': 'text/plain; application/json' }, true],
  [{ 'content-type': `text/plain; ${FORM}` }, true],
  [{ 'content-type': 'application/jsonish' }, true],
  [{ 'content-type': 'multipart/form-data; boundary=x' }, true],
  [{ 'content-type': '' }, true],
])('[S116] a post with %j is from another site: %p', (headers, isForeign) => {
  expect(isCrossSite(requestWith(headers), LISTED)).toBe(isForeign);
});

test('an origin is of no host where none is named', () => {
  const req = { headers: { origin: 'https://undefined' } } as unknown as HttpRequest;
  expect(isCrossSite(req, LISTED)).toBe(true);
});

test('JSON and forms are told by the media type alone, in capitals as well', () => {
  expect(isJson(requestWith({ 'content-type': 'Application/JSON' }))).toBe(true);
  expect(isJson(requestWith({ 'content-type': 'application/a;b+json' }))).toBe(false);
  expect(isForm(requestWith({ 'content-type': FORM.toUpperCase() }))).toBe(true);
  expect(isForm(requestWith({ 'content-type': `${FORM}ish` }))).toBe(false);
  expect([isJson(requestWith({})), isForm(requestWith({}))]).toEqual([false, false]);
});

test('who sends JSON gets JSON, whatever else is accepted; others get a page where they prefer one', () => {
  expect(wantsPage(requestWith({ 'content-type': 'application/json' }, 'html'))).toBe(false);
  expect(wantsPage(requestWith({ 'content-type': FORM }, 'html'))).toBe(true);
  expect(wantsPage(requestWith({}, 'json'))).toBe(false);
  // Of two that are liked as well, JSON comes first.
  expect(wantsPage(requestWith({}))).toBe(false);
});

test.each(['code_malformed', 'request_malformed'] as const)(
  '[S34] %s counts for the address, and its end is told to the second',
  async (code) => {
    const limits = {
      malformedPerAddress: [
        { count: 2, seconds: 60 },
        { count: 3, seconds: 600 },
      ],
    };
    const world = makeWorld({}, limits);
    const count = (more: object = {}) =>
      countMalformed(world.core, requester('A', more), refuse(code));
    expect(await count()).toEqual(refuse(code));
    world.pass(10);
    expect(await count()).toEqual(refuse(code));
    expect(await count()).toEqual(refuse('too_many_attempts', { retryAfter: 50 }));
    expect(await count({ address: '192.0.2.2' })).toEqual(refuse(code));
    world.pass(50);
    expect(await count()).toEqual(refuse(code));
    expect(await count()).toEqual(refuse('too_many_attempts', { retryAfter: 540 }));
    expect(world.added.every(({ common }) => common)).toBe(true);
  },
);

test('[S34] where the address has used up both of its limits, the later end is told', async () => {
  const malformedPerAddress = [600, 60].map((seconds) => ({ count: 1, seconds }));
  const world = makeWorld({}, { malformedPerAddress });
  const count = () => countMalformed(world.core, requester('A'), refuse('code_malformed'));
  expect(await count()).toEqual(refuse('code_malformed'));
  expect(await count()).toEqual(refuse('too_many_attempts', { retryAfter: 600 }));
});

test('[S34] what is carried out or refused for another reason counts for nobody', async () => {
  const world = makeWorld();
  const answers = [{ ok: true } as const, refuse('code_incorrect'), refuse('not_authenticated')];
  for (const answer of answers) {
    expect(await countMalformed(world.core, requester(), answer)).toBe(answer);
  }
  expect(world.added).toEqual([]);
});

test('a session that is refused because it has ended is taken out of the store, and no other', async () => {
  const world = gateWorld();
  const discard = jest.fn().mockResolvedValue(undefined);
  const edge = { ...world.edge, sessions: { ...world.edge.sessions, discard } };
  type Answer = Awaited<ReturnType<typeof guardedPost>>;
  const post = (answer: Answer) =>
    guardedPost(edge, world.request(formPost({})), () => Promise.resolve(answer));
  for (const answer of [
    { ok: true } as const,
    refuse('code_incorrect'),
    refuse('second_factor_required'),
  ]) {
    expect(await post(answer)).toBe(answer);
  }
  expect(discard).not.toHaveBeenCalled();
  const ended = refuse('not_authenticated');
  expect(await post(ended)).toBe(ended);
  expect(discard.mock.calls).toEqual([['sid']]);
  // It changes nothing about the answer that the store is away.
  discard.mockRejectedValue(new Error('away'));
  expect(await post(ended)).toBe(ended);
});

/** What a post is answered, whether its body was looked at, and how often it was carried out. */
async function posted(more: object, meanwhile?: (req: HttpRequest) => void) {
  const { edge, request } = gateWorld();
  const req = request({ ...formPost({}), ...more });
  let looks = 0;
  const act = jest.fn(() => Promise.resolve({ ok: true } as const));
  const look = (): boolean => {
    looks += 1;
    meanwhile?.(req);
    return true;
  };
  Object.defineProperty(req, 'readableDidRead', { get: look });
  const answer = await guardedPost(edge, req, act);
  const told = [...findingsOf(edge).keys()];
  return { answer, looks, acts: act.mock.calls.length, told };
}

test.each([undefined, null, false])(
  '[S111] a post of nobody is refused before its body is looked at: user %p',
  async (user) => {
    const refused = { answer: refuse('not_authenticated'), looks: 0, acts: 0, told: [] };
    expect(await posted({ user })).toEqual(refused);
  },
);

test('[S111] who has signed out while the body came in is nobody', async () => {
  const signOut = (req: HttpRequest): void => void Object.assign(req, { user: undefined });
  const refused = { answer: refuse('not_authenticated'), looks: 1, acts: 0, told: [] };
  expect(await posted({}, signOut)).toEqual(refused);
});

test('a post without an address is carried out, and told to the operator', async () => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const done = { answer: { ok: true }, looks: 1, acts: 1 };
  expect(await posted({})).toEqual({ ...done, told: [] });
  expect(await posted({ ip: undefined })).toEqual({ ...done, told: ['SMS2FA_ADDRESS'] });
  jest.restoreAllMocks();
});
