import type { SmtpSettings } from '../mail/smtp-mailer';
import { readAddress, readText } from './environment';
import { SettingsError } from './settings-error';

/** The mail server; `undefined` where none is given. */
export function readSmtp(env: NodeJS.ProcessEnv): SmtpSettings | undefined {
  const url = readAddress(
    env,
    'SMTP_URL',
    ['smtp:', 'smtps:'],
    'smtps://user:password@mail.example',
  );
  const from = readText(env, 'MAIL_FROM');
  if (!url) return undefined;
  if (from === undefined || !/^[^\r\n]*@[^\r\n]+$/.test(from)) {
    throw new SettingsError(
      'SMTP_URL is set, so MAIL_FROM must say whom mails come from. ' +
        'Set it to an address such as Pebble Bank <no-reply@bank.example>.',
    );
  }
  return { url, from };
}
