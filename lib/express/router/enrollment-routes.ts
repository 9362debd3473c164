import { typedCode } from '../../core/challenge/code';
import { confirmEnrollment, removeOwnEnrollment, startEnrollment } from '../../core/enroll/enroll';
import { recoveryCodesOf } from '../../core/enroll/recovery-codes';
import { enrollmentPurpose, refuse } from '../../core/outcomes';
import type { Enrollment } from '../../ports/enrollments';
import { accountNow, codesMadeHere, factorAccess, type Account, signedInFreshly } from '../account';
import { wantsPage } from '../http';
import { takePath } from '../interrupted';
import { field, hasFields } from '../post';
import { hasOwnFactor } from '../requester';
import { prepareSession } from '../succession';
import { askedAgain, beginVerifiedSession } from '../verified-session';
import { accepted } from './challenge-routes';
import { keepTyped, OPEN_PHONE_FORM } from './due-page';
import type { Exchange, Handler, Reply, Success } from './exchange';
import { codesPath } from './recovery-routes';

/**
 * `POST /enrollment`: texts a code to a phone that is to become the factor. Where that is refused, what
 * was typed waits in the session for the next page, and stands in its field again.
 */
export const enroll: Handler = async (exchange) => {
  const { req } = exchange;
  if (!hasFields(req)) return refuse('request_malformed');
  const wanted = { phone: field(req, 'phone'), country: field(req, 'country') };
  let ok = false;
  try {
    const reply = await startedEnrollment(exchange, wanted);
    ({ ok } = reply);
    return reply;
  } finally {
    if (wantsPage(req)) keepTyped(exchange, ok ? undefined : wanted.phone);
  }
};

async function startedEnrollment(
  exchange: Exchange,
  wanted: { phone: unknown; country: unknown },
): Promise<Reply> {
  const { edge, req, who } = exchange;
  const account = await accountNow(edge, req, who);
  const access = factorAccess(edge, account);
  if (await ownFactorIsMissing(exchange, account)) return refuse('second_factor_required');
  // A replacement needs more than that: the second factor itself, fresh.
  if (access.enrollment === undefined && !(await signedInFreshly(edge, req))) {
    return refuse('fresh_login_required');
  }
  const sent = await startEnrollment(edge.core, who, access, wanted);
  if (sent.ok) return accepted(exchange, account, sent);
  // Where a step-up comes before another number, its user comes back to the form.
  const backTo = edge.settings.mountPath + OPEN_PHONE_FORM;
  return access.enrollment === undefined ? sent : { ...sent, backTo };
}

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
  prepareSession(req);
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
