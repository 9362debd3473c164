import { createHash } from 'node:crypto';
import type { SecondFactorError } from '../../lib/errors';
import type { EventName } from '../../lib/core/events';
import { memoryCounter } from '../../lib/counters/memory-counter';
import type { Counter, Place, Wish } from '../../lib/ports/counter';
import type { Enrollment, NewRecoveryCodes } from '../../lib/ports/enrollments';
import { outboxSender } from '../../lib/senders/outbox-sender';
import { mapEnrollments } from '../../lib/stores/enrollments';
import type { Challenge } from '../../lib/core/challenge/challenge';
import type { Core, Requester } from '../../lib/core/core';
import { createLocales } from '../../lib/locales/locales';
import { createKeyring } from '../../lib/core/keyring';
import { DEFAULT_LIMITS, type Limits } from '../../lib/core/limits';
import { accountEpoch, type AccountState } from '../../lib/core/account';
import {
  newRecoveryCodes,
  readRecoveryCode,
  recoveryCodesOf,
  recoveryDigest,
} from '../../lib/core/enroll/recovery-codes';
import {
  beginLock,
  failureKeys,
  guessesLeft,
  guessPlaces,
  standingOf,
  type Standing,
} from '../../lib/core/failures';
import type { Outcome } from '../../lib/core/outcomes';
import type { SendWish } from '../../lib/core/send/decide-unconfirmed';
import { permitSend } from '../../lib/core/send/permit';
import { sendToFactor } from '../../lib/core/send/send-code';
import { verifyCode, type Verified } from '../../lib/core/verify/verify-code';

/** What users of the core's tests read. */
export const english = createLocales().best([]);

export const PHONE = '+12065550142';
export const SECRETS = ['a secret of the tests that is long enough'];
/** A whole number of days, so that hours and days begin with it. */
export const START = 20_000 * 86_400_000;

interface Told {
  name: EventName;
  facts: Record<string, unknown>;
}

/**
 * Everything the flows need, in this process and by a clock of the test's own. Parts of the library
 * are taken one by one: loading all of it takes longer than most of the tests.
 */
export interface World {
  core: Core;
  /** Lets seconds pass. */
  pass(seconds: number): void;
  outbox: ReturnType<typeof outboxSender>;
  events: Told[];
  /** The facts of the events with this name. */
  told(name: EventName): Record<string, unknown>[];
  /** What the session store holds. */
  kept: Map<string, { record: unknown; expiresAt: number }>;
  users: Map<string, Enrollment>;
  /** Every place that was taken, in order. */
  added: Place[];
  /** The counts that stand above zero now. */
  counts(): Promise<Record<string, number>>;
}

export function makeWorld(given: Partial<Core> = {}, limits: Partial<Limits> = {}): World {
  let now = START;
  let drawn = 0;
  const clock = (): number => now;
  const outbox = outboxSender();
  const events: Told[] = [];
  const kept: World['kept'] = new Map();
  const users = new Map<string, Enrollment>();
  const added: World['added'] = [];
  const inner = memoryCounter({ clock });
  const counter: Counter = {
    settle: async (wish) => {
      const settled = await inner.settle(wish);
      if (settled.ok) added.push(...(wish.take ?? []).filter(({ by = 1 }) => by > 0));
      return settled;
    },
  };
  const get = async (key: string): Promise<unknown> => {
    const found = kept.get(key);
    return found !== undefined && now < found.expiresAt ? found.record : undefined;
  };
  const core: Core = {
    appName: 'Acme',
    domain: 'acme.example',
    defaultCountry: 'US',
    allowedCountries: new Set(['US', 'CA']),
    numberOverrides: [],
    limits: { ...DEFAULT_LIMITS, ...limits },
    keyring: createKeyring(SECRETS),
    clock,
    random: (bytes) => {
      drawn += 1;
      return createHash('sha256')
        .update(String(drawn))
        .digest()
        .subarray(0, bytes)
        .toString('base64url');
    },
    counter,
    records: {
      get,
      recent: get,
      set: async (key, record, expiresAt) => {
        kept.set(key, { record: structuredClone(record), expiresAt });
      },
      delete: async (key) => {
        kept.delete(key);
      },
    },
    enrollments: mapEnrollments(users),
    sender: outbox,
    beforeSend: undefined,
    listens: () => true,
    say: english.sayText,
    emit: (name, facts) => events.push({ name, facts: { ...facts } }),
    ...given,
  };
  const told = (name: EventName) => events.filter((each) => each.name === name).map((e) => e.facts);
  const counts = async (): Promise<Record<string, number>> => {
    const found: Record<string, number> = {};
    const { read } = await inner.settle({ read: added.map(({ key }) => key) });
    for (const [key, { count }] of read) found[key] = count;
    return found;
  };
  const pass = (seconds: number): void => {
    now += seconds * 1_000;
  };
  return { core, pass, outbox, events, told, kept, users, added, counts };
}

export function requester(userId = 'A', more: Partial<Requester> = {}): Requester {
  return {
    userId,
    user: { id: userId },
    sessionId: `session of ${userId}`,
    address: '192.0.2.1',
    credentialsEpoch: '',
    // As most who are asked for a code: no text is kept from them.
    known: () => true,
    ...more,
  };
}

export function enrollmentOf(phone = PHONE, more: Partial<Enrollment> = {}): Enrollment {
  return { phone, confirmedAt: START - 1_000, epoch: 'first', version: 1, ...more };
}

