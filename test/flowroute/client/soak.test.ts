import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { SIMULATOR_CREDENTIALS, type FaultMode } from '../../../lib/flowroute/simulator';
import { FlowrouteClient } from '../../../lib/flowroute/client/flowroute-client';
import { FlowrouteError } from '../../../lib/flowroute/client/flowroute-error';
import { seeded } from '../../helpers/web';
import { closeSimulators, FROM, runSimulator, TO, type Running } from '../simulator/running';
import { impatient } from './client-world';

const LONG = process.env.LONG_TESTS !== undefined;
const SENDS = LONG ? 10_000 : 300;
const BATCH = 100;
/** How many texts are on their way at once. */
const WORKERS = 5;
const FAULTY = 0.2;

/** A hang costs a second of real time, so there are few of them. */
const MODES: FaultMode[] = [
  ...['401', '403', '422', '429', '500', '503', 'html-502', 'reset', 'slow', 'no-title'],
  ...['object-detail', 'opted-out', 'accepted-but-lost', 'accepted-never-delivered'],
  ...(LONG ? ['hang'] : []),
] as FaultMode[];

type Outcome = 'taken' | 'refused' | 'unknown';

afterEach(closeSimulators);

test(
  `[S148] of ${SENDS} texts over a carrier that fails often none is doubled, and none is lost silently`,
  async () => {
    const random = seeded(7);
    const waits: number[] = [];
    const timing = impatient(waits, random);
    const simulator = await runSimulator({ clock: timing.clock });
    const client = new FlowrouteClient(
      { ...keys(), baseUrl: simulator.url, timeoutMs: 1_000 },
      timing,
    );
    const total = { taken: 0, refused: 0, unknown: 0, arrivedUnknown: 0, faults: 0 };
    const heaps: number[] = [];
    const began = Date.now();
    for (let batch = 0; batch < SENDS / BATCH; batch += 1) {
      total.faults += await arm(simulator, random);
      const outcomes = await sendBatch(client, batch);
      await simulator.call('/faults', { method: 'DELETE' });
      const arrived = await takeInbox(simulator);
      for (const [body, outcome] of outcomes) {
        const times = arrived.get(body) ?? 0;
        total[outcome] += 1;
        if (outcome === 'taken') expect([body, times]).toEqual([body, 1]);
        if (outcome === 'refused') expect([body, times]).toEqual([body, 0]);
        if (outcome === 'unknown') {
          expect(times).toBeLessThanOrEqual(1);
          total.arrivedUnknown += times;
        }
      }
      waits.length = 0;
      if (batch % 10 === 9) heaps.push(heapUsed());
    }
    expect(total.taken + total.refused + total.unknown).toBe(SENDS);
    const resources = process.getActiveResourcesInfo();
    const sockets = resources.filter((name) => name === 'TCPSocketWrap').length;
    const timers = resources.filter((name) => name === 'Timeout').length;
    report({ ...total, sockets, timers, seconds: (Date.now() - began) / 1_000, heaps });
    // Client and server are one process: two ends of each connection that is kept alive.
    expect(sockets).toBeLessThanOrEqual(2 * (WORKERS + 10));
    expect(timers).toBeLessThanOrEqual(10 + sockets);
    const [first = 0, last = 0] = [heaps[0], heaps.at(-1)];
    expect(last - first).toBeLessThan(20_000_000);
  },
  LONG ? 900_000 : 60_000,
);

function keys() {
  const { accessKey, secretKey } = SIMULATOR_CREDENTIALS;
  return { accessKey, secretKey };
}

/** Arms as many faults as make the part of the batch that is to fail. */
async function arm(simulator: Running, random: () => number): Promise<number> {
  const count = Math.round(BATCH * FAULTY);
  for (let fault = 0; fault < count; fault += 1) {
    const mode = MODES[Math.floor(random() * MODES.length)];
    await simulator.fault(mode, { delayMs: 5 });
  }
  return count;
}

/** Sends a batch, each text with words of its own, and tells how each ended. */
async function sendBatch(client: FlowrouteClient, batch: number): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const bodies = Array.from({ length: BATCH }, (_, at) => `text ${batch}-${at}`);
  const worker = async (): Promise<void> => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
      outcomes.set(body, await send(client, body));
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return outcomes;
}

async function send(client: FlowrouteClient, body: string): Promise<Outcome> {
  try {
    await client.send({ from: FROM, to: TO, body });
    return 'taken';
  } catch (error) {
    if (!(error instanceof FlowrouteError)) throw error;
    return error.refused ? 'refused' : 'unknown';
  }
}

/** How often each text arrived; empties the inbox. */
async function takeInbox(simulator: Running): Promise<Map<string, number>> {
  const arrived = new Map<string, number>();
  for (const { body } of await simulator.inbox()) {
    arrived.set(String(body), (arrived.get(String(body)) ?? 0) + 1);
  }
  await simulator.call('/inbox', { method: 'DELETE' });
  return arrived;
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

function report(figures: object): void {
  if (LONG) process.stdout.write(`soak of the client: ${JSON.stringify(figures)}\n`);
}
