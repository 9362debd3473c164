import { createHash } from 'node:crypto';
import { accountEpoch, type AccountState } from '../../../lib/core/account';
import type { Core, Requester } from '../../../lib/core/core';
import { startEnrollment } from '../../../lib/core/enroll/enroll';
import type { EventName } from '../../../lib/core/events';
import type { Limits } from '../../../lib/core/limits';
import type { Refusal } from '../../../lib/core/outcomes';
import { sendToFactor } from '../../../lib/core/send/send-code';
import { verifyCode } from '../../../lib/core/verify/verify-code';
import { memoryCounter } from '../../../lib/counters/memory-counter';
import { SecondFactorError } from '../../../lib/errors';
import type { Enrollment } from '../../../lib/ports/enrollments';
import type { SmsSender } from '../../../lib/ports/senders';
import { mapEnrollments } from '../../../lib/stores/enrollments';
import { enrollmentOf, makeWorld, requester, START } from '../../helpers/core';
import { seeded } from '../../helpers/web';
import { timeline, type Timeline } from './timeline';

/** Who somebody is; what they pay for is told apart by that. */
type Side = 'honest' | 'attacker';

/** A site in virtual time: the core, its counts in memory, a carrier that notes what goes out. */
export interface Site extends Timeline {
  core: Core;
  /** When a text went out, by who asked for it. */
  texts: Record<Side, number[]>;
  /** When what was told. */
  events: { name: EventName; at: number; facts: Record<string, unknown> }[];
  /** What the carrier does instead of taking a text. */
  carrier: { fails?: (() => Error) | undefined };
  /** The most calls of the ledger that one refusal by a limit has cost. */
  dearestRefusal: () => number;
  /** Somebody with an account. */
  person: (side: Side, more?: Partial<Pick<Person, 'userId' | 'address' | 'phone'>>) => Person;
  /** A number that nobody has yet, of the US or of Canada. */
  newPhone: (country?: 'US' | 'CA') => string;
  /** Chance, the same in each run: a number from 0 to 1. */
  chance: () => number;
}

export interface Person {
  userId: string;
  address: string;
  phone: string;
  isEnrolled: () => boolean;
  /** Has had the phone for long. */
  enroll: () => void;
  /** Asks for a text to a phone that is to become the factor; `undefined` where it went out. */
  signUp: (phone?: string) => Promise<Refused | undefined>;
  /** Asks for a text to the phone that is the factor. */
  signIn: () => Promise<Refused | undefined>;
  /** Enters the code of the newest text to the phone; whether it was taken. */
  answer: () => Promise<boolean>;
  /** Has passed the second factor in this session, and goes on to name another phone. */
  replace: (phone: string) => Promise<Refused | undefined>;
}

export interface Refused {
  code: string;
  /** Seconds until it may go. */
  retryAfter: number | undefined;
}

const AREAS = {
  US: [206, 212, 303, 305, 312, 404, 415, 512, 617, 702],
  CA: [403, 416, 514, 604, 613],
};

