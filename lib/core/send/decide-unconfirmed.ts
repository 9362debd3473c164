import type { Place, Settlement } from '../../ports/counter';
import type { Core, Requester } from '../core';
import type { Purpose } from '../outcomes';
import { waitsOf, type Budget, type SendFacts } from './budgets';
import { conversionKeys, guard, toldPlaces, type ConversionNews, type Guarded } from './conversion';
import {
  countOnTheirWay,
  isUntried,
  SHARED,
  unconfirmedBudgets,
  unconfirmedKeys,
} from './unconfirmed-budgets';

export interface SendWish extends SendFacts {
  purpose: Purpose;
  /** The code that this session waits for went to another number: that one was mistyped, or is not at hand. */
  corrects?: boolean;
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
  /** Whether an earlier code may be pending in this session. */
  mayBePending: boolean;
  /** Texts of this address are on their way: answered, they make room. */
  isMoving?: boolean;
  /** It is one of the texts that are kept for whom others have left none. */
  isKept?: boolean;
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
  const destination = { phone: wish.phone, country };
  const follows = [
    ...unconfirmedKeys(core, wish, now),
    ...(isTest ? [] : conversionKeys(core, wish, destination, now)),
  ];
  const asked = unconfirmedBudgets(core, wish, isTest, new Map(), now);
  for (let tries = 1; ; tries += 1) {
    const look = await core.counter.settle({
      read: [...new Set([...read, ...follows, ...[...first, ...asked].map(({ key }) => key)])],
    });
    const guarded = isTest
      ? { budgets: [], news: [] }
      : guard(core, wish, destination, look.read, now);
    const { refused, news } = guarded;
    // A number is put right at once. Instead of the user's wait it takes one of the few numbers that they
    // may try in a day, so that this is no way around the wait; that of the number itself stays [S203].
    const corrects = wish.corrects === true && isUntried(core, wish, look.read);
    const skipped = corrects ? waitsOf(core, wish).slice(0, 1) : [];
    const skips = new Set(skipped.map(({ wait }) => wait.key));
    const budgets = [...unconfirmedBudgets(core, wish, isTest, look.read, now), ...guarded.budgets];
    const full = [...first, ...budgets].filter(
      ({ key, by = 1, limit }) => !skips.has(key) && (look.read.get(key)?.count ?? 0) + by > limit,
    );
    if (full.length > 0 || refused !== undefined) {
      const settled = { ok: false, read: look.read, places: look.read, full };
      const address = core.keyring.subjects.address(wish.address, wish.userId);
      const isMoving = countOnTheirWay(core, address, look.read, now) > 0;
      return { settled, budgets, refused, news, mayBePending: true, isMoving };
    }
    const settled = await core.counter.settle({
      read: [...read, ...news.map(({ told }) => told)],
      // The wait begins anew with this text.
      clear: [...news.map(({ told }) => told), ...skips],
      take: [...first, ...budgets, ...toldPlaces(news)],
    });
    const names = settled.full.map(({ key }) => budgets.find((each) => each.key === key)?.name);
    const isAnothers = !settled.ok && names.every((name) => name === SHARED);
    if (!isAnothers || tries === MOST_TRIES) {
      // Of several that saw the same news the first one tells them.
      const untold = news.filter(({ told, step }) => {
        const before = settled.read.get(told)?.count ?? 0;
        return settled.ok && (step === 0 ? before > 0 : before < step);
      });
      return { settled, budgets, news: untold, mayBePending: true };
    }
  }
}
