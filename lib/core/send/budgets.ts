import { NO_LIMIT, type Count, type Place, type Settlement } from '../../ports/counter';
import type { Core } from '../core';
import type { Rate } from '../limits';

/** What the send limits look at. */
export interface SendFacts {
  userId: string;
  /** Left out for texts. */
  channel?: 'email' | undefined;
  /** A number, or on the channel `email` an address. */
  phone: string;
  /** Whether a code texted to this phone came back before. */
  confirmed: boolean;
  address: string | undefined;
}

/** A place that a text takes, with what is limited by it in words for events. */
export interface Budget extends Place {
  name: string;
}

/** Budgets of the user's own, whose rest the user may know. */
const PERSONAL = new Set(['user', 'phone', 'unconfirmed-phone']);

/**
 * How many texts may go out: the one readable list of all send limits.
 *
 * Confirmed and unconfirmed numbers have separate budgets, so a stranger who types your number
 * cannot use up yours. The user's own come first, those that others need, too, last.
 */
export function sendBudgets({ limits, keyring }: Core, facts: SendFacts): Budget[] {
  const { subjects } = keyring;
  const { userId, phone, address } = facts;
  const budgets = (name: string, subject: string, rates: readonly Rate[], common = false) =>
    rates.map(({ count, seconds }): Budget => {
      // An address counts texts to confirmed and to unconfirmed phones apart.
      const kind = name === 'unconfirmed-address' ? 'u' : 't';
      const key = `${subject}#${kind}${seconds}`;
      return { name, key, limit: count, window: seconds * 1_000, common };
    });
  const user = budgets('user', subjects.user(userId), limits.textsPerUser);
  const overall = budgets('overall', subjects.everybody, limits.overall, true);
  if (facts.confirmed) {
    return [
      ...budgets('phone', subjects.phone(phone), limits.textsPerPhone),
      ...user,
      ...budgets('address', subjects.address(address), limits.textsPerAddress, true),
      ...overall,
    ];
  }
  return [
    ...budgets('unconfirmed-phone', subjects.unconfirmedPhone(phone), limits.unconfirmedPerPhone),
    ...user,
    ...budgets(
      'unconfirmed-address',
      subjects.address(address),
      limits.unconfirmedPerAddress,
      true,
    ),
    ...budgets('unconfirmed-block', subjects.block(phone), limits.unconfirmedPerBlock, true),
    ...overall,
  ];
}

/** What the user may know of the budgets: not how much everybody together has left. */
export function sendsLeft(budgets: readonly Budget[], places: Settlement['places']): number {
  const left = budgets
    .filter(({ name }) => PERSONAL.has(name))
    .map(({ key, limit }) => limit - (places.get(key)?.count ?? 0));
  return Math.min(...left);
}

/**
 * The marks of a number that its user has tried, to be read before: of how many different unconfirmed
 * numbers a user may try one counts once a window, however many texts go to it.
 */
export function triedKeys(core: Core, facts: SendFacts): string[] {
  if (facts.confirmed) return [];
  const { keyring, limits } = core;
  const phone = keyring.fingerprint('phone', facts.phone).slice(0, 12);
  return limits.phonesPerUser.map(
    ({ seconds }) => `${keyring.subjects.user(facts.userId)}#tried.${seconds}.${phone}`,
  );
}

/** The places of a number that was not tried before; its marks are taken with them. */
export function newPhoneBudgets(
  core: Core,
  facts: SendFacts,
  read: ReadonlyMap<string, Count>,
): Budget[] {
  const user = core.keyring.subjects.user(facts.userId);
  return triedKeys(core, facts).flatMap((tried, index) => {
    const rate = core.limits.phonesPerUser[index];
    if (rate === undefined || read.has(tried)) return [];
    const window = rate.seconds * 1_000;
    return [
      { name: 'phones', key: `${user}#phones.${rate.seconds}`, limit: rate.count, window },
      { name: 'phones', key: tried, limit: NO_LIMIT, window },
    ];
  });
}

/**
 * The waits between texts (`limits.resendWait`), per user and per phone, over all sessions. Each is a
 * place of limit one that ends with the wait. A second count says how many texts nobody answered,
 * which decides how long the wait is.
 */
export interface Wait {
  wait: Place;
  step: Place;
}

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
    wait: { key: `${subject}#wait`, window: (limits.resendWait[0] ?? 0) * 1_000, limit: 1 },
    step: { key: `${subject}#step`, window: LADDER_LIFETIME, limit: NO_LIMIT },
  }));
}

/** How long the wait after this text is, in milliseconds. */
export function waitLength({ limits }: Core, { step }: Wait, places: Settlement['places']): number {
  const texts = places.get(step.key)?.count ?? 1;
  const { resendWait } = limits;
  return (resendWait[Math.min(texts, resendWait.length) - 1] ?? 0) * 1_000;
}
