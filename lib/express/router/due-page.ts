import { confirmedDestination, isGuarded } from '../../core/account';
import type { Challenge } from '../../core/challenge/challenge';
import { consentOf } from '../../core/enrollment';
import type { Core, Requester } from '../../core/core';
import { recoveryCodesLeft, recoveryCodesOf } from '../../core/enroll/recovery-codes';
import { secondsUntil, type Problem } from '../../core/outcomes';
import { maskDestination, maskPhone } from '../../core/phone-number';
import { enrollmentDue } from '../../core/policy';
import { factorPurpose } from '../../core/purpose';
import { shownAgain } from '../../core/typed';
import type { Words } from '../../locales/locales';
import { challengePage } from '../../pages/challenge-page';
import type { PendingCode } from '../../pages/code-form';
import { enrollmentPage } from '../../pages/enrollment-page';
import { managePage } from '../../pages/manage-page';
import type { PageModel, ProblemModel } from '../../pages/models';
import { problemModel } from '../../pages/problem-box';
import type { CodesToKeep } from '../../pages/recovery-codes-page';
import { codesMadeHere, factorAccess, mayBeMailed, type Account } from '../account';
import type { Edge } from '../edge';
import type { HttpRequest } from '../http';
import { isBegunHere, wasInterrupted, wantsPath } from '../interrupted';
import { keptPostOf } from '../kept-post';
import { problemOf } from '../problems';
import { hasOwnFactor } from '../requester';
import { changeState, markIn, stateOf } from '../session-state';
import { pendingState, type Followed } from '../status';
import { deviceTokenOf, trustDays } from '../trusted-device';
import { frameOf } from '../show-page';
import { deviceDocuments } from './device-routes';
import type { Exchange } from './exchange';

/** How long the gate's wish for a step-up shows the challenge to a verified session; 10 min. */
const STEP_UP_DUE = 600_000;

const DAY = 86_400_000;

/** The page that is due: enroll, confirm, or manage. Shows what the last post had to say, once. */
export async function duePage(exchange: Exchange, account: Account): Promise<PageModel> {
  const { edge, req, who } = exchange;
  const { core } = edge;
  const now = core.clock();
  const { challenge, followed, standing } = await pendingState(core, who, account);
  const { stepUpSince } = stateOf(req);
  const frame = frameOf(edge, req);
  const problem = takeProblem(req, frame.words);
  const countries = core.allowedCountries;
  const isWrong = problem?.code === 'phone_invalid' || problem?.code === 'destination_not_allowed';
  const refused = takeTyped(exchange);
  const consent = consentOf(core, frame.words.sayText);
  const phoneFields = { countries, refused, isWrong, consent };
  const pending = challenge && pendingCode(core, challenge, followed);
  if (account.enrollment === undefined) {
    const { required, from } = await enrollmentDue(edge.settings.enrollment, who.user, now);
    const waits = !required && !wantsPath(req);
    // The gate holds up nobody who has passed a factor of the app's own.
    const optional = waits || account.mark !== undefined;
    const otherFirst = await otherFactorIsDue(edge, who, account);
    const msLeft = from === undefined ? 0 : from - now;
    const daysLeft = optional && msLeft > 0 ? Math.ceil(msLeft / DAY) : undefined;
    const shown = { problem, pending, optional, daysLeft, otherFirst };
    return enrollmentPage(frame, { ...phoneFields, ...shown });
  }

  const phone = maskPhone(account.enrollment.phone);
  const stepUp = stepUpSince !== undefined && now - stepUpSince < STEP_UP_DUE;
  if (account.mark === undefined || stepUp || challenge?.purpose === 'step-up') {
    const disabled = standing.state === 'disabled' || account.enrollment.disabledAt !== undefined;
    const until = standing.state === 'locked' ? standing.until : undefined;
    const shown = challenge?.purpose === 'replace' ? undefined : pending;
    const offered = shown === undefined && !disabled && until === undefined;
    return challengePage(frame, {
      phone,
      problem,
      disabled,
      pending: shown,
      lockedFor: until === undefined ? undefined : secondsUntil(until, now),
      email: await emailOf(edge, who, account),
      recovery: recoveryCodesLeft(core, account.enrollment) > 0,
      trustDays:
        account.mark === undefined && challenge?.channel === undefined
          ? trustDays(edge, req, who.userId, account)
          : undefined,
      heldUp: await heldUp(exchange, account),
      sendAtOnce: offered && problem === null && asksAtOnce(exchange),
    });
  }
  const { deviceLifetimeMs } = edge.settings;
  const current = deviceTokenOf(core, req, who.userId)?.id;
  const devices = deviceDocuments(account.enrollment, account.epoch, now, current);
  return managePage(frame, {
    ...phoneFields,
    phone,
    problem,
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

/** Where a code could be mailed, masked. */
async function emailOf(
  { core, settings }: Edge,
  who: Requester,
  { enrollment, mark }: Account,
): Promise<string | undefined> {
  if (!mayBeMailed(settings, factorPurpose(mark))) return undefined;
  const address = await confirmedDestination(core, who, enrollment, 'email');
  return address === undefined ? undefined : maskDestination(address);
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

function takeProblem(req: HttpRequest, words: Words): ProblemModel | null {
  const { problem } = stateOf(req);
  if (problem === undefined) return null;
  changeState(req, { problem: undefined });
  return problemModel(problemOf(problem, words), words);
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
    phone: maskDestination(challenge.phone),
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
