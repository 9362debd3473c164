export interface Mail {
  /** One plain address. */
  to: string;
  /** One line of at most 200 characters. */
  subject: string;
  text: string;
}

/** Hands mails over. Rejects where that failed. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}

/** A mail was not handed over; `code` says why, in a word that names nobody. */
export class MailError extends Error {
  override readonly name = 'MailError';

  constructor(readonly code: string) {
    super(`The mail was not handed over (${code})`);
  }
}

/** Where no mail server is set: nothing can be sent, and the log says so. */
export const noMailer: Mailer = { send: () => Promise.reject(new MailError('NO_MAIL_SERVER')) };
