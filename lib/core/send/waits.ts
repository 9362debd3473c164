import { NO_LIMIT, type Held, type Place, type Settlement } from '../../ports/counter';
import type { Core } from '../core';
import type { SendFacts } from './budgets';

/**
 * The waits between texts (`limits.resendWait`), per user and per phone, over all sessions. Each is a
 * place of limit one that ends with the wait. A second count says how many texts nobody answered,
 * which decides how long the wait is.
 */
export interface Wait {
  wait: Place;
  step: Place;
}

const WAIT = '#wait';
/** A step of the ladder is forgotten an hour after the first text that nobody answered. */
const LADDER_LIFETIME = 3_600_000;

export function waitsOf({ limits, keyring }: Core, facts: SendFacts): Wait[] {
  const { subjects } = keyring;
  // A stranger who types your number must not make you wait for your own text.
  const phone = facts.confirmed
    ? subjects.phone(facts.phone)
    : subjects.unconfirmedPhone(facts.phone);
  return [subjects.user(facts.userId), phone].map((subject) => ({
    // As long as the first wait; what is longer is known when the step was taken.
    wait: { key: subject + WAIT, window: (limits.resendWait[0] ?? 0) * 1_000, limit: 1 },
    step: { key: `${subject}#step`, window: LADDER_LIFETIME, limit: NO_LIMIT },
  }));
}

/** How long the wait after this text is, in milliseconds. */
export function waitLength({ limits }: Core, { step }: Wait, places: Settlement['places']): number {
  const texts = places.get(step.key)?.count ?? 1;
  const { resendWait } = limits;
  return (resendWait[Math.min(texts, resendWait.length) - 1] ?? 0) * 1_000;
}

/** So many texts in an hour that the carrier refused may each be tried again at once. */
const MOST_AT_ONCE = 10;

/**
 * Waits that end with a text that the carrier surely refused: it may be tried again at once, but not
 * for ever. The steps stay, as the attempts were made.
 */
export function endedByRefusal(waits: readonly Held[], texts: number): Held[] {
  return texts > MOST_AT_ONCE ? [] : waits.filter(({ key }) => key.endsWith(WAIT));
}

/**
 * The texts were answered: the ladder begins anew, and the next text waits for a moment only
 * (`limits.waitAfterSuccess`). Without that moment, who answers their own texts could have ten a second.
 */
export function answeredWaits(core: Core, facts: SendFacts): { clear: string[]; take: Place[] } {
  const waits = waitsOf(core, facts);
  const window = core.limits.waitAfterSuccess * 1_000;
  return {
    clear: waits.flatMap(({ wait, step }) => [wait.key, step.key]),
    take: waits.map(({ wait }) => ({ ...wait, window })),
  };
}
