import { typedCode } from '../../core/challenge/code';
import { confirmEnrollment, removeOwnEnrollment, startEnrollment } from '../../core/enroll/enroll';
import { refuse } from '../../core/outcomes';
import { enrollmentPurpose } from '../../core/purpose';
import { accountNow, factorAccess, type Account } from '../account';
import { wantsPage } from '../http';
import { takePath } from '../interrupted';
import { field, hasFields } from '../post';
import { signedInFreshly, hasOwnFactor } from '../requester';
import { askedAgain, beginVerifiedSession } from '../verified-session';
import { accepted } from './challenge-routes';
import { codesPage, type Exchange, type Handler } from './exchange';

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
  return sent.ok ? accepted(edge, account, sent) : sent;
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
    const document = { enrolled: true, verified: true };
    return { ok: true, status: 200, document, location: `${edge.settings.mountPath}/` };
  }
  const { enrollment, recoveryCodes, verified } = confirmed;
  const purpose = enrollmentPurpose(access.enrollment);
  const passed = { enrollment, amr: ['sms'], purpose, mark: account.mark, verified, typed };
  if (!(await beginVerifiedSession(edge, req, who, passed))) {
    return refuse('not_authenticated');
  }
  const document = { enrolled: true, verified: true, recoveryCodes };
  const next = takePath(req) ?? `${edge.settings.mountPath}/`;
  return {
    ok: true,
    status: 200,
    document,
    ...(wantsPage(req) ? { page: codesPage(exchange, recoveryCodes, next) } : {}),
  };
};

/** `DELETE /enrollment` and its form twin. */
export const remove: Handler = async ({ edge, req, who }) => {
  const access = factorAccess(edge, await accountNow(edge, req, who));
  if (!(await signedInFreshly(edge, req))) return refuse('fresh_login_required');
  const removed = await removeOwnEnrollment(edge.core, who, access);
  return removed.ok ? { ok: true, status: 204 } : removed;
};
