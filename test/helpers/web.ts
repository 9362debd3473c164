import type session from 'express-session';
import request from 'supertest';
import type { Agent, TestApp } from './app';
import { raw, type RawAnswer } from './parallel';
import { OWN, ROUTER } from './paths';

/** What the tests look at in an answer of supertest. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
}

/** Both ways from a code to an open gate. */
interface Road {
  name: string;
  path: string;
  passed(answer: Answer): boolean;
}

export const ROADS: Road[] = [
  { name: 'router', path: ROUTER.verify, passed: ({ status }) => status === 200 },
  {
    name: 'strategy',
    path: OWN.verify,
    passed: ({ status, headers }) => status === 302 && headers.location !== '/own',
  },
];

/** The cookies that a browser would send now. */
export function cookieFrom(agent: Agent): string {
  const access = { domain: '127.0.0.1', path: '/', secure: false, script: false };
  return agent.jar
    .getCookies(access as never)
    .map((cookie) => cookie.toValueString())
    .join('; ');
}

/** The cookies of an answer, as the next request sends them. */
export function cookieOf(answer: { headers: Record<string, unknown> }): string {
  const set = answer.headers['set-cookie'] as string[] | undefined;
  return (set ?? []).map((cookie) => cookie.split(';')[0]).join('; ');
}

/** The session's cookie, where a raw answer sets it. */
export function cookieSetBy({ headers }: Pick<RawAnswer, 'headers'>): string | undefined {
  return /^set-cookie: (connect\.sid=[^;]+)/im.exec(headers)?.[1];
}

/** The session id inside the cookie of express-session. */
export function sessionIdIn(cookie: string): string {
  const value = /connect\.sid=([^;]+)/.exec(cookie)?.[1];
  if (value === undefined) throw new Error(`no session in the cookie ${cookie}`);
  return decodeURIComponent(value).slice(2).split('.')[0] ?? '';
}

/** The sessions that successful answers lead to, each once. */
export function sessionsOf(answers: readonly RawAnswer[]): string[] {
  const cookies = answers.filter(({ status }) => status === 200).map(cookieSetBy);
  return [...new Set(cookies.map((cookie) => sessionIdIn(cookie ?? '')))];
}

/** What the store holds of a session. */
export function stored(
  store: session.Store,
  cookie: string,
): Promise<Record<string, unknown> | undefined> {
  return new Promise((resolve, reject) => {
    store.get(sessionIdIn(cookie), (error, found) => {
      if (error !== null && error !== undefined) reject(error as Error);
      else resolve((found ?? undefined) as unknown as Record<string, unknown> | undefined);
    });
  });
}

export const JSON_ONLY = { accept: 'application/json' };

/** Knocks at the gates with this cookie: 200 is open. */
export async function knock(app: TestApp, cookie: string, path = '/secret'): Promise<number> {
  return (await raw(app.url, { path, cookie, headers: JSON_ONLY })).status;
}

/** A browser that asks for pages and does not follow redirects by itself. */
export function htmlAgent(app: TestApp): Agent {
  return request.agent(app.url).set('Accept', 'text/html');
}

export interface Form {
  method: string;
  action: string;
  fields: Record<string, string>;
  html: string;
}

/** The forms of a page with their hidden and empty fields, as a browser would send them. */
export function formsIn(html: string): Form[] {
  return [...html.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)].map(([whole, head, body]) => {
    const fields: Record<string, string> = {};
    for (const [input] of (body ?? '').matchAll(/<input[^>]*>/g)) {
      const name = attribute(input, 'name');
      if (name !== undefined) fields[name] = attribute(input, 'value') ?? '';
    }
    return {
      method: attribute(head ?? '', 'method') ?? 'get',
      action: attribute(head ?? '', 'action') ?? '',
      fields,
      html: whole,
    };
  });
}

/** The value of an attribute, with its escapes undone. */
export function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/** A promise that the test settles, and one that tells when somebody waits for it. */
export function hold() {
  let enter = (): void => undefined;
  let release = (): void => undefined;
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  return { entered, released, enter: () => enter(), release: () => release() };
}

/** An answer without what differs between any two: the date. */
export function withoutDate({ status, headers, body }: RawAnswer): string {
  return [status, headers.replace(/^date:.*$/im, 'date'), body].join('\n');
}

/** Random numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
