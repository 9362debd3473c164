import { accountEpoch, addedUp, factorFingerprint, type Mark } from '../core/account';
import { dropChallenge } from '../core/challenge/challenge';
import { countName, typedCode } from '../core/challenge/code';
import type { Requester } from '../core/core';
import { eventFacts } from '../core/emit';
import { factorPurpose, type Outcome, type Purpose, type Refusal, refuse } from '../core/outcomes';
import { giveBack } from '../core/send/permit';
import { isSealed, notEndedPlace, sealOf, tryPlace, type Typed } from '../core/sessions';
import { isTicked } from '../core/typed';
import { unspend, verifyAgain, verifyCode, type Verified } from '../core/verify/verify-code';
import { heldOf } from '../ports/counter';
import type { Enrollment } from '../ports/enrollments';
import type { Successor } from '../ports/session-store';
import { accountNow, codesMadeHere, type Account } from './account';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { field } from './post';
import { markIn } from './session-state';
import {
  adopt,
  goOn,
  originOf,
  prepareSession,
  REPEATABLE,
  succeed,
  awaitSuccessor,
  takePathOf,
} from './succession';
import { approvedBy, heldRoute } from './transactions';
import { trustThisDevice } from './trusted-device';

/** What was passed: by which methods (AMR values), for what, on which state of the account. */
interface Passed {
  enrollment: Enrollment | undefined;
  amr: string[];
  purpose: Purpose;
  /** When, where that was before now: what another has seen. */
  at?: number;
  /** The mark of the session before, where it held: what was passed in a session adds up. */
  mark?: Mark | undefined;
  /** The code that came back right, where one did. */
  verified?: Verified;
  /** The browser is to be trusted, once the session is kept. */
  trusts?: boolean;
  /** What may be typed again for ten seconds, in the session before, and leads to the same one. */
  typed?: Typed;
}

/**
 * Opens the gate for this user, in a session with a new id. Whatever fails on the way leaves the gate
 * shut and the session before as it was; a code that was right may be tried again.
 *
 * Answers false where the user signed out meanwhile, by another request: then neither is left.
 */
export async function beginVerifiedSession(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  { enrollment, amr, purpose, at, mark: before, verified, trusts, typed }: Passed,
): Promise<boolean> {
  const { core } = edge;
  const spent = verified?.spent ?? (await goOn(edge, who.sessionId));
  if (spent === undefined) return false;
  const phone = factorFingerprint(core.keyring, enrollment);
  const challenge = verified?.challenge;
  const mark: Mark = {
    id: core.random(12),
    userId: who.userId,
    phone,
    epoch: accountEpoch(core.keyring, enrollment, who.credentialsEpoch),
    ...(challenge?.transaction === undefined || before === undefined
      ? addedUp(before, amr, at ?? core.clock(), phone)
      : approvedBy(core, before, challenge, challenge.transaction, heldRoute(req))),
    ...(trusts === true ? { trusts } : {}),
  };
  const begun = await succeed(edge, req, who, {
    mark,
    overlap: REPEATABLE,
    codesFrom: codesMadeHere(edge, req, who.sessionId, enrollment)?.session,
    repeatable:
      typed &&
      ((before, after) => ({
        seal: sealOf(core, { userId: who.userId, before, after }, typed),
        kind: typed.kind,
        ...(challenge === undefined ? {} : { challengeId: countName(challenge.id) }),
      })),
    finish: challenge && (() => dropChallenge(core, who, challenge.purpose)),
    undo: () => (verified === undefined ? giveBack(core, spent) : unspend(core, who, verified)),
  });
  if (begun) core.emit('verified', eventFacts(core, who, { purpose, ...phoneOf(enrollment) }));
  return begun;
}

function phoneOf(enrollment: Enrollment | undefined): { phone?: string } {
  return enrollment === undefined ? {} : { phone: enrollment.phone };
}

/**
 * What was refused may have been answered a moment ago: this very code, or recovery code, opened the
 * session that this one was left for, or this one itself, where a second click already had its
 * cookie. Who shows it again there gets the same success, in the same session. Nobody else does, and
 * a wrong code is a wrong guess.
 */
