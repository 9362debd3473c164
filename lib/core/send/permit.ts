import { DAY_MS } from '../../durations';
import { type Held, heldOf, type Place, type Settlement } from '../../ports/counter';
import { timeLimit } from '../../time-limit';
import type { Core, Requester } from '../core';
import { turnIn, turnPlace } from '../delivery/sent-text';
import { eventFacts } from '../emit';
import { beginDueLock, failureKeys, lockedRefusal, openPlaces, standingOf } from '../failures';
import { type Outcome, type Refusal, refuse, secondsUntil } from '../outcomes';
import { parseAgain } from '../phone-number';
import { notEndedPlace } from '../sessions';
import {
  type Budget,
  confirmedBudgets,
  isUsedUp,
  keptBudgets,
  notOptedOutPlace,
  sendsLeft,
  textedIn,
  waitLength,
  waitsOf,
} from './budgets';
import { STEPS } from './conversion';
import {
  decideUnconfirmed,
  type Decision,
  type Question,
  type SendWish,
} from './decide-unconfirmed';

/** Leave to send one text, with everything that was taken for it. */
export interface SendPermit {
  /** Of the number; '' on the channel `email`. */
  country: string;
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
  /** Whether an earlier code may be pending in this session. */
  mayBePending: boolean;
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
  const turn = isText && core.listens() ? turnPlace(core, wish.phone) : undefined;
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
      ...(turn === undefined ? [] : [turn]),
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

  const lengths = waits.map((wait) => ({ length: waitLength(core, wait, places), ...wait }));
  const permit: SendPermit = {
    country,
    resendAt: core.clock() + Math.max(...lengths.map(({ length }) => length)),
    sendsLeft: sendsLeft(budgets, places, () => isKnown(who)),
    turn: turn && turnIn(turn, places),
    unanswered: taken(['unanswered']),
    unsent: taken(['unanswered', 'sent']),
    waits: heldOf(steps, places),
    step: Math.max(...waits.map(({ step }) => places.get(step.key)?.count ?? 1)),
    longer: lengths
      .filter(({ wait, length }) => length > wait.window)
      .map(({ wait, length }) => ({ ...wait, window: length })),
    mayBePending: decision.mayBePending,
  };
  const refused = await askBeforeSend(core, who, { country, ...wish });
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
  { core, who, wish, isTest, first: asked }: Question,
  failures: readonly string[],
): Promise<Decision> {
  const budgets = confirmedBudgets(core, wish, isTest);
  const texted = textedIn(core, who);
  const read = [...failures, ...texted.keys];
  const first = [...asked, texted.place];
  const settled = await core.counter.settle({ read, take: [...first, ...budgets] });
  const mayBePending = texted.keys.some((key) => settled.read.has(key));
  const kept = settled.ok ? undefined : keptBudgets(budgets, settled, () => isKnown(who));
  if (kept === undefined) return { settled, budgets, news: [], mayBePending };
  const taken = await core.counter.settle({ read, take: [...first, ...kept] });
  return { settled: taken, budgets: kept, news: [], mayBePending, isKept: true };
}

/** The country of a number that may be texted. */
function checkDestination(core: Core, { channel, phone }: SendWish): Outcome<{ country: string }> {
  if (channel === 'email') return { ok: true, country: '' };
  // Checked at each send, too: the list may have changed since the number was enrolled.
  const parsed = parseAgain(phone, core);
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

/** What this process has told while it refused, where telling it to all would cost a step. */
const toldRefusing = new WeakMap<Core, Set<string>>();
const MOST_TOLD = 1_000;

/** Tells how an area stands where that has changed. */
function tellConversion(question: Question, { settled, refused, news, budgets }: Decision): void {
  const { core, who, wish, country } = question;
  const told = toldRefusing.get(core) ?? new Set();
  toldRefusing.set(core, told);
  if (told.size > MOST_TOLD) told.clear();
  const suspended = refused !== undefined || settled.full.some(({ key }) => isGuards(budgets, key));
  for (const { budget, step, limit, told: key } of news) {
    const name = `${key} ${step}`;
    const known = told.has(name);
    if (settled.ok) told.delete(name);
    else if (suspended && step > 0) told.add(name);
    else continue;
    if (known) continue;
    const facts = eventFacts(core, who, wish);
    core.emit('conversion_low', { ...facts, budget, country, limit, step: STEPS[step] ?? 'over' });
  }
}

function isGuards(budgets: readonly Budget[], key: string): boolean {
  return budgets.some((each) => each.key === key && each.name.startsWith('conversion-'));
}

/** Tells that a limit over all texts is used, at 80 % and at 100 %. */
export function warnOfOverall(
  core: Core,
  who: Pick<Requester, 'userId' | 'address'>,
  budgets: readonly Budget[],
  places: Settlement['places'],
): void {
  for (const { name, key, limit } of budgets) {
    const count = places.get(key)?.count ?? 0;
    // Exactly at the marks, so that one alert of each goes out a window.
    if (name !== 'overall' || (count !== Math.ceil(limit * 0.8) && count !== limit)) continue;
    const facts = { at: core.clock(), userId: who.userId, ip: who.address };
    core.emit('budget_alert', { ...facts, budget: name, count, limit });
  }
}

/** Tells the user, once a day, that the texts of the day are used up; perhaps it was not them. */
async function tellUsedUp({ core, who, wish }: Question): Promise<void> {
  const key = `${core.keyring.subjects.user(who.userId)}#usedup`;
  const told = await core.counter
    .settle({ take: [{ key, window: DAY_MS, limit: 1 }] })
    .catch(() => ({ ok: false }));
  if (told.ok) core.emit('texts_used_up', eventFacts(core, who, wish));
}
