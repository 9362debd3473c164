import { setImmediate } from 'node:timers/promises';
import { Changes } from '../../lib/simulator/simulated-carrier';
import { closeSimulators, FROM, runSimulator, TO, type Running } from './running';

afterEach(closeSimulators);

/** Listens as an EventSource does. */
async function listen({ url }: Running) {
  const answer = await fetch(`${url}/phone/events`);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    type: answer.headers.get('content-type'),
    /** Reads on until the stream holds so many events. */
    events: async (count: number): Promise<string[]> => {
      for (;;) {
        const events = text.match(/^event: \w+$/gm) ?? [];
        if (events.length >= count) return events;
        const { done, value } = await reader.read();
        if (done) throw new Error('The stream ended.');
        text += value;
      }
    },
    end: () => reader.cancel(),
    text: () => text,
  };
}

const MAIL = { to: 'alice@bank.example', subject: 'Your account', text: 'Hello Alice.' };

test.each<[string, (simulator: Running) => Promise<unknown>]>([
  ['a text', (simulator) => simulator.send()],
  [
    'an answer',
    (simulator) => simulator.call('/inbox/reply', { json: { from: TO, to: FROM, body: 'NO' } }),
  ],
  ['a mail', (simulator) => simulator.call('/mails', { json: MAIL })],
  ['a fault', (simulator) => simulator.fault('503')],
  ['the end of all texts', (simulator) => simulator.call('/inbox', { method: 'DELETE' })],
  ['the end of all mails', (simulator) => simulator.call('/mails', { method: 'DELETE' })],
  ['the end of all faults', (simulator) => simulator.call('/faults', { method: 'DELETE' })],
])('open pages hear of %s', async (_what, change) => {
  const simulator = await runSimulator();
  const stream = await listen(simulator);
  expect(stream.type).toContain('text/event-stream');
  await change(simulator);
  expect(await stream.events(1)).toEqual(['event: change']);
  // Whoever listens learns that something came, and nothing of it.
  expect(stream.text()).not.toMatch(/hello|NO|Alice|503|\d{11}/);
});

test('open pages hear when a fault was met', async () => {
  const simulator = await runSimulator();
  await simulator.fault('503');
  const stream = await listen(simulator);
  await simulator.send();
  expect(await stream.events(1)).toHaveLength(1);
});

test('every open page hears of it, and a page that was closed disturbs nobody', async () => {
  const simulator = await runSimulator();
  const [one, two, closed] = [
    await listen(simulator),
    await listen(simulator),
    await listen(simulator),
  ];
  await closed.end();
  await simulator.send();
  await simulator.send();
  expect(await one.events(2)).toHaveLength(2);
  expect(await two.events(2)).toHaveLength(2);
});

test('a page that was closed is forgotten', async () => {
  const end = jest.fn();
  const listening = jest.spyOn(Changes.prototype, 'listen').mockReturnValue(end);
  try {
    const stream = await listen(await runSimulator());
    expect(end).not.toHaveBeenCalled();
    await stream.end();
    while (end.mock.calls.length === 0) await setImmediate();
  } finally {
    listening.mockRestore();
  }
});

test('close ends the streams of open pages', async () => {
  const simulator = await runSimulator();
  const stream = await listen(simulator);
  await stream.events(0);
  await closeSimulators();
  await expect(stream.events(1)).rejects.toThrow();
});
