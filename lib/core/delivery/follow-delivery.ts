import { NO_LIMIT, type Count } from '../../ports/counter';
import type { Delivery, DeliveryReport } from '../../ports/senders';
import { timeLimit } from '../../time-limit';
import type { Challenge } from '../challenge/challenge';
import type { Core } from '../core';
import { TEXT_LIFETIME } from '../limits';
import { maskDestination } from '../outcomes';
import { own } from '../untrusted';
import { textByReceipt, type SentText } from './sent-text';

/** What a text can get to, the furthest first; receipts arrive doubled and in any order. */
const STATES = ['delivered', 'failed', 'sent'] as const satisfies Delivery[];

/** A carrier needs a few seconds until it knows a text, and is not to be asked all the time. */
const LOOK_UP_EVERY = 5_000;
const LOOK_UP_LIMIT = 2_000;

/** One count a state, so that two receipts that cross cannot undo each other. */
export function deliveryKeys({ keyring }: Core, receipt: string | undefined): string[] {
  if (receipt === undefined) return [];
  return STATES.map((state) => `${keyring.subjects.receipt(receipt)}#${state}`);
}

/** How far a text got, by what was read of its counts. */
export function deliveryFrom(
  core: Core,
  receipt: string | undefined,
  read: ReadonlyMap<string, Count>,
): Delivery {
  const keys = deliveryKeys(core, receipt);
  return STATES.find((_, index) => read.has(keys[index] ?? '')) ?? 'accepted';
}

/**
 * A delivery receipt: telemetry, and nothing else [S146]. One that comes again, or too late to be news,
 * changes nothing. An id that nobody knows may be that of a text whose send the carrier has not
 * answered yet: it is kept for a minute, and nothing else comes of it [S197].
 */
export async function takeReceipt(
  core: Core,
  receipt: string,
  said: Delivery | DeliveryReport,
): Promise<void> {
  const report = reportOf(said);
  if (await tell(core, receipt, report)) return;
  await keepEarly(core, receipt, report);
  // Whoever noted the text meanwhile may have looked before it was kept.
  await tell(core, receipt, report);
}

async function tell(core: Core, receipt: string, report: DeliveryReport): Promise<boolean> {
  const text = await textByReceipt(core, receipt);
  if (text !== undefined) await advance(core, receipt, text, report);
  return text !== undefined;
}

/** How long a receipt waits for the answer to the send, in milliseconds. */
const EARLY = 60_000;

function earlyCount({ keyring }: Core, receipt: string): string {
  return `${keyring.subjects.receipt(receipt)}#early`;
}

/** One record a state: of two that cross none is lost. */
function earlyKey({ keyring }: Core, receipt: string, state: Delivery): string {
  return keyring.recordKey('receipt', `${receipt}\0${state}`);
}

async function keepEarly(core: Core, receipt: string, report: DeliveryReport): Promise<void> {
  const { delivery, status, code, description } = report;
  const state = STATES.find((each) => each === delivery);
  if (state === undefined) return;
  const key = earlyKey(core, receipt, state);
  await core.records.set(key, [{ delivery, status, code, description }], core.clock() + EARLY);
  // Says that it is worth a look: most texts are answered first.
  const place = { key: earlyCount(core, receipt), window: EARLY, limit: NO_LIMIT };
  await core.counter.settle({ take: [place] });
}

/** Takes what was heard of a text before the carrier had said its name; nothing fails by it. */
export async function takeEarlyReceipts(core: Core, receipt: string): Promise<void> {
  const early = earlyCount(core, receipt);
  const { read } = await core.counter.settle({ read: [early] });
  if (!read.has(early)) return;
  // The nearest first, as it happened.
  for (const state of [...STATES].reverse()) {
    const kept = await core.records.get(earlyKey(core, receipt, state));
    const [report] = Array.isArray(kept) ? (kept as unknown[]) : [];
    if (own(report, 'delivery') === state) await tell(core, receipt, report as DeliveryReport);
  }
}

async function advance(
  core: Core,
  receipt: string,
  text: Pick<SentText, 'userId' | 'purpose' | 'phone' | 'ip'>,
  { delivery, status, code, description }: DeliveryReport,
): Promise<void> {
  const state = STATES.find((each) => each === delivery);
  if (state === undefined) return;
  const keys = deliveryKeys(core, receipt);
  const key = keys[STATES.indexOf(state)] ?? '';
  const { read } = await core.counter.settle({
    read: keys,
    take: [{ key, window: TEXT_LIFETIME, limit: NO_LIMIT }],
  });
  // Told once, however often it is heard, and not where something further was heard before.
  if (distance(state) >= distance(deliveryFrom(core, receipt, read))) return;
  const { userId, purpose, phone, ip } = text;
  const facts = { at: core.clock(), userId, purpose, phone, ip, receipt };
  core.emit('delivery', { ...facts, delivery, status, code, description });
}

/**
 * Asks the carrier how far a text got, where the sender can, the text is not at its end by what was
 * `known`, and the last look is old enough.
 */
export async function lookUpDelivery(
  core: Core,
  challenge: Challenge,
  known: Delivery,
  ip: string | undefined,
): Promise<Delivery> {
  const { receipt, sentAt, userId, purpose, phone } = challenge;
  const isFinal = known === 'delivered' || known === 'failed';
  if (core.sender.delivery === undefined || receipt === undefined || isFinal) return known;
  if (core.clock() - sentAt < LOOK_UP_EVERY) return known;
  // Of many that poll at once, in however many processes, one asks.
  const turn = { key: `${core.keyring.subjects.receipt(receipt)}#asked`, window: LOOK_UP_EVERY };
  const { ok } = await core.counter.settle({ take: [{ ...turn, limit: 1 }] });
  // A sender of the app's own may answer anything.
  const found: unknown = ok ? await askCarrier(core, receipt) : undefined;
  if (found === undefined || found === null) return known;
  const report = reportOf(found as Delivery | DeliveryReport);
  await advance(core, receipt, { userId, purpose, phone: maskDestination(phone), ip }, report);
  return distance(report.delivery) < distance(known) ? report.delivery : known;
}

function reportOf(said: Delivery | DeliveryReport): DeliveryReport {
  return typeof said === 'string' ? { delivery: said } : said;
}

/** How far from the phone. */
function distance(delivery: Delivery): number {
  const index = STATES.findIndex((state) => state === delivery);
  return index < 0 ? STATES.length : index;
}

/** A carrier that fails, or does not know the text yet, leaves it where it was. */
async function askCarrier(
  core: Core,
  receipt: string,
): Promise<Delivery | DeliveryReport | undefined> {
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
