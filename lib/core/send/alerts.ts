import type { Settlement } from '../../ports/counter';
import type { Core, Requester } from '../core';
import { eventFacts } from '../events';
import type { Budget } from './budgets';
import { STEPS } from './conversion';
import type { Decision, Question } from './decide';

/** What this process has told while it refused, where telling it to all would cost a step. */
const toldRefusing = new WeakMap<Core, Set<string>>();
const MOST_TOLD = 1_000;

/** Tells how an area stands where that has changed. */
export function tellConversion(
  question: Question,
  { settled, refused, news, budgets }: Decision,
): void {
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

const DAY = 86_400_000;

/** Tells the user, once a day, that the texts of the day are used up; perhaps it was not them. */
export async function tellUsedUp({ core, who, wish }: Question): Promise<void> {
  const key = `${core.keyring.subjects.user(who.userId)}#usedup`;
  const told = await core.counter
    .settle({ take: [{ key, window: DAY, limit: 1 }] })
    .catch(() => ({ ok: false }));
  if (told.ok) core.emit('texts_used_up', eventFacts(core, who, wish));
}
