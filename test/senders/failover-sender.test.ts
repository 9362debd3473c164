import {
  failoverSender,
  outboxSender,
  SecondFactorError,
  type SmsSender,
  type DeliveryFailureReason,
  type SecondFactorErrorDetails,
} from '../../lib';
import { pending, PHONES, signIn, startApp, type TestApp } from '../helpers/app';
import { answerWith, BODY, carrierServer, closeServers, FROM, KEYS, TO } from './carrier-server';
import { flowrouteSender } from '../../lib/senders/flowroute-sender';
import { freePort } from '../helpers/redis-server';

afterEach(closeServers);

const message = { to: TO, body: BODY };
const options = () => ({ signal: new AbortController().signal });
const failure = (reason: DeliveryFailureReason, details: SecondFactorErrorDetails = {}) =>
  new SecondFactorError('delivery_failed', `failed: ${reason}`, { reason, ...details });

/** A sender that always fails so. */
function failing(error: unknown) {
  return {
    send: jest.fn((..._given: Parameters<SmsSender['send']>) => Promise.reject(error as Error)),
  };
}

const refused = () => failing(failure('rejected', { refused: true }));

test('the first sender that takes the text is the only one that gets it', async () => {
  const [first, second] = [outboxSender(), outboxSender()];
  await expect(failoverSender([first, second]).send(message, options())).resolves.toEqual({
    id: 'outbox-1',
  });
  expect([first.messages, second.messages]).toEqual([[message], []]);
});

test.each<DeliveryFailureReason>([
  'credentials_rejected',
  'from_rejected',
  'to_rejected',
  'rate_limited',
  'rejected',
  'unavailable',
])('after a definite refusal (%s) the next one is asked, with the same text', async (reason) => {
  const first = failing(failure(reason, { refused: true }));
  const second = outboxSender();
  const receipt = await failoverSender([first, second, refused()]).send(message, options());
  expect(receipt).toEqual({ id: 'outbox-1' });
  expect(first.send).toHaveBeenCalledTimes(1);
  expect(second.messages).toEqual([message]);
});

test.each<[string, unknown]>([
  ['an outcome that nobody knows', failure('unknown_outcome')],
  ['an error that is not the library’s', new Error('socket hang up')],
  ['a programming mistake', new TypeError('cannot read properties of undefined')],
  ['a rejection without an error', undefined],
  ['what only says it was refused', { refused: true, code: 'delivery_failed' }],
])('after %s no other sender is asked', async (_what, error) => {
  const second = outboxSender();
  const sending = failoverSender([failing(error), second]).send(message, options());
  await expect(sending).rejects.toBe(error);
  expect(second.messages).toEqual([]);
});

test('[S56] STOP is not gone around by another number', async () => {
  const error = new SecondFactorError('phone_opted_out', 'STOP', {
    reason: 'opted_out',
    refused: true,
  });
  const second = outboxSender();
  await expect(failoverSender([failing(error), second]).send(message, options())).rejects.toBe(
    error,
  );
  expect(second.messages).toEqual([]);
  const last = failoverSender([refused(), failing(error), second]);
  await expect(last.send(message, options())).rejects.toBe(error);
  expect(second.messages).toEqual([]);
});

test('where all refuse, the last refusal is what is told', async () => {
  const last = failure('to_rejected', { refused: true });
  const senders = [refused(), refused(), failing(last)];
  await expect(failoverSender(senders).send(message, options())).rejects.toBe(last);
  for (const { send } of senders) expect(send).toHaveBeenCalledTimes(1);
});

test('after an abort no other sender is asked, and each one hears of it', async () => {
  const controller = new AbortController();
  const error = failure('unavailable', { refused: true });
  const first: SmsSender = {
    send: (_message, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(error))),
  };
  const second = outboxSender();
  const sending = failoverSender([first, second]).send(message, { signal: controller.signal });
  controller.abort();
  await expect(sending).rejects.toBe(error);
  expect(second.messages).toEqual([]);
});

