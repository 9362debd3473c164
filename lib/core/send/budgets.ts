import { DAY_MS, HOUR_MS } from '../../durations';
import { NO_LIMIT, type Held, type Place, type Settlement } from '../../ports/counter';
import type { Core } from '../core';
import { OPTED_OUT } from '../delivery/sent-text';
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
  /**
   * - `unanswered`: a right code gives it back.
   * - `sent`: what costs money. Nothing gives it back but that no text went out after all.
   * - `attempt`: one call of something that costs money itself. Nothing gives it back.
   */
  kind: 'unanswered' | 'sent' | 'attempt';
  /** So many are kept beyond the limit; see KEPT. */
  kept: number;
}

/** Budgets of the user's own, whose rest the user may know. */
const PERSONAL = new Set(['user', 'phone', 'unconfirmed-phone', 'user-sent', 'phone-sent']);

/**
 * Texts of a day that are kept for who asks least likely for somebody else: of the budgets of a user
 * and of a confirmed phone for a browser in which this user has passed before, and of a phone that
 * several accounts share for each of them. Less where a deployment allows fewer than ten.
 */
const KEPT = 2;

function keptOf({ count, seconds }: Rate): number {
  return seconds * 1_000 < DAY_MS ? 0 : Math.min(KEPT, Math.floor(count / 5));
}

/**
 * How many texts may go to a confirmed number; `unconfirmed-budgets.ts` says it of the others. They
 * are apart, so a stranger who types your number cannot use up yours. The user's own come first, those
 * that others need, too, last.
 */
export function confirmedBudgets(core: Core, facts: SendFacts, isTest: boolean): Budget[] {
  const { limits, keyring } = core;
  const { subjects } = keyring;
  const user = subjects.user(facts.userId);
  const phone = subjects.phone(facts.phone);
  const address = subjects.address(facts.address, facts.userId);
  return [
    ...budgets('phone', phone, 't', limits.textsPerPhone, { keeps: true }),
    ...budgets('user', user, 't', limits.textsPerUser, { keeps: true }),
    ...sentBudgets(core, user, phone, isTest),
    ...hookBudgets(core, user, address, { keeps: true }),
    ...budgets('address', address, 't', limits.textsPerAddress, { common: true }),
    ...commonSentBudgets(core, address, isTest),
  ];
}

interface BudgetOptions {
  kind?: Budget['kind'];
  common?: boolean;
  /** Some of a day's are kept. */
  keeps?: boolean;
  /** The rate's own count, if left out. */
  limit?: number | ((rate: Rate) => number);
}

export function budgets(
  name: string,
  subject: string,
  count: string,
  rates: readonly Rate[],
  options: BudgetOptions = {},
): Budget[] {
  const { kind = 'unanswered', common = false, keeps = false } = options;
  const { limit = ({ count }: Rate) => count } = options;
  return rates.map((rate) => {
    const kept = keeps ? keptOf(rate) : 0;
    return {
      name,
      kind,
      key: `${subject}#${count}${rate.seconds}`,
      limit: (typeof limit === 'number' ? limit : limit(rate)) - kept,
      window: rate.seconds * 1_000,
      common,
      kept,
    };
  });
}

/** What was sent to whom, answered or not: whoever answers their own texts costs money, too. */
export function sentBudgets(
  { limits }: Core,
  user: string,
  phone: string,
  isTest: boolean,
): Budget[] {
  if (isTest) return [];
  return [
    ...budgets('user-sent', user, 's', limits.sentPerUser, { kind: 'sent' }),
    ...budgets('phone-sent', phone, 's', limits.sentPerPhone, { kind: 'sent', keeps: true }),
  ];
}

export function commonSentBudgets(core: Core, address: string, isTest: boolean): Budget[] {
  if (isTest) return [];
  const { limits, keyring } = core;
  const everybody = keyring.subjects.everybody;
  return [
    ...budgets('address-sent', address, 's', limits.sentPerAddress, { kind: 'sent', common: true }),
    ...budgets('overall', everybody, 't', limits.overall, { kind: 'sent', common: true }),
  ];
}

const HOOK = 'before-send';

/**
 * Calls of the app's own `beforeSend`, which may cost money at each. Where `keeps` says so, two of a
 * day's are kept for a browser in which the user has passed before: a refused call costs no text, so
 * whoever has only the password could else use up all of them.
 */
