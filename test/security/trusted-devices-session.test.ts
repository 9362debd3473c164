import { readMark } from '../../lib/core/account';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import type { Limits } from '../../lib';
import type { TestApp, TestAppOptions } from '../helpers/app';
import { atOnce } from '../helpers/parallel';
import { stored } from '../helpers/web';
import {
  DAY,
  listen,
  startTrusting,
  TrustingBrowser,
  type Answer,
  type Told,
} from './trusting-browser';

let app: TestApp;
let browser: TrustingBrowser;
let told: Told[];
async function start(options: TestAppOptions = {}): Promise<void> {
  app = await startTrusting(options);
  browser = await new TrustingBrowser(app).trust();
  told = listen(app, 'device_used', 'device_copied');
}

const GATES = ['/enforced', '/secret'];
const names = (): string[] => told.map(({ name }) => name);
const markIn = async (session?: string): Promise<unknown> => {
  const kept = (await stored(app.store, `connect.sid=${session}`))?.sms2fa;
  return readMark((kept as { mark?: unknown } | undefined)?.mark);
};

async function expectCodeAsked(shown = browser): Promise<void> {
  for (const gate of GATES) {
    const { status, json } = await shown.ask('GET', gate);
    expect([gate, status, json.code]).toEqual([gate, 401, 'second_factor_required']);
  }
  expect((await shown.ask('GET', '/second-factor')).json).toMatchObject({ verified: false });
}

describe.each(GATES)('at %s', (gate) => {
  test('[S58] [S83] a session that somebody with the password has planted stays unverified', async () => {
    await start();
    const thief = await new TrustingBrowser(app, { 'user-agent': 'curl/8' }).signIn();
    browser.session = thief.session;
    // The thief asks in the same moment, and ever after.
    const requests = [browser, thief, browser, thief].map((each) => each.request('GET', gate));
    const answers = await atOnce(app.url, requests);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 401]);
    answers.forEach((answer, index) => [browser, thief][index % 2]!.take(answer));
    expect(browser.session).not.toBe(thief.session);
    expect(await browser.knock(gate)).toBe(200);
    await expectCodeAsked(thief);
    for (const later of [61, DAY - 100]) {
      await app.clock.advance(later);
      const { status, json } = await thief.ask('GET', '/secret');
      expect([status, json.code]).toEqual([401, 'not_authenticated']);
      expect(await markIn(thief.session)).toBeUndefined();
    }
    expect(names()).toEqual(['device_used']);
  });

  test('[S58] of the requests of one page one gets a new session, and the others need none', async () => {
    await start();
    const before = (await browser.signIn()).session;
    const answers = await browser.askAtOnce(5, gate);
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    const sessions = answers.flatMap(({ set }) => set.filter((line) => line.startsWith('connect')));
    expect(sessions).toHaveLength(1);
    expect(await markIn(before)).toBeUndefined();
    expect(await markIn(browser.session)).toMatchObject({ amr: [] });
    expect(await browser.knock(gate)).toBe(200);
  });
});

test.each<[string, Partial<Limits>, number, 'device' | 'text']>([
  ['by a device lay idle for two hours', { verifiedIdle: 600 }, 7_200, 'device'],
  ['by a text lay idle for two hours', { verifiedIdle: 600 }, 7_200, 'text'],
  ['by a device is 25 hours old', {}, 90_000, 'device'],
  ['by a text is 25 hours old', {}, 90_000, 'text'],
])(
  '[S70] [S83] a session that was verified %s asks for a code, whatever cookie its browser shows',
  async (_what, limits, seconds, by) => {
    await start({ factor: { limits } });
    const { token } = browser;
    if (by === 'device') await browser.signIn();
    expect(await browser.knock()).toBe(200);
    const now = browser.token;
    expect(now === token).toBe(by === 'text');
    await app.clock.advance(seconds);
    await expectCodeAsked();
    expect(browser.token).toBe(now);
    expect((await browser.pass()).status).toBe(200);
    expect(await browser.knock()).toBe(200);
    await browser.signIn();
    expect(await browser.knock()).toBe(200);
    expect(names()).not.toContain('device_copied');
  },
);

test('[S105] [S83] a session that a support desk ended asks for a code, also where it was trusted anew since', async () => {
  await start();
  await browser.signIn();
  expect(await browser.knock()).toBe(200);
  const held = browser.session;
  await app.secondFactor.admin.revoke('id-of-A', { operator: 'Eve' });
  await browser.trust();
  browser.session = held;
  await expectCodeAsked();
});

