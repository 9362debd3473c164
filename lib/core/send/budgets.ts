import type { Place, Settlement } from '../../ports/counter';
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

/** What else decides about the budgets of one text. */
export interface Standing {
  /** Whether this user has passed in this browser before. */
  known: boolean;
  /** A test number: nothing is texted, and so nothing costs. */
  isTest: boolean;
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
  /** Of a day's texts so many are kept; see KEPT. */
  kept?: number;
}

/** Budgets of the user's own, whose rest the user may know. */
const PERSONAL = new Set(['user', 'phone', 'unconfirmed-phone', 'user-sent', 'phone-sent']);

const DAY = 86_400;

/**
 * Texts of a day that are kept for who asks least likely for somebody else: of the budgets of a user
 * and of a confirmed phone for a browser in which this user has passed before, and of a phone that
 * several accounts share for each of them. Less where a deployment allows fewer than ten.
 */
const KEPT = 2;

function keptOf({ count, seconds }: Rate): number {
  return seconds < DAY ? 0 : Math.min(KEPT, Math.floor(count / 5));
}

/**
 * How many texts may go to a confirmed number; `unconfirmed-budgets.ts` says it of the others. They
 * are apart, so a stranger who types your number cannot use up yours. The user's own come first, those
 * that others need, too, last.
 */
export function confirmedBudgets(core: Core, facts: SendFacts, standing: Standing): Budget[] {
  const { limits, keyring } = core;
  const { subjects } = keyring;
  const user = subjects.user(facts.userId);
  const phone = subjects.phone(facts.phone);
  const address = subjects.address(facts.address);
  const open = (rate: Rate): number => rate.count - (standing.known ? 0 : keptOf(rate));
  return [
    ...budgets('phone', phone, 't', limits.textsPerPhone, { limit: open }),
    ...budgets('user', user, 't', limits.textsPerUser, { limit: open }),
    ...sentBudgets(core, user, phone, standing),
    ...hookBudgets(core, user, address),
    ...budgets('address', address, 't', limits.textsPerAddress, { common: true }),
    ...commonSentBudgets(core, address, standing),
  ];
}

interface BudgetOptions {
  kind?: Budget['kind'];
  common?: boolean;
  limit?: (rate: Rate) => number;
}

export function budgets(
  name: string,
  subject: string,
  count: string,
  rates: readonly Rate[],
  options: BudgetOptions = {},
): Budget[] {
  const { kind = 'unanswered', common = false, limit = (rate: Rate) => rate.count } = options;
  return rates.map((rate) => ({
    name,
    kind,
    key: `${subject}#${count}${rate.seconds}`,
    limit: limit(rate),
    window: rate.seconds * 1_000,
    common,
    kept: keptOf(rate),
  }));
}

/** What was sent to whom, answered or not: whoever answers their own texts costs money, too. */
export function sentBudgets(
  { limits }: Core,
  user: string,
  phone: string,
  { isTest }: Standing,
): Budget[] {
  if (isTest) return [];
  return [
    ...budgets('user-sent', user, 's', limits.sentPerUser, { kind: 'sent' }),
    ...budgets('phone-sent', phone, 's', limits.sentPerPhone, { kind: 'sent' }),
  ];
}

export function commonSentBudgets(core: Core, address: string, { isTest }: Standing): Budget[] {
  if (isTest) return [];
  const { limits, keyring } = core;
  const everybody = keyring.subjects.everybody;
  return [
    ...budgets('address-sent', address, 's', limits.sentPerAddress, { kind: 'sent', common: true }),
    ...budgets('overall', everybody, 't', limits.overall, { kind: 'sent', common: true }),
  ];
}

/** Calls of the app's own `beforeSend`, which may cost money at each. */
export function hookBudgets({ limits, beforeSend }: Core, user: string, address: string): Budget[] {
  if (beforeSend === undefined) return [];
  return [
    ...budgets('before-send', user, 'h', limits.hookCallsPerUser, { kind: 'attempt' }),
    ...budgets('before-send', address, 'h', limits.hookCallsPerAddress, {
      kind: 'attempt',
      common: true,
    }),
  ];
}

/**
 * The budgets of a confirmed phone for an account that has hardly asked today, where others have used
 * the phone's day up: KEPT texts of each account go on until twice the phone's budget. `undefined` where
 * something else is full, or the account has had its own.
 */
export function widened(
  budgets: readonly Budget[],
  { full, places }: Pick<Settlement, 'full' | 'places'>,
): Budget[] | undefined {
  const isPhones = ({ name, kept = 0 }: Budget): boolean =>
    kept > 0 && (name === 'phone' || name === 'phone-sent');
  const fullBudgets = full.map(({ key }) => budgets.find((budget) => budget.key === key));
  if (fullBudgets.some((budget) => budget === undefined || !isPhones(budget))) return undefined;
  const own = budgets.filter(({ name }) => name === 'user');
  if (own.some(({ key }) => (places.get(key)?.count ?? 0) >= KEPT)) return undefined;
  return budgets.map((budget) => {
    if (isPhones(budget)) return { ...budget, limit: 2 * budget.limit };
    return budget.name === 'user' ? { ...budget, limit: Math.min(KEPT, budget.limit) } : budget;
  });
}

/** Whether a day's texts of the user, or of their confirmed phone, are used up by this one. */
export function isUsedUp(budgets: readonly Budget[], places: Settlement['places']): boolean {
  return budgets.some(
    ({ name, key, limit, window }) =>
      (name === 'user' || name === 'phone') &&
      window >= DAY * 1_000 &&
      (places.get(key)?.count ?? 0) >= limit,
  );
}

/** What the user may know of the budgets: not how much everybody together has left. */
export function sendsLeft(budgets: readonly Budget[], places: Settlement['places']): number {
  const left = budgets
    .filter(({ name }) => PERSONAL.has(name))
    .map(({ key, limit }) => limit - (places.get(key)?.count ?? 0));
  return Math.max(0, Math.min(...left));
}
