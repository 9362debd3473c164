import { carrierError, closeSimulators, FROM, runSimulator, TO, type Running } from './running';

afterEach(closeSimulators);

const OTHER = '12065550143';

test('the inbox shows the newest text first, with time and status', async () => {
  let now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const simulator = await runSimulator({ clock: () => now });
  const first = (await simulator.send()).json.data.id;
  now += 1000;
  const second = (await simulator.send('v2', { to: OTHER, body: 'again' })).json.data.id;
  expect(await simulator.inbox()).toEqual([
    {
      id: second,
      to: OTHER,
      from: FROM,
      body: 'again',
      at: '2026-01-02T03:04:06.000Z',
      status: 'delivered',
    },
    {
      id: first,
      to: TO,
      from: FROM,
      body: 'hello',
      at: '2026-01-02T03:04:05.000Z',
      status: 'delivered',
    },
  ]);
});

test('an empty inbox is an empty list that no cache keeps', async () => {
  const simulator = await runSimulator();
  const answer = await simulator.call('/inbox');
  expect(answer.json).toEqual({ messages: [] });
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test.each(['12065550142', '+12065550142', '%2B12065550142', '2065550142', '(206)%20555-0142'])(
  'the inbox of one phone is found by %s',
  async (to) => {
    const simulator = await runSimulator();
    await simulator.send();
    await simulator.send('v2.2', { to: OTHER });
    expect(await simulator.inbox(`?to=${to}`)).toMatchObject([{ to: TO }]);
  },
);

test.each(['?to=nobody', '?to=555', '?to=12065550142&to=12065550143', '?to[a]=b'])(
  'the query %s finds nothing it should not',
  async (query) => {
    const simulator = await runSimulator();
    await simulator.send();
    const found = await simulator.inbox(query);
    // Express 5 reads `to[a]` as another name than `to`, so nothing was asked for.
    expect(found).toHaveLength(query.includes('[') ? 1 : 0);
  },
);

test('DELETE /inbox forgets the texts', async () => {
  const simulator = await runSimulator();
  await simulator.send();
  expect((await simulator.call('/inbox', { method: 'DELETE' })).status).toBe(204);
  expect(await simulator.inbox()).toEqual([]);
});

test('only the newest 1,000 texts are kept', async () => {
  const simulator = await runSimulator();
  const bodies = Array.from({ length: 1_002 }, (_, index) => `reply ${index}`);
  await simulator.send('v2.2', { body: 'the oldest' });
  for (const body of bodies.slice(0, 999)) await reply(simulator, body);
  expect(await simulator.inbox()).toHaveLength(1);
  await reply(simulator, 'one more');
  expect(await simulator.inbox()).toEqual([]);
});

describe('a person answers', () => {
  test('the answer comes back with an id and stays out of the inbox of texts to phones', async () => {
    const simulator = await runSimulator();
    const answer = await reply(simulator, 'NO');
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ from: TO, to: FROM, body: 'NO', optedOut: false });
    expect(await simulator.inbox()).toEqual([]);
    const record = await simulator.call(`/v2.2/messages/${answer.json.id}`);
    expect(record.json.data.attributes).toMatchObject({
      direction: 'inbound',
      status: 'delivered',
    });
  });

  test.each(['STOP', 'stop', ' Stop\n'])(
    '%j opts out: 400 with 1110 on every version',
    async (body) => {
      const simulator = await runSimulator();
      expect((await reply(simulator, body)).json.optedOut).toBe(true);
      for (const version of ['v2', 'v2.1', 'v2.2']) {
        const answer = await simulator.send(version);
        expect(answer.status).toBe(400);
        expect(answer.json).toEqual(carrierError(400));
        expect(answer.json.errors[0].detail).toContain('1110');
      }
      expect(await simulator.inbox()).toEqual([]);
    },
  );

  test.each(['STOP PLEASE', 'please stop', 'STOPP', 'UNSTOP', ''])(
    '%j does not opt out',
    async (body) => {
      const simulator = await runSimulator();
      expect((await reply(simulator, body)).json.optedOut).toBe(false);
      expect((await simulator.send()).status).toBe(202);
    },
  );

  test('an opt-out holds for one phone and one number only', async () => {
    const simulator = await runSimulator({ from: [FROM, '12065550101'] });
    await reply(simulator, 'STOP');
    expect((await simulator.send('v2.2', { to: OTHER })).status).toBe(202);
    expect((await simulator.send('v2.2', { from: '12065550101' })).status).toBe(202);
    expect((await simulator.send()).status).toBe(400);
  });

  test('UNSTOP takes it back', async () => {
    const simulator = await runSimulator();
    await reply(simulator, 'STOP');
    expect((await reply(simulator, 'unstop')).json.optedOut).toBe(false);
    expect((await simulator.send()).status).toBe(202);
  });

  test('an opt-out outlives the forgetting of texts', async () => {
    const simulator = await runSimulator();
    await reply(simulator, 'STOP');
    await simulator.call('/inbox', { method: 'DELETE' });
    expect((await simulator.send()).status).toBe(400);
  });

  test.each([
    {},
    { from: TO, to: FROM },
    { from: 'x', to: FROM, body: 'NO' },
    { from: TO, body: 'NO' },
    [],
  ])('the answer %j is refused', async (json) => {
    const simulator = await runSimulator();
    const answer = await simulator.call('/inbox/reply', { json });
    expect(answer.json).toEqual(carrierError(422));
  });
});

function reply(simulator: Running, body: string) {
  return simulator.call('/inbox/reply', { json: { from: `+${TO}`, to: FROM, body } });
}
