import type { DeliveryFailureReason } from '../errors';
import { FAILURES_TO_OPEN, type Health } from './circuit-breaker';
import type { Subject } from './requests';

/** What a `FlowrouteError` is made of; its properties of the same names say more. */
export interface FlowrouteErrorDetails {
  reason: DeliveryFailureReason;
  /** Whether what was asked for has surely not happened. */
  refused: boolean;
  /** The HTTP status of the answer. */
  status?: number | undefined;
  /** In milliseconds. */
  retryAfterMs?: number | undefined;
  supportId?: string | undefined;
  says?: string | undefined;
  cure?: string | undefined;
  /** Must hold no key, no text and no whole number. */
  cause?: unknown;
}

/** A call to Flowroute that did not do what was asked. The message says what to do about it. */
export class FlowrouteError extends Error {
  override readonly name = 'FlowrouteError';
  /** The HTTP status of the answer; `undefined` where there was none. */
  readonly status: number | undefined;
  readonly reason: DeliveryFailureReason;
  /**
   * True where what was asked for has surely not happened. False where nobody knows: then a text
   * must not be sent again by itself.
   */
  readonly refused: boolean;
  /** How long to wait before another try, where the carrier or the client knows. */
  readonly retryAfterMs: number | undefined;
  /** The carrier's own name for the failure; its support asks for it. */
  readonly supportId: string | undefined;
  /** The carrier's own words, on one line of at most 200 characters, without numbers, codes and keys. */
  readonly says: string | undefined;
  /** What to do about it; the message says it, too. */
  readonly cure: string | undefined;

  constructor(message: string, details: FlowrouteErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.reason = details.reason;
    this.refused = details.refused;
    this.retryAfterMs = details.retryAfterMs;
    this.supportId = details.supportId;
    this.says = details.says;
    this.cure = details.cure;
  }
}

/** An attempt without success. */
export interface FailedCall {
  error: FlowrouteError;
  /** Which calls may be made again after it. */
  again: 'any' | 'reads' | 'never';
  health: Health;
}

/** No turn came within the caller's time, so the call was not made. */
export function explainNoTurn(
  endedBy: 'time' | 'caller' | undefined,
  timeoutMs: number,
  subject: Subject,
): FlowrouteError {
  const end = endedBy === 'caller' ? 'before the caller gave up' : `within ${timeoutMs} ms`;
  const cure = 'Call less at once or ask Flowroute for a higher rate.';
  return new FlowrouteError(
    `Flowroute takes 5 calls per second for each access key and endpoint, and no turn came ${end}${surelyNot(subject)}. ${cure}`,
    { reason: 'rate_limited', refused: true, cure },
  );
}

/** The carrier failed so often that it is left alone for a while. */
export function explainOpenCircuit(host: string, closedFor: number): FlowrouteError {
  const seconds = Math.ceil(closedFor / 1_000);
  const cure = 'The errors before this one say why; another sender may be tried.';
  return new FlowrouteError(
    `${host} failed ${FAILURES_TO_OPEN} times or more in a row, so it is not called for now (${seconds} s). ${cure}`,
    { reason: 'unavailable', refused: true, retryAfterMs: Math.ceil(closedFor), cure },
  );
}

/** Why a call broke before it had an answer. */
interface BrokenCall {
  error: unknown;
  endedBy: 'time' | 'caller' | undefined;
  /** The host that was called. */
  host: string;
  timeoutMs: number;
  /** How long the carrier had, in milliseconds. */
  ranFor: number;
  subject: Subject;
}

interface SystemError {
  message: string;
  code?: string;
  syscall?: string;
  cause?: unknown;
  errors?: unknown;
}

/** Codes of a connection that was never made. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Codes of a TLS handshake that failed: OpenSSL's names of what is wrong with a certificate. */
const CERTIFICATE =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_|ERR_TLS_CERT_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|ERR_SSL_WRONG_VERSION_NUMBER$)/;

/** How Node refuses the ports that the Fetch standard blocks, such as 5060 and 6000. */
const BAD_PORT = 'bad port';

/** What to do about a carrier that takes a request and does not answer. */
const SLOW =
  'The request went out, so no firewall is in its way: the carrier, or a proxy before it, hangs.';

/** A caller that gives up sooner says nothing about the carrier. */
const LONG_ENOUGH = 1_000;

/**
 * Tells a call that surely sent nothing (`unavailable`, refused) from one that may have
 * (`unknown_outcome`). Whatever is not known to be the first is taken for the second.
 */