export function hookBudgets(
  { limits, beforeSend }: Core,
  user: string,
  address: string,
  { keeps = false }: Pick<BudgetOptions, 'keeps'> = {},
): Budget[] {
  if (beforeSend === undefined) return [];
  return [
    ...budgets(HOOK, user, 'h', limits.hookCallsPerUser, { kind: 'attempt', keeps }),
    ...budgets(HOOK, address, 'h', limits.hookCallsPerAddress, {
      kind: 'attempt',
      common: true,
    }),
  ];
}

/**
 * The budgets with what is kept, for whom others have left none: a browser in which the user has passed
 * before has all of them; an account that has hardly asked today has KEPT texts of a phone whose day
 * other accounts have used up, until twice the phone's. `undefined` where that is not so, or something
 * else is full as well.
 */
export function keptBudgets(
  budgets: readonly Budget[],
  { full, places }: Pick<Settlement, 'full' | 'places'>,
  isKnown: () => boolean,
): Budget[] | undefined {
  const used = ({ key }: Budget): number => places.get(key)?.count ?? 0;
  const fullBudgets = full.map(({ key }) => budgets.find((budget) => budget.key === key));
  if (fullBudgets.some((budget) => budget === undefined || budget.kept === 0)) return undefined;
  const hasHardlyAsked = budgets.every((each) => each.name !== 'user' || used(each) < KEPT);
  const known = isKnown();
  const raised = budgets.map((budget): Budget => {
    const { name, kept } = budget;
    if (kept === 0) return budget;
    const limit = known || name === 'phone-sent' ? budget.limit + kept : budget.limit;
    if (!hasHardlyAsked || name === HOOK) return { ...budget, limit };
    // Of two at the same time no more than what is kept goes out.
    return {
      ...budget,
      limit: name === 'user' ? Math.min(KEPT, limit) : 2 * (budget.limit + kept),
    };
  });
  return raised.every((budget) => used(budget) < budget.limit) ? raised : undefined;
}

/** Whether a day's texts of the user, or of their confirmed phone, are used up by this one. */
export function isUsedUp(budgets: readonly Budget[], places: Settlement['places']): boolean {
  return budgets.some(
    ({ name, key, limit, window }) =>
      (name === 'user' || name === 'phone') &&
      window >= DAY_MS &&
      (places.get(key)?.count ?? 0) >= limit,
  );
}

/** What the user may know of the budgets: not how much everybody together has left. */
export function sendsLeft(
  budgets: readonly Budget[],
  places: Settlement['places'],
  isKnown: () => boolean,
): number {
  const personal = budgets.filter(({ name }) => PERSONAL.has(name));
  const least = (limitOf: (budget: Budget) => number): number =>
    Math.max(
      0,
      Math.min(...personal.map((each) => limitOf(each) - (places.get(each.key)?.count ?? 0))),
    );
  const left = least(({ limit }) => limit);
  const withKept = least(({ limit, kept }) => limit + kept);
  return left < withKept && isKnown() ? withKept : left;
}

/** Asks that the owner of the phone has not answered STOP. */
export function notOptedOutPlace({ keyring }: Core, phone: string): Place {
  return { key: keyring.subjects.phone(phone) + OPTED_OUT, window: DAY_MS, limit: 0, by: 0 };
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

const WAIT = '#wait';
/** A step of the ladder is forgotten an hour after the first text that nobody answered. */
const LADDER_LIFETIME = HOUR_MS;

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

/** The session that was texted, by its user. */
interface Asker {
  userId: string;
  sessionId: string;
}

/**
 * Counts that this session was texted at a confirmed phone: the place of a text, and where those are
 * counted whose code may still be good. A send that finds none of them need not look for a challenge.
 *
 * A count is not lengthened, so each lifetime of a code has one of its own; three names are used in turn.
 */
export function textedIn(
  { limits, keyring, clock }: Core,
  { userId, sessionId }: Asker,
): { place: Place; keys: readonly string[] } {
  const lifetime = limits.challengeLifetime * 1_000;
  const turn = Math.floor(clock() / lifetime);
  const name = keyring.digest('session', sessionId).slice(0, 8);
  const keyOf = (each: number): string => `${keyring.subjects.user(userId)}#c${each % 3}.${name}`;
  const key = keyOf(turn);
  return { place: { key, window: 2 * lifetime, limit: NO_LIMIT }, keys: [key, keyOf(turn + 2)] };
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
