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

type Told = Pick<Happening, 'subject' | 'what' | 'todo' | 'offersEnd'>;

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
  locked: ({ until }) => ({
    subject: 'codes are locked',
    what: `Too many wrong codes were entered, so none is taken ${until === undefined ? 'for a while' : `until ${utc(until)}`}. Whoever tries them knows your password: change it.`,
  }),
  disabled: () => ({
    subject: 'codes to your phone were switched off',
    what: 'Far too many wrong codes were entered, so none is taken any more until the bank has spoken with you. Recovery codes still let you in. Whoever tries them knows your password: change it.',
  }),
  many_wrong_codes: ({ wrongCodes, since }) => ({
    subject: 'many wrong codes were entered',
    what: `${wrongCodes ?? 'Many'} wrong codes were entered for your account since ${since === undefined ? 'last month' : utc(since)}.`,
    todo: 'If they were not yours, whoever tries them knows your password: change it.',
    offersEnd: true,
  }),
  reported: (notice) => ({
    subject: 'a text of ours was answered with NO',
    ...answeredWithNo(notice),
    offersEnd: true,
  }),
  texts_used_up: ({ phone }) => ({
    subject: 'all texts of today were asked for',
    what: `Nearly all codes that we text to ${number(phone)} in a day have been asked for, and none was entered. If that was not you, somebody knows your password, or has an account of their own with your number: change your password. You can still sign in in a browser that you have used before, or with a recovery code.`,
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
    what: 'New recovery codes were made for your account. Once these are kept, the older ones no longer work.',
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

/**
 * What is known where NO came back from a phone, and no more. It names no text: it is about the newest
 * one to that phone, and that may be another customer's.
 */
function answeredWithNo(notice: Notice): Pick<Happening, 'what' | 'todo'> {
  const { purpose, phone, textedAt, newest, codeUsed, earlierCodeUsed } = notice;
  const at = textedAt === undefined ? '' : ` at ${utc(textedAt)}`;
  // Typed in and not confirmed: whose else it is must not be told, and so not whose text was newer.
  if ((purpose === 'enroll' || purpose === 'replace') && codeUsed !== true) {
    return {
      what: `Whoever reads the texts to ${number(phone)} answered our code with NO. It was not added to your account, and its code no longer works.`,
      todo: 'If you did not try to add that number, somebody knows your password: change it.',
    };
  }
  if (newest !== true) {
    return {
      what: `A text of ours to ${number(phone)} was answered with NO. The newest one was not about your account, so whoever had passed a code was not signed out.`,
      todo: `A code for your account was texted to it${at}. If you did not ask for that one, somebody knows your password: change it, and sign everybody out.`,
    };
  }
  const asked = `The code that we texted to ${number(phone)}${at} was answered with NO`;
  if (codeUsed === true) {
    return {
      what: `${asked}, and had come back before. Whoever signed in with it was signed out, and no browser that was trusted since may sign in without a code.`,
      todo: 'If it was not you, somebody knows your password and may have been in your account: change it, and call us.',
    };
  }
  return {
    what: `${asked}. It no longer works, and whoever asked for it was signed out.${earlierCodeUsed === true ? ' Who signed in with an earlier code was not.' : ''}`,
    todo: 'If you did not ask for it, somebody knows your password: change it.',
  };
}

const number = (phone: string | undefined) =>
  phone === undefined ? 'your phone' : `the number ${phone}`;
const person = (operator: string | undefined) => operator ?? 'Somebody at the bank';
/** A browser says itself what it is called: what could be a link is left out. */
const name = (device: Notice['device']) =>
  device && /^[\w ]+$/.test(device.name) ? `the device "${device.name}"` : 'a device';
const left = (codes: number | undefined) => (codes === undefined ? '' : ` ${codes} are left.`);
