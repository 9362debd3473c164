import type { Count, Counter } from '../../ports/counter';
import { digest, type Keyring } from '../keyring';
import type { Limits } from '../limits';
import type { SendFacts } from './send-policy';

/**
 * The waits between texts (`limits.resendWait`), per user and per phone, over all sessions.
 * Each wait is a key that lives as long as the wait; whoever starts it may send. A second key
 * counts how many waits were started, which decides how long the next one is.
 */
export type Wait = { ok: true; keys: string[]; until: number } | { ok: false; until: number };

/** A step of the ladder is forgotten an hour after the first text that nobody answered. */
const LADDER_LIFETIME = 3_600_000;

function subjects(keyring: Keyring, facts: SendFacts): string[] {
  const phone = keyring.fingerprint('phone', facts.phone);
  // A stranger who types your number must not make you wait for your own text.
  return [
    `user:${digest('user', facts.userId)}`,
    `${facts.confirmed ? 'phone' : 'unconfirmed-phone'}:${phone}`,
  ];
}

/** Starts the wait of this user and this phone, or says until when either one still runs. */
export async function startWait(
  counter: Counter,
  limits: Pick<Limits, 'resendWait'>,
  keyring: Keyring,
  facts: SendFacts,
): Promise<Wait> {
  const keys = subjects(keyring, facts);
  const steps = await Promise.all(keys.map((subject) => counter.peek(`waits:${subject}`)));
  // One after the other, in the same order for everybody: of two sends that cross, one wins.
  const started: ({ key: string } & Count)[] = [];
  for (const [index, subject] of keys.entries()) {
    const step = steps[index]?.count ?? 0;
    const seconds = limits.resendWait[Math.min(step, limits.resendWait.length - 1)] ?? 0;
    const key = `wait:${subject}`;
    const taken = { key, ...(await counter.add(key, seconds * 1_000)) };
    started.push(taken);
    if (taken.count > 1) break;
  }
  const until = Math.max(...started.map(({ expiresAt }) => expiresAt));
  const running = started.filter(({ count }) => count > 1);
  if (running.length > 0) {
    const ours = started.filter(({ count }) => count === 1);
    await Promise.all(ours.map(({ key }) => counter.clear(key)));
    return { ok: false, until: Math.max(...running.map(({ expiresAt }) => expiresAt)) };
  }
  return { ok: true, keys: started.map(({ key }) => key), until };
}

/** A text is going out: the next wait is longer. With `by` -1: it surely did not go out. */
export async function lengthenNextWait(
  counter: Counter,
  keyring: Keyring,
  facts: SendFacts,
  by = 1,
): Promise<void> {
  await Promise.all(
    subjects(keyring, facts).map((subject) => counter.add(`waits:${subject}`, LADDER_LIFETIME, by)),
  );
}

/** Gives the wait of a text back that did not go out. */
export async function endWait(counter: Counter, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => counter.clear(key)));
}

/** The code came back: whoever answers texts does not wait for the next one. */
export async function forgetWaits(
  counter: Counter,
  keyring: Keyring,
  facts: SendFacts,
): Promise<void> {
  await Promise.all(
    subjects(keyring, facts).flatMap((subject) => [
      counter.clear(`wait:${subject}`),
      counter.clear(`waits:${subject}`),
    ]),
  );
}