export function explainBrokenCall(call: BrokenCall): FailedCall {
  const { error, endedBy, host, timeoutMs, ranFor, subject } = call;
  const [unknown, surely] = [unknownEnd(subject), surelyNot(subject)];
  if (endedBy === 'time') {
    const happened = `${host} did not answer within ${timeoutMs} ms.${unknown}`;
    return {
      error: unknownOutcome({ happened, cure: SLOW }, subject),
      again: 'never',
      health: 'ill',
    };
  }
  if (endedBy === 'caller') {
    const isSlow = ranFor >= LONG_ENOUGH;
    const waited = isSlow ? ` after ${Math.round(ranFor / 1_000)} s without an answer` : '';
    const happened = `The call to ${host} was aborted while it ran${waited}.${unknown}`;
    const error = unknownOutcome({ happened, cure: isSlow ? SLOW : undefined }, subject);
    return { error, again: 'never', health: isSlow ? 'ill' : 'unknown' };
  }
  const root = rootOf(error);
  const code = root.code ?? 'no code';
  const cause = summary(root);
  if (root.message === BAD_PORT) {
    const happened = `The port of ${host} is one that fetch refuses to call${surely}.`;
    const cure = 'Check baseUrl; give a simulator or proxy another port.';
    return { error: unavailable({ happened, cure }, cause), again: 'never', health: 'ill' };
  }
  if (CERTIFICATE.test(code)) {
    const happened = `${host} showed no certificate that can be trusted (${code})${surely}.`;
    const cure =
      'Check baseUrl, and any proxy that opens TLS; its authority goes into NODE_EXTRA_CA_CERTS.';
    return { error: unavailable({ happened, cure }, cause), again: 'never', health: 'ill' };
  }
  if (isUnsent(root)) {
    const happened = `${host} could not be reached (${code})${surely}.`;
    const cure = 'Check baseUrl, name resolution, firewall and proxy.';
    return { error: unavailable({ happened, cure }, cause), again: 'any', health: 'ill' };
  }
  const happened = `The connection to ${host} broke (${code}).${unknown}`;
  const cure = 'Where it happens again, look at the network and at proxies between.';
  return {
    error: unknownOutcome({ happened, cure }, subject, cause),
    again: 'reads',
    health: 'ill',
  };
}

/** The caller had given up before. */
export function explainAbortedBefore(host: string, subject: Subject): FlowrouteError {
  const happened = `The call to ${host} was aborted before it began${surelyNot(subject)}.`;
  return unavailable({ happened });
}

function isUnsent({ code, syscall }: SystemError): boolean {
  // "Host unreachable" also comes up on a connection that was in use.
  if (syscall === 'read' || syscall === 'write') return false;
  return syscall === 'connect' || syscall === 'getaddrinfo' || NOT_CONNECTED.has(code ?? '');
}

/** fetch wraps what happened into "fetch failed"; several addresses make one more wrapping. */
function rootOf(error: unknown): SystemError {
  let root = isErrorLike(error) ? error : { message: 'not an error' };
  for (let depth = 0; depth < 5; depth += 1) {
    const inner: unknown = Array.isArray(root.errors) ? root.errors[0] : root.cause;
    if (!isErrorLike(inner)) break;
    root = inner;
  }
  return root;
}

/** Not `instanceof`: where the library runs in a context of its own, fetch throws foreign errors. */
function isErrorLike(value: unknown): value is SystemError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'message' in value &&
    typeof value.message === 'string'
  );
}

/** A fresh error: the one of the HTTP client may hold bytes of the answer or a whole certificate. */
function summary({ message, code }: SystemError): Error {
  const cause = new Error(message);
  return code === undefined ? cause : Object.assign(cause, { code });
}

/** What happened, in one sentence or two, and what to do about it. */
interface Told {
  happened: string;
  cure?: string | undefined;
}

function unavailable(told: Told, cause?: Error): FlowrouteError {
  return errorOf(told, { reason: 'unavailable', refused: true, cause });
}

function unknownOutcome(told: Told, { kind }: Subject, cause?: Error): FlowrouteError {
  // A read that failed has changed nothing, whatever became of it.
  if (kind === 'read') return unavailable(told, cause);
  return errorOf(told, { reason: 'unknown_outcome', refused: false, cause });
}

function errorOf({ happened, cure }: Told, details: FlowrouteErrorDetails): FlowrouteError {
  const message = cure === undefined ? happened : `${happened} ${cure}`;
  return new FlowrouteError(message, { ...details, cure });
}

/** What to say where the carrier surely did not do it. */
function surelyNot({ kind }: Subject): string {
  switch (kind) {
    case 'text':
      return ', so nothing was sent';
    case 'change':
      return ', so nothing was changed';
    case 'read':
      return '';
  }
}

/** What to say where nobody knows whether the carrier did what it was asked to do. */
export function unknownEnd({ kind }: Subject): string {
  switch (kind) {
    case 'text':
      return ' Whether the text was taken is not known, so it is not sent again by itself.';
    case 'change':
      return ' Whether the change was made is not known. Look it up, or make it again.';
    case 'read':
      return '';
  }
}
