import type { IncomingMessage } from 'node:http';
import { BY_PROVIDER, isAppsOwn, isMethod } from '../core/amr';
import { failureKeys } from '../core/failures';
import { CLOCK_SKEW } from '../core/limits';
import { factorPurpose } from '../core/outcomes';
import { isRevoked } from '../core/sessions';
import { own } from '../core/untrusted';
import { SecondFactorError } from '../errors';
import { checkProof, checkSatisfied } from '../options/check-verbs';
import type { CheckedTrust, IdentityClaims, ProofOptions } from '../options/verb-options';
import { accountNow } from './account';
import type { Edge } from './edge';
import { refusalOf } from './gate';
import type { HttpRequest } from './http';
import { requesterOf } from './requester';
import { markIn } from './session-state';
import { adopt, awaitSuccessor } from './succession';
import { beginVerifiedSession } from './verified-session';

/**
 * Whether the session of this request has passed the second factor. For what no middleware guards,
 * such as the upgrade of a websocket; `session()` and `passport.session()` must have run. False
 * where a store fails.
 */
export async function isVerified(
  edge: Edge,
  req: IncomingMessage,
  options: ProofOptions | undefined,
): Promise<boolean> {
  return (await refusalOf(edge, req, checkProof(options, edge.settings))) === undefined;
}

/** The app's own second factor (TOTP, a passkey) was passed: the session is verified by it. */
export async function satisfy(
  edge: Edge,
  req: IncomingMessage,
  methods: readonly string[],
): Promise<void> {
  await passElsewhere(edge, req, 'satisfy', { amr: checkSatisfied(methods) });
}

/** What was passed without the library: by which methods, and when, where that was before now. */
interface Elsewhere {
  amr: string[];
  at?: number;
}

async function passElsewhere(
  edge: Edge,
  request: HttpRequest,
  verb: string,
  { amr, at }: Elsewhere,
): Promise<void> {
  const who = await requesterOf(edge, request);
  if (who === undefined) {
    throw new SecondFactorError('misconfigured', `${verb} was called, but nobody is signed in.`);
  }
  const { enrollment, mark } = await accountNow(edge, request, who);
  // Consecutive failures end with a success, whichever factor it was.
  await edge.core.counter.settle({ clear: failureKeys(edge.core, who.userId).all });
  const time = at === undefined ? {} : { at };
  const passed = { enrollment, amr, purpose: factorPurpose(mark), mark, ...time };
  if (await beginVerifiedSession(edge, request, who, passed)) return;
  // Its form was sent twice, or another factor was passed in the same moment: that session has it, too.
  const successor = await awaitSuccessor(edge, who.sessionId);
  if (successor !== undefined && (await adopt(edge, request, who, successor))) {
    const missing = amr.some((method) => markIn(request)?.amr.includes(method) !== true);
    return missing ? passElsewhere(edge, request, verb, { amr, ...time }) : undefined;
  }
  throw new SecondFactorError('store_unavailable', 'The session was ended while it was verified.');
}

/**
 * Whether the claims of an identity provider say of the user of this request that a second factor was
 * passed: one that the app lists, and lately. Then the session is verified by it, since that time.
 */
export async function passByProvider(
  edge: Edge,
  req: IncomingMessage,
  trust: CheckedTrust,
  claims: IdentityClaims | undefined,
): Promise<boolean> {
  const counted = countedIn(claims, trust, edge.core.clock());
  if (counted === undefined) return false;
  const request = req as HttpRequest;
  // A mark is made for the epoch of now: it would not know that the sessions were revoked since then.
  const who = await requesterOf(edge, request);
  if (who !== undefined && (await isRevoked(edge.core, who.userId, counted.at))) return false;
  await passElsewhere(edge, request, 'trustIdentityProvider', counted);
  // Since then the phone may have been disabled.
  return (await refusalOf(edge, request, {})) === undefined;
}

/** What of the claims counts [S209]: only what is listed, and only with a time that is known. */
function countedIn(
  claims: unknown,
  trust: CheckedTrust,
  now: number,
): Required<Elsewhere> | undefined {
  const amr = own(claims, 'amr');
  const listed = (Array.isArray(amr) ? (amr as unknown[]) : [amr]).filter(
    (value): value is string => typeof value === 'string' && trust.amr.includes(value),
  );
  const acr = own(claims, 'acr');
  if (listed.length === 0 && !(typeof acr === 'string' && trust.acr.includes(acr))) {
    return undefined;
  }
  const authTime = own(claims, 'auth_time');
  if (typeof authTime !== 'number' || !Number.isFinite(authTime)) return undefined;
  const at = authTime * 1_000;
  if (now - at > trust.maxAge * 1_000 || at - now > CLOCK_SKEW) return undefined;
  // Its `sms` is not the enrolled phone, and `mfa` names no method.
  const methods = listed.map((value) =>
    isMethod(value) && isAppsOwn(value) ? value : BY_PROVIDER,
  );
  return {
    amr: [...new Set(methods.length === 0 ? [BY_PROVIDER] : methods)],
    at: Math.min(at, now),
  };
}
