import { heldOf, type Held, type Place } from '../../ports/counter';
import { timeLimit } from '../../time-limit';
import type { Core, Requester } from '../core';
import { notOptedOutPlace, turnIn, turnPlace } from '../delivery/sent-text';
import { beginDueLock, failureKeys, lockedRefusal, openPlaces, standingOf } from '../failures';
import { refuse, secondsUntil, type Outcome, type Refusal } from '../outcomes';
import { parsePhone } from '../phone-number';
import { notEndedPlace } from '../sessions';
import { tellConversion, tellUsedUp, warnOfOverall } from './alerts';
import {
  confirmedBudgets,
  isUsedUp,
  keptBudgets,
  sendsLeft,
  waitLength,
  waitsOf,
  type Budget,
} from './budgets';
import { decideUnconfirmed, type Decision, type Question, type SendWish } from './decide';

/** Leave to send one text, with everything that was taken for it. */
export interface SendPermit {
  resendAt: number;
  sendsLeft: number;
  /** Which text to its phone it is, where texts are remembered. */
  turn: string | undefined;
  /** What a right code gives back. */
  unanswered: Held[];
  /** What goes back where no text went out; the unanswered ones with it. */
  unsent: Held[];
  /** The waits and their steps. */
  waits: Held[];
  /** The higher of the steps: texts that nobody answered, this one among them. */
  step: number;
  /** Waits that are longer than the first one; to be set before the text goes out. */
  longer: Place[];
}

type Permitted = Outcome<{ permit: SendPermit }> & { budget?: string; error?: unknown };

/**
 * Asks every limit in one step and takes every place, or none: whether the session has ended, the
 * lock, STOP, the waits, the user's own budgets, the common ones. Everything is taken before the
 * carrier is called [S46]. The app's own hook is asked when all else has room, as each of its calls
 * may cost money [S163]; the user's wait stays where it refuses.
 */
export async function permitSend(core: Core, who: Requester, wish: SendWish): Promise<Permitted> {
  const destination = checkDestination(core, wish);
  if (!destination.ok) return destination;
  const { country } = destination;
  const isText = wish.channel === undefined;
  const waits = waitsOf(core, wish);
  const steps = waits.flatMap(({ wait, step }) => [wait, step]);
  const failures = failureKeys(core, who.userId);
  const turn = turnPlace(core, wish.phone);
  const question: Question = {
    core,
    who,
    wish,
    country,
    isTest: isText && core.testCode?.(wish.phone) !== undefined,
    now: core.clock(),
    first: [
      notEndedPlace(core, who.sessionId),
      ...openPlaces(core, failures),
      ...(isText ? [notOptedOutPlace(core, wish.phone)] : []),
      ...(isText && core.listens() ? [turn] : []),
      ...steps,
    ],
  };
  const decision = wish.confirmed
    ? await decideConfirmed(question, failures.all)
    : await decideUnconfirmed(question, failures.all);
  const { settled, budgets } = decision;
  const { places } = settled;
  const taken = (kinds: readonly Budget['kind'][]): Held[] =>
    heldOf(
      budgets.filter(({ kind }) => kinds.includes(kind)),
      places,
    );
  const standing = standingOf(core, failures, settled.read);
  if (standing.state !== 'open') {
    // What a crash left of a lock: its places are open, and it begins now.
    if (settled.ok) {
      await giveBack(core, [...heldOf(steps, places), ...taken(['unanswered', 'sent', 'attempt'])]);
    }
    await beginDueLock(core, failures, standing, settled.read);
    return lockedRefusal(standing, core.clock());
  }
  if (decision.news.length > 0) tellConversion(question, decision);
  if (!settled.ok) return refusalOf(question, decision);

  const lengths = waits.map((wait) => ({ ...wait, length: waitLength(core, wait, places) }));
  const permit: SendPermit = {
    resendAt: core.clock() + Math.max(...lengths.map(({ length }) => length)),
    sendsLeft: sendsLeft(budgets, places, () => isKnown(who)),
    turn: turnIn(turn, places),
    unanswered: taken(['unanswered']),
    unsent: taken(['unanswered', 'sent']),
    waits: heldOf(steps, places),
    step: Math.max(...waits.map(({ step }) => places.get(step.key)?.count ?? 1)),
    longer: lengths
      .filter(({ wait, length }) => length > wait.window)
      .map(({ wait, length }) => ({ ...wait, window: length })),
  };
  const refused = await askBeforeSend(core, who, { ...wish, country });
  if (refused !== undefined) {
    // The wait of who asked stays. That of the phone goes back with the steps: a stranger whom the
    // hook refuses, again and again, must not keep its owner from a text.
    const [own] = waits.map(({ wait }) => wait.key);
    const goingBack = permit.waits.filter(({ key }) => key !== own);
    await giveBack(core, [...permit.unsent, ...goingBack]);
    return { ...refused.refusal, error: refused.error };
  }
  if (core.limits.overall.length > 0) warnOfOverall(core, who, budgets, places);
  const usedUp = decision.isKept === true || isUsedUp(budgets, places);
  if (wish.confirmed && usedUp) await tellUsedUp(question);
  return { ok: true, permit };
}

