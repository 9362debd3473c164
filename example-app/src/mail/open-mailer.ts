import { noMailer, type Mailer } from './mailer';
import { simulatorMailer } from './simulator-mailer';
import { smtpMailer, type SmtpSettings } from './smtp-mailer';

/** A mail server where one is set, else the simulator where there is one, else nothing. */
export function openMailer(
  smtp: SmtpSettings | undefined,
  simulatorUrl: string | undefined,
): Mailer {
  if (smtp) return smtpMailer(smtp);
  return simulatorUrl === undefined ? noMailer : simulatorMailer(simulatorUrl);
}
