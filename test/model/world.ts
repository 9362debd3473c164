import { Agent } from 'node:http';
import type { Counter } from '../../lib';
import { codeIn, enrolled, type TestApp, type User } from '../helpers/app';
import type { Faults, Operation } from '../helpers/faults';
import { atOnce } from '../helpers/parallel';
import type { Breakable, BreakMode } from './breakable';
import type { FactorState, Invariants } from './invariants';
import { answerOf, ask, copies, emptyJar, type Answer, type Jar, type Request } from './jar';
import type { Held } from './routes';
import type { Stores } from './stores';

export const JARS = 3;
export const USERS = ['A', 'B', 'C'] as const;
export type UserName = (typeof USERS)[number];

export interface Fault {
  part: 'session' | 'counter' | 'enrollments' | 'sms';
  operation: string;
  /** Which call from now on. */
  k: number;
  mode: BreakMode;
}

/** The system under test, with eyes everywhere. */
export class World {
  readonly jars: Jar[] = Array.from({ length: JARS }, emptyJar);
  private armed: 'session' | 'counter' | 'enrollments' | 'sms' | undefined;
  private agent = new Agent({ keepAlive: true });
  private readonly changedAt = new Map<string, number>();
  private phones = 0;
  private texts = 0;
  private held: Held | undefined;

  constructor(
    readonly app: TestApp,
    readonly invariants: Invariants,
    readonly faults: {
      session: Faults;
      counter: Breakable;
      enrollments: Breakable;
      sms: Breakable;
    },
    private readonly stores: Stores,
    /** How often each event was told. */
    readonly events: ReadonlyMap<string, number>,
  ) {}

  /** The k-th call of this kind in the next command goes wrong. */
  plan({ part, operation, k, mode }: Fault): void {
    this.heal();
    this.armed = part;
    if (part === 'session') this.faults.session.fail(operation as Operation, k, mode);
    else this.faults[part].fail(operation, k, mode);
  }

  /** Whether the fault that was planned for this command came. */
  get faulty(): boolean {
    return this.armed !== undefined && this.faults[this.armed].fired();
  }

  heal(): void {
    if (this.armed === undefined) return;
    // The server may be about to cut a connection that a broken answer went over.
    this.agent.destroy();
    this.agent = new Agent({ keepAlive: true });
    this.faults[this.armed].heal();
    this.armed = undefined;
  }

  jar(index: number): Jar {
    const found = this.jars[index];
    if (found === undefined) throw new Error(`no jar ${index}`);
    return found;
  }

  /** One request of a jar; its cookie follows. */
  async ask(index: number, ...request: Request): Promise<Answer> {
    const jar = this.jar(index);
    const answer = await ask(this.agent, this.app.url, jar.cookie, request);
    this.see(`${request[0]} ${request[1]}`, answer);
    if (answer.cookie !== undefined) this.keep(jar, answer);
    return answer;
  }

  /** Many requests of a jar in the same moment. The cookie of the one that succeeds follows. */
  async askAtOnce(index: number, path: string, count: number, bodies: object[]): Promise<Answer[]> {
    const jar = this.jar(index);
    const raw = await atOnce(this.app.url, copies(count, jar.cookie, path, bodies));
    const answers = raw.map(answerOf);
    for (const answer of answers) this.see(`POST ${path}`, answer);
    const rotated = answers.find(({ status, cookie }) => status === 200 && cookie !== undefined);
    if (rotated !== undefined) this.keep(jar, rotated);
    return answers;
  }

  /** A request with a cookie that is no jar's any more. */
  async askWith(cookie: string, ...request: Request): Promise<Answer> {
    const answer = await ask(this.agent, this.app.url, cookie, request);
    this.see(`${request[0]} ${request[1]}`, answer);
    return answer;
  }

  /** Runs `during` while a request of this jar has read its session and not yet written it back. */
  async whileSlow(index: number, during: () => Promise<void>): Promise<void> {
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    const { cookie } = this.jar(index);
    const entered = new Promise<void>((enter) => {
      this.held = { enter, leave: left };
    });
    const slow = this.askWith(cookie, 'POST', '/slow');
    await Promise.race([entered, slow]);
    try {
      await during();
    } finally {
      leave();
      this.held = undefined;
      await slow;
    }
  }

  hold(): Held | undefined {
    return this.held;
  }

  /** The codes in the texts that went out since the last look. */
  newTexts(): { to: string; code: string }[] {
    const fresh = this.app.outbox.messages.slice(this.texts);
    this.texts += fresh.length;
    const found = fresh.map(({ to, body }) => ({ to, code: codeIn(body) }));
    for (const { to, code } of found) this.invariants.text(to, code);
    return found;
  }

  /** The app's own database changes behind the library's back. */
  changeOutOfBand(name: UserName, what: 'phone' | 'removal' | 'password'): string {
    const id = `id-of-${name}`;
    const before = this.app.enrollments.get(id);
    const phone = `+1206555${3_000 + (this.phones += 1)}`;
    if (what === 'password') this.userOf(name).passwordVersion += 1;
    else if (what === 'removal') this.app.enrollments.delete(id);
    else {
      this.invariants.keepSecret(phone);
      const made = { ...enrolled(phone), epoch: `out of band ${this.phones}` };
      const changed =
        before === undefined ? made : { ...before, phone, version: before.version + 1 };
      this.app.enrollments.set(id, changed);
    }
    if (what !== 'password') this.changedAt.set(id, this.app.clock());
    return phone;
  }

  /** Whether the library may still go by the factor as it was, for ten seconds. */
  get counter(): Counter {
    return this.stores.counter;
  }

  mayBeCached(userId: string): boolean {
    return this.changedAt.get(userId) === this.app.clock();
  }

  factorOf = (userId: string): FactorState => {
    const { phone, epoch } = this.app.enrollments.get(userId) ?? {};
    return { phone, epoch, password: this.userOf(userId.slice(-1)).passwordVersion };
  };

  /** I6: whatever the library keeps must end by itself. */
  async checkLifetimes(): Promise<void> {
    for (const [key, left] of await this.stores.lifetimes()) {
      this.invariants.hold('I6', left > 0 && left < 366 * 86_400_000, `${key} lives ${left} ms`);
    }
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await this.app.close();
  }

  private userOf(name: string): User {
    const found = this.app.users.get(name);
    if (found === undefined) throw new Error(`no user ${name}`);
    return found;
  }

  private keep(jar: Jar, { cookie, status }: Answer): void {
    if (cookie === undefined || cookie === jar.cookie) return;
    if (jar.cookie !== '' && status === 200) jar.ended = [jar.cookie, ...jar.ended].slice(0, 3);
    jar.cookie = cookie;
  }

  private see(what: string, { status, bytes }: Answer): void {
    this.invariants.shown(what, bytes);
    this.invariants.status(what, status, this.faulty);
  }
}
