import { flowrouteSender } from '../../lib/senders/flowroute-sender';
import { FAULT_MODES, SIMULATOR_CREDENTIALS } from '../../lib/simulator';
import { carrierError, closeSimulators, runSimulator, type Running } from './running';

afterEach(closeSimulators);

const plain = ['401', '402', '403', '422', '429', '500', '503'];

test.each(plain)('%s answers the status in the generic shape, once', async (mode) => {
  const simulator = await runSimulator();
  const armed = await simulator.fault(mode);
  expect(armed.status).toBe(201);
  expect(armed.json).toEqual({ faults: [mode] });
  const answer = await simulator.send();
  expect(answer.status).toBe(Number(mode));
  expect(answer.json).toEqual(carrierError(Number(mode)));
  expect(await simulator.inbox()).toEqual([]);
  expect((await simulator.send()).status).toBe(202);
});

test('a mode that is a status may be a number', async () => {
  const simulator = await runSimulator();
  await simulator.fault(503);
  expect((await simulator.send()).status).toBe(503);
});

test('html-502 answers with a web page', async () => {
  const simulator = await runSimulator();
  await simulator.fault('html-502');
  const answer = await simulator.send();
  expect(answer.status).toBe(502);
  expect(answer.headers.get('content-type')).toContain('text/html');
  expect(answer.text).toContain('<html>');
});

test('no-title leaves out the title', async () => {
  const simulator = await runSimulator();
  await simulator.fault('no-title');
  const { errors } = (await simulator.send()).json;
  expect(errors).toEqual([{ detail: expect.any(String), id: expect.any(String), status: 422 }]);
});

test('object-detail makes the detail an object', async () => {
  const simulator = await runSimulator();
  await simulator.fault('object-detail');
  const { errors } = (await simulator.send()).json;
  expect(errors[0].detail).toEqual(expect.any(Object));
});

test.each([
  ['unregistered', 422, 'not registered for 10DLC'],
  ['not-enabled', 400, 'not SMS enabled'],
  ['landline-refused', 422, 'is a landline'],
  ['media-too-large', 422, 'over 767840 byte limit'],
])('%s answers %i and says why', async (mode, status, words) => {
  const simulator = await runSimulator();
  await simulator.fault(mode);
  const answer = await simulator.send();
  expect(answer.status).toBe(status);
  expect(answer.json.errors[0].detail).toContain(words);
  expect(await simulator.inbox()).toEqual([]);
});

test.each([
  ['html-202', 202, '<html>'],
  ['empty-202', 202, ''],
  ['ok-200', 200, 'OK'],
])('%s answers %i as a proxy may, and takes nothing', async (mode, status, text) => {
  const simulator = await runSimulator();
  await simulator.fault(mode);
  const answer = await simulator.send();
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(text);
  expect(answer.json).toBeUndefined();
  expect(await simulator.inbox()).toEqual([]);
});

test('opted-out answers 400 with the code 1110', async () => {
  const simulator = await runSimulator();
  await simulator.fault('opted-out');
  const answer = await simulator.send();
  expect(answer.status).toBe(400);
  expect(answer.json.errors[0].detail).toContain('1110');
});

test('hang takes the request and never answers, until the simulator closes', async () => {
  const simulator = await runSimulator();
  await simulator.fault('hang');
  let settled = false;
  const call = simulator.send().finally(() => (settled = true));
  call.catch(() => undefined);
  await taken(simulator);
  expect(settled).toBe(false);
  await closeSimulators();
  await expect(call).rejects.toThrow('fetch failed');
});

test('reset breaks the connection and takes nothing', async () => {
  const simulator = await runSimulator();
  await simulator.fault('reset');
  await expect(simulator.send()).rejects.toThrow('fetch failed');
  expect(await simulator.inbox()).toEqual([]);
});

test('slow answers as usual after delayMs', async () => {
  const simulator = await runSimulator();
  await simulator.fault('slow', { delayMs: 150 });
  const start = Date.now();
  expect((await simulator.send()).status).toBe(202);
  expect(Date.now() - start).toBeGreaterThanOrEqual(145);
  expect(await simulator.inbox()).toHaveLength(1);
});

test('slow leaves no timer behind where the sender gave up', async () => {
  const simulator = await runSimulator();
  const set = jest.spyOn(globalThis, 'setTimeout');
  const clear = jest.spyOn(globalThis, 'clearTimeout');
  try {
    await simulator.fault('slow', { delayMs: 59_999 });
    const call = simulator.send();
    call.catch(() => undefined);
    await taken(simulator);
    await closeSimulators();
    await expect(call).rejects.toThrow('fetch failed');
    const timer = set.mock.results[set.mock.calls.findIndex(([, delay]) => delay === 59_999)];
    expect(clear).toHaveBeenCalledWith(timer!.value);
  } finally {
    jest.restoreAllMocks();
  }
});

test('accepted-but-lost delivers the text and breaks the connection', async () => {
  const simulator = await runSimulator();
  await simulator.fault('accepted-but-lost');
  await expect(simulator.send()).rejects.toThrow('fetch failed');
  expect(await simulator.inbox()).toMatchObject([{ body: 'hello', status: 'delivered' }]);
});

