import type { Device } from './devices';

const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** What opened the gate. */
interface Mark {
  at: number;
  /** The trusted device that it stands on. */
  device?: Device;
  /** Revoked since. */
  dead?: boolean;
}

/** One sign-in with the password, under each id that its session has had. */
export class Line {
  /** Sessions that went on, and until when each stays. */
  readonly left = new Map<string, number>();
  readonly texts: { session: string; sentAt: number; used: boolean }[] = [];
  mark: Mark | undefined;
  /** Why nothing of it may be verified any more. */
  ended: string | undefined;

  constructor(
    public tip: string,
    public touchedAt: number,
  ) {}
}

/** The sessions of the walk, by the cookies that were seen. */
export class Sessions {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly clock: () => number) {}

  line(session: string | undefined): Line | undefined {
    return session === undefined ? undefined : this.lines.get(session);
  }

  all(): Line[] {
    return [...new Set(this.lines.values())];
  }

  /** Every cookie of this sign-in. */
  cookiesOf(line: Line): string[] {
    return [...this.lines].filter(([, each]) => each === line).map(([session]) => session);
  }

  signedIn(session: string): void {
    this.lines.set(session, new Line(session, this.clock()));
  }

  /** The session goes on under another id, beside which it stays for a while. */
  wentOn(line: Line, before: string, after: string, overlap: number): void {
    if (this.lines.has(after)) return;
    this.lines.set(after, line);
    line.left.set(before, this.clock() + overlap);
    line.tip = after;
  }

  /** The app still knows who is signed in by this cookie. */
  isAlive(session: string | undefined): boolean {
    const line = this.line(session);
    if (line === undefined || session === undefined || line.ended !== undefined) return false;
    return line.tip === session || this.clock() < (line.left.get(session) ?? 0);
  }

  /** A store may forget a session that nobody asked for in a day. */
  mayBeForgotten(line: Line): boolean {
    return this.clock() - line.touchedAt >= DAY - 60_000;
  }

  recentTexts(line: Line): Line['texts'] {
    return line.texts.filter(({ sentAt }) => this.clock() - sentAt < HOUR);
  }

  /** The sign-in that asked for the newest text of the last hour. */
  newest(): { line: Line; session: string } | undefined {
    const texts = this.all().flatMap((line) =>
      this.recentTexts(line).map((text) => ({ ...text, line })),
    );
    return texts.sort((a, b) => b.sentAt - a.sentAt)[0];
  }
}
