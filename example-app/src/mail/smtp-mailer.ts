import { createTransport } from 'nodemailer';

import type { Mailer } from './mailer';

export interface SmtpSettings {
  /** `smtp://` or `smtps://`, with the user and password it needs. */
  url: URL;
  /** Whom mails come from. */
  from: string;
}

/** A mail server that does not answer must not pile mails up in memory for nodemailer's ten minutes. */
const PATIENCE_MS = 10_000;

export function smtpMailer({ url, from }: SmtpSettings): Mailer {
  const transport = createTransport({
    url: url.href,
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    // A mail is its text: nothing is fetched from a file or an address into it.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text }) {
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
    },
  };
}
