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
  #mails: SimulatedMail[] = [];

  add(mail: SimulatedMail): SimulatedMail {
    this.#mails.unshift(mail);
    this.#mails.length = Math.min(this.#mails.length, KEPT);
    return mail;
  }

  /** Newest first. */
  all(): readonly SimulatedMail[] {
    return this.#mails;
  }

  clear(): void {
    this.#mails = [];
  }
}
