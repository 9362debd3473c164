import { callbackReceiver, closeReceivers } from './callback-receiver';
import { carrierError, closeSimulators, FROM, runSimulator, TO, type Running } from './running';
import { SimulatedTime } from './simulated-time';

afterEach(closeSimulators);
afterEach(closeReceivers);

const URL = 'https://acme.example/hooks/a-secret-token';
const TYPES = ['sms_callback', 'mms_callback', 'sms_dlr_callback', 'mms_dlr_callback'];
/** `dlr_callback` is the older name of `sms_dlr_callback`. */
const NAMES = [...TYPES, 'dlr_callback'];

describe('of the account', () => {
  test.each(['v2.1', 'v2.2'])('%s sets and shows each of the four', async (version) => {
    let now = 0;
    const simulator = await runSimulator({ clock: () => (now += 1_000) });
    for (const type of TYPES) {
      const path = `/${version}/messages/${type}`;
      const product = type.startsWith('sms') ? 'sms' : 'mms';
      const shown = (callback_url: string | null) => ({
        data: { attributes: { api_version: 'v2.1', callback_url, product }, type: 'callback' },
      });
      expect((await simulator.call(path)).json).toEqual(shown(null));
      const set = await simulator.call(path, { method: 'PUT', json: { callback_url: URL } });
      expect(set.status).toBe(204);
      expect(set.text).toBe('');
      expect((await simulator.call(path)).json).toEqual(shown(URL));
    }
  });

  test('the JSON:API form, and the old name for receipts, are taken as well', async () => {
    const simulator = await runSimulator({ callbackShape: 'flat' });
    const json = { data: { attributes: { callback_url: URL } } };
    const set = await simulator.call('/v2.1/messages/dlr_callback', { method: 'PUT', json });
    expect(set.status).toBe(204);
    const { attributes } = (await simulator.call('/v2.2/messages/sms_dlr_callback')).json.data;
    expect(attributes).toEqual({ api_version: 'v2', callback_url: URL, product: 'sms' });
  });

  test('v2 has none, and 401 without the keys', async () => {
    const simulator = await runSimulator();
    expect((await simulator.call('/v2/messages/sms_callback')).status).toBe(404);
    const path = '/v2.2/messages/sms_callback';
    const options = { method: 'PUT', json: { callback_url: URL }, auth: null };
    expect((await simulator.call(path, options)).json).toEqual(carrierError(401));
    expect((await simulator.call(path, { auth: null })).json).toEqual(carrierError(401));
  });
});

test.each([
  undefined,
  null,
  '',
  7,
  'acme.example',
  'javascript:x',
  'https://user:word@acme.example',
])('the address %p is refused', async (callback_url) => {
  const simulator = await runSimulator();
  const json = { callback_url };
  const ofAccount = await simulator.call('/v2.2/messages/sms_callback', { method: 'PUT', json });
  expect(ofAccount.json).toEqual(carrierError(422));
  const path = `/v2/numbers/${FROM}/relationships/sms_callback`;
  expect((await simulator.call(path, { json })).json).toEqual(carrierError(422));
});

describe('of a number', () => {
  test.each(NAMES)('%s is set with 204', async (type) => {
    const simulator = await runSimulator();
    const json = { data: { attributes: { callback_url: URL } } };
    const answer = await simulator.call(`/v2/numbers/${FROM}/relationships/${type}`, { json });
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
  });

  test('404 for a number of somebody else and for an unknown type, 401 without the keys', async () => {
    const simulator = await runSimulator();
    const json = { callback_url: URL };
    const status = async (path: string, auth?: null) =>
      (await simulator.call(`/v2/numbers/${path}`, { json, ...(auth === null ? { auth } : {}) }))
        .status;
    expect(await status(`${TO}/relationships/sms_callback`)).toBe(404);
    expect(await status(`${FROM}/relationships/voice_callback`)).toBe(404);
    expect(await status(`${FROM}/relationships/sms_callback`, null)).toBe(401);
  });
});

describe('each kind is called where its address was set, at either level, by either name', () => {
  /** What the simulator does, and the kind that it calls. */
  const EVENTS: [string, string, (simulator: Running) => Promise<unknown>][] = [
    ['a text', 'sms_callback', (simulator) => answer(simulator, { body: 'NO' })],
    ['a picture', 'mms_callback', (simulator) => answer(simulator, { body: null })],
    [
      'a picture with words',
      'mms_callback',
      (simulator) => answer(simulator, { body: 'STOP', mediaUrls: ['https://a.example/b.png'] }),
    ],
    ['a receipt', 'sms_dlr_callback', (simulator) => simulator.send()],
    [
      'a receipt of an MMS',
      'mms_dlr_callback',
      (simulator) => simulator.send('v2.2', { media_urls: ['https://a.example/b.png'] }),
    ],
  ];
  const answer = (simulator: Running, fields: object) =>
    simulator.call('/inbox/reply', { json: { from: TO, to: FROM, ...fields } });
  const LEVELS: [string, string, string][] = [
    ['account', 'PUT', '/v2.1/messages/'],
    ['number', 'POST', `/v2/numbers/${FROM}/relationships/`],
  ];

  test.each(EVENTS)('%s: %s', async (_what, wanted, happens) => {
    for (const [, method, path] of LEVELS) {
      const time = new SimulatedTime();
      const { clock, schedule } = time;
      const simulator = await runSimulator({ clock, schedule });
      const receiver = await callbackReceiver();
      for (const name of NAMES) {
        // The older name comes last, and has the last word.
        const callback_url = `${receiver.url}/${name}`;
        const set = await simulator.call(path + name, { method, json: { callback_url } });
        expect(set.status).toBe(204);
        time.advance(1_000);
      }
      await happens(simulator);
      time.advance(100);
      const [{ path: called }] = (await receiver.count(1)) as unknown as [{ path: string }];
      expect(called).toBe(`/hook/${wanted === 'sms_dlr_callback' ? 'dlr_callback' : wanted}`);
      expect(receiver.received).toHaveLength(1);
    }
  });
});

test('that of the text wins over that of the number, and that over the one of the account', async () => {
  const time = new SimulatedTime();
  const { clock, schedule } = time;
  const simulator = await runSimulator({ clock, schedule });
  const receiver = await callbackReceiver();
  const pathsOf = async (changes = {}) => {
    await simulator.send('v2.2', changes);
    time.advance(100);
    await time.waiting([1_100]);
    time.advance(1_000);
    await time.waiting([]);
    return receiver.received.splice(0).map(({ path }) => path);
  };
  expect(await pathsOf()).toEqual([]);
  const path = '/v2.2/messages/sms_dlr_callback';
  await simulator.call(path, { method: 'PUT', json: { callback_url: `${receiver.url}/account` } });
  expect(await pathsOf()).toEqual(['/hook/account', '/hook/account']);
  const json = { callback_url: `${receiver.url}/number` };
  await simulator.call(`/v2/numbers/${FROM}/relationships/sms_dlr_callback`, { json });
  expect(await pathsOf()).toEqual(['/hook/number', '/hook/number']);
  expect(await pathsOf({ dlr_callback: `${receiver.url}/text` })).toEqual([
    '/hook/text',
    '/hook/text',
  ]);
});
