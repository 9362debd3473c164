import { accountEpoch, factorFingerprint, type Mark } from '../core/account';
import { dropChallenge } from '../core/challenge/challenge';
import { typedCode } from '../core/challenge/code';
import type { Requester } from '../core/core';
import { eventFacts } from '../core/events';
import { refuse, type Outcome } from '../core/outcomes';
import { factorPurpose, type Purpose } from '../core/purpose';
import { giveBack } from '../core/send/permit';
import { endPlace, wentOnPlace } from '../core/sessions';
import { unspend, verifyCode, type Verified } from '../core/verify/verify-code';
import { heldOf, type Held } from '../ports/counter';
import type { Enrollment } from '../ports/enrollments';
import { accountNow } from './account';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { interruptedBy } from './interrupted';
import { field } from './post';
import { branchSession, changeState, keepMark, markIn, saveSession } from './session-state';
import { trustThisDevice } from './trusted-device';

/** What was passed: by which methods (AMR values), for what, on which state of the account. */
interface Passed {
  enrollment: Enrollment | undefined;
  amr: string[];
  purpose: Purpose;
  /** The code that came back right, where one did. */
  verified?: Verified;
}

/**
 * Opens the gate for this user: a session with a new id, the app's data kept, the mark written and
 * saved, and the live record, without which a mark is nothing. Only then does the session before end.
 * Whatever fails on the way leaves the gate shut and the session before as it was; a code that was
 * right may be tried again.
 *
 * Answers false where the user signed out meanwhile, by another request: then neither is left.
 */
export async function beginVerifiedSession(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  { enrollment, amr, purpose, verified }: Passed,
): Promise<boolean> {
  const { core, sessions } = edge;
  const spent = verified?.spent ?? (await goOn(edge, who.sessionId));
  if (spent === undefined) return false;
  const mark: Mark = {
    id: core.random(16),
    userId: who.userId,
    phone: factorFingerprint(core.keyring, enrollment),
    epoch: accountEpoch(core.keyring, enrollment, who.credentialsEpoch),
    verifiedAt: core.clock(),
    amr,
  };
  const interrupted = interruptedBy(req, who.userId);
  const wasVerified = markIn(req) !== undefined;
  const goBack = branchSession(req);
  const { sessionID: newId = '' } = req;
  changeState(req, { ...interrupted });
  let replacing = false;
  try {
    await keepMark(edge, req, newId, mark);
    replacing = true;
    const [alone] = await Promise.all([
      sessions.replace(who.sessionId, wasVerified),
      verified === undefined
        ? undefined
        : dropChallenge(core, who, verified.challenge.purpose).catch(() => undefined),
    ]);
    // Signed out meanwhile, by another request: neither session is left.
    if (!alone) {
      replacing = false;
      goBack();
      await sessions.discard(newId);
      return false;
    }
  } catch (error) {
    goBack();
    // Not waited for: what it forgets in this process it forgets at once.
    void sessions.discard(newId).catch(() => undefined);
    const goingBack = verified === undefined ? giveBack(core, spent) : unspend(core, who, verified);
    // A store that hung may destroy it yet, as it was told. Written after that, it is there again; where
    // somebody else has ended it, the write takes it away.
    if (replacing) void saveSession(req).catch(() => undefined);
    await goingBack;
    throw error;
  }
  core.emit('verified', eventFacts(core, who, { ...phoneOf(enrollment), purpose }));
  return true;
}

/**
 * Ends the session, which goes on under another id; a report [NO] that comes now meets this. Nothing
 * where it had ended before.
 */
async function goOn({ core }: Edge, sessionId: string): Promise<Held[] | undefined> {
  const ending = endPlace(core, sessionId);
  const take = [ending, wentOnPlace(core, sessionId)];
  const { ok, places } = await core.counter.settle({ take });
  return ok ? heldOf([ending], places) : undefined;
}

function phoneOf(enrollment: Enrollment | undefined): { phone?: string } {
  return enrollment === undefined ? {} : { phone: enrollment.phone };
}

/**
 * A code typed by a user who signs in or steps up: one road to the open gate, for the router and
 * the Passport strategy alike.
 */
export async function passFactor(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  typed: unknown,
): Promise<Outcome<object>> {
  const { core } = edge;
  const read = typedCode(typed, core.limits.codeLength);
  if (!read.ok) return read;
  const account = await accountNow(edge, req, who);
  const purpose = factorPurpose(account.mark);
  const verified = await verifyCode(core, who, purpose, read.code, account);
  if (!verified.ok) return verified;
  const { enrollment } = account;
  const passed = { enrollment, amr: [verified.challenge.channel ?? 'sms'], purpose, verified };
  // Signed out meanwhile, by another request: the code is spent, the session stays ended.
  if (!(await beginVerifiedSession(edge, req, who, passed))) return refuse('not_authenticated');
  // A mailed code proves no phone, and a step-up is about one request.
  const mayTrust = purpose === 'sign-in' && verified.challenge.channel === undefined;
  if (mayTrust && isTicked(field(req, 'trustDevice'))) {
    await trustThisDevice(edge, req, who, account.epoch);
  }
  return { ok: true };
}

/** JSON's true, or what the box of a form says. */
function isTicked(value: unknown): boolean {
  return value === true || value === 'true' || value === 'on' || value === '1';
}
