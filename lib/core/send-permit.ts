import { charge, chargesOf, giveBack, type Budget, type Charge } from './budgets';
import type { Core, Requester } from './core';
import { standingOf, type Standing } from './failures';
import { refuse, secondsUntil, type Outcome, type Refusal } from './outcomes';
import { parsePhone } from './phone-number';
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

/** A locked or disabled user, in the words of the contract. */
export function lockedRefusal(
  standing: Exclude<Standing, { state: 'open' }>,
  now: number,
): Refusal {
  return standing.state === 'locked'
    ? refuse('too_many_attempts', { retryAfter: secondsUntil(standing.until, now) })
    : refuse('too_many_attempts', { detail: 'The second factor is disabled. Ask for help.' });
}

/**
 * Asks every limit, in the order of what it costs to refuse: the lock, the destination, the wait,
 * the budgets. Everything is taken before the carrier is called (row 46).
 */
export async function permitSend(
  core: Core,
  who: Requester,
  facts: SendFacts,
): Promise<Outcome<{ permit: SendPermit }> & { budget?: string }> {
  const now = core.clock();
  const standing = await standingOf(core.counter, core.limits, who.userId, now);
  if (standing.state !== 'open') return lockedRefusal(standing, now);
  // Checked at each send, too: the list may have changed since the number was enrolled.
  const destination = parsePhone(facts.phone, core.defaultCountry, core.allowedCountries);
  if (!destination.ok) return refuse(destination.code);

  const wait = await startWait(core.counter, core.limits, core.keyring, facts);
  if (!wait.ok) return refuse('resend_too_soon', { retryAfter: secondsUntil(wait.until, now) });
  const budgets = [
    ...sendBudgets(core.limits, core.keyring, facts),
    ...(await newPhoneBudgets(core, facts)),
  ];
  const charged = await charge(core.counter, budgets, now);
  if (!charged.ok) {
    await endWait(core.counter, wait.keys);
    const retryAfter = secondsUntil(charged.expiresAt, now);
    return { ...refuse('send_limit_reached', { retryAfter }), budget: charged.budget.name };
  }
  await rememberTriedPhone(core, facts);
  warnOfOverall(core, who, charged.taken);
  return {
    ok: true,
    permit: {
      resendAt: wait.until,
      sendsLeft: Math.min(
        ...charged.taken
          .filter(({ budget }) => budget.name !== 'phones' && budget.name !== 'overall')
          .map(({ budget, count }) => budget.limit - count),
      ),
      charges: chargesOf(charged.taken),
      wait: wait.keys,
    },
  };
}

/** Nothing was texted: what was taken for the text goes back, if the counter still answers. */
export async function returnPermit(core: Core, permit: SendPermit): Promise<void> {
  await Promise.allSettled([
    endWait(core.counter, permit.wait),
    giveBack(core.counter, permit.charges, core.clock()),
  ]);
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
