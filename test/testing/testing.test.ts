import request from 'supertest';
import { flowrouteSender } from '../../lib';
import { createSimulator, SIMULATOR_CREDENTIALS } from '../../lib/simulator';
import {
  signInWithCode,
  simulatorTexts,
  testClock,
  testOutbox,
  type Texts,
} from '../../lib/testing';
import { MANY_TEXTS, PHONES, signIn, startApp } from '../helpers/app';
import { closedWithTest } from '../helpers/servers';

const A = '+12065550142';
const B = '+12065550143';
const words = (code: string): string => `${code} is your Acme code. Do not share it.`;

interface Place {
  texts: Texts;
  send(to: string, body: string): Promise<unknown>;
}

const PLACES: [string, () => Promise<Place>][] = [
  [
    'the outbox',
    async () => {
      const texts = testOutbox();
      return { texts, send: (to, body) => texts.send({ to, body }) };
    },
  ],
  [
    'a running simulator',
    async () => {
      const simulator = await createSimulator().listen(0);
      closedWithTest(() => simulator.close());
      const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: simulator.url });
      return {
        texts: simulatorTexts(simulator.url),
        send: async (to, body) => {
          await sender.send({ to, body }, { signal: AbortSignal.timeout(10_000) });
        },
      };
    },
  ],
];

describe.each(PLACES)('the texts of %s', (_name, open) => {
  let place: Place;
  beforeEach(async () => {
    place = await open();
  });

  test('the newest one to a number is there at once, with its code', async () => {
    await place.send(A, words('111111'));
    await place.send(A, words('222222'));
    await place.send(B, words('333333'));
    expect(await place.texts.waitFor({ to: '12065550142' })).toMatchObject({
      body: words('222222'),
      code: '222222',
    });
    expect((await place.texts.waitFor({ to: B })).code).toBe('333333');
    expect((await place.texts.waitFor()).code).toBe('333333');
    expect((await place.texts.waitFor({ to: '+1 206 555-0142' })).code).toBe('222222');
  });

  test('after a mark only what comes then counts, and it is waited for', async () => {
    await place.send(A, words('111111'));
    const after = await place.texts.mark();
    const waiting = place.texts.waitFor({ to: A, after });
    await place.send(B, words('333333'));
    await place.send(A, words('444444'));
    expect((await waiting).code).toBe('444444');
  });

  test('what does not come rejects, with what was sent instead', async () => {
    await expect(place.texts.waitFor({ timeout: 1 })).rejects.toThrow(/None was sent at all/);
    await place.send(B, words('333333'));
    const after = await place.texts.mark();
    await place.send(B, words('555555'));
    await expect(place.texts.waitFor({ to: A, after, timeout: 1 })).rejects.toThrow(
      /No text to \+12065550142 after the first 1 within 1 ms\. Sent so far:\n {2}to \+?12065550143: 333333 .*\n {2}to \+?12065550143: 555555 /,
    );
  });
});

test('an outbox is a sender, and forgets without losing a mark', async () => {
  const outbox = testOutbox();
  await outbox.send({ to: A, body: words('111111') });
  const after = await outbox.mark();
  outbox.clear();
  expect([outbox.messages, outbox.last()]).toEqual([[], undefined]);
  await outbox.send({ to: A, body: 'no code in here' });
  expect(await outbox.waitFor({ after })).toEqual({ to: A, body: 'no code in here', code: '' });
  expect(outbox.last(A)?.body).toBe('no code in here');
  await expect(outbox.waitFor({ after: await outbox.mark(), timeout: 1 })).rejects.toThrow();
});

test('fake timers do not stop the wait', async () => {
  jest.useFakeTimers();
  try {
    await expect(testOutbox().waitFor({ timeout: 1 })).rejects.toThrow('No text');
  } finally {
    jest.useRealTimers();
  }
});

test('a simulator that is not there says so', async () => {
  const { url, close } = await createSimulator().listen(0);
  await close();
  await expect(simulatorTexts(url).waitFor({ timeout: 1 })).rejects.toThrow('fetch failed');
});

test('the clock stands still until it is moved', () => {
  const clock = testClock('2026-01-02T03:04:05Z');
  expect(clock()).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
  clock.advance(1.5);
  expect(clock()).toBe(Date.UTC(2026, 0, 2, 3, 4, 6, 500));
  clock.set(new Date(5));
  expect(clock()).toBe(5);
  expect(() => clock.set('tomorrow')).toThrow(new RangeError('tomorrow is no time.'));
  expect(() => clock.advance(NaN)).toThrow(RangeError);
  expect(Math.abs(testClock()() - Date.now())).toBeLessThan(60_000);
});

test('an agent signs in by password and code, again and again', async () => {
  const outbox = testOutbox();
  const app = await startApp({ factor: { sender: outbox, limits: MANY_TEXTS } });
  for (let times = 0; times < 2; times += 1) {
    const agent = request.agent(app.url);
    await signInWithCode(agent, { outbox, to: PHONES.A, signIn: () => signIn(agent) });
    await agent.get('/api/secret').expect(200);
    await app.clock.advance(30);
  }
});

test('a step that the app refuses is told, with its answer', async () => {
  const outbox = testOutbox();
  const app = await startApp({ factor: { sender: outbox } });
  const agent = request.agent(app.url);
  await expect(signInWithCode(agent, { outbox, signIn: () => undefined })).rejects.toThrow(
    /POST \/second-factor\/challenge was answered 401: .*not_authenticated/,
  );
  const elsewhere = { outbox, signIn: () => signIn(agent), mountPath: '/mfa' };
  await expect(signInWithCode(agent, elsewhere)).rejects.toThrow(
    /POST \/mfa\/challenge was answered/,
  );
});
