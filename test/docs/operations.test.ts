import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import session from 'express-session';
import { mapEnrollments, memoryCounter, SecondFactorError, type Enrollment } from '../../lib';
import {
  enrolled,
  newestCode,
  PHONES,
  signIn,
  startApp,
  verified,
  type TestAppOptions,
} from '../helpers/app';
import { testClock } from '../helpers/clock';
import { faultsOf } from '../helpers/faults';
import { DOCS } from './page';

const page = readFileSync(join(DOCS, 'operations.md'), 'utf8');

/** What the page says of the row that begins so: who is verified, and who signs in. */
function said(part: string): string[] {
  const row = page.split('\n').find((line) => line.startsWith(`| ${part}`)) ?? '';
  return row
    .split('|')
    .slice(2, 4)
    .map((cell) => cell.trim());
}

/** Breaks a part for one who is verified and one who has just signed in: what either is answered. */
async function during(options: TestAppOptions, breakIt: () => unknown) {
  const app = await startApp(options);
  const [inside, coming, waiting] = [app.agent(), app.agent(), app.agent()];
  await verified(app, inside);
  await signIn(coming, 'B');
  await signIn(waiting, 'A');
  await app.clock.advance(60);
  await waiting.post('/second-factor/challenge').send({}).expect(202);
  const code = newestCode(app);
  breakIt();
  const passes = await inside.get('/secret');
  const text = await coming.post('/second-factor/challenge').send({});
  const guess = await waiting.post('/second-factor/verify').send({ code });
  const codeOf = (answer: { body: unknown }) => (answer.body as { code?: string }).code;
  return {
    passes: passes.status,
    text: [text.status, codeOf(text)],
    guess: [guess.status, codeOf(guess)],
  };
}

const UNAVAILABLE = [503, 'store_unavailable'];

test('[S134] without the session store nobody passes, as the page says', async () => {
  const store = new session.MemoryStore();
  const faults = faultsOf(store);
  const told = await during({ store }, () => faults.failAll('get'));
  expect(said('the session store')).toEqual(['503 `store_unavailable`', '503']);
  expect([told.passes, told.text[0], told.guess[0]]).toEqual([503, 503, 503]);
});

test('[S134] without the enrollments who is verified passes for ten seconds, as the page says', async () => {
  const map = new Map<string, Enrollment>([
    ['id-of-A', enrolled(PHONES.A)],
    ['id-of-B', enrolled(PHONES.B)],
  ]);
  const kept = mapEnrollments(map);
  let away = false;
  const look = (id: string) => (away ? Promise.reject(new Error('away')) : kept.get(id));
  const enrollments = { ...kept, get: look };
  const told = await during({ factor: { enrollments } }, () => (away = true));
  expect(told).toEqual({ passes: 503, text: UNAVAILABLE, guess: UNAVAILABLE });
  expect(said('your database of enrollments')).toEqual([
    'passes for up to ten seconds, then 503',
    '503',
  ]);

  away = false;
  const app = await startApp({ factor: { enrollments } });
  const agent = app.agent();
  await verified(app, agent);
  await agent.get('/secret').expect(200);
  away = true;
  await app.clock.advance(5);
  await agent.get('/secret').expect(200);
  await app.clock.advance(6);
  await agent.get('/secret').expect(503);
});

test('without the counter who is verified passes, and nothing is texted or taken, as the page says', async () => {
  const clock = testClock();
  const counter = memoryCounter({ clock });
  const settle = counter.settle.bind(counter);
  let away = false;
  counter.settle = (wish) => (away ? Promise.reject(new Error('away')) : settle(wish));
  const told = await during({ clock, factor: { counter } }, () => (away = true));
  expect(said('the counter')).toEqual([
    'passes; a sign-out is 503',
    '503 for each text and each code',
  ]);
  expect(told).toEqual({ passes: 200, text: UNAVAILABLE, guess: UNAVAILABLE });

  away = false;
  const app = await startApp({ clock, factor: { counter } });
  const agent = app.agent();
  await clock.advance(600);
  await verified(app, agent);
  away = true;
  await agent.post('/logout').send({}).expect(503);
});

test('without the carrier who is verified passes, and a text that is here already counts, as the page says', async () => {
  const sent: string[] = [];
  let away = false;
  const app = await startApp();
  const sender = {
    send: (message: { to: string; body: string }, options: { signal: AbortSignal }) => {
      if (away) throw new SecondFactorError('delivery_failed', 'away', { refused: true });
      sent.push(message.body);
      return app.outbox.send(message, options);
    },
  };
  const other = await startApp({ factor: { sender } });
  const shared = { ...other, outbox: app.outbox };
  const [inside, coming] = [other.agent(), other.agent()];
  await verified(shared, inside);
  await signIn(coming, 'B');
  away = true;
  await inside.get('/secret').expect(200);
  const { status, body } = await coming.post('/second-factor/challenge').send({});
  expect([status, (body as { code: string }).code]).toEqual([502, 'delivery_failed']);
  expect(said('the carrier')).toEqual([
    'passes',
    'no text: 502 `delivery_failed`; recovery codes and trusted devices still work',
  ]);
  expect(sent).toHaveLength(1);
});

test('without beforeSend who is verified passes, and nothing is texted, as the page says', async () => {
  let away = false;
  const beforeSend = () => {
    if (away) throw new Error('away');
    return true;
  };
  const told = await during({ factor: { beforeSend } }, () => (away = true));
  expect(said('your `beforeSend`')).toEqual(['passes', 'no text: 503 `sending_suspended`']);
  expect(told.passes).toBe(200);
  expect(told.text).toEqual([503, 'sending_suspended']);
});

test('without credentialsEpoch nobody passes, as the page says', async () => {
  let away = false;
  const credentialsEpoch = () => (away ? Promise.reject(new Error('away')) : Promise.resolve(1));
  const told = await during({ factor: { credentialsEpoch } }, () => (away = true));
  expect(said('`credentialsEpoch`')).toEqual(['503', '503']);
  expect(told).toEqual({ passes: 503, text: UNAVAILABLE, guess: UNAVAILABLE });
});

test('every part that the page names is broken by a test', () => {
  const rows = page
    .split('## What to watch')[0]!
    .match(/^\| .+$/gm)!
    .slice(2);
  expect(rows).toHaveLength(6);
});
