import type { InboundText } from '../../lib';
import { pending, PHONES } from '../helpers/app';
import { atOnce } from '../helpers/parallel';
import { hold } from '../helpers/web';
import {
  APP_NUMBER,
  calling,
  startCalledApp,
  textFrom,
  type CalledApp,
  type CalledAppOptions,
} from './carrier-calls';

let app: CalledApp;
let heard: InboundText[];
afterEach(async () => {
  jest.restoreAllMocks();
  await app.close();
});

/** An app that listens to what is texted to it; `work` is what it does then. */
async function start(
  work: (text: InboundText) => unknown = () => undefined,
  options: CalledAppOptions = {},
): Promise<void> {
  heard = [];
  const onInbound = (text: InboundText): unknown => {
    heard.push(text);
    return work(text);
  };
  app = await startCalledApp({ ...options, webhooks: { onInbound } });
}

test('a text that means nothing to the second factor reaches the app once, also where it comes again', async () => {
  await start();
  await pending(app, app.agent());
  for (let again = 0; again < 5; again += 1) {
    expect((await app.answer('Who are you?', PHONES.A, 'mdr1-who')).status).toBe(200);
  }
  const text = { id: 'mdr1-who', from: PHONES.A, to: `+${APP_NUMBER}`, body: 'Who are you?' };
  expect(heard).toEqual([text]);
});

test('the same words in another text are another text', async () => {
  await start();
  await app.answer('hello');
  await app.answer('hello');
  expect(heard).toHaveLength(2);
});

test.each(['STOP', 'UNSTOP', 'NO'])('%s is not for the app', async (body) => {
  await start();
  await pending(app, app.agent());
  await app.answer(body);
  expect(heard).toEqual([]);
});

test('a text without words reaches the app, and one from a phone that was never texted', async () => {
  await start();
  await app.answer(null, '+12065550177');
  expect(heard).toMatchObject([{ from: '+12065550177', body: '' }]);
});

test('without onInbound such a text is taken and forgotten', async () => {
  app = await startCalledApp();
  expect((await app.answer('hello')).status).toBe(200);
  expect(app.events).toEqual([]);
});

test.each([
  [
    'threw',
    () => {
      throw new Error('the inbox is full');
    },
  ],
  ['rejected', () => Promise.reject(new Error('the inbox is full'))],
])(
  'a text whose onInbound %s is answered with 503 and taken when it comes again',
  async (_how, fail) => {
    await start(() => (heard.length === 1 ? fail() : undefined));
    const statuses = [];
    for (let again = 0; again < 3; again += 1) {
      const answer = await app.answer('hello', PHONES.A, 'mdr1-hello');
      statuses.push(answer.status);
      expect(answer.body).toBe('');
    }
    expect(statuses).toEqual([503, 200, 200]);
    expect(heard).toHaveLength(2);
  },
);

test('a text that comes twice at once reaches the app once', async () => {
  await start();
  const call = calling(app.address, textFrom(PHONES.A, 'hello', 'mdr1-hello'));
  await atOnce(app.url, Array<typeof call>(20).fill(call));
  expect(heard).toHaveLength(1);
});

test('the carrier is answered when onInbound is done, and not before', async () => {
  const work = hold();
  await start(async () => {
    work.enter();
    await work.released;
  });
  const answers: number[] = [];
  const calls = app.answer('hello').then(({ status }) => answers.push(status));
  await work.entered;
  // Another callback is not held up by it.
  expect((await app.answer('STOP', PHONES.B)).status).toBe(200);
  expect(answers).toEqual([]);
  work.release();
  await calls;
  expect(answers).toEqual([200]);
});

test('an onInbound that takes longer than five seconds is answered with 503, and asked again', async () => {
  const [work, limit] = [hold(), hold()];
  await start(() => (heard.length === 1 ? work.released : undefined));
  const set = globalThis.setTimeout;
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((go: () => void, ms?: number) => {
    if (ms !== 5_000 || heard.length !== 1) return set(go, ms);
    void limit.released.then(go);
    limit.enter();
    return undefined;
  }) as never);
  const call = app.answer('hello', PHONES.A, 'mdr1-hello');
  await limit.entered;
  limit.release();
  expect((await call).status).toBe(503);
  expect((await app.answer('hello', PHONES.A, 'mdr1-hello')).status).toBe(200);
  work.release();
  expect((await app.answer('hello', PHONES.A, 'mdr1-hello')).status).toBe(200);
  expect(heard).toHaveLength(2);
});
