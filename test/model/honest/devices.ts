import type { Line } from './sessions';

const MOST = 5;

/**
 * What is known of one trusted device from the cookies alone. Each token has an age: it is one use
 * younger than the one that it was handed out for. A younger one that came proves an older one a copy.
 */
export class Device {
  private readonly ages = new Map<string, number>();
  private next: string[] = [];
  private seen: string;
  /** Why its trust ended. */
  ended: string | undefined;
  /** It gave its cookie back: each token of it that comes is a copy. */
  hasGivenBack = false;
  /** A copy of one of its tokens was made: by the thief, or by a jar older than a use. */
  hasCopy = false;

  constructor(
    token: string,
    /** The sign-in whose user trusted it. */
    readonly line: Line,
    readonly trustedAt: number,
    readonly expiresAt: number,
  ) {
    this.seen = token;
    this.ages.set(token, 0);
  }

  /** `good`: passes. `lost`: passes no more, and proves nothing. `older`: a copy. */
  standing(token: string): 'good' | 'lost' | 'older' {
    if (this.hasGivenBack) return 'older';
    if (token === this.seen || this.next.includes(token)) return 'good';
    return this.age(token) < this.age(this.seen) ? 'older' : 'lost';
  }

  /** A request passed with `shown`, and its answer brings `given`. */
  used(shown: string, given: string): void {
    if (shown === given) return;
    if (!this.next.includes(given)) this.ages.set(given, this.age(shown) + 1);
    if (shown !== this.seen) {
      // Another tab showed it in the same moment.
      if (this.next.includes(shown)) this.next = [];
      this.seen = shown;
    }
    if (!this.next.includes(given)) this.next = [given, ...this.next].slice(0, MOST);
  }

  private age(token: string): number {
    const age = this.ages.get(token);
    if (age === undefined) throw new Error('a token that was never handed out');
    return age;
  }
}

const idIn = (token: string): string => token.split('.')[0] ?? '';

export class Devices {
  private readonly all = new Map<string, Device>();

  constructor(private readonly clock: () => number) {}

  find(token: string | undefined): Device | undefined {
    return token === undefined ? undefined : this.all.get(idIn(token));
  }

  /** A token in an answer to a code: of a device that is trusted from now on, or was just now. */
  trusted(token: string, line: Line, lifetimeMs: number): void {
    const now = this.clock();
    if (!this.all.has(idIn(token))) {
      this.all.set(idIn(token), new Device(token, line, now, now + lifetimeMs));
    }
  }

  isLive(device: Device): boolean {
    return device.ended === undefined && this.clock() < device.expiresAt;
  }

  /** The ids of those that are trusted, and the devices. */
  live(): [id: string, device: Device][] {
    return [...this.all].filter(([, device]) => this.isLive(device));
  }

  endAll(why: string, own?: string): void {
    for (const [id, device] of this.live()) {
      device.ended = why;
      if (own !== undefined && id === idIn(own)) device.hasGivenBack = true;
    }
  }

  /** The support desk's revocation leaves nothing that a copy could be told by. */
  forget(): void {
    this.all.clear();
  }
}
