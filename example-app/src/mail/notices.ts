import type { Notice, SecondFactor } from 'passport-sms-2fa';

import { utc, type Happening } from './letters';
import type { PostOffice } from './post-office';

/** Mails every user what happens to their second factor: a thief of the phone cannot hide it. */
export function mailNotices(secondFactor: SecondFactor, post: PostOffice): void {
  secondFactor.on('notice', (notice) => post.tell(notice.userId, happeningOf(notice)));
}

/** The notice in words. */
export function happeningOf(notice: Notice): Happening {
  const { at, ip } = notice;
  return { ...HAPPENINGS[notice.action](notice), at, ip };
}

type Told = Pick<Happening, 'subject' | 'what'>;

const HAPPENINGS: Record<Notice['action'], (notice: Notice) => Told> = {
  enrolled: ({ phone }) => ({
    subject: 'a phone was added',
    what: `Codes for your account are now texted to ${number(phone)}.`,
  }),
  replaced: ({ phone, previousPhone }) => ({
    subject: 'your phone was replaced',
    what: `Codes for your account are now texted to ${number(phone)}, no longer to ${number(previousPhone)}.`,
  }),
  removed: ({ phone }) => ({
    subject: 'your phone was removed',
    what: `No codes are texted to ${number(phone)} any more. Your account is closed to you until a phone is added.`,
  }),
  locked: ({ until, method }) => ({
    subject: method === 'recovery' ? 'recovery codes are locked' : 'codes are locked',
    what: `Too many wrong ${method === 'recovery' ? 'recovery codes' : 'codes'} were entered, so none is taken ${until === undefined ? 'for a while' : `until ${utc(until)}`}. Whoever tries them knows your password: change it.`,
  }),
  disabled: ({ method }) => ({
    subject:
      method === 'recovery'
        ? 'your recovery codes were switched off'
        : 'codes to your phone were switched off',
    what: `Far too many wrong ${method === 'recovery' ? 'recovery codes' : 'codes'} were entered, so none is taken any more until the bank has spoken with you. Whoever tries them knows your password: change it.`,
  }),
  reported: ({ codeUsed }) => ({
    subject: 'you told us of a code that was not yours',
    what: `A text of ours was answered with NO. ${codeUsed === true ? 'The code in it had already been used, so somebody else may have been in your account: call us.' : 'The code in it no longer works.'} All your sessions were ended. Whoever asked for it knows your password: change it.`,
  }),
  unlocked: ({ operator }) => ({
    subject: 'codes are taken again',
    what: `${person(operator)} ended the lock on your codes.`,
  }),
  reset: ({ operator }) => ({
    subject: 'your second factor was reset',
    what: `${person(operator)} removed your phone, so that you can add another one.`,
  }),
  revoked: ({ operator }) => ({
    subject: 'your sessions were ended',
    what: `${person(operator)} ended all your sessions. Sign in again, with your password and a code.`,
  }),
  recovery_used: ({ recoveryCodesLeft }) => ({
    subject: 'a recovery code was used',
    what: `Somebody signed in with one of your recovery codes.${left(recoveryCodesLeft)}`,
  }),
  recovery_codes_replaced: () => ({
    subject: 'new recovery codes were made',
    what: 'New recovery codes were made for your account. The older ones no longer work.',
  }),
  device_trusted: ({ device }) => ({
    subject: 'a device is trusted',
    what: `From now on, ${name(device)} may sign in without a code.`,
  }),
  device_revoked: ({ device }) => ({
    subject: 'a device is no longer trusted',
    what: `From now on, ${name(device)} needs a code again to sign in. Whoever ended the trust had entered a code: if that was not you, call us.`,
  }),
  device_copied: ({ device, endedAt }) => ({
    subject: 'a trusted device was copied',
    what: `Somebody signed in to your account and showed a copy of what ${name(device)} is known by, and was asked for a code. ${
      endedAt === undefined
        ? 'That device is not trusted any more.'
        : `The trust in that device had ended before, ${utc(endedAt)}.`
    } Nothing else was ended. Unless you have restored an old backup of that device, somebody has your password: change it.`,
  }),
};

const number = (phone: string | undefined) =>
  phone === undefined ? 'your phone' : `the number ${phone}`;
const person = (operator: string | undefined) => operator ?? 'Somebody at the bank';
/** A browser says itself what it is called: what could be a link is left out. */
const name = (device: Notice['device']) =>
  device && /^[\w ]+$/.test(device.name) ? `the device "${device.name}"` : 'a device';
const left = (codes: number | undefined) => (codes === undefined ? '' : ` ${codes} are left.`);
