import type { Clock } from '../../ports/clock';
import { explainBrokenCall } from './broken-call';
import type { Call, FailedCall } from './call';
import type { CallLimit } from './call-limit';
import { readAnswer, type CarrierAnswer } from './carrier-answer';
import type { ClientSettings } from './client-options';
import { FlowrouteError } from './flowroute-error';
import { explainAnswer } from './refused-call';

/** Whose calls they are. */
export interface Account {
  settings: ClientSettings;
  /** The value of Basic authentication. */
  credentials: string;
  host: string;
  clock: Clock;
}

/** One request and its answer. Never rejects. */
export async function attempt(
  account: Account,
  call: Call,
  limit: CallLimit,
  timeoutMs: number,
): Promise<CarrierAnswer | FailedCall> {
  const { settings, host, credentials, clock } = account;
  const { subject } = call;
  const began = clock();
  let response: Response;
  try {
    response = await request(account, call, limit.signal);
  } catch (error) {
    const ranFor = clock() - began;
    return explainBrokenCall({ error, endedBy: limit.endedBy(), host, timeoutMs, ranFor, subject });
  }
  const answer = await readAnswer(response, call.answerLimit);
  const isMissing = answer.status === 404 && !answer.html;
  if (response.ok || (isMissing && call.mayBeMissing === true)) {
    // Once the status says "taken", nothing in the body can take it back; a read needs its body.
    return subject.kind === 'read' && answer.text === undefined ? brokenRead(host, call) : answer;
  }
  const { accessKey, secretKey } = settings;
  const secrets = [credentials, secretKey, accessKey];
  return explainAnswer(answer, { settings, subject, secrets, now: clock() });
}

function request({ settings, credentials }: Account, call: Call, signal: AbortSignal) {
  const { method, path, body } = call;
  return fetch(`${settings.baseUrl}${path}`, {
    method,
    headers: {
      accept: 'application/json, application/vnd.api+json',
      authorization: `Basic ${credentials}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal,
  });
}

function brokenRead(host: string, { answerLimit }: Call): FailedCall {
  const message = `The answer of ${host} broke off, or is longer than ${answerLimit} bytes.`;
  const error = new FlowrouteError(message, { reason: 'unavailable', refused: true });
  return { error, again: 'reads', health: 'unknown' };
}
