import { confirmEnrollment, removeEnrollment, startEnrollment } from '../../core/enrollment/enroll';
import { malformedDetail, readCode } from '../../core/challenge/code';
import { refuse } from '../../core/outcomes';
import { enrollmentPurpose, factorPurpose } from '../../core/purpose';
import { sendToFactor } from '../../core/send/send-to-factor';
import { accountEpoch } from '../../core/mark';
import { accountNow, factorAccess } from '../account';
import { field, hasFields } from '../body';
import type { Exchange, Handler, Reply } from './exchange';
import { wantsPage } from '../http';
import { duePage } from './due-page';
import { passFactor } from '../pass-factor';
import { takePath } from '../return-to';
import { challengeDocument, currentChallenge, statusDocument } from '../status';
import { beginVerifiedSession } from '../verified-session';

/** `GET /`: the status document, or the page that is due. */
export const showStatus: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  if (wantsPage(req)) return { ok: true, page: await duePage(exchange) };
  return { ok: true, status: 200, document: await statusDocument(edge, req, who) };
};

/** `GET /challenge`: the pending challenge, to be polled for delivery. */
export const showChallenge: Handler = async ({ edge, req, who }) => {
  const challenge = await currentChallenge(edge.core, who, await accountNow(edge, req, who));
  if (challenge === undefined) return refuse('challenge_expired');
  return { ok: true, status: 200, document: await challengeDocument(edge.core, challenge) };
};

/** `POST /challenge`: texts a code to the enrolled phone. */
export const startChallenge: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  const account = await accountNow(edge, req, who);
  const purpose = factorPurpose(account.mark);
  const sent = await sendToFactor(edge.core, who, account, purpose);
  return sent.ok ? accepted(exchange) : sent;
};

/** `POST /verify`: checks the code of a sign-in or a step-up. */
export const verify: Handler = async ({ edge, req, who }) => {
  if (!hasFields(req)) return refuse('request_malformed');
  const passed = await passFactor(edge, req, who, field(req, 'code'));
  if (!passed.ok) return passed;
  const returnTo = takePath(req) ?? edge.settings.homePath;
  return { ok: true, status: 200, document: { verified: true, returnTo }, location: returnTo };
};

/** `POST /enrollment`: texts a code to a phone that is to become the factor. */
export const enroll: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  if (!hasFields(req)) return refuse('request_malformed');
  const access = factorAccess(edge, await accountNow(edge, req, who));
  const wanted = { phone: field(req, 'phone'), country: field(req, 'country') };
  const sent = await startEnrollment(edge.core, who, access, wanted);
  return sent.ok ? accepted(exchange) : sent;
};

/** `POST /enrollment/verify`: confirms that phone; the session is verified with it. */
export const confirmPhone: Handler = async ({ edge, req, who }) => {
  if (!hasFields(req)) return refuse('request_malformed');
  const { core, settings } = edge;
  const { codeLength } = core.limits;
  const typed = field(req, 'code');
  const code = readCode(typed, codeLength);
  if (code === undefined) {
    return refuse('code_malformed', { detail: malformedDetail(typed, codeLength) });
  }
  const access = factorAccess(edge, await accountNow(edge, req, who));
  const confirmed = await confirmEnrollment(core, who, access, code);
  if (!confirmed.ok) return confirmed;
  const { enrollment } = confirmed;
  const epoch = accountEpoch(core.keyring, enrollment, who.credentialsEpoch);
  const { phone } = enrollment;
  const purpose = enrollmentPurpose(access.enrollment);
  await beginVerifiedSession(edge, req, who, { phone, epoch, purpose });
  const location = takePath(req) ?? `${settings.mountPath}/`;
  return { ok: true, status: 200, document: { enrolled: true, verified: true }, location };
};

/** `DELETE /enrollment` and its form twin. */
export const remove: Handler = async ({ edge, req, who }) => {
  const access = factorAccess(edge, await accountNow(edge, req, who));
  const removed = await removeEnrollment(edge.core, who, access);
  return removed.ok ? { ok: true, status: 204 } : removed;
};

async function accepted({ edge, req, who }: Exchange): Promise<Reply> {
  return { ok: true, status: 202, document: await statusDocument(edge, req, who) };
}
