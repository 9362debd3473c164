import { SecondFactorError } from '../../errors';
import { heldOf, type Count, type Held } from '../../ports/counter';
import { confirmedDestination, type AccountState } from '../account';
import {
  attemptsLeft,
  dropChallenge,
  guessKey,
  keepChallenge,
  nextChallenge,
  pendingChallenge,
  type Challenge,
  type SendTarget,
} from '../challenge/challenge';
import { sayTo } from '../challenge/message';
import type { Core, Requester } from '../core';
import { takeEarlyReceipts } from '../delivery/follow-delivery';
import { rememberOptOut, rememberReceipt, rememberText } from '../delivery/sent-text';
import { eventFacts } from '../emit';
import { DISABLED, lockedRefusal } from '../failures';
import { type Outcome, type Purpose, refuse } from '../outcomes';
import type { SendWish } from './decide-unconfirmed';
import { deliver } from './hand-over';
import { giveBack, permitSend, type SendPermit } from './permit';
import { endedByRefusal } from './budgets';

/** A code that is on its way, with what was read of the guesses at it. */
export interface SentCode {
  challenge: Challenge;
  guesses: Count | undefined;
}

export type Sent = Outcome<SentCode>;

/** With less than this left, a resend opens a new challenge; in milliseconds. */
const TOO_OLD_TO_RESEND = 120_000;

/**
 * Sends a code to the user's confirmed phone, or where the app offers that and the user asks for it,
 * to their address. Both come from what the app keeps and from nowhere else: what a request says about
 * phones does not matter here [S40].
 */
export async function sendToFactor(
  core: Core,
  who: Requester,
  account: AccountState,
  purpose: Extract<Purpose, 'sign-in' | 'step-up' | 'reset'>,
  channel?: 'email',
): Promise<Sent> {
  const { enrollment, epoch } = account;
  if (enrollment === undefined) return refuse('enrollment_required');
  if (enrollment.disabledAt !== undefined) return lockedRefusal(DISABLED, core.clock());
  const phone = await confirmedDestination(core, who, enrollment, channel);
  if (phone === undefined) return refuse('channel_not_available');
  const { transaction } = account;
  return sendCode(core, who, { purpose, channel, phone, confirmed: true, epoch, transaction });
}

/**
 * Texts a code: every limit is asked and charged, the challenge is kept, and only then is the
 * carrier called. Within a challenge the same code goes out again, so a late text still works.
 *
 * Throws a `SecondFactorError` where the store or the carrier failed; then no code that this call
 * made is valid.
 */
export async function sendCode(core: Core, who: Requester, target: SendTarget): Promise<Sent> {
  const { channel, phone, confirmed, purpose } = target;
  const { userId, address } = who;
  // Of a number that is not confirmed it says whether it is the second try.
  const read = confirmed ? undefined : pendingChallenge(core, who, purpose);
  const corrects = read !== undefined && (await isAnother(read, phone));
  const wish: SendWish = { userId, address, channel, phone, confirmed, purpose, corrects };
  const event = () => eventFacts(core, who, { phone, purpose });
  const permitted = await permitSend(core, who, wish);
  if (!permitted.ok) {
    const { budget, error, ...refusal } = permitted;
    core.emit('send_refused', { ...event(), code: refusal.code, budget, error });
    return refusal;
  }
  const { permit } = permitted;
  let pending: Challenge | undefined;
  try {
    if (permit.mayBePending) pending = await (read ?? pendingChallenge(core, who, purpose));
  } catch (error) {
    await giveBack(core, [...permit.unsent, ...permit.waits]);
    throw error;
  }
  const texted = isResendable(core, pending, target) ? pending : undefined;
  const country = permit.country === '' ? {} : { country: permit.country };
  const prepared = await prepare(core, who, target, texted, permit);
  const { before, challenge, key, guesses, waits } = prepared;
  try {
    const { id, price, segments } = await deliver(core, challenge, key, sayTo(core, who));
    if (id !== undefined) challenge.receipt = id;
    await noteReceipt(core, who, challenge, permit.turn);
    const receipt = id === undefined ? {} : { receipt: id };
    core.emit('sent', {
      sends: challenge.sends,
      price,
      segments,
      ...receipt,
      ...country,
      ...event(),
    });
    if (id !== undefined && permit.turn !== undefined) {
      await takeEarlyReceipts(core, id).catch(() => undefined);
    }
    return { ok: true, challenge, guesses };
  } catch (error) {
    if (!(error instanceof SecondFactorError)) throw error;
    // What surely did not go out costs nothing, and may be tried again at once [S46], [S166].
    const unsent = [...permit.unsent, ...endedByRefusal(waits, permit.step)];
    await undo(core, who, target, before, error.refused ? unsent : []);
    const { code, reason, carrier } = error;
    if (code === 'phone_opted_out') {
      await rememberOptOut(core, phone, 'refused');
      core.emit('opted_out', event());
    }
    core.emit('send_refused', { ...event(), ...country, code, reason, carrier });
    throw reason === 'to_rejected' && !confirmed
      ? new SecondFactorError('phone_invalid', error.message, { cause: error, reason, carrier })
      : error;
  }
}

