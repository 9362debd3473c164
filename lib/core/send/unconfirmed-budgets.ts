import { NO_LIMIT, type Count } from '../../ports/counter';
import type { Core } from '../core';
import {
  budgets,
  commonSentBudgets,
  hookBudgets,
  sentBudgets,
  type Budget,
  type SendFacts,
} from './budgets';
import type { Rate } from '../limits';

type Read = ReadonlyMap<string, Count>;

/** A challenge's lifetime in parts, to know which texts are on their way. */
const PARTS = 10;

/** What the budgets of an unconfirmed number follow, to be read before. */
export function unconfirmedKeys(core: Core, facts: SendFacts, now: number): string[] {
  const address = core.keyring.subjects.address(facts.address, facts.userId);
  return [...triedKeys(core, facts), ...onTheirWayKeys(core, address, now)];
}

/** How many texts may go to a number from which no code came back yet. */
export function unconfirmedBudgets(
  core: Core,
  facts: SendFacts,
  isTest: boolean,
  read: Read,
  now: number,
): Budget[] {
  const { limits, keyring } = core;
  const { subjects } = keyring;
  const user = subjects.user(facts.userId);
  const phone = subjects.unconfirmedPhone(facts.phone);
  const address = subjects.address(facts.address, facts.userId);
  // What others have asked for does not shut out a user who has not asked today; the sum is bounded.
  const twice = { common: true, limit: ({ count }: Rate) => 2 * count };
  const { unconfirmedPerPhone } = limits;
  return [
    ...budgets('unconfirmed-phone', user, `n.${print(core, facts)}.`, unconfirmedPerPhone),
    ...budgets('user', user, 't', limits.textsPerUser),
    ...newPhoneBudgets(core, facts, read),
    ...sentBudgets(core, user, phone, isTest),
    ...hookBudgets(core, user, address),
    ...budgets('unconfirmed-phone-all', phone, 't', unconfirmedPerPhone, twice),
    ...addressBudgets(core, address, read, now),
    ...blockBudgets(core, address, subjects.block(facts.phone), read),
    ...commonSentBudgets(core, address, isTest),
  ];
}

/** A number as a name within its user's counts. */
function print({ keyring }: Core, { phone }: SendFacts): string {
  return keyring.fingerprint('phone', phone).slice(0, 12);
}

/** A number block as a name within the counts of others. */
export function blockPrint({ keyring }: Core, block: string): string {
  return keyring.fingerprint('block', block).slice(0, 8);
}

/**
 * The budgets of an address. A text on its way is no failure: thirty people in a training room ask
 * within a minute and answer in the next. So the longest of the rates (a day's) counts what is
 * unanswered or on its way, the others only what is unanswered and over.
 */
function addressBudgets(core: Core, address: string, read: Read, now: number): Budget[] {
  const rates = core.limits.unconfirmedPerAddress;
  const longest = Math.max(...rates.map(({ seconds }) => seconds));
  const onTheirWay = countOnTheirWay(core, address, read, now);
  const limit = ({ count, seconds }: Rate): number =>
    seconds === longest ? count : count + onTheirWay;
  return [
    ...budgets('unconfirmed-address', address, 'u', rates, { common: true, limit }),
    onItsWay(core, address, now),
  ];
}

/**
 * The budgets of a number block: one address has three quarters of them, for a room of people with
 * phones of one company; and of those a quarter at most counts for all, so that no two or three
 * addresses close a block for everybody else.
 */
function blockBudgets(core: Core, address: string, block: string, read: Read): Budget[] {
  const common = true;
  const inBlock = `${blockPrint(core, block)}.`;
  return core.limits.unconfirmedPerBlock.flatMap((rate) => {
    const part = (quarters: number) => ({ common, limit: Math.ceil((rate.count * quarters) / 4) });
    const own = budgets('unconfirmed-block', address, `b.${inBlock}`, [rate], part(3));
    const shares = budgets(SHARED, address, `bs.${inBlock}`, [rate], part(1));
    const all = budgets('unconfirmed-block', block, 't', [rate], { common });
    const isShareUsed = shares.some(({ key, limit }) => (read.get(key)?.count ?? 0) >= limit);
    // Without a place among those of all there must be room for it all the same.
    const asked = all.map((each): Budget => ({ ...each, by: 0, limit: each.limit - 1 }));
    return [...own, ...(isShareUsed ? asked : [...shares, ...all])];
  });
}

/**
 * The name of places that say what one client has added to what all share. Where they are full another
 * text of the client was first, and nothing more is added.
 */
export const SHARED = 'share';

/**
 * The marks of a number that its user has tried: of how many different unconfirmed numbers a user may
 * try one counts once a window, however many texts go to it, and stays counted when it was confirmed.
 */
function triedKeys(core: Core, facts: SendFacts): string[] {
  const user = core.keyring.subjects.user(facts.userId);
  const name = print(core, facts);
  return core.limits.phonesPerUser.map(({ seconds }) => `${user}#tried.${seconds}.${name}`);
}

/** Whether a text to this number takes one of the numbers that its user may try. */
export function isUntried(core: Core, facts: SendFacts, read: Read): boolean {
  const tried = triedKeys(core, facts);
  return tried.length > 0 && tried.every((key) => !read.has(key));
}

/** The places of a number that was not tried before; its marks are taken with them. */
function newPhoneBudgets(core: Core, facts: SendFacts, read: Read): Budget[] {
  const user = core.keyring.subjects.user(facts.userId);
  return triedKeys(core, facts).flatMap((tried, index): Budget[] => {
    const rate = core.limits.phonesPerUser[index];
    if (rate === undefined || read.has(tried)) return [];
    const window = rate.seconds * 1_000;
    const phones = { name: 'phones', kind: 'sent', kept: 0, window } as const;
    return [
      { ...phones, key: `${user}#phones.${rate.seconds}`, limit: rate.count },
      { ...phones, key: tried, limit: NO_LIMIT },
    ];
  });
}

/**
 * Where texts are counted whose challenge may still be answered, by when they were sent. The oldest
 * part is not looked at: a challenge counts as over up to a tenth of its lifetime early, never late.
 */
export function onTheirWayKeys(core: Core, subject: string, now: number): string[] {
  const length = partOf(core);
  return Array.from(
    { length: PARTS },
    (_, ago) => `${subject}#w.${Math.floor(now / length) - ago}`,
  );
}

export function countOnTheirWay(core: Core, subject: string, read: Read, now: number): number {
  return onTheirWayKeys(core, subject, now).reduce(
    (total, key) => total + (read.get(key)?.count ?? 0),
    0,
  );
}

/** The place of a text that is on its way from now on. */
export function onItsWay(core: Core, subject: string, now: number): Budget {
  const [key = ''] = onTheirWayKeys(core, subject, now);
  const window = (PARTS + 1) * partOf(core);
  const always = { name: 'on-its-way', kind: 'unanswered', limit: NO_LIMIT, kept: 0 } as const;
  return { ...always, key, window, common: true };
}

function partOf({ limits }: Core): number {
  return (limits.challengeLifetime * 1_000) / PARTS;
}
