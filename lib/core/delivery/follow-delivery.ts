import type { Delivery } from '../../ports/sms-sender';
import { timeLimit } from '../../time-limit';
import type { Core } from '../core';
import { digest } from '../keyring';
import { keepText, textByReceipt, type SentText } from './sent-text';

/** What is final, and what comes before what; receipts arrive doubled and in any order. */
const RANK: Record<Delivery, number> = {
  unknown: 0,
  accepted: 1,
  sent: 2,
  failed: 3,
  delivered: 4,
};

/** A carrier needs a few seconds until it knows a text, and is not to be asked all the time. */
const LOOK_UP_EVERY = 5_000;
const LOOK_UP_LIMIT = 2_000;
const TOLD = 3_600_000;

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
  const text = await textByReceipt(core, receipt);
  if (text === undefined) return 'accepted';
  const now = core.clock();
  const { sender } = core;
  const isFinal = RANK[text.delivery] >= RANK.failed;
  if (sender.delivery === undefined || isFinal || now - text.lookedUpAt < LOOK_UP_EVERY) {
    return text.delivery;
  }
  // Written first: of many that poll at once, few ask.
  const looking = { ...text, lookedUpAt: now };
  await keepText(core, receipt, looking);
  const found = await lookUp(core, receipt);
  return found === undefined ? text.delivery : advance(core, receipt, looking, found);
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
): Promise<Delivery> {
  if (RANK[delivery] <= RANK[text.delivery]) return text.delivery;
  await keepText(core, receipt, { ...text, delivery });
  // Told once, however often and by how many processes it is heard.
  const told = `delivery:${digest('receipt', receipt)}:${delivery}`;
  if ((await core.counter.add(told, TOLD)).count === 1) {
    const { userId, purpose, phone, ip } = text;
    core.emit('delivery', { at: core.clock(), userId, purpose, phone, ip, receipt, delivery });
  }
  return delivery;
}
