import { surelyNot, type Subject } from './call';
import { FAILURES_TO_OPEN } from './circuit-breaker';
import { FlowrouteError } from './flowroute-error';

/** No turn came within the caller's time, so the call was not made. */
export function explainNoTurn(
  endedBy: 'time' | 'caller' | undefined,
  timeoutMs: number,
  subject: Subject,
): FlowrouteError {
  const end = endedBy === 'caller' ? 'before the caller gave up' : `within ${timeoutMs} ms`;
  return new FlowrouteError(
    `Flowroute takes 5 calls per second for each access key and endpoint, and no turn came ${end}${surelyNot(subject)}. ` +
      'Call less at once or ask Flowroute for a higher rate.',
    { reason: 'rate_limited', refused: true },
  );
}

/** The carrier failed so often that it is left alone for a while. */
export function explainOpenCircuit(host: string, closedFor: number): FlowrouteError {
  const seconds = Math.ceil(closedFor / 1_000);
  return new FlowrouteError(
    `${host} failed ${FAILURES_TO_OPEN} times or more in a row, so it is not called for now (${seconds} s). ` +
      'The errors before this one say why; another sender may be tried.',
    { reason: 'unavailable', refused: true, retryAfterMs: Math.ceil(closedFor) },
  );
}
