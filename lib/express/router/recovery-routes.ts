import {
  malformedRecoveryDetail,
  readRecoveryCode,
  replaceRecoveryCodes,
} from '../../core/enroll/recovery-codes';
import { useRecoveryCode } from '../../core/enroll/use-recovery-code';
import { refuse } from '../../core/outcomes';
import { factorPurpose } from '../../core/purpose';
import { accountNow, factorAccess } from '../account';
import { wantsPage } from '../http';
import { takePath } from '../interrupted';
import { field, hasFields } from '../post';
import { beginVerifiedSession, passOnce } from '../verified-session';
import { codesPage, type Handler } from './exchange';

/** `POST /recovery`: passes the second factor with a recovery code. */
export const recover: Handler = async ({ edge, req, who }) => {
  if (!hasFields(req)) return refuse('request_malformed');
  const code = readRecoveryCode(field(req, 'recoveryCode'));
  if (code === undefined) return refuse('code_malformed', { detail: malformedRecoveryDetail() });
  const account = await accountNow(edge, req, who);
  const { enrollment, mark } = account;
  const typed = { kind: 'recovery', code } as const;
  const used = await passOnce(edge, req, who, account, typed, async () => {
    const right = await useRecoveryCode(edge.core, who, enrollment, code);
    if (!right.ok) return right;
    const purpose = factorPurpose(mark);
    const passed = { enrollment, amr: ['recovery'], purpose, mark, typed };
    const begun = await beginVerifiedSession(edge, req, who, passed);
    return begun ? right : refuse('not_authenticated');
  });
  if (!used.ok) return used;
  const recoveryCodesLeft =
    'again' in used
      ? ((await accountNow(edge, req, who)).enrollment?.recoveryCodes?.digests.length ?? 0)
      : used.recoveryCodesLeft;
  const returnTo = takePath(req) ?? edge.settings.homePath;
  const document = { verified: true, returnTo, recoveryCodesLeft };
  return { ok: true, status: 200, document, location: returnTo };
};

/** `POST /recovery-codes`: a new set; the older ones are dead. */
export const renewRecoveryCodes: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  const access = factorAccess(edge, await accountNow(edge, req, who));
  const made = await replaceRecoveryCodes(edge.core, who, access);
  if (!made.ok) return made;
  const { recoveryCodes } = made;
  const next = `${edge.settings.mountPath}/`;
  return {
    ok: true,
    status: 200,
    document: { recoveryCodes },
    ...(wantsPage(req) ? { page: codesPage(exchange, recoveryCodes, next) } : {}),
  };
};
