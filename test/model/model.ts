import { countFailure, stateOf, type ModelUser, type Numbers } from './accounts';
import { SendModel } from './send-model';
import { Sessions, type Challenge, type Purpose } from './sessions';

/** An answer: its status, and the code of its problem document. */
export interface Expected {
  status: number;
  code?: string;
  attemptsLeft?: number;
}

const CHALLENGE = 300_000;
const ok = (status = 200): Expected => ({ status });
const no = (status: number, code: string): Expected => ({ status, code });

/**
 * What should happen, simulated from the design and not from the library: who is signed in where,
 * which challenge is open, who is locked, which session is verified. Exact as long as nothing breaks.
 */
export class Model extends Sessions {
  /** False once something broke: then only the invariants are asked. */
  certain = true;
  private readonly sends = new SendModel();
  private epochs = 0;

  constructor(
    start: number,
    jars: number,
    private readonly numbers: Numbers,
    factors: Record<string, string | undefined>,
  ) {
    super(start, jars);
    for (const [name, phone] of Object.entries(factors)) {
      // Imported enrollments all have the same epoch, as an import script would write them.
      const factor = phone === undefined ? undefined : { phone, epoch: 0, disabled: false };
      const fresh = { name, factor, password: 1, failures: 0, lockedUntil: 0, disabled: false };
      this.users.set(name, fresh);
    }
  }

  changeOutOfBand(name: string, what: 'phone' | 'removal' | 'password', phone: string): void {
    const user = this.user(name);
    if (what === 'password') user.password += 1;
    else if (what === 'removal') user.factor = undefined;
    else if (user.factor !== undefined) user.factor = { ...user.factor, phone };
    else user.factor = { phone, epoch: (this.epochs += 1), disabled: false };
  }

  gate(jar: number): Expected {
    const { user } = this.session(jar);
    if (user === undefined) return no(401, 'not_authenticated');
    if (user.factor === undefined) return no(403, 'enrollment_required');
    return this.holds(jar) ? ok() : no(401, 'second_factor_required');
  }

  /** A text to the factor. `code` is what it will carry, where an earlier text carried it already. */
  send(jar: number): Expected & { code?: string; again?: string | undefined } {
    const { user } = this.session(jar);
    if (user === undefined) return no(401, 'not_authenticated');
    if (user.factor === undefined) return no(403, 'enrollment_required');
    if (user.factor.disabled) return no(429, 'too_many_attempts');
    return this.text(jar, user, this.holds(jar) ? 'step-up' : 'sign-in', user.factor.phone);
  }

  enroll(jar: number, phone: string): Expected & { again?: string | undefined } {
    const { user } = this.session(jar);
    if (user === undefined) return no(401, 'not_authenticated');
    if (user.factor !== undefined && !this.isFresh(jar, 600)) {
      return no(403, 'fresh_second_factor_required');
    }
    if (user.factor?.phone === phone) return no(403, 'already_enrolled');
    return this.text(jar, user, user.factor === undefined ? 'enroll' : 'replace', phone);
  }

  /** The text that `send` or `enroll` foresaw carried this code. */
  texted(jar: number, road: 'verify' | 'confirm', code: string): void {
    const challenge = this.session(jar).challenges.get(this.purpose(jar, road));
    if (challenge === undefined) throw new Error('the model opened no challenge');
    challenge.code = code;
  }

  verify(jar: number, code: string): Expected {
    const { user } = this.session(jar);
    if (user === undefined) return no(401, 'not_authenticated');
    const guessed = this.guess(jar, user, this.purpose(jar, 'verify'), code);
    if ('phone' in guessed) this.pass(jar, user);
    return 'phone' in guessed ? ok() : guessed;
  }

  confirm(jar: number, code: string): Expected {
    const { user } = this.session(jar);
    if (user === undefined) return no(401, 'not_authenticated');
    if (user.factor !== undefined && !this.isFresh(jar, 600)) {
      return no(403, 'fresh_second_factor_required');
    }
    const guessed = this.guess(jar, user, this.purpose(jar, 'confirm'), code);
    if (!('phone' in guessed)) return guessed;
    user.factor = { phone: guessed.phone, epoch: (this.epochs += 1), disabled: false };
    this.pass(jar, user);
    return ok();
  }

  remove(jar: number): Expected {
    const { user } = this.session(jar);
    if (user === undefined) return no(401, 'not_authenticated');
    if (user.factor === undefined) return no(403, 'enrollment_required');
    if (!this.isFresh(jar, 600)) return no(403, 'fresh_second_factor_required');
    user.factor = undefined;
    return ok(204);
  }

  /** The challenge that the next code would answer, as the status document shows it. */
  pending(jar: number): { purpose: Purpose; attemptsLeft: number } | undefined {
    const { user } = this.session(jar);
    if (user === undefined) return undefined;
    const roads =
      user.factor !== undefined && !this.holds(jar) ? ['verify'] : ['verify', 'confirm'];
    for (const road of roads as ('verify' | 'confirm')[]) {
      const purpose = this.purpose(jar, road);
      const open = this.open(jar, user, purpose);
      const attemptsLeft = this.numbers.guessesPerChallenge - (open?.guesses ?? 0);
      if (open !== undefined) return { purpose, attemptsLeft };
    }
    return undefined;
  }

  private text(jar: number, user: ModelUser, purpose: Purpose, phone: string) {
    if (user.disabled || this.now < user.lockedUntil) return no(429, 'too_many_attempts');
    const confirmed = purpose === 'sign-in' || purpose === 'step-up';
    const places = this.sends.send({ user: user.name, phone, confirmed }, this.now);
    if (typeof places === 'string') return no(429, places);
    const before = this.open(jar, user, purpose);
    const again = before?.phone === phone && before.expiresAt - this.now >= 120_000;
    const challenge = again
      ? { ...before, places: [...before.places, ...places] }
      : {
          user,
          phone,
          state: stateOf(user),
          expiresAt: this.now + CHALLENGE,
          guesses: 0,
          code: '',
          places,
        };
    this.session(jar).challenges.set(purpose, challenge);
    return { status: 202, again: again ? before.code : undefined };
  }

  private guess(
    jar: number,
    user: ModelUser,
    purpose: Purpose,
    code: string,
  ): Expected | Challenge {
    if (user.disabled || user.factor?.disabled === true || this.now < user.lockedUntil) {
      return no(429, 'too_many_attempts');
    }
    const challenge = this.open(jar, user, purpose);
    if (challenge === undefined) return no(401, 'challenge_expired');
    challenge.guesses += 1;
    user.failures += 1;
    const { challenges } = this.session(jar);
    if (challenge.code !== code) {
      const left = this.numbers.guessesPerChallenge - challenge.guesses;
      if (left === 0) challenges.delete(purpose);
      const attemptsLeft = Math.min(left, countFailure(user, this.numbers, this.now));
      return { ...no(401, 'code_incorrect'), attemptsLeft };
    }
    challenges.delete(purpose);
    user.failures = 0;
    const confirmed = purpose === 'sign-in' || purpose === 'step-up';
    const text = { user: user.name, phone: challenge.phone, confirmed };
    this.sends.answered(text, challenge.places, this.now);
    return challenge;
  }
}
