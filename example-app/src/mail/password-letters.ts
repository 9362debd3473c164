import type { Happening } from './letters';

export const RESET_SUBJECT = 'a new password';

/**
 * Holds the link, which is as good as a password until it is used. The username is left out: strangers
 * choose names, and give addresses that are not theirs, so a name could carry a link of their own.
 */
export function resetText(link: string): string {
  return [
    'Somebody asked for a new password for your account. To choose one, open this link',
    'within 30 minutes. It works once.',
    '',
    link,
    '',
    'You still need a code from your phone to sign in afterwards.',
    '',
    'If it was not you, there is nothing to do: your password stays as it is.',
  ].join('\n');
}

export function passwordChanged(at: number, ip: string | undefined): Happening {
  const what = 'The password of your account was changed. All your sessions were ended.';
  return { subject: 'your password was changed', what, at, ip };
}