export async function askedAgain(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  account: Account,
  typed: Typed,
  refused: Refusal,
  isOnItsWay?: () => Promise<boolean>,
): Promise<Outcome<object>> {
  if (refused.code === 'code_incorrect') return refused;
  const next = await awaitSuccessor(edge, who.sessionId, isOnItsWay);
  if (next !== undefined) {
    const again = await isSame(edge, who, account, next, typed, refused);
    if (!again.ok) return again;
    return (await adopt(edge, req, who, next)) ? again : refuse('not_authenticated');
  }
  const origin = account.mark && (await originOf(edge, who.sessionId));
  if (origin === undefined) return refused;
  const { before, successor } = origin;
  const asked = { ...who, sessionId: before };
  const again = await isSame(edge, asked, account, successor, typed, refused);
  if (again.ok) await takePathOf(edge, req, before);
  return again;
}

/** Whether the same was typed that led from the session of `who` to this one. */
async function isSame(
  { core }: Edge,
  who: Requester,
  account: Account,
  successor: Successor,
  typed: Typed,
  refused: Refusal,
): Promise<Outcome<object>> {
  if (successor.kind !== typed.kind) return refused;
  if (successor.challengeId !== undefined) {
    return verifyAgain(core, who, account, successor, typed);
  }
  // Eighty random bits: nobody comes upon a recovery code by trying.
  return isSealed(core, who, successor, typed) ? { ok: true } : refused;
}

/**
 * Carries out what a code is good for once, although its request is sent twice in the same moment:
 * the second one waits for the first, and gets its success.
 */
export async function passOnce<T extends object>(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  account: Account,
  typed: Typed,
  pass: () => Promise<Outcome<T>>,
): Promise<Outcome<T | { again: true }>> {
  const { core } = edge;
  const trying = tryPlace(core, who, typed);
  const take = [notEndedPlace(core, who.sessionId), trying];
  const { ok, places, full } = await core.counter.settle({ take });
  const isTried = (): Promise<boolean> =>
    core.counter.settle({ read: [trying.key] }).then(({ read }) => read.has(trying.key));
  if (!ok) {
    const again = await askedAgain(
      edge,
      req,
      who,
      account,
      typed,
      refuse('not_authenticated'),
      isTried,
    );
    if (again.ok) return { ok: true, again: true };
    // The first one was wrong, and so is this one, or its process died.
    if (full.some(({ key }) => key !== trying.key)) return again;
  }
  const passed = await pass();
  if (!passed.ok && ok) await core.counter.settle({ give: heldOf(take, places) });
  return passed;
}

/** What is held up now, in place of what the page was about: its user started it, or somebody else did. */
function otherDetail({ transaction }: Account): Pick<Refusal, 'detail'> {
  return transaction === undefined ? {} : { detail: { say: 'detail.transactionOther' } };
}

/**
 * A code typed by a user who signs in or steps up: one road to the open gate, for the router and
 * the Passport strategy alike.
 */
export async function passFactor(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  input: unknown,
): Promise<Outcome<object>> {
  const { core } = edge;
  const read = typedCode(input, core.limits.codeLength);
  if (!read.ok) return read;
  const typed: Typed = { kind: 'factor', code: read.code };
  const account = await accountNow(edge, req, who);
  const purpose = factorPurpose(account.mark);
  // The page may have stood there while something else was held up: what is seen is what is signed [S160].
  const shown = field(req, 'transaction');
  const isSeen = shown === undefined || shown === (account.transaction ?? '');
  prepareSession(req);
  const verified = isSeen
    ? await verifyCode(core, who, purpose, read.code, account)
    : refuse('challenge_expired', otherDetail(account));
  if (!verified.ok) {
    const again = await askedAgain(edge, req, who, account, typed, verified);
    if (!again.ok) return again;
  } else {
    const { enrollment, mark } = account;
    const { channel = 'sms' } = verified.challenge;
    // A mailed code proves no phone, and a step-up is about one request.
    const mayTrust = purpose === 'sign-in' && channel === 'sms';
    const trusts = mayTrust && isTicked(field(req, 'trustDevice'));
    const passed = { enrollment, amr: [channel], purpose, mark, verified, trusts, typed };
    // Signed out meanwhile, by another request: the code is spent, the session stays ended.
    if (!(await beginVerifiedSession(edge, req, who, passed))) return refuse('not_authenticated');
  }
  const passed = markIn(req);
  // In the state of the account that was passed in: what has ended it since is not undone by the same
  // code once more.
  if (passed?.trusts === true) await trustThisDevice(edge, req, who, passed.epoch);
  return { ok: true };
}
