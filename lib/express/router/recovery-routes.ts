import {
  keepRecoveryCodes,
  malformedRecoveryDetail,
  readRecoveryCode,
  recoveryCodesLeft,
  replaceRecoveryCodes,
} from '../../core/enroll/recovery-codes';
import { useRecoveryCode } from '../../core/enroll/use-recovery-code';
import { factorPurpose, maskPhone, refuse } from '../../core/outcomes';
import { recoveryCodesFile, recoveryCodesPage } from '../../pages/recovery-codes-page';
import type { Enrollment } from '../../ports/enrollments';
import { accountNow, codesMadeHere, factorAccess } from '../account';
import type { Edge } from '../edge';
import { wantsPage, type HttpRequest, languageOf } from '../http';
import { isBegunHere, takePath } from '../interrupted';
import { field, hasFields } from '../post';
import { beginVerifiedSession, passOnce } from '../verified-session';
import { frameOf } from '../show-page';
import { prepareSession } from '../succession';
import { alreadyIn, takeWayOn } from './challenge-routes';
import { codesToKeep } from './due-page';
import type { Exchange, Handler, Reply } from './exchange';

/** `POST /recovery`: passes the second factor with a recovery code. */
export const recover: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  if (!hasFields(req)) return refuse('request_malformed');
  const written = field(req, 'recoveryCode');
  const code = readRecoveryCode(written);
  if (code === undefined) {
    return refuse('code_malformed', { detail: malformedRecoveryDetail(written) });
  }
  const account = await accountNow(edge, req, who);
  const { enrollment, mark } = account;
  const typed = { kind: 'recovery', code } as const;
  prepareSession(req);
  const used = await passOnce(edge, req, who, account, typed, async () => {
    const right = await useRecoveryCode(edge.core, who, enrollment, code);
    if (!right.ok) return right;
    const purpose = factorPurpose(mark);
    const passed = { enrollment, amr: ['recovery'], purpose, mark, typed };
    const begun = await beginVerifiedSession(edge, req, who, passed);
    return begun ? right : refuse('not_authenticated');
  });
  if (!used.ok) {
    // Used a moment ago, by another tab of this very session: it is no wrong one.
    const isOver = used.code === 'code_incorrect' ? 'challenge_expired' : used.code;
    return (await alreadyIn(exchange, isOver)) ?? used;
  }
  const returnTo = takeWayOn(edge, req);
  const left = 'again' in used ? await leftNow(exchange) : used.recoveryCodesLeft;
  const document = { verified: true, returnTo, recoveryCodesLeft: left };
  return { ok: true, status: 200, document, location: returnTo };
};

async function leftNow({ edge, req, who }: Exchange): Promise<number> {
  const { enrollment } = await accountNow(edge, req, who);
  return enrollment === undefined ? 0 : recoveryCodesLeft(edge.core, enrollment);
}

/** `POST /recovery-codes`: a new set; the older one counts until the new one is kept. */
export const renewRecoveryCodes: Handler = async ({ edge, req, who }) => {
  const access = factorAccess(edge, await accountNow(edge, req, who));
  const made = await replaceRecoveryCodes(edge.core, who, access);
  if (!made.ok) return made;
  const { recoveryCodes } = made;
  const document = { recoveryCodes, acknowledged: false };
  return { ok: true, status: 200, document, location: codesPath(edge) };
};

/** Where a browser is sent to see new codes: a page that can be loaded again, with no post behind it. */
export function codesPath({ settings }: Edge): string {
  return `${settings.mountPath}/recovery-codes`;
}

/** `GET /recovery-codes`: the codes that were made in this session and wait to be kept. */
export const showRecoveryCodes: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  const account = await accountNow(edge, req, who);
  if (account.enrollment === undefined) return refuse('enrollment_required');
  const shown = codesToKeep(exchange, account);
  if (shown?.codes !== undefined) {
    const { codes } = shown;
    if (wantsPage(req)) {
      const frame = { ...frameOf(edge, req), notice: phoneNotice(exchange, account.enrollment) };
      const page = recoveryCodesPage(frame, { ...shown, codes });
      return { ok: true, status: 200, page };
    }
    return { ok: true, status: 200, document: { recoveryCodes: codes, acknowledged: false } };
  }
  // Back on the page after it is done with, or too late for it: the page that is due says more.
  if (wantsPage(req)) return { ok: true, status: 200, location: `${edge.settings.mountPath}/` };
  if (!factorAccess(edge, account).fresh) return refuse('fresh_second_factor_required');
  return refuse('not_found', { detail: { say: 'detail.recoveryNone' } });
};

/** That the codes came with a phone: that one is in use from then on, however often its page is loaded. */
function phoneNotice({ edge, req }: Exchange, enrollment: Enrollment): string | undefined {
  const { phone, confirmedAt, newRecoveryCodes } = enrollment;
  if (newRecoveryCodes?.madeAt !== confirmedAt) return undefined;
  return languageOf(edge, req).say('notice.phone', { phone: maskPhone(phone) });
}

/**
 * `GET /recovery-codes.txt`: the same as a file, for whoever has no script to make one. Not at the wish
 * of another site, which would leave the codes on a disk without their user's knowing.
 */
export const downloadRecoveryCodes: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  const account = await accountNow(edge, req, who);
  const codes = codesToKeep(exchange, account)?.codes;
  if (codes === undefined || !isBegunHere(edge.settings, req)) {
    return { ok: true, status: 200, location: codesPath(edge) };
  }
  const text = recoveryCodesFile(frameOf(edge, req), codes);
  return { ok: true, status: 200, file: { name: 'recovery-codes.txt', text } };
};

/**
 * `POST /recovery-codes/kept`: the user has the codes that this session showed; they count from now
 * on. The form names the set that stood beside it: another tab may have made a newer one. Needs no
 * fresh factor: printing and putting away takes its time, and nothing is shown.
 */
export const keepCodes: Handler = async ({ edge, req, who }) => {
  const { enrollment, mark } = await accountNow(edge, req, who);
  if (enrollment === undefined) return refuse('enrollment_required');
  if (mark === undefined || mark.amr.length === 0) return refuse('second_factor_required');
  const waiting = enrollment.newRecoveryCodes?.id;
  const mine = codesMadeHere(edge, req, who.sessionId, enrollment)?.id;
  const named = field(req, 'set') ?? mine;
  if (named !== undefined && typeof named !== 'string') return refuse('request_malformed');
  // Nothing waits: it was said before, by the first of two clicks.
  if (named === undefined && waiting === undefined) return done(edge, req);
  if (named === undefined || (named === waiting && named !== mine)) {
    return refuse('not_found', { detail: { say: 'detail.recoveryElsewhere' } });
  }
  const kept = await keepRecoveryCodes(edge.core, who, named);
  return kept.ok ? done(edge, req) : kept;
};

function done(edge: Edge, req: HttpRequest): Reply {
  const path = takePath(req);
  const home = `${edge.settings.mountPath}/`;
  // A page of the app's own says nothing of it.
  const said = path === undefined ? { notice: 'notice.codesKept' as const } : {};
  return { ok: true, status: 204, location: path ?? home, ...said };
}
