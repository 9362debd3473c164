import { confirmedDestination, isGuarded } from '../../core/account';
import type { Challenge } from '../../core/challenge/challenge';
import { consentOf, enrollmentDue } from '../../core/enrollment';
import type { Core, Requester } from '../../core/core';
import { recoveryCodesLeft, recoveryCodesOf } from '../../core/enroll/recovery-codes';
import {
  factorPurpose,
  isConfirmed,
  maskDestination,
  maskPhone,
  secondsUntil,
} from '../../core/outcomes';
import { examplePhone, readablePhone } from '../../core/phone-number';
import { sendStanding } from '../../core/send/send-standing';
import { shownAgain } from '../../core/typed';
import { own } from '../../core/untrusted';
import { DAY_MS } from '../../durations';
import type { Words } from '../../locales/locales';
import { challengePage } from '../../pages/challenge-page';
import type { PendingCode, SendState } from '../../pages/code-form';
import { enrollmentPage } from '../../pages/enrollment-page';
import { managePage } from '../../pages/manage-page';
import type { ProblemModel } from '../../pages/form-models';
import type { PageModel } from '../../pages/models';
import { problemModel } from '../../pages/problem-box';
import type { CodesToKeep } from '../../pages/recovery-codes-page';
import { codesMadeHere, factorAccess, mayBeMailed, type Account } from '../account';
import type { Edge } from '../edge';
import type { HttpRequest } from '../http';
import {
  isBegunHere,
  isSentByGate,
  pathAhead,
  REMEMBERED,
  wantsChange,
  wasInterrupted,
} from '../interrupted';
import { keptPostOf } from '../kept-post';
import { problemOf } from '../problems';
import { hasOwnFactor } from '../requester';
import { UNSURE } from '../respond';
import { changeState, markIn, stateOf } from '../session-state';
import { pendingState, type Followed } from '../status';
import { deviceTokenOf, trustDays } from '../trusted-device';
import { frameOf } from '../show-page';
import { deviceDocuments } from './device-routes';
import { isStepUpDue, type Exchange } from './exchange';

/** Where the manage page is with its form for another number open. */
export const OPEN_PHONE_FORM = '/?open=phone';

