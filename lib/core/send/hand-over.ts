import { DAY_MS } from '../../durations';
import { safeWords, SecondFactorError } from '../../errors';
import { heldOf } from '../../ports/counter';
import type { SmsReceipt } from '../../ports/senders';
import { OPEN_TELEMETRY, outgoing } from '../../telemetry';
import { timeLimit } from '../../time-limit';
import type { Challenge } from '../challenge/challenge';
import { mailOf, textOf } from '../challenge/message';
import { textsByPhone } from '../delivery/sent-text';
import type { Channel, Core, SayText } from '../core';
import { parsePhone } from '../phone-number';
import { warnOfOverall } from './permit';
import { budgets, type Budget } from './budgets';

/** Hands the code to whoever brings it to the user. */
export async function deliver(
  core: Core,
  challenge: Challenge,
  key: Buffer,
  say: SayText,
): Promise<SmsReceipt> {
  const limitMs = core.limits.carrierCall * 1_000;
  const { channel, phone } = challenge;
  if (channel === 'email') {
    if (core.email === undefined) throw new SecondFactorError('misconfigured', 'No email channel.');
    return handOver(core.email.sender, mailOf(core, challenge, key, say), limitMs, 'email');
  }
  // Everybody knows a test number's code: nothing to text.
  if (core.testCode?.(phone) !== undefined) return {};
  return handOver(core.sender, { to: phone, body: textOf(core, challenge, key, say) }, limitMs);
}

/**
 * Answers HELP with the text that the app has for it, once a day and number, and within what may be sent
 * to the number, as answers to HELP, and over all [S194]. Also where STOP stands, as the CTIA asks: it
 * was asked for just now; a carrier that blocks the number refuses, which costs nothing. Answers whether
 * it went out, or may have.
 */
export async function answerHelp(core: Core, phone: string): Promise<boolean> {
  const { keyring, limits } = core;
  const { help, helpIn } = core.answers?.() ?? {};
  // Whoever calls could name any number as the one that asks.
  if (help === undefined || !parsePhone(phone, core).ok || core.testCode?.(phone) !== undefined) {
    return false;
  }
  const own = keyring.subjects.phone(phone);
  const { everybody } = keyring.subjects;
  const common = { kind: 'sent', common: true } as const;
  const spent: Budget[] = [
    ...budgets('phone-sent', own, 's', limits.sentPerPhone, { kind: 'sent', keeps: true }),
    ...budgets('help', everybody, 'help', limits.helpAnswers, common),
    ...budgets('overall', everybody, 't', limits.overall, common),
  ];
  const take = [{ key: `${own}#help`, window: DAY_MS, limit: 1 }, ...spent];
  const { ok, places } = await core.counter.settle({ take });
  if (!ok) return false;
  // No user has asked for it.
  warnOfOverall(core, { userId: '', address: undefined }, spent, places);
  const lang = await languageOfPhone(core, phone);
  const body = (lang === undefined ? undefined : helpIn?.(lang)) ?? help;
  try {
    await handOver(core.sender, { to: phone, body }, limits.carrierCall * 1_000);
    return true;
  } catch (error) {
    const { refused, reason, carrier } = error as SecondFactorError;
    if (reason !== 'opted_out') {
      const says = carrier?.cure ?? (error as Error).message;
      core.tell?.(
        'error',
        'help_failed',
        `HELP was not answered (${reason ?? 'no reason'}). ${safeWords(says)}`,
      );
    }
    if (refused) await core.counter.settle({ give: heldOf(take, places) }).catch(() => undefined);
    return !refused;
  }
}

/** That of the last text to it within the hour; `undefined` where none is known. */
async function languageOfPhone(core: Core, phone: string): Promise<string | undefined> {
  const [newest] = await textsByPhone(core, phone).catch(() => []);
  return newest?.lang;
}

/** What takes a text or a mail. */
interface Sender<Message> {
  send(message: Message, options: { signal: AbortSignal }): Promise<unknown>;
}

/**
 * Hands a text to the sender and waits no longer than `limitMs`. Whatever goes wrong comes out as a
 * `SecondFactorError`; nobody knows what became of a text whose sender did not answer in time.
 */
export function handOver<Message>(
  sender: Sender<Message>,
  message: Message,
  limitMs: number,
  channel: Channel = 'sms',
): Promise<SmsReceipt> {
  const call = (): Promise<SmsReceipt> => handedOver(sender, message, limitMs);
  if (!(OPEN_TELEMETRY in globalThis)) return call();
  return outgoing('sms2fa.carrier.duration', { channel }, call, reasonOf);
}

/** In one word: what a carrier says may have the number in it. */
function reasonOf(error: unknown): string {
  return error instanceof SecondFactorError ? (error.reason ?? error.code) : 'unknown_outcome';
}

async function handedOver<Message>(
  sender: Sender<Message>,
  message: Message,
  limitMs: number,
): Promise<SmsReceipt> {
  let controller: AbortController | undefined;
  const options = {
    // Made for who looks at it: a signal takes longer than the rest of a call, and few senders need one.
    get signal(): AbortSignal {
      controller ??= new AbortController();
      return controller.signal;
    },
  };
  try {
    const sending = Promise.resolve(sender.send(message, options));
    const receipt = await timeLimit(sending, limitMs, () => tooLate(limitMs)).catch(
      (error: unknown) => {
        controller ??= new AbortController();
        controller.abort();
        return lastWord(sending, error as Error);
      },
    );
    return typeof receipt === 'object' && receipt !== null ? receipt : {};
  } catch (cause) {
    if (cause instanceof SecondFactorError) throw cause;
    throw new SecondFactorError('delivery_failed', 'The sender failed; see the cause.', {
      cause,
      reason: 'unknown_outcome',
    });
  }
}

/** How long a sender that was told to stop may take to say what it knows, in milliseconds. */
const LAST_WORD = 100;

/** What the sender itself says: a text that only waited for its turn was surely not sent. */
function lastWord(sending: Promise<unknown>, late: Error): Promise<unknown> {
  return timeLimit(sending, LAST_WORD, () => late);
}

function tooLate(limitMs: number): SecondFactorError {
  const message = `The sender did not answer within ${limitMs / 1_000} s; nobody knows whether the text went out.`;
  return new SecondFactorError('delivery_failed', message, { reason: 'unknown_outcome' });
}
