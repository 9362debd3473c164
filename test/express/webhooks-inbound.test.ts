import { SecondFactorError, type InboundText } from '../../lib';
import { pending, PHONES, signIn } from '../helpers/app';
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

test.each([['STOP'], ['Unsubscribe', 'YES'], ['OPT OUT', 'start'], ['NO'], ['NO {code}']])(
  '[S193] %s is not for the app',
  async (...bodies) => {
    await start();
    const code = await pending(app, app.agent());
    for (const body of bodies) await app.answer(body.replace('{code}', code));
    expect(heard).toEqual([]);
  },
);

test.each(['UNSTOP', 'START', 'Yes'])('%s that undoes no STOP is for the app', async (body) => {
  await start();
  await pending(app, app.agent());
  await app.answer(body);
  expect(heard).toMatchObject([{ body }]);
});

test.each([
  ['Revoke!', 'start'],
  ['“Cancel”', 'Yes'],
  ['opt-out', 'UNSTOP'],
])('[S193] after %s no text goes out until %s', async (stop, go) => {
  await start();
  const agent = app.agent();
  await pending(app, agent);
  await app.answer(stop);
  await app.clock.advance(31);
  const refused = await agent.post('/second-factor/challenge').send({}).expect(409);
  expect(refused.body.code).toBe('phone_opted_out');
  expect(app.told('opted_out')).toMatchObject([{ userId: 'id-of-A' }]);
  await app.answer(go);
  await agent.post('/second-factor/challenge').send({}).expect(202);
});

/** A picture as newer accounts get it, with links as long as signed ones are. */
const picturesFrom = (body: string | null, count: number) => {
  const urls = Array.from(
    { length: count },
    (_, at) => `https://media.example/${at}?${'s'.repeat(1_600)}`,
  );
  const attributes = { body, direction: 'inbound', from: PHONES.A, is_mms: true, to: APP_NUMBER };
  const data = { attributes, id: `mdr2-${body?.length}-${count}`, type: 'message' };
  return {
    urls,
    body: { data, included: urls.map((url) => ({ attributes: { url }, type: 'media' })) },
  };
};

test('twelve pictures with signed links reach the app, and a byte order mark hides none', async () => {
  await start();
  const { urls, body } = picturesFrom(null, 12);
  const text = `\ufeff${JSON.stringify(body)}`;
  expect(text.length).toBeGreaterThan(20_000);
  expect((await app.call('', { body: text })).status).toBe(200);
  expect(heard).toMatchObject([{ from: PHONES.A, body: '', mediaUrls: urls }]);
});

test('[S193] STOP and NO that come with a picture are heard', async () => {
  await start();
  await pending(app, app.agent());
  await app.call(picturesFrom('No!', 1).body);
  await app.call(picturesFrom('Stop.', 1).body);
  expect(app.told('reported')).toHaveLength(1);
  expect(app.told('opted_out')).toHaveLength(1);
  expect(heard).toEqual([]);
});

test.each(['72975', 'ACME'])('what %s texts is for the app, whatever it says', async (from) => {
  await start();
  await pending(app, app.agent());
  for (const body of ['Your parcel', 'STOP', 'NO', 'HELP']) {
    expect((await app.answer(body, from)).status).toBe(200);
  }
  expect(heard.map(({ body }) => body)).toEqual(['Your parcel', 'STOP', 'NO', 'HELP']);
  expect(heard[0]).toMatchObject({ from });
  expect(app.events.map(({ name }) => name)).toEqual(['sent']);
  expect(app.outbox.messages).toHaveLength(1);
});

const HELP =
  'Acme: codes to sign in and to confirm changes. Help: acme.example Msg & data rates may apply. Reply STOP to end.';
const answersTo = (phone: string) =>
  app.outbox.messages.filter(({ to, body }) => to === phone && body.includes('Reply STOP'));

