import { stateOf, type ModelUser } from './accounts';
import type { Place } from './send-model';

export type Purpose = 'sign-in' | 'step-up' | 'enroll' | 'replace';

export interface Challenge {
  user: ModelUser;
  phone: string;
  state: string;
  expiresAt: number;
  guesses: number;
  code: string;
  places: Place[];
}
interface Session {
  user: ModelUser | undefined;
  mark: { user: ModelUser; phone: string; state: string; at: number } | undefined;
  challenges: Map<Purpose, Challenge>;
}

const DAY = 86_400_000;

const emptySession = (): Session => ({ user: undefined, mark: undefined, challenges: new Map() });

/** Who is signed in where, which challenge is open there, and where the mark holds. */
export class Sessions {
  now: number;
  readonly sessions: Session[];
  readonly users = new Map<string, ModelUser>();

  constructor(start: number, jars: number) {
    this.now = start;
    this.sessions = Array.from({ length: jars }, emptySession);
  }

  user(name: string): ModelUser {
    const found = this.users.get(name);
    if (found === undefined) throw new Error(`no user ${name}`);
    return found;
  }

  signIn(jar: number, name: string): void {
    this.sessions[jar] = { ...emptySession(), user: this.user(name) };
  }

  logOut(jar: number): void {
    this.sessions[jar] = emptySession();
  }

  /** The app puts another user into the same session. */
  switchUser(jar: number, name: string): void {
    this.session(jar).user = this.user(name);
  }

  /** The gate where the factor must have been passed within so many seconds. */
  isFresh(jar: number, seconds: number): boolean {
    const { mark } = this.session(jar);
    return this.holds(jar) && mark !== undefined && this.now - mark.at <= seconds * 1_000;
  }

  protected session(jar: number): Session {
    const found = this.sessions[jar];
    if (found === undefined) throw new Error(`no jar ${jar}`);
    return found;
  }

  protected holds(jar: number): boolean {
    const { user, mark } = this.session(jar);
    return (
      mark !== undefined &&
      mark.user === user &&
      user.factor?.disabled === false &&
      mark.phone === user.factor.phone &&
      mark.state === stateOf(user) &&
      this.now - mark.at < DAY
    );
  }

  protected purpose(jar: number, road: 'verify' | 'confirm'): Purpose {
    if (road === 'verify') return this.holds(jar) ? 'step-up' : 'sign-in';
    return this.session(jar).user?.factor === undefined ? 'enroll' : 'replace';
  }

  /** The challenge of this purpose, where a code may still answer it. */
  protected open(jar: number, user: ModelUser, purpose: Purpose): Challenge | undefined {
    const found = this.session(jar).challenges.get(purpose);
    const toFactor = purpose === 'sign-in' || purpose === 'step-up';
    const answers =
      found?.user === user &&
      found.state === stateOf(user) &&
      this.now < found.expiresAt &&
      (!toFactor || found.phone === user.factor?.phone);
    return answers ? found : undefined;
  }

  protected pass(jar: number, user: ModelUser): void {
    const phone = user.factor?.phone ?? '';
    const mark = { user, phone, state: stateOf(user), at: this.now };
    this.sessions[jar] = { ...emptySession(), user, mark };
  }
}