/** The page that is due: enroll, confirm, or manage. Shows what the last post had to say, once. */
export async function duePage(exchange: Exchange, account: Account): Promise<PageModel> {
  const { edge, req, who } = exchange;
  const { core } = edge;
  const now = core.clock();
  const { challenge, followed, standing } = await pendingState(core, who, account);
  const { words, ...parts } = frameOf(edge, req);
  const frame = { words, ...parts, notice: takeNotice(req, words) };
  const isTicked = stateOf(req).problem?.ticked === true;
  const problem = takeProblem(req, words, challenge);
  const isWrong = problem?.code === 'phone_invalid' || problem?.code === 'destination_not_allowed';
  // What was typed waits while the challenge is shown: a step-up leads back to its form.
  const phoneFields = () => ({
    countries: core.allowedCountries,
    example: examplePhone(core.defaultCountry),
    refused: takeTyped(exchange),
    isWrong,
    open: req.url === OPEN_PHONE_FORM,
    consent: consentOf(core, words.sayText),
  });
  const pending = challenge && pendingCode(core, challenge, followed);
  const disabled = standing.state === 'disabled' || account.enrollment?.disabledAt !== undefined;
  const until = standing.state === 'locked' ? standing.until : undefined;
  const lockedFor = until === undefined ? undefined : secondsUntil(until, now);
  if (account.enrollment === undefined) {
    const { required, from } = await enrollmentDue(edge.settings.enrollment, who.user, now);
    const waits = !required && !isSentByGate(edge, req);
    // The gate holds up nobody who has passed a factor of the app's own.
    const optional = waits || account.mark !== undefined;
    const without = optional ? (pathAhead(edge, req) ?? edge.settings.homePath) : undefined;
    const otherFirst = await otherFactorIsDue(edge, who, account);
    const msLeft = from === undefined ? 0 : from - now;
    const daysLeft = optional && msLeft > 0 ? Math.ceil(msLeft / DAY_MS) : undefined;
    const shown = { problem, pending, without, daysLeft, otherFirst, disabled, lockedFor };
    return enrollmentPage(frame, { ...phoneFields(), ...shown });
  }

  const phone = maskPhone(account.enrollment.phone);
  if (account.mark === undefined || isStepUpDue(req, now) || challenge?.purpose === 'step-up') {
    const sms = await sendStanding(core, who, { phone: account.enrollment.phone });
    // A mailed code changes no factor: whoever came for that would be asked again.
    const mayMail = !wantsChange(req, edge.settings) || account.mark === undefined;
    const email = mayMail ? await emailWay(edge, who, account) : undefined;
    const way = challenge?.channel === 'email' ? email : sms;
    const replaces = challenge?.purpose === 'replace';
    // As it is now; the challenge knows what was when it was sent.
    const sendNow = { resendIn: way?.wait ?? 0, sendsLeft: way?.why === 'used_up' ? 0 : 1 };
    const shown = replaces || !pending ? undefined : { ...pending, ...sendNow };
    const shut = disabled || until !== undefined;
    const offered = shown === undefined && !shut && sms.why === 'open';
    const { askedAt = -Infinity } = stateOf(req);
    return challengePage(frame, {
      phone,
      problem,
      disabled,
      pending: shown,
      lockedFor,
      sms,
      ownNumbers: core.sender.numbers ?? [],
      listens: core.listens(),
      email,
      sentElsewhere: now - askedAt >= REMEMBERED,
      isTicked,
      isStepUp: account.mark !== undefined,
      transaction: account.transaction,
      // It opens no transaction: who spent one on it would be asked for a code again.
      recovery:
        account.transaction === undefined && recoveryCodesLeft(core, account.enrollment) > 0,
      trustDays:
        account.mark === undefined && challenge?.channel === undefined
          ? trustDays(edge, req, who.userId, account)
          : undefined,
      heldUp: await heldUp(exchange, account),
      sendAtOnce: offered && isNoHindrance(problem) && asksAtOnce(exchange),
    });
  }
  const { deviceLifetimeMs } = edge.settings;
  const current = deviceTokenOf(core, req, who.userId)?.id;
  const devices = deviceDocuments(account.enrollment, account.epoch, now, current);
  return managePage(frame, {
    ...phoneFields(),
    phone,
    problem,
    disabled,
    lockedFor,
    replacing: pending,
    recoveryCodesLeft: recoveryCodesLeft(core, account.enrollment),
    codesToKeep: codesToKeep(exchange, account),
    devices: deviceLifetimeMs === undefined ? undefined : devices,
  });
}

/** Whether a first phone waits for the factor that is there already: it would be refused. */
async function otherFactorIsDue(edge: Edge, who: Requester, account: Account): Promise<boolean> {
  if (account.mark !== undefined) return isGuarded(factorAccess(edge, account));
  return hasOwnFactor(edge, who);
}

/**
 * The recovery codes that wait to be kept, as a verified session sees them: the codes themselves
 * where this session made them and its factor is fresh, and that there are some to every other one.
 */
export function codesToKeep(
  { edge, req, who }: Exchange,
  account: Account,
): CodesToKeep | undefined {
  const { enrollment, mark } = account;
  const waiting = enrollment?.newRecoveryCodes;
  if (waiting === undefined || mark === undefined) return undefined;
  const set = codesMadeHere(edge, req, who.sessionId, enrollment);
  const codes = recoveryCodesOf(edge.core, who.userId, set);
  return {
    set: codes && set?.id,
    codes: factorAccess(edge, account).fresh ? codes : undefined,
    older: (enrollment?.recoveryCodes?.digests.length ?? 0) > 0,
  };
}