function isKnown({ known }: Requester): boolean {
  return known?.() ?? false;
}

/** One step; a second one where others have left none of the texts of a day but those that are kept. */
async function decideConfirmed(
  { core, who, wish, isTest, first }: Question,
  read: readonly string[],
): Promise<Decision> {
  const budgets = confirmedBudgets(core, wish, isTest);
  const settled = await core.counter.settle({ read, take: [...first, ...budgets] });
  const kept = settled.ok ? undefined : keptBudgets(budgets, settled, () => isKnown(who));
  if (kept === undefined) return { settled, budgets, news: [] };
  const taken = await core.counter.settle({ read, take: [...first, ...kept] });
  return { settled: taken, budgets: kept, news: [], isKept: true };
}

/** The country of a number that may be texted. */
function checkDestination(core: Core, { channel, phone }: SendWish): Outcome<{ country: string }> {
  if (channel === 'email') return { ok: true, country: '' };
  // Checked at each send, too: the list may have changed since the number was enrolled.
  const parsed = parsePhone(phone, core);
  return parsed.ok ? { ok: true, country: parsed.country } : refuse(parsed.code);
}

/** What stood in the way, in the order of the question; of several budgets the one that lasts. */
function refusalOf(
  { core, who, wish }: Question,
  { settled, budgets, refused, isMoving }: Decision,
): Refusal & { budget?: string } {
  const { full, places } = settled;
  const left = (key: string): number => places.get(key)?.left ?? 0;
  const after = (ms: number): number => secondsUntil(ms, 0);
  const isFull = (key: string): boolean => full.some((place) => place.key === key);
  if (isFull(notEndedPlace(core, who.sessionId).key)) return refuse('not_authenticated');
  if (wish.channel === undefined && isFull(notOptedOutPlace(core, wish.phone).key)) {
    return refuse('phone_opted_out');
  }
  const waits = waitsOf(core, wish).map(({ wait }) => left(wait.key) * Number(isFull(wait.key)));
  const longest = Math.max(...waits);
  if (longest > 0) return refuse('resend_too_soon', { retryAfter: after(longest) });
  const over = budgets.filter(({ key }) => isFull(key)).sort((a, b) => left(b.key) - left(a.key));
  // What is the user's own says more than what all share.
  const [own] = over.filter(({ common }) => common !== true);
  const [worst] = over;
  const found = own ?? worst;
  if (found !== undefined && !found.name.startsWith('conversion-')) {
    // What is on its way may make room as soon as it is answered.
    const moves = isMoving === true && found.name.startsWith('unconfirmed-') && found.common;
    const longest = moves ? core.limits.challengeLifetime * 1_000 : Infinity;
    const retryAfter = after(Math.min(left(found.key), longest));
    return { ...refuse('send_limit_reached', { retryAfter }), budget: found.name };
  }
  const suspended = Math.max(refused?.left ?? 0, found === undefined ? 0 : left(found.key));
  const budget = found?.name ?? refused?.budget;
  if (budget === undefined) return refuse('send_limit_reached');
  return { ...refuse('sending_suspended', { retryAfter: after(suspended) }), budget };
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
