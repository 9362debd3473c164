import type { Delivery } from '../../ports/sms-sender';
import { timeLimit } from '../../time-limit';
import type { Core } from '../core';
import { digest } from '../keyring';
import { REMEMBERED, textByReceipt, type SentText } from './sent-text';

/** What a text can get to, the furthest first; receipts arrive doubled and in any order. */
const STATES = ['delivered', 'failed', 'sent'] as const satisfies Delivery[];
type State = (typeof STATES)[number];

/** A carrier needs a few seconds until it knows a text, and is not to be asked all the time. */
const LOOK_UP_EVERY = 5_000;
const LOOK_UP_LIMIT = 2_000;

/** One key a state, so that two receipts that cross cannot undo each other. */
const stateKey = (receipt: string, state: State): string =>
  `delivery:${digest('receipt', receipt)}:${state}`;

/**
 * A delivery receipt: telemetry, and nothing else [S146]. An id that nobody knows changes nothing;
 * one that comes again, or too late to be news, neither.
 */
export async function takeReceipt(core: Core, receipt: string, delivery: Delivery): Promise<void> {
  const text = await textByReceipt(core, receipt);
  if (text !== undefined) await advance(core, receipt, text, delivery);
}

/** How far the text got; asks the carrier where the sender can, and the last look is old enough. */
export async function deliveryOfText(core: Core, receipt: string | undefined): Promise<Delivery> {
  if (receipt === undefined) return 'accepted';
  const known = await furthest(core, receipt);
  const isFinal = known === 'delivered' || known === 'failed';
  if (core.sender.delivery === undefined || isFinal) return known;
  const text = await textByReceipt(core, receipt);
  if (text === undefined || core.clock() - text.sentAt < LOOK_UP_EVERY) return known;
  // Of many that poll at once, in however many processes, one asks.
  const turn = await core.counter.add(`look-up:${digest('receipt', receipt)}`, LOOK_UP_EVERY);
  const found = turn.count === 1 ? await lookUp(core, receipt) : undefined;
  if (found !== undefined) await advance(core, receipt, text, found);
  return furthest(core, receipt);
}

async function furthest(core: Core, receipt: string): Promise<Delivery> {
  const seen = await Promise.all(
    STATES.map(async (state) => (await core.counter.peek(stateKey(receipt, state))) !== undefined),
  );
  return STATES.find((_, index) => seen[index]) ?? 'accepted';
}

/** How far from the phone. */
function distance(delivery: Delivery): number {
  const index = STATES.findIndex((state) => state === delivery);
  return index < 0 ? STATES.length : index;
}

/** A carrier that fails, or does not know the text yet, leaves it where it was. */
async function lookUp(core: Core, receipt: string): Promise<Delivery | undefined> {
  const controller = new AbortController();
  try {
    const asked = core.sender.delivery?.(receipt, { signal: controller.signal });
    return await timeLimit(asked, LOOK_UP_LIMIT);
  } catch {
    return undefined;
  } finally {
    controller.abort();
  }
}

async function advance(
  core: Core,
  receipt: string,
  text: SentText,
  delivery: Delivery,
): Promise<void> {
  const state = STATES.find((each) => each === delivery);
  if (state === undefined) return;
  const before = await furthest(core, receipt);
  const { count } = await core.counter.add(stateKey(receipt, state), REMEMBERED);
  // Told once, however often it is heard, and not where something further was heard before.
  if (count > 1 || distance(state) >= distance(before)) return;
  const { userId, purpose, phone, ip } = text;
  core.emit('delivery', { at: core.clock(), userId, purpose, phone, ip, receipt, delivery });
}
