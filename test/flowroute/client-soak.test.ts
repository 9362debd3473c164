import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SIMULATOR_CREDENTIALS, type FaultMode } from '../../lib/simulator';
import { FlowrouteClient } from '../../lib/flowroute/client';
import { FlowrouteError } from '../../lib/flowroute/flowroute-error';
import { seeded } from '../helpers/web';
import { closeSimulators, FROM, runSimulator, TO, type Running } from '../simulator/running';
import { impatient } from './client-world';

const LONG = process.env.LONG_TESTS !== undefined;
const SENDS = LONG ? 10_000 : 300;
const BATCH = 100;
/** Every so many batches the carrier is down for a while, so that the circuit opens. */
const OUTAGE_EVERY = 10;
/** How many texts are on their way at once. */
const WORKERS = 5;
const FAULTY = 0.2;

/** A hang costs a second of real time, so there are few of them. */
const MODES: FaultMode[] = [
  ...['401', '403', '422', '429', '500', '503', 'html-502', 'reset', 'slow', 'no-title'],
  ...['object-detail', 'opted-out', 'accepted-but-lost', 'accepted-never-delivered'],
  ...(LONG ? ['hang'] : []),
] as FaultMode[];

interface Ending {
  outcome: 'taken' | 'unknown';
  /** How often the text was refused before. */
  refusals: number;
}

afterEach(closeSimulators);

test(
  `[S148] of ${SENDS} texts over a carrier that fails often none is doubled, and none is lost silently`,
  async () => {
    const random = seeded(7);
    const waits: number[] = [];
    const timing = impatient(waits, random);
    // Simulator and client share a clock, so the simulator's limit of 5 a second is in force.
    const simulator = await runSimulator({ clock: timing.clock });
    const { accessKey, secretKey } = SIMULATOR_CREDENTIALS;
    const options = { accessKey, secretKey, baseUrl: simulator.url, timeoutMs: 1_000 };
    const client = new FlowrouteClient(options, timing);
    const total = { taken: 0, unknown: 0, unknownButArrived: 0, refusals: 0, waits: 0 };
    const heaps: number[] = [];
    const began = Date.now();

    const send = async (body: string): Promise<Ending> => {
      if (random() < FAULTY) await arm(simulator, random);
      for (let refusals = 0; ; refusals += 1) {
        try {
          await client.send({ from: FROM, to: TO, body });
          return { outcome: 'taken', refusals };
        } catch (error) {
          if (!(error instanceof FlowrouteError)) throw error;
          if (!error.refused) return { outcome: 'unknown', refusals };
          await timing.wait(error.retryAfterMs ?? 0);
          // Waits take no time here, so whoever tries again has to let the others run.
          await setImmediate();
        }
      }
    };

    for (let batch = 0; batch < SENDS / BATCH; batch += 1) {
      if (batch % OUTAGE_EVERY === 1) await simulator.fault('503', { times: 12 });
      const endings = await sendBatch(send, batch);
      const arrived = await takeInbox(simulator);
      for (const [body, { outcome, refusals }] of endings) {
        const times = arrived.get(body) ?? 0;
        total[outcome] += 1;
        total.refusals += refusals;
        if (outcome === 'taken') expect([body, times]).toEqual([body, 1]);
        else expect(times).toBeLessThanOrEqual(1);
        if (outcome === 'unknown') total.unknownButArrived += times;
      }
      total.waits += waits.splice(0).length;
      if (batch % 10 === 9) heaps.push(heapUsed());
    }
    expect(total.taken + total.unknown).toBe(SENDS);
    const resources = process.getActiveResourcesInfo();
    const sockets = resources.filter((name) => name === 'TCPSocketWrap').length;
    const timers = resources.filter((name) => name === 'Timeout').length;
    report({ ...total, sockets, timers, seconds: (Date.now() - began) / 1_000, heaps });
    // Client and server are one process: two ends of each connection that is kept alive.
    expect(sockets).toBeLessThanOrEqual(2 * (WORKERS + 10));
    expect(timers).toBeLessThanOrEqual(10 + sockets);
    expect((heaps.at(-1) ?? 0) - (heaps[0] ?? 0)).toBeLessThan(10_000_000);
  },
  LONG ? 900_000 : 120_000,
);

async function arm(simulator: Running, random: () => number): Promise<void> {
  await simulator.fault(MODES[Math.floor(random() * MODES.length)], { delayMs: 5 });
}

/** Sends a batch, each text with words of its own, and tells how each ended. */
async function sendBatch(
  send: (body: string) => Promise<Ending>,
  batch: number,
): Promise<Map<string, Ending>> {
  const endings = new Map<string, Ending>();
  const bodies = Array.from({ length: BATCH }, (_, at) => `text ${batch}-${at}`);
  const worker = async (): Promise<void> => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
      endings.set(body, await send(body));
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return endings;
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
