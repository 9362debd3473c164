/** One mail to a person. */
export interface SimulatedMail {
  id: string;
  to: string;
  subject: string;
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Older mails are forgotten, so that a simulator may run for weeks. */
const KEPT = 1_000;

/** The mails of a simulator, in memory. */
export class MailLog {
  readonly #changed: () => void;
  #mails: SimulatedMail[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(mail: SimulatedMail): SimulatedMail {
    this.#mails.unshift(mail);
    this.#mails.length = Math.min(this.#mails.length, KEPT);
    this.#changed();
    return mail;
  }

  /** Newest first. */
  all(): readonly SimulatedMail[] {
    return this.#mails;
  }

  clear(): void {
    this.#mails = [];
    this.#changed();
  }
}