test('[S194] HELP and INFO are answered once a day and number; what is not answered is for the app', async () => {
  await start();
  await app.answer('Help!');
  await app.answer('info', PHONES.B);
  expect(app.outbox.messages).toEqual([
    { to: PHONES.A, body: HELP },
    { to: PHONES.B, body: HELP },
  ]);
  expect(heard).toEqual([]);
  await app.clock.advance(86_399);
  await app.answer('HELP');
  expect(heard).toMatchObject([{ body: 'HELP' }]);
  await app.clock.advance(1);
  await app.answer('HELP');
  expect(answersTo(PHONES.A)).toHaveLength(2);
});

test.each([
  ['es-MX', 'Acme: codigos para entrar', 160],
  ['zh-CN', 'Acme：登录', 70],
  ['ar', 'رموز الدخول', 70],
])(
  '[S194] it is in the language of the last text to the phone, in one text: %s',
  async (language, says, room) => {
    await start();
    const agent = app.agent().set('Accept-Language', language);
    await pending(app, agent);
    await app.answer('HELP');
    const { body } = app.outbox.last()!;
    expect(body).toContain(says);
    expect(body.length).toBeLessThanOrEqual(room);
    // Nobody knows that of another phone.
    await app.answer('HELP', PHONES.B);
    expect(app.outbox.last()).toEqual({ to: PHONES.B, body: HELP });
  },
);

test('[S194] the text of a password reset says the language, too', async () => {
  await start();
  await pending(app, app.agent());
  await app.clock.advance(31);
  const req = { headers: { 'accept-language': 'es-MX' }, ip: '192.0.2.9' } as never;
  const token = 'the token of a link in a mail';
  const sent = await app.secondFactor.reset.send({ userId: 'id-of-A', token, req });
  expect(sent.ok).toBe(true);
  await app.answer('HELP');
  expect(app.outbox.last()!.body).toContain('Acme: codigos para entrar');
});

test('[S194] HELP that the carrier calls twice with is answered once, and many at once are, too', async () => {
  await start();
  for (let again = 0; again < 2; again += 1) await app.answer('HELP', PHONES.A, 'mdr1-help');
  const calls = Array.from({ length: 10 }, (_, at) =>
    calling(app.address, textFrom(PHONES.B, 'HELP', `mdr1-b${at}`)),
  );
  await atOnce(app.url, calls);
  expect([answersTo(PHONES.A).length, answersTo(PHONES.B).length]).toEqual([1, 1]);
});

test('[S194] it is answered after STOP, too, as the CTIA asks, and clears none', async () => {
  await start();
  const agent = app.agent();
  await pending(app, agent);
  await app.answer('STOP');
  await app.answer('HELP');
  expect(answersTo(PHONES.A)).toHaveLength(1);
  await app.clock.advance(31);
  await agent.post('/second-factor/challenge').send({}).expect(409);
});

test.each<[string, CalledAppOptions, string]>([
  ['a number of another country', {}, '+442079460123'],
  ['a premium number', {}, '+19002340123'],
  [
    'a test number',
    {
      factor: {
        testNumbers: { '+12065550199': '123456' },
        testNumbersUntil: new Date(Date.now() + 86_400_000).toISOString(),
      },
    },
    '+12065550199',
  ],
])('[S194] %s that asks for HELP is not texted', async (_what, options, from) => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  await start(undefined, options);
  await app.answer('HELP', from);
  expect(app.outbox.messages).toEqual([]);
  expect(heard).toMatchObject([{ from }]);
});

