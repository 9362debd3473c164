import { SecondFactorError } from '../errors';
import { fromEnvironment, inCall, misuse, refuseUnknown } from '../misuse';
import type { EmailMessage, EmailSender } from '../ports/senders';

/** A transport of nodemailer, by its shape. */
export interface MailTransport {
  sendMail(mail: { from: string; to: string; subject: string; text: string }): Promise<unknown>;
}

export interface EmailSenderOptions {
  /** What `nodemailer.createTransport(...)` gives. */
  transport: MailTransport;
  /** The sender's address, such as `Acme <no-reply@acme.example>`. */
  from: string;
}

/**
 * Sends codes by mail through a transport of nodemailer; for the option `email`.
 *
 * Throws a `TypeError` at once where the transport or the address is wrong. `send` rejects with a
 * `SecondFactorError` (`delivery_failed`): `rejected` and `refused: true` where the mail server
 * refused, else `unknown_outcome`, as the mail may have gone out. Its `signal` is not heeded, as
 * nodemailer takes none: give the transport timeouts of its own.
 */
export function emailSender(options: EmailSenderOptions): EmailSender {
  refuseUnknown(inCall('emailSender'), options, ['transport', 'from'], 'Give { transport, from }.');
  const { transport, from } = options;
  if (typeof (transport as MailTransport | undefined)?.sendMail !== 'function') {
    throw misuse('emailSender({ transport })', transport, 'Give nodemailer.createTransport(...).');
  }
  if (typeof from !== 'string' || !/^[^\r\n]*@[^\r\n]+$/.test(from)) {
    const cure = `Give an address, such as no-reply@acme.example.${fromEnvironment(from)}`;
    throw misuse('emailSender({ from })', from, cure);
  }
  return { send: (message) => sendMail(transport, from, message) };
}

async function sendMail(transport: MailTransport, from: string, message: EmailMessage) {
  try {
    await transport.sendMail({ from, ...message });
  } catch (cause) {
    // What a mail server says may repeat the mail.
    const code = (cause as { responseCode?: unknown } | undefined)?.responseCode;
    const refused = typeof code === 'number' && code >= 400;
    const message = refused
      ? `The mail transport refused the mail (${code}).`
      : 'The mail transport failed, and whether the mail went out is not known.';
    throw new SecondFactorError('delivery_failed', message, {
      refused,
      reason: refused ? 'rejected' : 'unknown_outcome',
    });
  }
}