export function makeSite(limits: Partial<Limits> = {}, seed = 1): Site {
  const time = timeline(START);
  const chance = seeded(seed);
  const codes = new Map<string, string>();
  const texts: Site['texts'] = { honest: [], attacker: [] };
  const events: Site['events'] = [];
  const carrier: Site['carrier'] = {};
  const users = new Map<string, Enrollment>();
  let asking: Side = 'honest';
  let made = 0;
  let calls = 0;
  let dearest = 0;
  const inner = memoryCounter({ clock: time.now });
  const draw = (below: number): number => Math.floor(chance() * below);

  const sender: SmsSender = {
    send: ({ to, body }) => {
      if (carrier.fails !== undefined) return Promise.reject(carrier.fails());
      texts[asking].push(time.now());
      codes.set(to, /^(\d+) is your/.exec(body)?.[1] ?? '');
      return Promise.resolve({ id: `text ${texts.honest.length + texts.attacker.length}` });
    },
  };
  const { core } = makeWorld(
    {
      clock: time.now,
      counter: {
        settle: (wish) => {
          calls += 1;
          return inner.settle(wish);
        },
      },
      records: recordsBy(time.now),
      enrollments: mapEnrollments(users),
      sender,
      random: (bytes) => {
        made += 1;
        const drawn = createHash('sha256').update(`${seed} ${made}`).digest();
        return drawn.subarray(0, bytes).toString('base64url');
      },
      listens: () => false,
      emit: (name, facts) => events.push({ name, at: time.now(), facts: { ...facts } }),
    },
    limits,
  );

  const newPhone = (country: 'US' | 'CA' = 'US'): string => {
    const area = AREAS[country][draw(AREAS[country].length)] ?? 206;
    // Of the exchanges those that are no service and no premium.
    const exchange = 2 + draw(7);
    const block = `${exchange}${2 + draw(5)}${2 + draw(8)}`.replace('555', '556');
    return `+1${area}${block}${String(draw(10_000)).padStart(4, '0')}`;
  };

  const person: Site['person'] = (side, more = {}) => {
    made += 1;
    const userId = more.userId ?? `${side} ${made}`;
    const address = more.address ?? addressOf(draw(2 ** 30));
    const phone = more.phone ?? newPhone();
    const first = made;
    let sessions = 0;
    let purpose: 'enroll' | 'replace' | 'sign-in' = 'enroll';
    let texted = phone;
    const who = (): Requester =>
      requester(userId, { address, sessionId: `session ${first}.${sessions}` });
    const account = (): AccountState => {
      const enrollment = users.get(userId);
      return { enrollment, epoch: accountEpoch(core.keyring, enrollment, '') };
    };
    const asked = async (call: () => Promise<{ ok: true } | Refusal>) => {
      asking = side;
      calls = 0;
      try {
        const outcome = await call();
        if (outcome.ok) return undefined;
        dearest = Math.max(dearest, calls);
        return { code: outcome.code, retryAfter: outcome.retryAfter };
      } catch (error) {
        if (error instanceof SecondFactorError) return { code: error.code, retryAfter: undefined };
        throw error;
      }
    };
    const name = (named: string, fresh: boolean) =>
      asked(() => {
        texted = named;
        const access = { ...account(), fresh };
        return startEnrollment(core, who(), access, { phone: named, country: 'US' });
      });
    return {
      userId,
      address,
      phone,
      isEnrolled: () => users.has(userId),
      enroll: () => {
        users.set(userId, enrollmentOf(phone));
      },
      signUp: (named = phone) => {
        purpose = 'enroll';
        return name(named, false);
      },
      replace: (named) => {
        purpose = 'replace';
        return name(named, true);
      },
      signIn: () => {
        purpose = 'sign-in';
        texted = users.get(userId)?.phone ?? phone;
        return asked(() => sendToFactor(core, who(), account(), 'sign-in'));
      },
      answer: async () => {
        const code = codes.get(texted) ?? '';
        const outcome = await verifyCode(core, who(), purpose, code, account());
        if (!outcome.ok) return false;
        // Recovery codes would take longer to make than all else, and no limit looks at them.
        const epoch = core.random(12);
        if (purpose !== 'sign-in') users.set(userId, enrollmentOf(texted, { epoch }));
        // It goes on under another id.
        sessions += 1;
        return true;
      },
    };
  };
  const dearestRefusal = (): number => dearest;
  return { ...time, core, texts, events, carrier, dearestRefusal, person, newPhone, chance };
}

export function addressOf(number: number): string {
  return [11 + (number >> 24), (number >> 16) & 255, (number >> 8) & 255, number & 255].join('.');
}

/** Records in memory. They are plain values that nobody changes, so they need no copy. */
function recordsBy(now: () => number): Core['records'] {
  const kept = new Map<string, { record: unknown; expiresAt: number }>();
  const get = async (key: string): Promise<unknown> => {
    const found = kept.get(key);
    return found !== undefined && now() < found.expiresAt ? found.record : undefined;
  };
  return {
    get,
    recent: get,
    set: async (key, record, expiresAt) => {
      kept.delete(key);
      kept.set(key, { record, expiresAt });
      // The oldest are first; without this a year would lie in memory.
      for (const [old, { expiresAt: end }] of kept) {
        if (end > now()) break;
        kept.delete(old);
      }
    },
    delete: async (key) => {
      kept.delete(key);
    },
  };
}

/** The most of these times that lie within any stretch of so many seconds. */
export function mostWithin(times: readonly number[], seconds: number): number {
  let first = 0;
  let most = 0;
  for (const [index, at] of times.entries()) {
    while (at - (times[first] ?? at) >= seconds * 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
