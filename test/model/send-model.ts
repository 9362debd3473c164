/**
 * What the design says about texts, simulated apart from the library: the waits between texts, how
 * many unanswered ones each limit takes, and how many are sent at all. Browsers of a run keep nothing
 * but their session, so none is known. Times in milliseconds.
 */
export interface Text {
  user: string;
  phone: string;
  confirmed: boolean;
}

interface Window {
  count: number;
  until: number;
}

export interface Place {
  name: string;
  window: Window;
}

interface Cap {
  name: string;
  limit: number;
  seconds: number;
  /** What was sent was sent: a right code does not give it back. */
  sent?: boolean;
}

const WAITS = [30, 60, 120, 300];
const AFTER_SUCCESS = 10_000;
const HOUR = 3_600;
const DAY = 86_400;
/** Of ten texts a day so many are kept for known browsers, and for each account of a phone. */
const KEPT = 2;
/** A tenth of a challenge's life: texts on their way are known to that. */
const PART = 30_000;
const PARTS = 10;

const cap = (name: string, limit: number, seconds: number): Cap => ({ name, limit, seconds });
const sentCaps = (subject: string): Cap[] => [
  { ...cap(`sent ${subject}`, 10, HOUR), sent: true },
  { ...cap(`sent a day ${subject}`, 30, DAY), sent: true },
];

/** Section 6 of the design. All browsers of a run have one address. */
function capsOfConfirmed({ user, phone }: Text): Cap[] {
  return [
    cap(`user ${user}`, 10 - KEPT, DAY),
    cap(`phone ${phone}`, 5, 600),
    cap(`phone a day ${phone}`, 10 - KEPT, DAY),
    ...sentCaps(`user ${user}`),
    ...sentCaps(`phone ${phone}`),
    cap('address', 100, 600),
  ];
}

function capsOfUnconfirmed({ user, phone }: Text, onTheirWay: number, now: number): Cap[] {
  const block = phone.slice(0, -4);
  return [
    cap(`user ${user}`, 10, DAY),
    cap(`unconfirmed ${phone} of ${user}`, 5, DAY),
    cap(`unconfirmed ${phone}`, 10, DAY),
    ...sentCaps(`user ${user}`),
    ...sentCaps(`unconfirmed ${phone}`),
    cap('unconfirmed address an hour', 10 + onTheirWay, HOUR),
    cap('unconfirmed address a day', 50, DAY),
    cap(`on their way ${Math.floor(now / PART)}`, Infinity, HOUR),
    cap(`block ${block} of the address`, 10, HOUR),
    cap(`block ${block}`, 20, HOUR),
  ];
}

/** Others have used up the day of the phone: each account that has hardly asked has two more. */
const widenedCaps = (text: Text): Cap[] =>
  capsOfConfirmed(text).map((each) => {
    if (each.name === `user ${text.user}`) return { ...each, limit: KEPT };
    return daysOf(text).includes(each.name) ? { ...each, limit: 2 * each.limit } : each;
  });
const daysOf = ({ phone }: Text): string[] => [`phone a day ${phone}`, `sent a day phone ${phone}`];

const subjects = ({ user, phone, confirmed }: Text): string[] => [
  `user ${user}`,
  `${confirmed ? 'phone' : 'unconfirmed'} ${phone}`,
];

export class SendModel {
  private readonly waits = new Map<string, number>();
  private readonly ladders = new Map<string, Window>();
  private readonly windows = new Map<string, Window>();
  private readonly tried = new Map<string, number>();

  /** Why no text goes out now, or the places that a right code gives back. */
  send(text: Text, now: number): 'resend_too_soon' | 'send_limit_reached' | Place[] {
    if (subjects(text).some((subject) => now < (this.waits.get(subject) ?? 0))) {
      return 'resend_too_soon';
    }
    const caps = text.confirmed
      ? this.confirmedCaps(text, now)
      : capsOfUnconfirmed(text, this.onTheirWay(now), now);
    const tried = `${text.user} ${text.phone}`;
    const isNew = !text.confirmed && now >= (this.tried.get(tried) ?? 0);
    if (isNew) caps.push({ ...cap(`phones of ${text.user}`, 3, DAY), sent: true });
    if (this.full(caps, now).length > 0) return 'send_limit_reached';
    const taken = caps.map(({ name, seconds, sent = false }) => {
      const window = live(this.windows, name, now, seconds);
      window.count += 1;
      return { name, window, sent };
    });
    if (isNew) this.tried.set(tried, now + DAY * 1_000);
    for (const subject of subjects(text)) {
      const ladder = live(this.ladders, subject, now, HOUR);
      const wait = WAITS[Math.min(ladder.count, WAITS.length - 1)] ?? 0;
      this.waits.set(subject, now + wait * 1_000);
      ladder.count += 1;
    }
    return taken.filter(({ sent }) => !sent);
  }

  /** The code came back: its texts are answered, and the next one waits for a moment. */
  answered(text: Text, places: Place[], now: number): void {
    for (const { name, window } of places) {
      if (now < window.until) window.count -= 1;
      // Nothing stays of a zero: the next text begins a window of its own.
      if (window.count === 0 && this.windows.get(name) === window) this.windows.delete(name);
    }
    for (const subject of subjects(text)) {
      this.waits.set(subject, now + AFTER_SUCCESS);
      this.ladders.delete(subject);
    }
  }

  private confirmedCaps(text: Text, now: number): Cap[] {
    const caps = capsOfConfirmed(text);
    const full = this.full(caps, now).map(({ name }) => name);
    const isOthers = full.length > 0 && full.every((name) => daysOf(text).includes(name));
    return isOthers && this.count(`user ${text.user}`, now) < KEPT ? widenedCaps(text) : caps;
  }

  private full(caps: Cap[], now: number): Cap[] {
    return caps.filter(({ name, limit }) => this.count(name, now) >= limit);
  }

  private count(name: string, now: number): number {
    const window = this.windows.get(name);
    return window !== undefined && now < window.until ? window.count : 0;
  }

  private onTheirWay(now: number): number {
    const part = Math.floor(now / PART);
    const parts = Array.from({ length: PARTS }, (_, ago) => `on their way ${part - ago}`);
    return parts.reduce((sum, name) => sum + this.count(name, now), 0);
  }
}

function live(windows: Map<string, Window>, name: string, now: number, seconds: number): Window {
  const found = windows.get(name);
  if (found !== undefined && now < found.until) return found;
  const made = { count: 0, until: now + seconds * 1_000 };
  windows.set(name, made);
  return made;
}
