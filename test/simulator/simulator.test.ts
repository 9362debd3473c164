import { createSimulator, SIMULATOR_CREDENTIALS } from '../../lib/simulator';
import { flowrouteSender } from '../../lib/senders/flowroute-sender';

test.each(['v2', 'v2.1', 'v2.2'] as const)(
  'the real sender and the simulator speak %s',
  async (apiVersion) => {
    const { url, close } = await createSimulator().listen();
    try {
      const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: url, apiVersion });
      const { id } = await sender.send({ to: '+12065550142', body: 'hello' });
      expect(id).toMatch(apiVersion === 'v2' ? /^mdr1-/ : /^mdr2-/);
      const inbox = (await (await fetch(`${url}/inbox`)).json()) as { messages: object[] };
      expect(inbox.messages).toMatchObject([{ id, to: '12065550142', body: 'hello' }]);
      await expect(sender.send({ to: '+442071838750', body: 'hello' })).rejects.toMatchObject({
        reason: 'to_rejected',
        refused: apiVersion !== 'v2',
      });
    } finally {
      await close();
    }
  },
);

test('it listens on the loopback address only, unless told otherwise', async () => {
  const { url, close } = await createSimulator().listen();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await close();
});

test('close ends every connection, frees the port and may be called twice', async () => {
  const simulator = createSimulator();
  const { url, close } = await simulator.listen();
  await fetch(url);
  await Promise.all([close(), close()]);
  await close();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  const again = await simulator.listen(Number(new URL(url).port));
  expect(again.url).toBe(url);
  await again.close();
});

test('close takes back every timer, so that nothing is posted and no process is kept alive', async () => {
  const set = jest.spyOn(globalThis, 'setTimeout');
  const clear = jest.spyOn(globalThis, 'clearTimeout');
  try {
    const { url, close } = await createSimulator({ timeScale: 59 }).listen();
    const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: url });
    await sender.send({ to: '+12065550142', body: 'hello' });
    const timers = [59 * 100, 59 * 1_100].map(
      (wanted) =>
        set.mock.results[set.mock.calls.findIndex(([, delay]) => delay === wanted)]!.value,
    ) as NodeJS.Timeout[];
    expect(timers.map((timer) => timer.hasRef())).toEqual([false, false]);
    await close();
    for (const timer of timers) expect(clear).toHaveBeenCalledWith(timer);
  } finally {
    jest.restoreAllMocks();
  }
});

test('a port that is taken is an error', async () => {
  const { url, close } = await createSimulator().listen();
  const port = Number(new URL(url).port);
  await expect(createSimulator().listen(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await close();
});

test('two simulators know nothing of each other', async () => {
  const [one, two] = [await createSimulator().listen(), await createSimulator().listen()];
  const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: one.url });
  await sender.send({ to: '+12065550142', body: 'hello' });
  expect(await (await fetch(`${two.url}/inbox`)).json()).toEqual({ messages: [] });
  await Promise.all([one.close(), two.close()]);
});

test.each([
  [
    { acessKey: 'x' },
    'acessKey }) is a string of 1 character. There is no such option. Did you mean `accessKey`? There are accessKey, secretKey, from',
  ],
  [{ accessKey: '' }, 'accessKey }) is an empty string. Give a string that is not empty'],
  [{ secretKey: 7 }, 'secretKey'],
  [{ from: [] }, 'from'],
  [{ from: '12065550100' }, 'from'],
  [{ from: ['2065550100'] }, 'from })[0] is the string "2065550100"'],
  [{ unregistered: ['x'] }, 'unregistered'],
  [{ recordDelayMs: -1 }, 'recordDelayMs'],
  [{ recordDelayMs: 60_001 }, 'recordDelayMs'],
  [{ timeScale: Number.NaN }, 'timeScale'],
  [{ callbackShape: 'round' }, 'callbackShape }) is "round". Give one of wrapped, flat'],
  [{ statusCode: 'roman' }, 'statusCode'],
  [{ clock: 7 }, 'clock'],
  [{ schedule: 'later' }, 'schedule'],
])('the options %j are refused by name', (options, name) => {
  expect(() => createSimulator(options as object)).toThrow(TypeError);
  expect(() => createSimulator(options as object)).toThrow(name);
});

test('[S144] a key of another type is refused without its value', () => {
  const make = () => createSimulator({ secretKey: ['hunter2'] as unknown as string });
  expect(make).toThrow('secretKey }) is a list of 1 entry. Give a string that is not empty');
});
