import type { CodeBinding } from '../../lib/core/challenge/code';
import type { Numbers } from './accounts';
import { SentTexts } from './sent-texts';

/**
 * The invariants of SECURITY.md, judged by nothing but what can be seen from outside: answers,
 * texts, events, and the places where codes are derived and compared. They hold whatever breaks.
 */
export interface FactorState {
  phone: string | undefined;
  epoch: string | undefined;
  password: number;
}

/** A verified session, as its answers say. */
interface Lineage {
  user: string;
  at: number;
  factor: FactorState;
}

const DAY = 86_400_000;
const LOCK = 900_000;
export class Invariants {
  readonly violations: string[] = [];
  successes = 0;
  private readonly derived = new Map<string, CodeBinding>();
  private readonly perChallenge = new Map<string, number>();
  private readonly perUser = new Map<string, number[]>();
  private readonly secrets: string[] = [];
  private readonly worked = new Set<string>();
  private readonly lineages = new Map<number, Lineage>();
  /** Whose code was compared rightly since the last command began. */
  private matched: CodeBinding[] = [];
  private compares = 0;

  private readonly texts = new SentTexts((...judged) => this.hold('I4', ...judged));

  constructor(
    private readonly numbers: Numbers,
    private readonly clock: () => number,
    phones: readonly string[],
  ) {
    for (const phone of phones) this.keepSecret(phone);
  }

  keepSecret(phone: string): void {
    this.secrets.push(phone.slice(2));
  }

  begin(): void {
    this.matched = [];
    this.compares = 0;
  }

  /** How often codes were compared since the last command began. */
  get compared(): number {
    return this.compares;
  }

  derive(binding: CodeBinding, code: string): void {
    this.derived.set(code, { ...binding });
  }

  compare(expected: string, matches: boolean): void {
    const binding = this.derived.get(expected);
    if (binding === undefined) throw new Error('a code was compared that nobody derived');
    this.compares += 1;
    const { id, userId } = binding;
    const used = (this.perChallenge.get(id) ?? 0) + 1;
    this.perChallenge.set(id, used);
    this.hold('I1', used <= this.numbers.guessesPerChallenge, `${used} compares of one challenge`);
    // What comes in the same moment as a right code may come before it or after it.
    if (this.matched.some((other) => other.userId === userId)) return;
    if (matches) this.matched.push(binding);
    const times = this.perUser.get(userId) ?? [];
    times.push(this.clock());
    this.perUser.set(userId, times);
    this.judgeLocks(userId, times);
  }

  text(to: string, code: string): void {
    const binding = this.derived.get(code);
    if (binding === undefined) throw new Error('a code was texted that nobody derived');
    this.secrets.push(code);
    this.texts.sent(to, binding, this.clock());
  }

  /** Whatever goes out: answers, headers, events. */
  shown(what: string, bytes: string): void {
    const found = this.secrets.find((secret) => bytes.includes(secret));
    if (found !== undefined) this.hold('I5', false, `${what} shows ${found}: ${bytes}`);
  }

  status(what: string, status: number, faulty: boolean): void {
    this.hold('I7', status < 500 || faulty, `${what} was answered with ${status}`);
  }

  /** The answers to one or many copies of a code. */
  codes(jar: number, code: string, ok: number, faulty: boolean, of: (id: string) => FactorState) {
    const [binding] = this.matched;
    // Where something broke after the comparison, the failures may be cleared all the same.
    if (binding !== undefined && (ok > 0 || faulty)) this.perUser.set(binding.userId, []);
    // Where something broke nobody knows whether the next text has to wait.
    const notBefore = faulty ? 0 : this.clock() + 10_000;
    if (binding !== undefined && (ok > 0 || faulty)) this.texts.answered(binding, notBefore);
    if (ok === 0) return;
    this.successes += 1;
    this.hold('I8', ok === 1 && !this.worked.has(code), `the code ${code} worked more than once`);
    this.worked.add(code);
    this.hold('I3', binding !== undefined, 'a success without a right code');
    if (binding === undefined) return;
    const user = binding.userId;
    this.lineages.set(jar, { user, at: this.clock(), factor: of(user) });
  }

  ended(jar: number): void {
    this.lineages.delete(jar);
  }

  /** The gate let `user` pass in this jar. `cached`: the factor changed out of band just now. */
  open(jar: number, user: string, maxAge: number, now: FactorState, cached: boolean): void {
    const lineage = this.lineages.get(jar);
    const age = this.clock() - (lineage?.at ?? 0);
    const { factor } = lineage ?? {};
    const sameFactor = factor?.phone === now.phone && factor?.epoch === now.epoch;
    this.hold('I3', lineage?.user === user, `the gate is open for ${user} without a success`);
    this.hold('I3', age <= maxAge && age < DAY, `the gate is open ${age} ms after the success`);
    this.hold('I3', sameFactor || cached, 'the gate is open although the factor changed');
    this.hold('I3', factor?.password === now.password, 'the gate is open with an old password');
  }

  hold(name: string, holds: boolean, what: string): void {
    if (!holds) this.violations.push(`${name}: ${what}`);
  }

  /**
   * Between two levels of failures lies a lock. Whoever got so many comparisons is past so many locks,
   * and the last of them left room for no more than a level since it began.
   */
  private judgeLocks(userId: string, times: number[]): void {
    const { lockAfter, lockEvery, hardStop } = this.numbers;
    const count = times.length;
    this.hold('I2', count <= hardStop, `${count} compares of ${userId} without a success`);
    const locks = Math.ceil((count - lockAfter) / lockEvery);
    if (locks < 1) return;
    const lock = Math.min(LOCK * 2 ** (locks - 1), DAY);
    const since = this.clock() - lock;
    const recent = times.filter((at) => at > since).length;
    this.hold(
      'I2',
      recent <= lockEvery,
      `${recent} of ${count} compares of ${userId} in ${lock} ms`,
    );
  }
}
