import type { Happening } from './letters';

/** Has something done later; timers of real time must not keep a process alive. */
export type Schedule = (run: () => void, delayMs: number) => void;

export const realSchedule: Schedule = (run, delayMs) => void setTimeout(run, delayMs).unref();

export interface MergedHappenings {
  tell(userId: string, happening: Happening): void;
  /** Sends what is held back now. */
  flush(): void;
}

interface Held {
  userId: string;
  /** What was told last, and how often it happened since. */
  latest: Happening;
  times: number;
  whats: Set<string>;
}

const MINUTE_MS = 60_000;
/** Sentences in one mail; the number of times says the rest. */
const MOST_SENTENCES = 5;

/** The first happening of a kind goes at once; those of the minute after it go together at its end. */
export function mergeHappenings(
  send: (userId: string, happening: Happening) => void,
  schedule: Schedule,
): MergedHappenings {
  const open = new Map<string, Held>();

  function hold(key: string, userId: string, latest: Happening): void {
    open.set(key, { userId, latest, times: 0, whats: new Set() });
    schedule(() => sendHeld(key), MINUTE_MS);
  }

  function sendHeld(key: string): void {
    const held = open.get(key);
    open.delete(key);
    if (!held || held.times === 0) return;
    const { userId, latest, times, whats } = held;
    hold(key, userId, latest); // what goes on happening is told once a minute
    send(userId, { ...latest, what: [...whats].join('\n'), times });
  }

  return {
    tell(userId, happening) {
      const key = `${userId} ${happening.subject}`;
      const held = open.get(key);
      if (!held) {
        hold(key, userId, happening);
        send(userId, happening);
        return;
      }
      held.latest = happening;
      held.times += 1;
      if (held.whats.size < MOST_SENTENCES) held.whats.add(happening.what);
    },
    flush() {
      for (const key of [...open.keys()]) sendHeld(key);
    },
  };
}