/** Whether the pending code went to another number. What cannot be read corrects nothing. */
function isAnother(reading: Promise<Challenge | undefined>, phone: string): Promise<boolean> {
  return reading.then(
    (pending) => pending !== undefined && pending.phone !== phone,
    () => false,
  );
}

/**
 * Keeps the carrier's name for the text where somebody can learn more of it: by asking the carrier,
 * or from receipts. Where that fails nobody learns how far it got; the text itself is out.
 */
async function noteReceipt(
  core: Core,
  who: Requester,
  sent: Challenge,
  turn: string | undefined,
): Promise<void> {
  const { receipt } = sent;
  if (receipt === undefined || (turn === undefined && core.sender.delivery === undefined)) return;
  // The code was kept before, and must not die for it.
  await Promise.allSettled([
    keepChallenge(core, who, sent),
    turn === undefined ? undefined : rememberReceipt(core, sent, turn, receipt),
  ]);
}

/** Whether the challenge of this session may be texted again. */
function isResendable(
  core: Core,
  pending: Challenge | undefined,
  target: SendTarget,
): pending is Challenge {
  return (
    pending?.phone === target.phone &&
    pending.epoch === target.epoch &&
    // Another amount is another code, in another text.
    pending.transaction === target.transaction &&
    pending.expiresAt - core.clock() >= TOO_OLD_TO_RESEND &&
    core.keyring.codeKey(pending.keyId) !== undefined
  );
}

interface Prepared {
  before: Challenge | undefined;
  challenge: Challenge;
  key: Buffer;
  guesses: Count | undefined;
  waits: Held[];
}

/** A challenge that has no guess left is not texted again: nobody could answer it. */
async function prepare(
  core: Core,
  who: Requester,
  target: SendTarget,
  before: Challenge | undefined,
  permit: SendPermit,
): Promise<Prepared> {
  const prepared = await keep(core, who, target, before, permit);
  if (before === undefined || attemptsLeft(core, prepared.guesses) > 0) return prepared;
  const { waits } = prepared;
  return keep(core, who, target, undefined, { ...permit, waits, longer: [] });
}

/** Keeps the challenge before the text goes out: a code that arrives must be answerable. */
async function keep(
  core: Core,
  who: Requester,
  target: SendTarget,
  before: Challenge | undefined,
  permit: SendPermit,
): Promise<Prepared> {
  let { waits } = permit;
  try {
    const { resendAt, sendsLeft, unanswered: held } = permit;
    const facts = { resendAt, sendsLeft, held };
    const challenge = nextChallenge(core, who, target, before, facts);
    const key = core.keyring.codeKey(challenge.keyId);
    if (key === undefined) throw new SecondFactorError('misconfigured', 'No secret is configured.');
    const [lengthened, kept] = await Promise.allSettled([
      lengthenWaits(core, who, before, permit),
      keepChallenge(core, who, challenge),
      // Before it is out: NO may be answered at once. Without it nobody hears the answer, that is all.
      permit.turn === undefined ? undefined : rememberText(core, who, challenge, permit.turn),
    ]);
    if (lengthened.status === 'fulfilled') ({ waits } = lengthened.value);
    else if (kept.status === 'fulfilled') {
      await undo(core, who, target, before, []).catch(() => undefined);
    }
    if (kept.status === 'rejected') throw kept.reason as Error;
    if (lengthened.status === 'rejected') throw lengthened.reason as Error;
    return { before, challenge, key, ...lengthened.value };
  } catch (error) {
    // Nothing was texted: what was taken for the text goes back, the longer waits with it.
    await giveBack(core, [...permit.unsent, ...waits]);
    throw error;
  }
}

/** Whoever asks again waits longer, and has the guesses that are left at the code. */
async function lengthenWaits(
  core: Core,
  who: Requester,
  before: Challenge | undefined,
  { waits, longer }: SendPermit,
): Promise<Pick<Prepared, 'guesses' | 'waits'>> {
  if (before === undefined && longer.length === 0) return { guesses: undefined, waits };
  const guesses = before === undefined ? [] : [guessKey(core, who.sessionId, before.id)];
  const keys = longer.map(({ key }) => key);
  const settled = await core.counter.settle({ read: guesses, clear: keys, take: longer });
  return {
    guesses: settled.read.get(guesses[0] ?? ''),
    waits: [...waits.filter(({ key }) => !keys.includes(key)), ...heldOf(longer, settled.places)],
  };
}

/**
 * The text did not go out, or nobody knows. A new challenge dies [S136], [S137]; one that an
 * earlier text opened stays as it was. Only a definite refusal gives anything back: of what nobody
 * knows the places stay taken, so a failing carrier is not called for ever.
 */
async function undo(
  core: Core,
  who: Requester,
  target: SendTarget,
  before: Challenge | undefined,
  goingBack: readonly Held[],
): Promise<void> {
  await Promise.all([
    before === undefined
      ? dropChallenge(core, who, target.purpose)
      : keepChallenge(core, who, before),
    goingBack.length === 0 ? undefined : core.counter.settle({ give: goingBack }),
  ]);
}