test('a sender that knows no receipt is a sender', async () => {
  const plain: SmsSender = { send: () => Promise.resolve() };
  await expect(
    failoverSender([plain, refused()]).send(message, options()),
  ).resolves.toBeUndefined();
});

test('[S136] a carrier that cannot be reached is passed over; one that broke off midway is not', async () => {
  const second = outboxSender();
  const away = flowrouteSender({
    ...KEYS,
    from: FROM,
    baseUrl: `http://127.0.0.1:${await freePort()}`,
  });
  await failoverSender([away, second]).send(message, options());
  expect(second.messages).toHaveLength(1);
  const breaking = await carrierServer((res) => res.destroy());
  const broken = flowrouteSender({ ...KEYS, from: FROM, baseUrl: breaking.url });
  await expect(failoverSender([broken, second]).send(message, options())).rejects.toMatchObject({
    reason: 'unknown_outcome',
  });
  const refusing = await carrierServer(answerWith(401, ''));
  const locked = flowrouteSender({ ...KEYS, from: FROM, baseUrl: refusing.url });
  await failoverSender([locked, second]).send(message, options());
  expect(second.messages).toHaveLength(2);
});

test('it can tell how far a text got where one of its senders can', async () => {
  const plain = outboxSender();
  expect(failoverSender([plain, plain])).not.toHaveProperty('delivery');
  const knowing = (id: string): SmsSender => ({
    send: () => Promise.resolve({ id }),
    delivery: (receipt) => Promise.resolve(receipt === id ? 'sent' : undefined),
  });
  const both = failoverSender([knowing('one'), plain, knowing('two')]);
  for (const [id, delivery] of Object.entries({ one: 'sent', two: 'sent', three: undefined })) {
    expect(await both.delivery?.(id, options())).toBe(delivery);
  }
});

test('a carrier that is away does not hide what the other one knows of a text', async () => {
  const away: SmsSender = {
    send: () => Promise.reject(failure('unavailable', { refused: true })),
    delivery: () => Promise.reject(failure('unavailable')),
  };
  const hanging: SmsSender = { ...away, delivery: () => new Promise(() => undefined) };
  const there: SmsSender = {
    send: () => Promise.resolve({ id: 'two' }),
    delivery: () => Promise.resolve('delivered'),
  };
  await expect(failoverSender([away, there]).delivery?.('two', options())).resolves.toBe(
    'delivered',
  );
  const both = failoverSender([hanging, there]).delivery?.('two', options());
  await expect(both).resolves.toBe('delivered');
});

test.each([[undefined], [[]], [[outboxSender()]], [[outboxSender(), undefined]], [[{}, {}]]])(
  'the senders %p are misuse',
  (senders) => {
    expect(() => failoverSender(senders as never)).toThrow(TypeError);
    expect(() => failoverSender(senders as never)).toThrow(
      /failoverSender\(\) is .*Give a list of two/,
    );
  },
);

describe('in an app', () => {
  let app: TestApp;

  test('[S136] one text goes out where the first carrier refuses, and its code opens the gate', async () => {
    const first = refused();
    app = await startApp();
    Object.assign(app.outbox, failoverSender([first, { ...app.outbox }]));
    const agent = app.agent();
    const code = await pending(app, agent);
    expect(first.send).toHaveBeenCalledTimes(1);
    expect(app.outbox.messages.map(({ to }) => to)).toEqual([PHONES.A]);
    await agent.post('/second-factor/verify').send({ code }).expect(200);
  });

  test('[S136] where all refuse it is one 502, and the wait is given back', async () => {
    app = await startApp({ factor: { sender: failoverSender([refused(), refused()]) } });
    const agent = app.agent();
    await signIn(agent);
    for (let time = 0; time < 2; time += 1) {
      const answer = await agent.post('/second-factor/challenge').send({}).expect(502);
      expect(answer.body.code).toBe('delivery_failed');
    }
  });
});