/** Gives user A recovery codes that are kept, and returns them as `useRecoveryCode` takes them. */
export function giveRecoveryCodes({ core, users }: World, more: Partial<Enrollment> = {}) {
  const set = newRecoveryCodes(core, requester());
  const codes = bareCodesOf(core, set);
  const digests = codes.map((code) => recoveryDigest(set.id, code));
  const recoveryCodes = { salt: set.id, digests };
  users.set('A', enrollmentOf(PHONE, { recoveryCodes, ...more }));
  return codes;
}

/** The codes of a set of user A, as `useRecoveryCode` takes them. */
export function bareCodesOf(core: Core, set: NewRecoveryCodes | undefined): string[] {
  return (recoveryCodesOf(core, 'A', set) ?? []).map((code) => readRecoveryCode(code) ?? '');
}

/** The account of a user as the store has it now. */
export function accountOf({ core, users }: World, userId = 'A'): AccountState {
  const enrollment = users.get(userId);
  return { enrollment, epoch: accountEpoch(core.keyring, enrollment, '') };
}

/** Asks for a text to the confirmed phone; `userId` is enrolled where it is not yet. */
export async function send(
  world: World,
  who = requester(),
): Promise<Outcome<{ challenge: Challenge }>> {
  if (!world.users.has(who.userId)) world.users.set(who.userId, enrollmentOf());
  return sendToFactor(world.core, who, accountOf(world, who.userId), 'sign-in');
}

export async function verify(
  world: World,
  code: string,
  who = requester(),
): Promise<Outcome<Verified>> {
  return verifyCode(world.core, who, 'sign-in', code, accountOf(world, who.userId));
}

/** The challenge of an answer that must be a good one. */
export function challengeIn(outcome: Outcome<{ challenge: Challenge }>): Challenge {
  if (!outcome.ok) throw new Error(`refused: ${outcome.code}`);
  return outcome.challenge;
}

/** The code in the newest text. */
export function codeOf({ outbox }: World): string {
  return /^(\d+) is your/.exec(outbox.last()?.body ?? '')?.[1] ?? '';
}

/** A code that is not the one in the newest text. */
export function wrong(world: World): string {
  const code = codeOf(world);
  return (code.startsWith('0') ? '1' : '0') + code.slice(1);
}

/** A wish for a text to the confirmed phone of user A. */
export function sendWish(more: Partial<SendWish> = {}): SendWish {
  const facts = { userId: 'A', address: '192.0.2.1', phone: PHONE } as const;
  return { ...facts, confirmed: true, purpose: 'sign-in', ...more };
}

/** Asks for leave to send it. */
export function permit({ core }: World, more: Partial<SendWish> = {}) {
  const wish = sendWish(more);
  return permitSend(core, requester(wish.userId, { address: wish.address }), wish);
}

/** What a call throws that must fail. */
export function errorOf(call: Promise<unknown>): Promise<SecondFactorError> {
  return call.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: unknown) => error as SecondFactorError,
  );
}

/**
 * What is counted, whoever or whatever it is counted of; each name once, in order. In which sessions a
 * code may be pending is no limit, and not among them.
 */
export async function countNames(world: World): Promise<string[]> {
  const names = Object.keys(await world.counts()).map((key) => key.replace(/^[^#]*#/, ''));
  return [...new Set(names)].filter((name) => !/^c[0-2]\./.test(name)).sort();
}

/** Where user A stands. */
export async function standing({ core }: World): Promise<Standing> {
  const keys = failureKeys(core, 'A');
  return standingOf(core, keys, (await core.counter.settle({ read: keys.all })).read);
}

/** Has user A guess wrong so often, and begins the locks that come of it; throws where one is on. */
export async function countFailures(world: World, times: number): Promise<void> {
  const { core } = world;
  const keys = failureKeys(core, 'A');
  for (let each = 0; each < times; each += 1) {
    const before = await standing(world);
    if (before.state !== 'open') throw new Error(`guess ${each + 1} met ${before.state}`);
    const failures = before.failures + 1;
    await core.counter.settle({ take: guessPlaces(core, keys, before.failures) });
    if (guessesLeft(core, failures) === 0) await beginLock(core, keys, failures);
  }
}

/** Takes these counts outright, as another process may have done. */
export async function take(
  { core }: World,
  key: string,
  { by = 1, seconds = 60 } = {},
): Promise<void> {
  const limit = Number.MAX_SAFE_INTEGER;
  await core.counter.settle({ take: [{ key, by, window: seconds * 1_000, limit }] });
}

/**
 * Does something between two steps of a flow: right before the first decision that takes a place of
 * this name, or clears or reads one, as a request that crosses it would.
 */
export function justBefore(
  { core }: World,
  verb: 'take' | 'read' | 'clear' | 'give',
  name: string,
  does: () => Promise<unknown>,
): void {
  const { counter } = core;
  let done = false;
  core.counter = {
    settle: async (wish) => {
      if (!done && keysOf(wish, verb).some((key) => key.includes(`#${name}`))) {
        done = true;
        core.counter = counter;
        await does();
      }
      return counter.settle(wish);
    },
  };
}

function keysOf(wish: Wish, verb: 'take' | 'read' | 'clear' | 'give'): readonly string[] {
  if (verb === 'take')
    return (wish.take ?? []).filter(({ by = 1 }) => by > 0).map(({ key }) => key);
  if (verb === 'give') return (wish.give ?? []).map(({ key }) => key);
  return wish[verb] ?? [];
}
