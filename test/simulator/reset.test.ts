import { callbackReceiver, closeReceivers } from './callback-receiver';
import { closeSimulators, FROM, runSimulator, TO } from './running';
import { SimulatedTime } from './simulated-time';

afterEach(closeSimulators);
afterEach(closeReceivers);

const CALLBACK = '/v2.2/messages/sms_callback';

test('POST /reset forgets texts, mails, opt-outs, faults, callbacks, attempts and what is to come', async () => {
  const time = new SimulatedTime();
  const { clock, schedule } = time;
  const simulator = await runSimulator({ clock, schedule });
  const receiver = await callbackReceiver();
  await simulator.send('v2.2', { dlr_callback: receiver.url });
  const reply = { from: TO, to: FROM, body: 'STOP' };
  await simulator.call('/inbox/reply', { json: reply });
  const mail = { to: 'ann@mail.example', subject: 'Hello', text: 'hello' };
  await simulator.call('/mails', { json: mail });
  await simulator.call(CALLBACK, { method: 'PUT', json: { callback_url: receiver.url } });
  const onNumber = `/v2/numbers/${FROM}/relationships/sms_callback`;
  await simulator.call(onNumber, { json: { callback_url: receiver.url } });
  for (let count = 0; count < 5; count += 1) await simulator.send();
  expect((await simulator.send()).status).toBe(429);
  await simulator.fault('500', { times: 3 });

  expect((await simulator.call('/reset', { method: 'POST' })).status).toBe(204);

  expect(time.delays).toEqual([]);
  expect(await simulator.inbox()).toEqual([]);
  expect((await simulator.call('/mails')).json).toEqual({ mails: [] });
  expect((await simulator.call('/faults')).json).toEqual({ faults: [] });
  expect((await simulator.call(CALLBACK)).json.data.attributes.callback_url).toBeNull();
  expect((await simulator.send()).status).toBe(202);
  await simulator.call('/inbox/reply', { json: { ...reply, body: 'NO' } });
  // The steps of the last text, and no post of the answer to it.
  expect(time.delays).toEqual([100, 1_100]);
});

test('POST /reset ends a post that is on its way', async () => {
  const time = new SimulatedTime();
  const { clock, schedule } = time;
  const simulator = await runSimulator({ clock, schedule });
  const receiver = await callbackReceiver();
  const ended = new Promise((resolve) => {
    receiver.answers.push((_req, res) => res.on('close', resolve));
  });
  await simulator.send('v2.2', { dlr_callback: receiver.url });
  time.advance(100);
  await receiver.count(1);
  await simulator.call('/reset', { method: 'POST' });
  await ended;
  expect(time.delays).toEqual([]);
});

test('a reset is a POST, and not of another site', async () => {
  const simulator = await runSimulator();
  await simulator.send();
  const get = await simulator.call('/reset');
  expect({ status: get.status, allow: get.headers.get('allow') }).toEqual({
    status: 405,
    allow: 'POST',
  });
  const headers = { origin: 'https://evil.example' };
  expect((await simulator.call('/reset', { method: 'POST', headers })).status).toBe(403);
  expect(await simulator.inbox()).toHaveLength(1);
});
