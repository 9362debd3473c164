import { askBeforeSend } from './ask-before-send';
import { charge, chargesOf, giveBack, type Budget, type Charge, type Charged } from './budgets';
import type { Purpose } from '../challenge/challenge';
import { conversionBudgets } from './conversion';
import type { Core, Requester } from '../core';
import { eventFacts } from '../event-facts';
import { lockedRefusal, standingOf } from '../verify/failures';
import { hasOptedOut } from './opt-out';
import { refuse, secondsUntil, type Outcome, type Refusal } from '../outcomes';
import { parsePhone } from '../phone-number';
import { endWait, startWait } from './resend-wait';
import { sendBudgets, type SendFacts } from './send-policy';
import { newPhoneBudgets, rememberTriedPhone } from './tried-phones';

/** Leave to send one text, with everything that was taken for it. */
export interface SendPermit {
  resendAt: number;
  sendsLeft: number;
  charges: Charge[];
  /** The keys of the waits that were started. */
  wait: string[];
}

export interface SendWish extends SendFacts {
  purpose: Purpose;
}

/**
 * Asks every limit, in the order of what it costs to refuse: the lock, the destination, the wait,
 * the app's own hook, the budgets. Everything is taken before the carrier is called [S46].
 */
export async function permitSend(
  core: Core,
  who: Requester,
  wish: SendWish,
): Promise<Outcome<{ permit: SendPermit }> & { budget?: string; error?: unknown }> {
  const now = core.clock();
  const standing = await standingOf(core.counter, core.limits, who.userId, now);
  if (standing.state !== 'open') return lockedRefusal(standing, now);
  const destination = await checkDestination(core, wish);
  if (!destination.ok) return destination;
  const { country } = destination;

  const wait = await startWait(core.counter, core.limits, core.keyring, wish);
  if (!wait.ok) return refuse('resend_too_soon', { retryAfter: secondsUntil(wait.until, now) });
  // After the wait, which stays: nobody can make the hook's own look-ups run up a bill.
  const refused = await askBeforeSend(core, who, { ...wish, country });
  if (refused !== undefined) return { ...refused.refusal, error: refused.error };

  const charged = await charge(core.counter, await allBudgets(core, wish, country, now), now);
  if (!charged.ok) {
    await endWait(core.counter, wait.keys);
    return overBudget(core, who, wish, country, charged);
  }
  await rememberTriedPhone(core, wish);
  warnOfOverall(core, who, charged.taken);
  const { until: resendAt, keys } = wait;
  const charges = chargesOf(charged.taken);
  return {
    ok: true,
    permit: { resendAt, sendsLeft: sendsLeft(charged.taken), charges, wait: keys },
  };
}

/** The country of a number that may be texted. */
async function checkDestination(
  core: Core,
  { channel, phone }: SendWish,
): Promise<Outcome<{ country: string }>> {
  if (channel === 'email') return { ok: true, country: '' };
  // Checked at each send, too: the list may have changed since the number was enrolled.
  const parsed = parsePhone(phone, core.defaultCountry, core.allowedCountries);
  if (!parsed.ok) return refuse(parsed.code);
  if (await hasOptedOut(core, phone)) return refuse('phone_opted_out');
  return { ok: true, country: parsed.country };
}

async function allBudgets(
  core: Core,
  wish: SendWish,
  country: string,
  now: number,
): Promise<Budget[]> {
  const { counter, limits, keyring } = core;
  const standing = sendBudgets(limits, keyring, wish);
  if (wish.confirmed) return standing;
  const destination = { phone: wish.phone, country };
  const [tried, conversion] = await Promise.all([
    newPhoneBudgets(core, wish),
    conversionBudgets(counter, limits, keyring, destination, now),
  ]);
  return [...standing, ...tried, ...conversion];
}

async function overBudget(
  core: Core,
  who: Requester,
  wish: SendWish,
  country: string,
  { budget, expiresAt }: Extract<Charged, { ok: false }>,
): Promise<Refusal & { budget: string }> {
  const now = core.clock();
  const retryAfter = secondsUntil(expiresAt, now);
  const { name, key, limit, windowMs } = budget;
  if (!name.startsWith('conversion-')) {
    return { ...refuse('send_limit_reached', { retryAfter }), budget: name };
  }
  // Told once a window, however many are turned away in it.
  if ((await core.counter.add(`told:${key}`, windowMs)).count === 1) {
    core.emit('conversion_low', { ...eventFacts(core, who, wish), budget: name, country, limit });
  }
  return { ...refuse('sending_suspended', { retryAfter }), budget: name };
}

/** Nothing was texted: what was taken for the text goes back, if the counter still answers. */
export async function returnPermit(core: Core, permit: SendPermit): Promise<void> {
  await Promise.allSettled([
    endWait(core.counter, permit.wait),
    giveBack(core.counter, permit.charges, core.clock()),
  ]);
}

/** What the user may know: not how much everybody together has left. */
function sendsLeft(taken: { budget: Budget; count: number }[]): number {
  const personal = new Set(['user', 'phone', 'unconfirmed-phone']);
  const left = taken
    .filter(({ budget }) => personal.has(budget.name))
    .map(({ budget, count }) => budget.limit - count);
  return Math.min(...left);
}

function warnOfOverall(
  core: Core,
  who: Requester,
  taken: { budget: Budget; count: number }[],
): void {
  for (const { budget, count } of taken) {
    // Exactly at the mark, so that one alert goes out a window.
    if (budget.name !== 'overall' || count !== Math.ceil(budget.limit * 0.8)) continue;
    const facts = { at: core.clock(), userId: who.userId, ip: who.address };
    core.emit('budget_alert', { ...facts, budget: budget.name, count, limit: budget.limit });
  }
}
