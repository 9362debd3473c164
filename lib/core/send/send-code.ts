import { SecondFactorError } from '../../errors';
import type { SmsReceipt } from '../../ports/sms-sender';
import type { Challenge } from '../challenge/challenge';
import type { Core, Requester } from '../core';
import { eventFacts } from '../event-facts';
import { handOver } from './hand-over';
import {
  mailOf,
  nextChallenge,
  resendable,
  textOf,
  type SendTarget,
} from '../challenge/open-challenge';
import { rememberOptOut } from './opt-out';
import { rememberText } from '../delivery/sent-text';
import type { Outcome } from '../outcomes';
import { dropChallenge, keepChallenge } from '../challenge/pending-challenge';
import { endWait, lengthenNextWait } from './resend-wait';
import { permitSend, returnPermit, type SendPermit, type SendWish } from './send-permit';

/**
 * Texts a code: every limit is asked and charged, the challenge is kept, and only then is the
 * carrier called. Within a challenge the same code goes out again, so a late text still works.
 *
 * Throws a `SecondFactorError` where the store or the carrier failed; then no code that this call
 * made is valid.
 */
export async function sendCode(
  core: Core,
  who: Requester,
  target: SendTarget,
): Promise<Outcome<{ challenge: Challenge }>> {
  const { channel, phone, confirmed, purpose } = target;
  const { userId, address } = who;
  const facts: SendWish = { userId, address, channel, phone, confirmed, purpose };
  const event = () => eventFacts(core, who, { phone, purpose });
  const permitted = await permitSend(core, who, facts);
  if (!permitted.ok) {
    const { budget, error, ...refusal } = permitted;
    const why = {
      ...(budget === undefined ? {} : { budget }),
      ...(error === undefined ? {} : { error }),
    };
    core.emit('send_refused', { ...event(), code: refusal.code, ...why });
    return refusal;
  }
  const { permit } = permitted;
  const { before, challenge, key } = await prepare(core, who, target, permit);
  try {
    await lengthenNextWait(core.counter, core.keyring, facts);
    const { id } = await deliver(core, challenge, key);
    const receipt = id === undefined ? {} : { receipt: id };
    const sent = { ...challenge, ...receipt };
    await Promise.all([
      id === undefined ? undefined : keepChallenge(core, who.sessionId, sent),
      // Without it nobody learns how far the text got; the text itself is out.
      rememberText(core, who, sent, id).catch(() => undefined),
    ]);
    core.emit('sent', { ...event(), sends: sent.sends, ...receipt });
    return { ok: true, challenge: sent };
  } catch (error) {
    if (!(error instanceof SecondFactorError)) throw error;
    await undo(core, who, target, before, error.refused ? permit.wait : []);
    if (error.refused) await lengthenNextWait(core.counter, core.keyring, facts, -1);
    // It may be on the phone all the same, and its owner may answer NO.
    else await rememberText(core, who, challenge, undefined).catch(() => undefined);
    const { code, reason } = error;
    if (code === 'phone_opted_out') {
      await rememberOptOut(core, phone, 'refused');
      core.emit('opted_out', event());
    }
    core.emit('send_refused', { ...event(), code, reason });
    throw reason === 'to_rejected' && !confirmed
      ? new SecondFactorError('phone_invalid', error.message, { cause: error, reason })
      : error;
  }
}

/** Keeps the challenge before the text goes out: a code that arrives must be answerable. */
async function prepare(
  core: Core,
  who: Requester,
  target: SendTarget,
  permit: SendPermit,
): Promise<{ before: Challenge | undefined; challenge: Challenge; key: Buffer }> {
  try {
    const before = await resendable(core, who, target);
    const challenge = nextChallenge(core, who, target, before, permit);
    const key = core.keyring.codeKey(challenge.keyId);
    if (key === undefined) throw new SecondFactorError('misconfigured', 'No secret is configured.');
    await keepChallenge(core, who.sessionId, challenge);
    return { before, challenge, key };
  } catch (error) {
    await returnPermit(core, permit);
    throw error;
  }
}

/** Hands the code to whoever brings it to the user. */
async function deliver(core: Core, challenge: Challenge, key: Buffer): Promise<SmsReceipt> {
  const limitMs = core.limits.carrierCall * 1_000;
  const { channel, phone } = challenge;
  if (channel === 'email') {
    if (core.email === undefined) throw new SecondFactorError('misconfigured', 'No email channel.');
    return handOver(core.email.sender, mailOf(core, challenge, key), limitMs);
  }
  // Everybody knows a test number's code: nothing to text.
  if (core.testCode?.(phone) !== undefined) return {};
  return handOver(core.sender, { to: phone, body: textOf(core, challenge, key) }, limitMs);
}

/**
 * The text did not go out, or nobody knows. A new challenge dies [S136], [S137]; one that an
 * earlier text opened stays as it was. Only a definite refusal gives the wait back; the places in
 * the budgets stay taken, so a failing carrier is not called for ever.
 */
async function undo(
  core: Core,
  who: Requester,
  target: SendTarget,
  before: Challenge | undefined,
  wait: string[],
): Promise<void> {
  await Promise.all([
    before === undefined
      ? dropChallenge(core, who.sessionId, target.purpose)
      : keepChallenge(core, who.sessionId, before),
    endWait(core.counter, wait),
  ]);
}