/** Somebody has a copy of all cookies of the first request after the sign-in. */
async function copied(): Promise<() => Promise<Answer>> {
  await browser.signIn();
  const request = browser.request('GET', '/secret');
  expect(await browser.knock()).toBe(200);
  return async () => {
    const thief = new TrustingBrowser(app);
    const [answer] = await atOnce(app.url, [request]);
    return thief.take(answer!);
  };
}

/** Neither a page nor a cookie comes of it, however often it is tried. */
async function expectDead(replay: () => Promise<Answer>): Promise<void> {
  for (let each = 0; each < 3; each += 1) {
    const { status, set, json } = await replay();
    expect([status, json.code]).toEqual([401, 'not_authenticated']);
    expect(set).toEqual([]);
  }
}

test('[S182] a copy of the cookies of the first request passes for a minute, brings no session, and is dead then', async () => {
  await start();
  const replay = await copied();
  for (const later of [1, 58.999]) {
    await app.clock.advance(later);
    const { status, set } = await replay();
    expect(status).toBe(200);
    expect(set.filter((line) => !line.startsWith('__Host-'))).toEqual([]);
  }
  await app.clock.advance(0.001);
  await expectDead(replay);
  await app.clock.advance(11 * 3_600);
  await expectDead(replay);
  expect(await browser.knock()).toBe(200);
  expect(names()).toEqual(['device_used']);
});

test('[S61] [S182] it is dead at once where the user has signed out, also of a later session', async () => {
  for (const sinceStepUp of [undefined, 0, 18]) {
    await start();
    const replay = await copied();
    expect((await replay()).status).toBe(200);
    await app.clock.advance(31);
    if (sinceStepUp !== undefined) {
      expect((await browser.pass()).status).toBe(200);
      // The session between the two is over by now, and the first one is not.
      await app.clock.advance(sinceStepUp);
      expect((await replay()).status).toBe(200);
    }
    expect(await browser.status('POST', '/logout', {})).toBe(200);
    await expectDead(replay);
    await app.clock.advance(11 * 3_600);
    await expectDead(replay);
  }
});

test('[S182] it passes no more where the trust was ended, and the session before is over in its minute', async () => {
  await start();
  const other = await new TrustingBrowser(app).signIn();
  expect((await other.pass()).status).toBe(200);
  const replay = await copied();
  expect(await other.status('DELETE', '/second-factor/devices')).toBe(204);
  const { status, json, set } = await replay();
  expect([status, json.code, set]).toEqual([401, 'second_factor_required', []]);
  await app.clock.advance(60);
  await expectDead(replay);
  expect(names()).toEqual(['device_used']);
});

test('[S182] nor does a copy of the old session with the token of today get a new one', async () => {
  await start();
  await browser.signIn();
  const before = browser.session;
  expect(await browser.knock()).toBe(200);
  for (const later of [0, 30, 31]) {
    await app.clock.advance(later);
    const thief = browser.stolen();
    thief.session = before;
    const { status, set } = await thief.ask('GET', '/secret');
    expect(status).toBe(later === 31 ? 401 : 200);
    expect(set.filter((line) => !line.startsWith('__Host-'))).toEqual([]);
  }
  expect(names()).not.toContain('device_copied');
});

test('[S77] an answer that brings a token is kept by no cache, also where static files are served for a day', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'files-'));
  try {
    await writeFile(join(folder, 'picture.txt'), 'a picture');
    await start({
      after: (routes) => void routes.use(express.static(folder, { maxAge: '1d' })),
    });
    const cached = async (): Promise<unknown> => {
      const { status, headers } = await browser.ask('GET', '/picture.txt');
      return [status, /^cache-control: (.*)$/im.exec(headers)?.[1]?.trim()];
    };
    await browser.signIn();
    const old = browser.request('GET', '/picture.txt');
    expect(await cached()).toEqual([200, 'no-store']);
    const [overlapping] = await atOnce(app.url, [old]);
    expect(overlapping!.headers).toMatch(/^set-cookie: __Host-/im);
    expect(overlapping!.headers).toMatch(/^cache-control: no-store\r$/im);
    expect(await cached()).toEqual([200, 'public, max-age=86400']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
