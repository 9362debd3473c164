import type { SmsMessage, SmsReceipt, StandaloneSender } from '../ports/sms-sender';
import { startCallLimit } from './call-limit';
import { explainAbortedBefore, explainBrokenCall } from './connection-errors';
import { readAnswer, readReceipt } from './flowroute-answer';
import { explainAnswer } from './flowroute-errors';
import {
  readFlowrouteOptions,
  type FlowrouteSenderOptions,
  type FlowrouteSettings,
} from './flowroute-options';
import { digitsOf } from './north-american-number';

export type { FlowrouteApiVersion, FlowrouteSenderOptions } from './flowroute-options';

/**
 * Sends texts through the Flowroute messaging API: one POST a text, no redirects, no second try.
 *
 * Throws a `TypeError` at once where an option is wrong. `send` resolves once Flowroute has taken
 * the text, with its id where the answer names one. It rejects with a `SecondFactorError` whose
 * message says what to do; no error holds a key, a text or a whole number. Flowroute has no
 * idempotency key, so a call that broke midway is `unknown_outcome` and must not be repeated.
 */
export function flowrouteSender(options: FlowrouteSenderOptions): StandaloneSender {
  const settings = readFlowrouteOptions(options);
  return { send: (message, { signal } = {}) => sendText(settings, message, signal) };
}

async function sendText(
  settings: FlowrouteSettings,
  message: SmsMessage,
  signal: AbortSignal | undefined,
): Promise<SmsReceipt> {
  const { accessKey, secretKey, baseUrl, apiVersion, from } = settings;
  // Who hands in a signal has a limit of their own; this one then only ends what they forgot.
  const timeoutMs = settings.timeoutMs ?? (signal === undefined ? 5_000 : 30_000);
  const { host } = new URL(baseUrl);
  if (signal?.aborted) throw explainAbortedBefore(host);
  const to = digitsOf(message.to);
  const credentials = Buffer.from(`${accessKey}:${secretKey}`, 'utf8').toString('base64');
  const limit = startCallLimit(timeoutMs, signal);
  try {
    const response = await fetch(`${baseUrl}/${apiVersion}/messages`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to, from, body: message.body }),
      redirect: 'manual',
      signal: limit.signal,
    }).catch((error: unknown) => {
      throw explainBrokenCall({ error, endedBy: limit.endedBy(), host, timeoutMs });
    });
    const answer = await readAnswer(response);
    // Once the status says "taken", nothing in the body can take it back.
    if (response.ok) return readReceipt(answer);
    const secrets = [message.body, credentials, secretKey, accessKey];
    throw explainAnswer(answer, { settings, to, secrets });
  } finally {
    limit.release();
  }
}
