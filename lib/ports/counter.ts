/**
 * Counts that no concurrent request can race, over every process that serves the app. Guesses, texts
 * and single use all rest on this: one call is one decision, one atomic step and one round trip.
 *
 * A key is `subject#count`, such as `u:4fQ…#fails`. What is counted of one subject lies together, so
 * that a shared store keeps one entry for it and lets it go when its last count has ended.
 */
export interface Counter {
  /**
   * Reads, clears, takes and gives back, in this order, as if nobody else were there. Where one of
   * the places is full nothing is taken, given or cleared; what was read is there all the same.
   * A counter that needs several steps clears last: a place goes back, and what was cleared does not.
   */
  settle(wish: Wish): Promise<Settlement>;
  /**
   * Whether all that `settle` may ever need is there and allowed, asked at the start of an app; for
   * what one decision does not show. Rejects with what is missing and the cure, and may resolve with
   * what works and not as it should. `subject` is one that nobody counts; nothing stays of it.
   */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most have nothing to say
  check?(subject: string): Promise<void | readonly CounterWarning[]>;
}

/** A sentence each, or more. */
export interface CounterWarning {
  readonly says: string;
  readonly cure: string;
}

export interface Wish {
  /** Counts that the caller wants to know as they were before. */
  read?: readonly string[];
  /** All of these places, or none. A key stands here once. */
  take?: readonly Place[];
  /** Places that go back. */
  give?: readonly Held[];
  /** Counts that are forgotten; before the places are taken. */
  clear?: readonly string[];
  /**
   * What is taken notes what happens whatever the counter answers: it stays also where the answer
   * came too late to be waited for. A counter need not look at it.
   */
  lasting?: boolean;
}

/** The limit of a place that is never full: what is only counted, or noted. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** The count of what is not one (corrupt, negative, of another type): it fills every place. */
export const NO_COUNT = Number.MAX_SAFE_INTEGER;

/** Room for `limit` under one key. */
export interface Place {
  key: string;
  /** Milliseconds that a count lives from its first place on; later ones do not lengthen it. */
  window: number;
  /** More than this are refused. */
  limit: number;
  /** How many are taken; default 1. With 0 nothing is: it asks that no more than `limit` are. */
  by?: number;
  /**
   * Others need the place, too. Where one step cannot reach every key, these are taken last, so that
   * a refused request holds no place of others in the meantime.
   */
  common?: boolean;
}

/** A place as it was taken, to be given back. */
export interface Held {
  key: string;
  /** The window that it was taken in: a place never goes back into a later one. */
  ends: number;
  /** Default 1. A count never falls below zero, and nothing stays of a zero. */
  by?: number;
}

/** A count as it stands. */
export interface Count {
  /** `NO_COUNT` (`Number.MAX_SAFE_INTEGER`) for what is not a count. */
  count: number;
  /** Milliseconds until it ends. */
  left: number;
  /** When it ends by the counter's own clock, milliseconds: names the window, and is compared only. */
  ends: number;
}

export interface Settlement {
  /** Whether every place was taken, and everything else done. */
  ok: boolean;
  /** What was read, by key; a key without a count is not in it. */
  read: ReadonlyMap<string, Count>;
  /**
   * Of each place how its count stands now, by key, before anything goes back; a count of none is not in
   * it. Where a place was full, those for which several steps did not come to be asked are not in it.
   */
  places: ReadonlyMap<string, Count>;
  /**
   * The places that were full, in the order they were asked for. Of several steps those that met one
   * first name theirs.
   */
  full: readonly Place[];
}

/**
 * The same with every part its own, given or not: what stands on `Object.prototype` (put there by a
 * prototype pollution elsewhere in the app) must not turn a place into none, or clear a count.
 */
export function ownParts(wish: Wish): Required<Wish> {
  return {
    read: ownPart(wish, 'read') ?? [],
    take: (ownPart(wish, 'take') ?? []).map(ownPlace),
    give: (ownPart(wish, 'give') ?? []).map(ownHeld),
    clear: ownPart(wish, 'clear') ?? [],
    lasting: ownPart(wish, 'lasting') ?? false,
  };
}

function ownPlace(place: Place): Required<Place> {
  const { key, window, limit } = place;
  return { key, window, limit, by: byOf(place), common: ownPart(place, 'common') ?? false };
}

function ownHeld(held: Held): Required<Held> {
  return { key: held.key, ends: held.ends, by: byOf(held) };
}

/** How many are taken, or were. */
function byOf(place: Place | Held): number {
  return ownPart(place, 'by') ?? 1;
}

function ownPart<T, Name extends keyof T>(value: T & object, name: Name): T[Name] | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** What of these places was taken, so that it can be given back. */
export function heldOf(take: readonly Place[], places: Settlement['places']): Held[] {
  const held: Held[] = [];
  for (const place of take) {
    const by = byOf(place);
    const count = by > 0 ? places.get(place.key) : undefined;
    if (count !== undefined) held.push({ key: place.key, ends: count.ends, by });
  }
  return held;
}

/** How these counts stand once what was held of them has gone back. */
export function withoutHeld(
  places: Settlement['places'],
  held: readonly Held[],
): Map<string, Count> {
  const left = new Map(places);
  for (const { key, by = 1 } of held.map(ownHeld)) {
    const found = left.get(key);
    if (found === undefined || found.count === NO_COUNT) continue;
    if (found.count > by) left.set(key, { ...found, count: found.count - by });
    else left.delete(key);
  }
  return left;
}

/**
 * A counter of the app's own that adds to one key at a time. It is taken, too, with less behind it:
 * a decision over several keys is then several steps, in their order, undone where a later one is
 * refused; a process that dies between two of them leaves what it has taken until its window ends.
 */
export interface SimpleCounter {
  /**
   * Adds `by` (default 1) in one atomic step and returns the count after it. The first addition
   * starts the life of the count; later ones do not lengthen it. A negative `by` never takes a count
   * below zero and never starts one.
   */
  add(
    key: string,
    lifetimeMs: number,
    by?: number,
  ): Promise<{ count: number; /** Milliseconds since the epoch. */ expiresAt: number }>;
  /** The count as it stands; `undefined` where there is none or its life is over. */
  peek(key: string): Promise<{ count: number; expiresAt: number } | undefined>;
  /** Forgets the count. */
  clear(key: string): Promise<void>;
}
