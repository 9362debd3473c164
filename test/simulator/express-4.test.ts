// The package allows Express 4.17 and newer; the other tests run the simulator on Express 5.
jest.mock('express', () => jest.requireActual('express4'));

import { carrierError, closeSimulators, FROM, runSimulator, TO } from './running';

afterEach(closeSimulators);

test('on Express 4 each version takes texts and shows them', async () => {
  const simulator = await runSimulator();
  const statuses = [];
  for (const version of ['v2', 'v2.1', 'v2.2'])
    statuses.push((await simulator.send(version)).status);
  expect(statuses).toEqual([200, 202, 202]);
  const messages = await simulator.inbox(`?to=${TO}`);
  expect(messages).toHaveLength(3);
  expect((await simulator.call(`/v2.2/messages/${String(messages[0]!.id)}`)).status).toBe(200);
  expect((await simulator.call('/')).text).toContain('hello');
  expect(await simulator.inbox('?to[a]=b')).toEqual([]);
});

test.each([
  ['a path that is not there', '/v2.2x/messages', {}, 404],
  ['a path that cannot be decoded', '/v2.2/messages/%E0%A4%A', {}, 400],
  ['a method that is not there', '/v2.2/messages', { method: 'PATCH' }, 405],
  ['malformed JSON', '/v2.2/messages', { body: '{' }, 400],
  [
    'another content type',
    '/v2.2/messages',
    { body: '{}', headers: { 'content-type': 'text/plain' } },
    415,
  ],
  ['a body too long', '/v2.2/messages', { json: { body: 'x'.repeat(66_000) } }, 413],
  [
    'a from number of somebody else',
    '/v2/messages',
    { json: { from: TO, to: FROM, body: 'x' } },
    403,
  ],
])('on Express 4 %s is an error in the generic shape', async (_what, path, options, status) => {
  const simulator = await runSimulator();
  const answer = await simulator.call(path, options);
  expect(answer.status).toBe(status);
  expect(answer.json).toEqual(carrierError(status));
});
