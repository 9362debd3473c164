import {
  cleanPath,
  interruptedBy,
  isBegunHere,
  isSentByGate,
  pathAhead,
  takeInterrupted,
  takePath,
  wantedPath,
  wantsChange,
  wasInterrupted,
} from '../../lib/express/interrupted';
import type { Mark } from '../../lib/core/account';
import type { HttpRequest } from '../../lib/express/http';
import { START } from '../helpers/core';
import { formPost, gateWorld, type GateWorld } from './gate-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld({ origins: new Set(['https://www.acme.example', 'capacitor://localhost']) });
});
const markOf = (userId: string, verifiedAt: number): Mark => ({
  id: 'm',
  userId,
  phone: 'p',
  epoch: 'e',
  verifiedAt,
  amr: ['sms'],
});
const INTERRUPTED = { userId: 'A', at: START };
const noted = (more: object = {}): HttpRequest => {
  const req = world.request(formPost({}));
  req.session!.sms2fa = { interrupted: INTERRUPTED, ...more };
  return req;
};

test('that a post was interrupted is said once, within five minutes, to its own user', () => {
  for (const [userId, after, said] of [
    ['A', 299_999, true],
    ['A', 300_000, false],
    ['B', 0, false],
  ] as const) {
    const req = noted({ keptPost: 'kept' });
    expect(takeInterrupted(req, markOf(userId, START), START + after)).toBe(said);
    expect(takeInterrupted(req, markOf('A', START), START)).toBe(false);
    expect(req.session!.sms2fa).toEqual({ keptPost: 'kept' });
  }
});

test('a page on the way, before the user has passed again, does not take it', () => {
  const req = noted();
  expect(takeInterrupted(req, markOf('A', START - 1), START)).toBe(false);
  expect(takeInterrupted(req, markOf('A', START), START)).toBe(true);
  const others = noted();
  // Another user's is nobody's business, and goes.
  expect(takeInterrupted(others, markOf('B', START - 1), START)).toBe(false);
  expect(takeInterrupted(others, markOf('A', START), START)).toBe(false);
});

test('[S59] a new session takes along what its own user was about to do', () => {
  expect(interruptedBy(world.request(), 'A')).toEqual({});
  const all = {
    interrupted: INTERRUPTED,
    keptPost: { ...INTERRUPTED, id: 'k' },
    sentPost: { ...INTERRUPTED, id: 's' },
    typed: { ...INTERRUPTED, text: '206' },
  };
  expect(interruptedBy(noted(all), 'A')).toEqual(all);
  expect(interruptedBy(noted(all), 'B')).toEqual({});
});

/** Who began a navigation: this app, a listed origin, a sister host, another site, nobody knows. */
const NAVIGATIONS: [headers: Record<string, string>, here: boolean, goesBack: boolean][] = [
  [{ 'sec-fetch-site': 'same-origin' }, true, true],
  [{ 'sec-fetch-site': 'none' }, true, true],
  [{ 'sec-fetch-site': 'same-site' }, false, true],
  [{ 'sec-fetch-site': 'same-site', referer: 'https://other.acme.example/' }, false, true],
  [{ 'sec-fetch-site': 'cross-site' }, false, false],
  [{ 'sec-fetch-site': 'cross-site', referer: 'https://acme.example/' }, false, false],
  [{ 'sec-fetch-site': 'cross-site', referer: 'https://www.acme.example/a' }, true, true],
  [{ 'sec-fetch-site': 'Same-Origin' }, false, false],
  [{ 'sec-fetch-site': 'same-origin, cross-site' }, false, false],
  [{ 'sec-fetch-site': '' }, false, false],
  [{}, false, true],
  [{ referer: 'https://acme.example/form' }, true, true],
  [{ referer: 'https://www.acme.example/form' }, true, true],
  [{ referer: 'https://evil.example/https://acme.example/' }, false, false],
  [{ referer: 'https://acme.example@evil.example/' }, false, false],
  [{ referer: 'https://acme.example.evil.example/' }, false, false],
  [{ referer: 'no address' }, false, false],
  [{ 'sec-fetch-site': 'cross-site', referer: 'capacitor://localhost/a' }, true, true],
  [{ 'sec-fetch-site': 'cross-site', referer: 'capacitor://localhost:1/a' }, false, false],
  [{ 'sec-fetch-site': 'cross-site', referer: 'ionic://localhost/a' }, false, false],
];
test.each(NAVIGATIONS)(
  '[S184] [S185] of %j it is %p that it was begun here, and %p that its path is gone back to',
  (headers, here, goesBack) => {
    const req = world.request({ headers: { host: 'acme.example', ...headers } });
    expect(isBegunHere(world.edge.settings, req)).toBe(here);
    expect(wantedPath(world.edge, req)).toBe(goesBack ? '/secret?a=1' : undefined);
  },
);

