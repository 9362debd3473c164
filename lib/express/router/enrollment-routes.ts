import { typedCode } from '../../core/challenge/code';
import { confirmEnrollment, removeOwnEnrollment, startEnrollment } from '../../core/enroll/enroll';
import { recoveryCodesOf } from '../../core/enroll/recovery-codes';
import { refuse } from '../../core/outcomes';
import { enrollmentPurpose } from '../../core/purpose';
import { shownAgain } from '../../core/typed';
import type { Enrollment } from '../../ports/enrollments';
import { accountNow, codesMadeHere, factorAccess, type Account } from '../account';
import { wantsPage } from '../http';
import { takePath } from '../interrupted';
import { field, hasFields } from '../body';
import { languageOf, problemOf } from '../problems';
import { signedInFreshly, hasOwnFactor } from '../requester';
import { askedAgain, beginVerifiedSession } from '../verified-session';
import { accepted } from './challenge-routes';
import { duePage, OPEN_PHONE_FORM } from './due-page';
import type { Exchange, Handler, Success } from './exchange';
import { codesPath } from './recovery-routes';

/** `POST /enrollment`: texts a code to a phone that is to become the factor. */
export const enroll: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  if (!hasFields(req)) return refuse('request_malformed');
  const account = await accountNow(edge, req, who);
  const access = factorAccess(edge, account);
  if (await ownFactorIsMissing(exchange, account)) return refuse('second_factor_required');
  // A replacement needs more than that: the second factor itself, fresh.
  if (access.enrollment === undefined && !(await signedInFreshly(edge, req))) {
    return refuse('fresh_login_required');
  }
  const wanted = { phone: field(req, 'phone'), country: field(req, 'country') };
  const sent = await startEnrollment(edge.core, who, access, wanted);
  if (sent.ok) return accepted(edge, who, account, sent);
  const isWrong = sent.code === 'phone_invalid' || sent.code === 'destination_not_allowed';
  if (!isWrong || !wantsPage(req)) {
    const backTo = edge.settings.mountPath + OPEN_PHONE_FORM;
    return access.enrollment === undefined ? sent : { ...sent, backTo };
  }
  // In the answer to the post itself: what was typed is to be corrected, and a session keeps no number.
  const problem = problemOf(sent, languageOf(edge, req));
  const page = await duePage(exchange, account, { problem, typed: shownAgain(wanted.phone) });
  return { ok: true, status: problem.status, page };
};

/** A first phone is for whom the password is all there is; else it needs the factor that is there. */
async function ownFactorIsMissing(
  { edge, who }: Exchange,
  { enrollment, mark }: Account,
): Promise<boolean> {
  return enrollment === undefined && mark === undefined && (await hasOwnFactor(edge, who));
}

/** `POST /enrollment/verify`: confirms that phone; the session is verified with it. */
export const confirmPhone: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  if (!hasFields(req)) return refuse('request_malformed');
  const read = typedCode(field(req, 'code'), edge.core.limits.codeLength);
  if (!read.ok) return read;
  const account = await accountNow(edge, req, who);
  if (await ownFactorIsMissing(exchange, account)) return refuse('second_factor_required');
  const access = factorAccess(edge, account);
  const typed = { kind: 'phone', code: read.code } as const;
  const confirmed = await confirmEnrollment(edge.core, who, access, read.code);
  if (!confirmed.ok) {
    const again = await askedAgain(edge, req, who, account, typed, confirmed);
    if (!again.ok) return again;
    return shown(exchange, (await accountNow(edge, req, who)).enrollment);
  }
  const { enrollment, verified } = confirmed;
  const purpose = enrollmentPurpose(access.enrollment);
  const passed = { enrollment, amr: ['sms'], purpose, mark: account.mark, verified, typed };
  if (!(await beginVerifiedSession(edge, req, who, passed))) {
    return refuse('not_authenticated');
  }
  return shown(exchange, enrollment);
};

/** The same recovery codes in each answer, also where the first one got lost. */
function shown({ edge, req, who }: Exchange, enrollment: Enrollment | undefined): Success {
  const set = codesMadeHere(edge, req, who.sessionId, enrollment);
  const codes = recoveryCodesOf(edge.core, who.userId, set);
  // A browser goes on to where it was going once they are kept.
  if (!wantsPage(req)) takePath(req);
  const recovery = { recoveryCodes: codes ?? [], acknowledged: codes === undefined };
  const document = { enrolled: true, verified: true, ...recovery };
  return { ok: true, status: 200, document, location: codesPath(edge) };
}

/** `DELETE /enrollment` and its form twin. */
export const remove: Handler = async ({ edge, req, who }) => {
  const access = factorAccess(edge, await accountNow(edge, req, who));
  const off = { ok: true, status: 204, notice: 'notice.off' } as const;
  // The second of two clicks.
  if (wantsPage(req) && access.enrollment === undefined) return off;
  if (!(await signedInFreshly(edge, req))) return refuse('fresh_login_required');
  const removed = await removeOwnEnrollment(edge.core, who, access);
  return removed.ok ? off : removed;
};
