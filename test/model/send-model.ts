/**
 * What the design says about texts, simulated apart from the library: the waits between texts, and
 * how many unanswered ones each limit takes. Times in milliseconds.
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

const WAITS = [30, 60, 120, 300];
const HOUR = 3_600;
const DAY = 86_400;

/** Section 6 of the design: name, count, seconds. All browsers of a run have one address. */
function caps({ user, phone, confirmed }: Text): [string, number, number][] {
  const always: [string, number, number][] = [[`user ${user}`, 10, DAY]];
  if (confirmed) {
    return [
      ...always,
      [`phone ${phone}`, 5, 600],
      [`phone a day ${phone}`, 10, DAY],
      ['address', 100, 600],
    ];
  }
  return [
    ...always,
    [`unconfirmed ${phone}`, 5, DAY],
    ['unconfirmed address an hour', 10, HOUR],
    ['unconfirmed address a day', 50, DAY],
    [`block ${phone.slice(0, -4)}`, 20, HOUR],
  ];
}

const subjects = ({ user, phone, confirmed }: Text): string[] => [
  `user ${user}`,
  `${confirmed ? 'phone' : 'unconfirmed'} ${phone}`,
];

export class SendModel {
  private readonly waits = new Map<string, number>();
  private readonly ladders = new Map<string, Window>();
  private readonly windows = new Map<string, Window>();
  private readonly tried = new Map<string, number>();

  /** Why no text goes out now, or the places it takes. */
  send(text: Text, now: number): 'resend_too_soon' | 'send_limit_reached' | Place[] {
    if (subjects(text).some((subject) => now < (this.waits.get(subject) ?? 0))) {
      return 'resend_too_soon';
    }
    const limits = caps(text);
    const tried = `${text.user} ${text.phone}`;
    const isNew = !text.confirmed && now >= (this.tried.get(tried) ?? 0);
    if (isNew) limits.push([`phones of ${text.user}`, 3, DAY]);
    const taken = limits.map(([name, limit, seconds]) => {
      const window = live(this.windows, name, now, seconds);
      window.count += 1;
      return { name, window, over: window.count > limit };
    });
    if (taken.some(({ over }) => over)) {
      for (const { window } of taken) window.count -= 1;
      return 'send_limit_reached';
    }
    if (isNew) this.tried.set(tried, now + DAY * 1_000);
    for (const subject of subjects(text)) {
      const ladder = live(this.ladders, subject, now, HOUR);
      const wait = WAITS[Math.min(ladder.count, WAITS.length - 1)] ?? 0;
      this.waits.set(subject, now + wait * 1_000);
      ladder.count += 1;
    }
    return taken;
  }

  /** The code came back: its texts count no longer, and nobody waits. */
  answered(text: Text, places: Place[], now: number): void {
    for (const { window } of places) if (now < window.until) window.count -= 1;
    for (const subject of subjects(text)) {
      this.waits.delete(subject);
      this.ladders.delete(subject);
    }
  }
}

function live(windows: Map<string, Window>, name: string, now: number, seconds: number): Window {
  const found = windows.get(name);
  if (found !== undefined && now < found.until) return found;
  const made = { count: 0, until: now + seconds * 1_000 };
  windows.set(name, made);
  return made;
}
