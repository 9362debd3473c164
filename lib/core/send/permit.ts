import { heldOf, type Held, type Place, type Settlement } from '../../ports/counter';
import { timeLimit } from '../../time-limit';
import type { Core, Requester } from '../core';
import { notOptedOutPlace, turnIn, turnPlace } from '../delivery/sent-text';
import { eventFacts } from '../events';
import { beginDueLock, failureKeys, lockedRefusal, openPlaces, standingOf } from '../failures';
import { refuse, secondsUntil, type Outcome, type Refusal } from '../outcomes';
import { parsePhone } from '../phone-number';
import type { Purpose } from '../purpose';
import { notEndedPlace } from '../sessions';
import {
  newPhoneBudgets,
  sendBudgets,
  sendsLeft,
  triedKeys,
  waitLength,
  waitsOf,
  type Budget,
  type SendFacts,
} from './budgets';
import { conversionBudgets, verifiedKeys } from './conversion';

export interface SendWish extends SendFacts {
  purpose: Purpose;
}

/** Leave to send one text, with everything that was taken for it. */
export interface SendPermit {
  resendAt: number;
  sendsLeft: number;
  /** Which text to its phone it is, where texts are remembered. */
  turn: string | undefined;
  /** The places in the budgets. */
  held: Held[];
  /** The waits and their steps. */
  waits: Held[];
  /** Waits that are longer than the first one; to be set before the text goes out. */
  longer: Place[];
}

type Permitted = Outcome<{ permit: SendPermit }> & { budget?: string; error?: unknown };

/**
 * Asks every limit in one step and takes every place, or none: whether the session has ended, the
 * lock, STOP, the waits, the budgets. Everything is taken before the carrier is called [S46]. The
 * app's own hook is asked last; the wait stays where it refuses, so nobody can make its look-ups run
 * up a bill.
 */
export async function permitSend(core: Core, who: Requester, wish: SendWish): Promise<Permitted> {
  const destination = checkDestination(core, wish);
  if (!destination.ok) return destination;
  const { country } = destination;
  const budgets = await budgetsOf(core, wish, country);
  const waits = waitsOf(core, wish);
  const failures = failureKeys(core, who.userId);
  const turn = turnPlace(core, wish.phone);
  const isText = wish.channel === undefined;
  const text = [
    ...(isText ? [notOptedOutPlace(core, wish.phone)] : []),
    ...(isText && core.listens() ? [turn] : []),
  ];
  const steps = waits.flatMap(({ wait, step }) => [wait, step]);
  const settled = await core.counter.settle({
    read: failures.all,
    take: [
      notEndedPlace(core, who.sessionId),
      ...openPlaces(core, failures),
      ...text,
      ...steps,
      ...budgets,
    ],
  });
  const standing = standingOf(core, failures, settled.read);
  if (standing.state !== 'open') {
    if (settled.ok) await giveBack(core, heldOf([...steps, ...budgets], settled.places));
    await beginDueLock(core, failures, standing, settled.read);
    return lockedRefusal(standing, core.clock());
  }
  if (!settled.ok) return refusalOf(core, who, wish, country, settled, budgets);

  const { places } = settled;
  const lengths = waits.map((wait) => ({ ...wait, length: waitLength(core, wait, places) }));
  const permit: SendPermit = {
    resendAt: core.clock() + Math.max(...lengths.map(({ length }) => length)),
    sendsLeft: sendsLeft(budgets, places),
    turn: turnIn(turn, places),
    held: heldOf(budgets, places),
    waits: heldOf(steps, places),
    longer: lengths
      .filter(({ wait, length }) => length > wait.window)
      .map(({ wait, length }) => ({ ...wait, window: length })),
  };
  const refused = await askBeforeSend(core, who, { ...wish, country });
  if (refused !== undefined) {
    const ladder = heldOf(
      waits.map(({ step }) => step),
      places,
    );
    await giveBack(core, [...permit.held, ...ladder]);
    return { ...refused.refusal, error: refused.error };
  }
  warnOfOverall(core, who, budgets, places);
  return { ok: true, permit };
}

/** The country of a number that may be texted. */
function checkDestination(core: Core, { channel, phone }: SendWish): Outcome<{ country: string }> {
  if (channel === 'email') return { ok: true, country: '' };
  // Checked at each send, too: the list may have changed since the number was enrolled.
  const parsed = parsePhone(phone, core.defaultCountry, core.allowedCountries);
  return parsed.ok ? { ok: true, country: parsed.country } : refuse(parsed.code);
}