test('[S118] a post goes back to the page that it came from, of this host only', () => {
  const from = (headers: object) =>
    wantedPath(world.edge, world.request(formPost({}, { headers })));
  expect(from({ referer: 'https://acme.example/form?a=1#b' })).toBe('/form?a=1');
  expect(from({ 'sec-fetch-site': 'same-origin' })).toBeUndefined();
  expect(from({ referer: 'https://www.acme.example/form' })).toBeUndefined();
  expect(from({ referer: 'https://acme.example/second-factor/resume' })).toBeUndefined();
  const crossed = { 'sec-fetch-site': 'cross-site', referer: 'https://acme.example/form' };
  expect(from(crossed)).toBeUndefined();
});

test('[S185] what somebody asked for before the sign-in is gone back to, wherever that led through', () => {
  const headers = { host: 'acme.example', 'sec-fetch-site': 'cross-site' };
  const back = (state: object) => {
    const req = world.request({ headers });
    Object.assign(req.session!, { sms2fa: state });
    return wantedPath(world.edge, req);
  };
  expect(back({ askedFor: '/secret?a=1' })).toBe('/secret?a=1');
  expect(back({ askedFor: '/other' })).toBeUndefined();
  expect(back({})).toBeUndefined();
});

test('no page of the library’s own is gone back to, and what only begins like one is the app’s', () => {
  const back = (originalUrl: string) => wantedPath(world.edge, world.request({ originalUrl }));
  for (const own of ['/second-factor', '/second-factor/', '/second-factor/resume?a=1'])
    expect(back(own)).toBeUndefined();
  for (const apps of ['/second-factors', '/second-factor-help/', '/go/second-factor/'])
    expect(back(apps)).toBe(apps);
});

test('that a post waits for its user ends after five minutes, and is not told of another one', () => {
  expect(wasInterrupted(world.request(), 'A', START)).toBe(false);
  for (const [userId, after, was] of [
    ['A', 0, true],
    ['A', 299_999, true],
    ['A', 300_000, false],
    ['B', 0, false],
  ] as const) {
    expect(wasInterrupted(noted(), userId, START + after)).toBe(was);
  }
});

test('who has confirmed a transaction since a post was held up is back from there', () => {
  const approved = (at: number) => ({
    ...markOf('A', START - 9),
    approved: { id: 'c', seal: 's', at },
  });
  expect(takeInterrupted(noted(), approved(START - 1), START)).toBe(false);
  expect(takeInterrupted(noted(), approved(START), START)).toBe(true);
});

/** Where it leads: ahead, of the app; whether the gate sent the user; to a change of their factor; for Passport. */
type Ways = [returnTo: unknown, ahead: boolean, change: boolean, safe: boolean];
const WAYS: Ways[] = [
  [undefined, false, false, false],
  ['/secret?a=1', true, false, true],
  ['/go?to=/second-factor/', true, false, true],
  ['/second-factors', true, false, true],
  ['/second-factor/', false, true, true],
  ['/second-factor/devices', false, true, true],
  ['/second-factor/resume', false, false, true],
  ['//evil.example/', false, false, false],
  ['https://evil.example/second-factor/', false, false, false],
  [7, false, false, false],
  [['/second-factor/'], false, false, false],
];
test.each(WAYS)(
  'of the path %j it is %p that it lies ahead, %p that it changes the factor, %p that it is safe',
  (returnTo, ahead, change, safe) => {
    const req = world.request();
    const set = (path: unknown, state: object = {}) =>
      Object.assign(req.session!, { returnTo: path, sms2fa: state });
    set(returnTo);
    expect(pathAhead(world.edge, req)).toBe(ahead ? returnTo : undefined);
    expect(wantsChange(req, { mountPath: '/second-factor' })).toBe(change);
    expect(isSentByGate(world.edge, req)).toBe(false);
    set(returnTo, { wantedAt: START });
    expect(isSentByGate(world.edge, req)).toBe(ahead);
    // To look at it takes nothing away; what is not safe is not left for Passport.
    cleanPath(req);
    expect('returnTo' in req.session!).toBe(safe);
    expect(takePath(req)).toBe(safe ? returnTo : undefined);
    expect(req.session).not.toHaveProperty('returnTo');
  },
);
