import { BANK } from '../pages/layout';
import { happeningLetter } from './letters';
import type { Letter } from './mailer';

/** Holds the link, which is as good as a password until it is used. */
export function resetLetter(username: string, link: string): Letter {
  const lines = [
    `Somebody asked for a new password for ${username}. To choose one, open this link`,
    'within 30 minutes. It works once.',
    '',
    link,
    '',
    'You still need a code from your phone to sign in afterwards.',
    '',
    'If it was not you, there is nothing to do: your password stays as it is.',
  ];
  return { subject: `${BANK}: a new password`, text: lines.join('\n') };
}

export function passwordChangedLetter(at: number, ip: string | undefined, address: string): Letter {
  const what = 'The password of your account was changed. All your sessions were ended.';
  return happeningLetter({ subject: 'your password was changed', what, at, ip, address });
}
