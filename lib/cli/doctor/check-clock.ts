import { ok, unknown, wrong, type Finding } from './finding';
import type { Patient } from './patient';
import { limited, probeFailure } from './probe';

/** The Date header has whole seconds, and the answer takes its time; in milliseconds. */
const TOLERATED = 10_000;

/** Whether this machine's clock agrees with the carrier's: codes expire by it. */
export async function checkClock(baseUrl: string, { clock, signal }: Patient): Promise<Finding> {
  const before = clock();
  let date: string | null;
  try {
    const answer = await fetch(baseUrl, {
      method: 'HEAD',
      redirect: 'manual',
      signal: limited(signal),
    });
    date = answer.headers.get('date');
  } catch (error) {
    signal.throwIfAborted();
    const cure = 'Check FLOWROUTE_API, name resolution, firewall and proxy.';
    return unknown('clock', `The carrier did not say its time (${probeFailure(error)}).`, cure);
  }
  const carrier = Date.parse(date ?? '');
  if (Number.isNaN(carrier)) return unknown('clock', 'The carrier did not say its time.');
  const ahead = (before + clock()) / 2 - carrier;
  if (Math.abs(ahead) <= TOLERATED) return ok('clock', 'The clock agrees with the carrier.');
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  const cure = 'Have it set from the network (NTP), on every machine that runs the app.';
  return wrong('clock', `The clock is ${seconds} s ${ahead > 0 ? 'fast' : 'slow'}.`, cure);
}