test('[S194] answers to HELP have a budget over all, and count among all texts and those of their phone', async () => {
  const day = (count: number) => [{ count, seconds: 86_400 }];
  const phone = (last: number) => `+1206555017${last}`;
  await start(undefined, { factor: { limits: { helpAnswers: day(3) } } });
  for (const last of [0, 1, 2, 3, 4]) await app.answer('HELP', phone(last));
  expect(app.outbox.messages.map(({ to }) => to)).toEqual([0, 1, 2].map(phone));
  expect(heard).toHaveLength(2);
  await app.close();

  await start(undefined, { factor: { limits: { overall: day(2) } } });
  const alerts: unknown[] = [];
  app.secondFactor.on('budget_alert', ({ count }) => void alerts.push(count));
  for (const last of [0, 1, 2]) await app.answer('HELP', phone(last));
  expect(app.outbox.messages).toHaveLength(2);
  expect(alerts).toEqual([2]);
  const agent = app.agent();
  await signIn(agent);
  await agent.post('/second-factor/challenge').send({}).expect(429);
  await app.close();

  await start(undefined, { factor: { limits: { sentPerPhone: day(1) } } });
  await pending(app, app.agent());
  await app.answer('HELP');
  expect(app.outbox.messages).toHaveLength(1);
});

test.each([true, false])(
  '[S194] of an answer that failed (refused: %s) the operator is told, and the carrier is not asked again by itself',
  async (refused) => {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    await start(undefined, { factor: { logger: { warn: say, error: say } } });
    const send = app.outbox.send.bind(app.outbox);
    app.outbox.send = () =>
      Promise.reject(
        new SecondFactorError('delivery_failed', 'down', { refused, reason: 'unavailable' }),
      );
    expect((await app.answer('HELP')).status).toBe(200);
    expect(lines).toMatchObject([expect.stringMatching(/HELP was not answered \(unavailable\)/)]);
    expect(heard).toHaveLength(refused ? 1 : 0);
    app.outbox.send = send;
    await app.answer('HELP');
    // What surely did not go out takes nothing.
    expect(answersTo(PHONES.A)).toHaveLength(refused ? 1 : 0);
  },
);

test.each<[object, object, RegExp | undefined]>([
  [{}, { help: '1-800-555-0100' }, /Help: 1-800-555-0100 /],
  [{ support: 'https://help.acme.example/sms' }, {}, /Help: help\.acme\.example\/sms /],
  [{ support: '/help' }, {}, /Help: acme\.example\/help /],
  [
    { support: '/help', domain: undefined },
    {},
    /^Acme: codes to sign in and to confirm changes\. Msg/,
  ],
  [{ support: 'https://help.acme.example' }, { help: 'help@acme.example' }, /Help: help@acme/],
  [{}, { help: false }, undefined],
  [{}, { helpWords: ['AIUTO'] }, undefined],
])('[S194] with %j and webhooks(%j) the answer is %s', async (factor, webhooks, body) => {
  app = await startCalledApp({ factor, webhooks });
  await app.answer('HELP');
  expect(app.outbox.messages.map((message) => message.body)).toEqual(
    body === undefined ? [] : [expect.stringMatching(body)],
  );
});

test('codes say how to report them once callbacks are taken, in the words that are heard', async () => {
  await start();
  await pending(app, app.agent());
  expect(app.outbox.last()?.body).toContain(' Not you? Reply NO\n\n@acme.example #');
  app.secondFactor.webhooks({ reportWords: [] });
  await pending(app, app.agent(), 'B');
  expect(app.outbox.last()?.body).not.toContain('Reply');
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
  '[S199] a text whose onInbound %s is answered with 503, told, and taken when it comes again',
  async (_how, fail) => {
    const lines: string[] = [];
    const logger = { warn: () => undefined, error: (line: string) => void lines.push(line) };
    await start(() => (heard.length === 1 ? fail() : undefined), { factor: { logger } });
    const statuses = [];
    for (let again = 0; again < 3; again += 1) {
      const answer = await app.answer('hello', PHONES.A, 'mdr1-hello');
      statuses.push(answer.status);
      expect(answer.body).toBe('');
    }
    expect(statuses).toEqual([503, 200, 200]);
    expect(heard).toHaveLength(2);
    expect(lines).toEqual([expect.stringContaining('onInbound failed: the inbox is full.')]);
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
