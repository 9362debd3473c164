import type { Place, Settlement } from '../../ports/counter';
import type { Core, Requester } from '../core';
import type { Purpose } from '../purpose';
import { confirmedBudgets, widened, type Budget, type SendFacts } from './budgets';
import {
  CLIENT,
  conversionKeys,
  guard,
  toldPlaces,
  type ConversionNews,
  type Guarded,
} from './conversion';
import { unconfirmedBudgets, unconfirmedKeys } from './unconfirmed-budgets';

export interface SendWish extends SendFacts {
  purpose: Purpose;
}

/** Everything that is asked before a text. */
export interface Question {
  core: Core;
  who: Requester;
  wish: SendWish;
  country: string;
  isTest: boolean;
  now: number;
  /** What has no limit of its own, or is not a limit: the end of the session, lock, STOP, waits. */
  first: Place[];
}

/** What a text was granted, or what stood in its way. */
export interface Decision {
  settled: Settlement;
  budgets: Budget[];
  refused?: Guarded['refused'];
  news: readonly ConversionNews[];
  /** One of the texts that are kept for each account of a phone whose day others have used up. */
  isKept?: boolean;
}

/** One step; a second one where others have used up a phone that this account has hardly asked for. */
export async function decideConfirmed(
  { core, who, wish, isTest, first }: Question,
  read: readonly string[],
): Promise<Decision> {
  const known = who.known?.() ?? false;
  const budgets = confirmedBudgets(core, wish, { known, isTest });
  const settled = await core.counter.settle({ read, take: [...first, ...budgets] });
  const more = settled.ok ? undefined : widened(budgets, settled);
  if (more === undefined) return { settled, budgets, news: [] };
  const kept = await core.counter.settle({ read, take: [...first, ...more] });
  return { settled: kept, budgets: more, news: [], isKept: true };
}

/** How often the places of a number's client are asked for anew, where another text was first. */
const MOST_TRIES = 4;

/**
 * What a number without a code so far may have follows what others did, so it is looked at before it
 * is taken. Whoever is refused by the look takes nothing from anybody, not even for a moment.
 */
export async function decideUnconfirmed(
  question: Question,
  read: readonly string[],
): Promise<Decision> {
  const { core, wish, country, isTest, now, first } = question;
  const standing = { known: true, isTest };
  const destination = { phone: wish.phone, country };
  const follows = [
    ...unconfirmedKeys(core, wish, now),
    ...(isTest ? [] : conversionKeys(core, wish, destination, now)),
  ];
  const asked = unconfirmedBudgets(core, wish, standing, new Map(), now);
  for (let tries = 1; ; tries += 1) {
    const look = await core.counter.settle({
      read: [...new Set([...read, ...follows, ...[...first, ...asked].map(({ key }) => key)])],
    });
    const guarded = isTest
      ? { budgets: [], news: [] }
      : guard(core, wish, destination, look.read, now);
    const { refused, news } = guarded;
    const budgets = [
      ...unconfirmedBudgets(core, wish, standing, look.read, now),
      ...guarded.budgets,
    ];
    const full = [...first, ...budgets].filter(
      ({ key, by = 1, limit }) => (look.read.get(key)?.count ?? 0) + by > limit,
    );
    if (full.length > 0 || refused !== undefined) {
      const settled = { ok: false, read: look.read, places: look.read, full };
      return { settled, budgets, refused, news };
    }
    const settled = await core.counter.settle({
      read: [...read, ...news.map(({ told }) => told)],
      clear: news.map(({ told }) => told),
      take: [...first, ...budgets, ...toldPlaces(news)],
    });
    const names = settled.full.map(({ key }) => budgets.find((each) => each.key === key)?.name);
    const isAnothers = !settled.ok && names.every((name) => name === CLIENT);
    if (!isAnothers || tries === MOST_TRIES) {
      // Of several that saw the same news the first one tells them.
      const untold = news.filter(({ told, step }) => {
        const before = settled.read.get(told)?.count ?? 0;
        return settled.ok && (step === 0 ? before > 0 : before < step);
      });
      return { settled, budgets, news: untold };
    }
  }
}