async function budgetsOf(core: Core, wish: SendWish, country: string): Promise<Budget[]> {
  const standing = sendBudgets(core, wish);
  if (wish.confirmed) return standing;
  const now = core.clock();
  const destination = { phone: wish.phone, country };
  const { read } = await core.counter.settle({
    read: [...triedKeys(core, wish), ...verifiedKeys(core, destination, now)],
  });
  return [
    ...standing,
    ...newPhoneBudgets(core, wish, read),
    ...conversionBudgets(core, destination, read, now),
  ];
}

/** What stood in the way, in the order of the question; of several budgets the one that lasts. */
async function refusalOf(
  core: Core,
  who: Requester,
  wish: SendWish,
  country: string,
  { full, places }: Settlement,
  budgets: readonly Budget[],
): Promise<Refusal & { budget?: string }> {
  const left = (key: string): number => places.get(key)?.left ?? 0;
  const retryAfter = (key: string): number => secondsUntil(left(key), 0);
  const isFull = (key: string): boolean => full.some((place) => place.key === key);
  if (isFull(notEndedPlace(core, who.sessionId).key)) return refuse('not_authenticated');
  if (wish.channel === undefined && isFull(notOptedOutPlace(core, wish.phone).key)) {
    return refuse('phone_opted_out');
  }
  const waits = waitsOf(core, wish).map(({ wait }) => wait.key);
  const [waiting] = waits.filter(isFull).sort((a, b) => left(b) - left(a));
  if (waiting !== undefined) return refuse('resend_too_soon', { retryAfter: retryAfter(waiting) });
  const [over] = budgets.filter(({ key }) => isFull(key)).sort((a, b) => left(b.key) - left(a.key));
  if (over === undefined) return refuse('send_limit_reached');
  const { name, key, limit, window } = over;
  if (!name.startsWith('conversion-')) {
    return { ...refuse('send_limit_reached', { retryAfter: retryAfter(key) }), budget: name };
  }
  // Told once a window, however many are turned away in it.
  const told = await core.counter.settle({ take: [{ key: `${key}.told`, window, limit: 1 }] });
  if (told.ok) {
    core.emit('conversion_low', { ...eventFacts(core, who, wish), budget: name, country, limit });
  }
  return { ...refuse('sending_suspended', { retryAfter: retryAfter(key) }), budget: name };
}

/**
 * Asks the app's `beforeSend` hook. Only a hook that says nothing against the text lets it pass; one
 * that fails or hangs refuses it. The answer does not tell why [S50]; the event does.
 */
async function askBeforeSend(
  core: Core,
  who: Requester,
  text: Pick<SendWish, 'channel' | 'phone' | 'confirmed' | 'purpose'> & { country: string },
): Promise<{ refusal: Refusal; error?: unknown } | undefined> {
  const { beforeSend } = core;
  if (beforeSend === undefined) return undefined;
  const { request, user, userId, address } = who;
  try {
    const { phone, country, confirmed, purpose } = text;
    const channel = text.channel ?? 'sms';
    const about = { phone, country, confirmed, purpose };
    const asked = beforeSend({ ...about, channel, req: request, user, userId, ip: address });
    const answer = await timeLimit(asked, core.limits.carrierCall * 1_000);
    return answer === false ? { refusal: refuse('send_refused') } : undefined;
  } catch (error) {
    return { refusal: refuse('sending_suspended'), error };
  }
}

/** Gives places back, if the counter still answers. */
export async function giveBack(core: Core, held: readonly Held[]): Promise<void> {
  if (held.length === 0) return;
  await core.counter.settle({ give: held }).catch(() => undefined);
}

function warnOfOverall(
  core: Core,
  who: Requester,
  budgets: readonly Budget[],
  places: Settlement['places'],
): void {
  for (const { name, key, limit } of budgets) {
    const count = places.get(key)?.count ?? 0;
    // Exactly at the mark, so that one alert goes out a window.
    if (name !== 'overall' || count !== Math.ceil(limit * 0.8)) continue;
    const facts = { at: core.clock(), userId: who.userId, ip: who.address };
    core.emit('budget_alert', { ...facts, budget: name, count, limit });
  }
}
