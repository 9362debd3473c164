import { pending, PHONES, signIn } from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { onEachStore } from '../helpers/stores';
import { SecondFactorError } from '../../lib';
import {
  APP_NUMBER,
  startCalledApp,
  type CalledApp,
  type CalledAppOptions,
} from '../express/carrier-calls';

let app: CalledApp;
async function start(options: CalledAppOptions = {}): Promise<void> {
  app = await startCalledApp(options);
}

const { challenge, verify, enrollment: enroll } = ROUTER;
const about = { userId: 'id-of-A', purpose: 'sign-in', phone: '••• ••• ••42' };

/** Signs a user in and asks for a text. */
async function askedBy(username: string, status: number) {
  const agent = app.agent();
  await signIn(agent, username);
  await agent.post(challenge).send({}).expect(status);
  return agent;
}

onEachStore('answers', (kind) => {
  test('[S56] after STOP nothing is texted to that number, until UNSTOP', async () => {
    await start(await kind.make());
    await pending(app, app.agent());
    await app.clock.advance(31);
    expect((await app.answer('STOP')).status).toBe(200);
    expect(app.told('opted_out')).toEqual([{ at: app.clock(), ...about }]);
    app.outbox.clear();
    for (const seconds of [0, 31, 7_200, 86_400]) {
      await app.clock.advance(seconds);
      await askedBy('A', 409);
    }
    const stranger = app.agent();
    await signIn(stranger, 'C');
    const answer = await stranger.post(enroll).send({ phone: PHONES.A }).expect(409);
    expect(answer.body.code).toBe('phone_opted_out');
    expect(app.outbox.messages).toEqual([]);
    await askedBy('B', 202);

    expect((await app.answer('unstop')).status).toBe(200);
    await askedBy('A', 202);
    expect(app.outbox.messages.map(({ to }) => to)).toEqual([PHONES.B, PHONES.A]);
  });
});

test.each(['STOP', 'stop', ' Stop \r\n'])(
  '[S56] %j opts out, as the carrier reads it',
  async (body) => {
    await start();
    await app.answer(body);
    await askedBy('A', 409);
  },
);

test.each(['STOP IT', 'please stop by', 'NONSTOP', 'STOPPED', 'UNSTOP', '', 'NO'])(
  '[S56] %j does not',
  async (body) => {
    await start();
    await app.answer(body);
    await askedBy('A', 202);
  },
);

test('[S56] UNSTOP in a sentence clears nothing, nor does UNSTOP from another phone', async () => {
  await start();
  await app.answer('STOP');
  await app.answer('UNSTOP PLEASE');
  await app.answer('UNSTOP', PHONES.B);
  await askedBy('A', 409);
});

test('[S56] STOP ends texts, not the code that is out already', async () => {
  await start();
  const agent = app.agent();
  const code = await pending(app, agent);
  await app.answer('STOP');
  await agent.post(verify).send({ code }).expect(200);
});

test('[S56] STOP that is heard after the carrier refused a text lasts as long as any other', async () => {
  await start();
  const send = jest.fn(() =>
    Promise.reject(new SecondFactorError('phone_opted_out', 'STOP', { refused: true })),
  );
  Object.assign(app.outbox, { send });
  await askedBy('A', 409);
  await app.answer('STOP');
  await app.clock.advance(7_200);
  await askedBy('A', 409);
  expect(send).toHaveBeenCalledTimes(1);
});

test('[S56] STOP and NO are understood in the shape that newer accounts get, too', async () => {
  await start();
  const agent = app.agent();
  await pending(app, agent);
  for (const body of ['NO', 'STOP']) {
    const attributes = {
      body,
      direction: 'inbound',
      from: PHONES.A,
      to: APP_NUMBER,
      status: 'delivered',
    };
    await app.call({ data: { attributes, type: 'message', id: `mdr2-${body}` } });
  }
  expect(app.told('reported')).toHaveLength(1);
  await askedBy('A', 409);
});