test('accepted-never-delivered takes the text, which never reaches a phone', async () => {
  const simulator = await runSimulator();
  await simulator.fault('accepted-never-delivered');
  const answer = await simulator.send();
  expect(answer.status).toBe(202);
  expect(await simulator.inbox()).toMatchObject([{ status: 'accepted' }]);
  expect((await simulator.call('/')).text).not.toContain('hello');
  const { attributes } = (await simulator.call(`/v2.2/messages/${answer.json.data.id}`)).json.data;
  expect(attributes.status).toBe('smsc submit');
  expect(attributes.delivery_receipts).toMatchObject([{ level: 1, status_code: null }]);
});

test.each(['delivery-failure', 'smsc-reject', 'filtered', 'expired', 'landline'])(
  '%s takes the text, which never reaches a phone',
  async (mode) => {
    const simulator = await runSimulator();
    await simulator.fault(mode);
    expect((await simulator.send()).status).toBe(202);
    expect(await simulator.inbox()).toMatchObject([{ status: 'accepted' }]);
  },
);

test('times arms a fault for that many attempts, and faults queue up', async () => {
  const simulator = await runSimulator();
  await simulator.fault('503', { times: 2 });
  await simulator.fault('401');
  expect((await simulator.call('/faults')).json).toEqual({ faults: ['503', '503', '401'] });
  const statuses = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await simulator.send()).status);
  expect(statuses).toEqual([503, 503, 401, 202]);
});

test('DELETE /faults disarms all', async () => {
  const simulator = await runSimulator();
  await simulator.fault('503', { times: 5 });
  expect((await simulator.call('/faults', { method: 'DELETE' })).status).toBe(204);
  expect((await simulator.send()).status).toBe(202);
});

test('looking up a message uses up no fault', async () => {
  const simulator = await runSimulator();
  await simulator.fault('503');
  await simulator.call('/v2.2/messages/mdr2-x');
  expect((await simulator.send()).status).toBe(503);
});

test.each([undefined, null, '', 'nonsense', 418, 'toString'])(
  'the unknown mode %p is refused with the list of modes',
  async (mode) => {
    const simulator = await runSimulator();
    const answer = await simulator.fault(mode);
    expect(answer.status).toBe(422);
    for (const known of FAULT_MODES) expect(answer.json.errors[0].detail).toContain(known);
    expect((await simulator.send()).status).toBe(202);
  },
);

test.each([
  { times: 0 },
  { times: 1.5 },
  { times: '2' },
  { times: 1001 },
  { delayMs: 0 },
  { delayMs: 60_001 },
])('the setting %j is refused', async (more) => {
  const simulator = await runSimulator();
  expect((await simulator.fault('slow', more)).json).toEqual(carrierError(422));
});

test('a form of another site cannot arm a fault', async () => {
  const simulator = await runSimulator();
  const headers = { 'content-type': 'text/plain' };
  const answer = await simulator.call('/faults', { body: '{"mode":"503"}', headers });
  expect(answer.status).toBe(415);
});

describe('the real sender meets each fault', () => {
  test.each([
    ['401', 'delivery_failed', 'credentials_rejected', true],
    ['403', 'delivery_failed', 'from_rejected', true],
    ['422', 'delivery_failed', 'rejected', true],
    ['429', 'delivery_failed', 'rate_limited', true],
    ['500', 'delivery_failed', 'unavailable', false],
    ['503', 'delivery_failed', 'unavailable', false],
    ['html-502', 'delivery_failed', 'unavailable', false],
    ['reset', 'delivery_failed', 'unknown_outcome', false],
    ['hang', 'delivery_failed', 'unknown_outcome', false],
    ['slow', 'delivery_failed', 'unknown_outcome', false],
    ['no-title', 'delivery_failed', 'rejected', true],
    ['object-detail', 'delivery_failed', 'to_rejected', true],
    ['opted-out', 'phone_opted_out', 'opted_out', true],
    ['accepted-but-lost', 'delivery_failed', 'unknown_outcome', false],
  ])('%s becomes %s, %s, refused: %p', async (mode, code, reason, refused) => {
    const simulator = await runSimulator();
    await simulator.fault(mode);
    await expect(sendText(simulator)).rejects.toMatchObject({ code, reason, refused });
  });

  test('accepted-never-delivered looks like any text that was taken', async () => {
    const simulator = await runSimulator();
    await simulator.fault('accepted-never-delivered');
    await expect(sendText(simulator)).resolves.toEqual({
      id: expect.stringMatching(/^mdr2-/),
      price: 0.004,
      segments: 1,
    });
  });

  test('a text whose sender gave up while the carrier was slow is not delivered later', async () => {
    const simulator = await runSimulator();
    await simulator.fault('slow', { delayMs: 1_100 });
    await sendText(simulator).catch(() => undefined);
    await simulator.fault('slow', { delayMs: 300 });
    await simulator.send();
    expect(await simulator.inbox()).toHaveLength(1);
  });
});

function sendText({ url }: Running) {
  const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: url, timeoutMs: 1000 });
  return sender.send({ to: '+12065550142', body: 'hello' });
}

/** Waits until the simulator has met the armed fault. */
async function taken(simulator: Running): Promise<void> {
  while ((await simulator.call('/faults')).json.faults.length > 0);
}