/** Where a code could be mailed, masked, and whether one can be now. */
async function emailWay(
  { core, settings }: Edge,
  who: Requester,
  { enrollment, mark }: Account,
): Promise<(SendState & { address: string }) | undefined> {
  if (!mayBeMailed(settings, factorPurpose(mark))) return undefined;
  const address = await confirmedDestination(core, who, enrollment, 'email');
  if (address === undefined) return undefined;
  const standing = await sendStanding(core, who, { channel: 'email', phone: address });
  return { ...standing, address: maskDestination(address) };
}

async function heldUp(
  { edge, req, who }: Exchange,
  account: Account,
): Promise<'kept' | 'lost' | undefined> {
  if ((await keptPostOf(edge, req, who, account)) !== undefined) return 'kept';
  return wasInterrupted(req, who.userId, edge.core.clock()) ? 'lost' : undefined;
}

/**
 * Whether the page may ask for a text by itself: the first one of a sign-in, however its user came
 * here, else where it was not another site that brought them. That could do so every five minutes,
 * until the user's texts are used up [S184].
 */
function asksAtOnce({ edge, req, who }: Exchange): boolean {
  const first = markIn(req)?.userId !== who.userId && stateOf(req).askedAtOnce !== who.userId;
  if (first) changeState(req, { askedAtOnce: who.userId });
  return first || isBegunHere(edge.settings, req);
}

/** What sent the user here for a code stands in no code's way. */
function isNoHindrance(problem: ProblemModel | null): boolean {
  return problem === null || problem.code === 'fresh_second_factor_required';
}

function takeProblem(
  req: HttpRequest,
  words: Words,
  pending: Challenge | undefined,
): ProblemModel | null {
  const { problem } = stateOf(req);
  if (problem === undefined) return null;
  changeState(req, { problem: undefined });
  const said = problemModel(problemOf(problem, words), words, problem.field);
  if (said === null || own(problem.detail, 'say') !== UNSURE.say) return said;
  // What arrives late is dead, but for a code that an earlier text had brought [S137].
  const late = words.say(pending === undefined ? 'notice.lateDead' : 'notice.lateWorks');
  return { ...said, notes: [...said.notes, late] };
}

function takeNotice(req: HttpRequest, words: Words): string | undefined {
  const { notice } = stateOf(req);
  if (notice === undefined) return undefined;
  changeState(req, { notice: undefined });
  return words.say(notice);
}

/** How long what was typed waits for its page, in milliseconds: a browser goes there at once. */
const TYPED_FOR = 300_000;

/** Keeps what was typed into the field for a number, for the next page alone; saved with the answer. */
export function keepTyped({ edge, req, who }: Exchange, typed: unknown): void {
  const text = shownAgain(typed);
  const kept = text === undefined ? undefined : { text, userId: who.userId, at: edge.core.clock() };
  changeState(req, { typed: kept });
}

function takeTyped({ edge, req, who }: Exchange): string | undefined {
  const { typed } = stateOf(req);
  if (typed === undefined) return undefined;
  changeState(req, { typed: undefined });
  const isTheirs = typed.userId === who.userId && edge.core.clock() - typed.at < TYPED_FOR;
  return isTheirs ? typed.text : undefined;
}

function pendingCode(core: Core, challenge: Challenge, { delivery }: Followed): PendingCode {
  const now = core.clock();
  return {
    // Whoever typed it in this session sees whether it was the right one; it is masked everywhere else.
    ...(isConfirmed(challenge.purpose)
      ? { phone: maskDestination(challenge.phone) }
      : { phone: readablePhone(challenge.phone), adding: challenge.phone }),
    codeLength: core.limits.codeLength,
    minutesLeft: Math.ceil((challenge.expiresAt - now) / 60_000),
    expiresIn: secondsUntil(challenge.expiresAt, now),
    signIn: challenge.purpose === 'sign-in',
    resendIn: Math.max(0, Math.ceil((challenge.resendAt - now) / 1_000)),
    sendsLeft: challenge.sendsLeft,
    channel: challenge.channel,
    delivery,
  };
}
