import type { TextSentences } from '../core/core';
import type { DetailSentences, RefusalCode } from '../core/outcomes';

/** A sentence in which nothing stands. */
type Plain = object;

/** Title and detail of each problem document. */
type ProblemSentences = {
  [Code in RefusalCode as `problem.${Code}.title` | `problem.${Code}.detail`]: Plain;
};

/** What a page says about the last request, beside the problem itself. */
interface NoticeSentences {
  'notice.attemptsLeft': { count: number };
  'notice.retryAfter': { wait: string };
  'notice.textedAgain': Plain;
  'notice.emailedAgain': Plain;
  'notice.confirmed': Plain;
  'notice.phone': { phone: string };
  'notice.codesKept': Plain;
  'notice.off': Plain;
  'notice.browserRevoked': Plain;
  'notice.browsersRevoked': Plain;
  'notice.lateDead': Plain;
  'notice.lateWorks': Plain;
  'notice.retryNow': Plain;
}

interface FrameSentences {
  'frame.back': Plain;
  'frame.continue': Plain;
  'frame.notNow': Plain;
  'frame.signOut': Plain;
  'frame.support': Plain;
  'sessionEnded.title': Plain;
  'sessionEnded.sentence': Plain;
  'sessionEnded.signIn': Plain;
  'frame.cancel': Plain;
}

/** The field for a code, and what stands around it. */
interface CodeSentences {
  'code.texted': { digits: number; phone: string; time: string };
  'code.emailed': { digits: number; email: string; time: string };
  'code.moreMinutes': { minutes: number };
  'code.left': { time: string };
  'code.over': Plain;
  'code.only': { domain: string };
  'code.goesOn': Plain;
  'code.goesOnBox': Plain;
  'code.sending': Plain;
  'code.checking': Plain;
  'code.textNew': Plain;
  'code.emailNew': Plain;
  'code.mayResend': Plain;
  'code.label': Plain;
  'code.confirm': Plain;
  'code.trust': { days: number };
  'code.trustWarning': Plain;
  'code.delivered': Plain;
  'code.undelivered': Plain;
  'code.textMe': Plain;
  'code.emailMe': Plain;
  'code.textInstead': Plain;
  'code.resend': Plain;
  'code.emailAgain': Plain;
  'code.noText': Plain;
  'code.noEmail': Plain;
  'code.resendIn': { wait: string };
  'code.sameCode': Plain;
  'code.noneLeft': Plain;
}

interface ChallengeSentences {
  'challenge.title': Plain;
  'challenge.transaction': Plain;
  'challenge.transactionSame': Plain;
  'challenge.willText': { phone: string };
  'challenge.otherCode': Plain;
  'challenge.earlierCode': Plain;
  'challenge.newIn': { wait: string };
  'challenge.usedUp': { wait: string };
  'challenge.optedOut': Plain;
  'challenge.optedOutFrom': { numbers: string };
  'challenge.optedOutHour': Plain;
  'challenge.cancel': Plain;
  'challenge.mayEmail': { email: string };
  'challenge.locked': { wait: string };
  'challenge.lockedButRecovery': { wait: string };
  'challenge.unlocked': Plain;
  'challenge.disabled': Plain;
  'challenge.disabledButRecovery': Plain;
  'challenge.kept': Plain;
  'challenge.lost': Plain;
  'recovery.summary': Plain;
  'recovery.label': Plain;
  'recovery.use': Plain;
}

interface EnrollmentSentences {
  'enrollment.title': Plain;
  'enrollment.why': Plain;
  'enrollment.whyAlso': Plain;
  /** Until a phone is a must. */
  'enrollment.days': { days: number };
  'enrollment.safer': Plain;
  'enrollment.otherTitle': Plain;
  'enrollment.otherFirst': Plain;
  'enrollment.confirmTitle': Plain;
  'enrollment.confirm': Plain;
  'enrollment.otherNumber': Plain;
  'phone.label': Plain;
  'phone.example': { phone: string };
  /** Said in place of a masked number, where nobody sees it. */
  'phone.ending': { digits: string };
  'phone.textCode': Plain;
  'phone.countries': { countries: string };
  'phone.countryCount': { count: number };
  'phone.terms': Plain;
  'phone.privacy': Plain;
  'phone.support': Plain;
}

interface ManageSentences {
  'manage.title': Plain;
  'manage.phone': { phone: string };
  'manage.yourPhone': Plain;
  'manage.change': Plain;
  'manage.textNew': Plain;
  'manage.confirmNew': Plain;
  'manage.useNew': Plain;
  'manage.untilThen': Plain;
  'manage.recovery': Plain;
  'manage.recoveryLeft': { count: number };
  'manage.recoverySoon': Plain;
  'manage.recoveryWhy': Plain;
  'manage.recoveryNew': Plain;
  'manage.newCodes': Plain;
  'manage.savedThem': Plain;
  'manage.olderCount': Plain;
  'manage.getNew': Plain;
  'manage.browsers': Plain;
  'manage.noBrowsers': Plain;
  'manage.thisBrowser': { name: string };
  'manage.browserDates': { since: string; used: string };
  'manage.revoke': Plain;
  'manage.revokeAll': Plain;
  'manage.disabled': Plain;
  'manage.locked': { wait: string };
  'manage.off': Plain;
  'manage.offMeans': Plain;
  'manage.offMeansNoCode': Plain;
  'manage.turnOff': Plain;
}

/** Asked before something is done that cannot be undone. */
interface ConfirmSentences {
  'confirm.off': Plain;
  'confirm.offPassword': Plain;
  'confirm.offCodes': { count: number };
  'confirm.offBrowsers': { count: number };
  'confirm.offRequired': Plain;
  'confirm.codes': Plain;
  'confirm.codesLeft': { count: number };
  'confirm.browser': { name: string };
  'confirm.browserCode': Plain;
  'confirm.browsers': { count: number };
  'confirm.browsersCode': Plain;
}

interface OtherPageSentences {
  'recoveryCodes.title': Plain;
  'recoveryCodes.save': Plain;
  'recoveryCodes.older': Plain;
  'recoveryCodes.saved': Plain;
  'recoveryCodes.head': { appName: string };
  'recoveryCodes.file': Plain;
  'recoveryCodes.copy': Plain;
  'recoveryCodes.copied': Plain;
  'recoveryCodes.download': Plain;
  'recoveryCodes.downloaded': Plain;
  'recoveryCodes.print': Plain;
  'resume.title': Plain;
  'resume.described': Plain;
  'resume.address': Plain;
  'resume.yes': Plain;
  'resume.no': Plain;
  'resume.doneTitle': Plain;
  'resume.done': Plain;
  'resume.sentTitle': Plain;
  'resume.sent': Plain;
  'resume.lostTitle': Plain;
  'resume.noneTitle': Plain;
}

/** Every sentence that a user can meet, by its name, with what stands in it. */
export interface Sentences
  extends
    TextSentences,
    DetailSentences,
    ProblemSentences,
    NoticeSentences,
    FrameSentences,
    CodeSentences,
    ChallengeSentences,
    EnrollmentSentences,
    ManageSentences,
    ConfirmSentences,
    OtherPageSentences {}

/** The name of a sentence, such as `challenge.title`. */
export type SentenceName = keyof Sentences;

/**
 * A catalog: the sentences of one language. `{name}` stands for a fact, and
 * `{count, plural, =0 {none} one {one} other {# of them}}` picks by number, with the categories of
 * `Intl.PluralRules` and `#` for the number.
 */
export type Messages = Readonly<Record<SentenceName, string>>;
