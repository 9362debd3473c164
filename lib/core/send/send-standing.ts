import type { Core, Requester } from '../core';
import { secondsUntil } from '../outcomes';
import { confirmedBudgets, keptBudgets, notOptedOutPlace, waitsOf } from './budgets';
import type { SendWish } from './decide-unconfirmed';

/** What stands against a code that would be sent now, by what is counted of its user. */
interface SendStanding {
  why: 'open' | 'wait' | 'used_up' | 'opted_out';
  /** Seconds until it may be asked for; 0 where it may, or where no time says when. */
  wait: number;
}

/**
 * Looks at what `permitSend` would ask of a confirmed phone or address, and takes nothing: a page must
 * not offer what would be refused, nor say that something is on its way where nothing is. What only the
 * sending itself can tell (the lock, the app's hook, the carrier) is not in it.
 */
export async function sendStanding(
  core: Core,
  who: Pick<Requester, 'userId' | 'address' | 'known'>,
  { channel, phone }: Pick<SendWish, 'channel' | 'phone'>,
): Promise<SendStanding> {
  const isText = channel === undefined;
  const facts = { userId: who.userId, address: who.address, channel, phone, confirmed: true };
  const waits = waitsOf(core, facts).map(({ wait }) => wait.key);
  const stopped = notOptedOutPlace(core, phone).key;
  const isTest = isText && core.testCode?.(phone) !== undefined;
  const budgets = confirmedBudgets(core, facts, isTest);
  const { read } = await core.counter.settle({
    read: [...waits, stopped, ...budgets.map(({ key }) => key)],
  });
  const left = (key: string): number => read.get(key)?.left ?? 0;
  if (isText && read.has(stopped)) return { why: 'opted_out', wait: 0 };
  const full = budgets.filter(({ key, limit }) => (read.get(key)?.count ?? 0) >= limit);
  const isKnown = (): boolean => who.known?.() ?? false;
  const isKept =
    full.length > 0 && keptBudgets(budgets, { full, places: read }, isKnown) !== undefined;
  if (full.length > 0 && !isKept) {
    const longest = Math.max(...full.map(({ key }) => left(key)));
    return { why: 'used_up', wait: secondsUntil(longest, 0) };
  }
  const wait = Math.max(...waits.map(left));
  return wait > 0 ? { why: 'wait', wait: secondsUntil(wait, 0) } : { why: 'open', wait: 0 };
}
