import { misuse } from '../misuse';
import type { Clock } from '../ports/clock';
import { count, OPEN_TELEMETRY } from '../telemetry';
import {
  ACTIONS,
  type Emit,
  type EventFacts,
  type EventName,
  type Listener,
  type Notice,
  type SecondFactorEvents,
} from './events';
import { maskDestination, type Purpose } from './outcomes';

/*
 * How an event gets to whoever should know of it: to the listeners of its name, with the notice that it
 * gives rise to, and into what is counted of all. `events.ts` says what there is to be told.
 */

/** What every event says of who, when and where; the phone masked. */
export function eventFacts(
  core: { clock: Clock },
  who: { userId: string; address: string | undefined },
  about: { phone?: string; purpose?: Purpose },
): EventFacts {
  const { phone, purpose } = about;
  return {
    at: core.clock(),
    userId: who.userId,
    ip: who.address,
    ...(phone === undefined ? {} : { phone: maskDestination(phone) }),
    ...(purpose === undefined ? {} : { purpose }),
  };
}

/** Emits every event as it is, and the notice that it gives rise to. */
export function emitWithNotices(emit: Emit): Emit {
  return (name, facts) => {
    emit(name, facts);
    const action = ACTIONS.find((each) => each === name);
    if (action !== undefined) emit('notice', { action, ...(facts as Omit<Notice, 'action'>) });
  };
}

interface EventHub {
  emit: Emit;
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;
}

/** Tells listeners what happened. A listener changes nothing: `warn` gets what it throws or rejects with. */
export function createEventHub(warn: (name: EventName, error: unknown) => void): EventHub {
  const listeners = new Map<string, { listener: (facts: never) => unknown }[]>();
  return {
    on: (name, listener) => {
      checkListener(name, listener);
      // The same function may listen twice, and each of the two ends by itself.
      const entry = { listener };
      listeners.set(name, [...(listeners.get(name) ?? []), entry]);
      return () => {
        listeners.set(
          name,
          (listeners.get(name) ?? []).filter((each) => each !== entry),
        );
      };
    },
    emit: (name, facts) => {
      for (const { listener } of listeners.get(name) ?? []) {
        // In a promise of its own: one that throws is no different from one that rejects, and none
        // can hold up the answer.
        void Promise.resolve(facts as never)
          .then(listener)
          .catch((error: unknown) => warn(name, error));
      }
    },
  };
}

/** Every event there is; the compiler holds it complete. */
const NAMES: Record<EventName, true> = {
  sent: true,
  delivery: true,
  reported: true,
  send_refused: true,
  verified: true,
  session_rotated: true,
  failed: true,
  locked: true,
  disabled: true,
  enrolled: true,
  replaced: true,
  removed: true,
  recovery_used: true,
  recovery_codes_replaced: true,
  device_trusted: true,
  device_used: true,
  device_revoked: true,
  device_copied: true,
  notice: true,
  conversion_low: true,
  texts_used_up: true,
  opted_out: true,
  unlocked: true,
  reset: true,
  revoked: true,
  budget_alert: true,
  store_failed: true,
};

/** Under a misspelled name nobody would ever be told of anything. */
function checkListener(name: unknown, listener: unknown): void {
  if (typeof name !== 'string' || !Object.hasOwn(NAMES, name)) {
    const cure = `There is no such event. There are ${Object.keys(NAMES).join(', ')}.`;
    throw misuse('the first argument of on()', name, cure);
  }
  if (typeof listener === 'function') return;
  throw misuse('the second argument of on()', listener, 'Give a function that gets the facts.');
}

type Counts = { [Name in EventName]?: (facts: SecondFactorEvents[Name]) => void };

/** Hands every event on, and counts it where an OpenTelemetry SDK listens; see docs/metrics.md. */
export function emitWithMetrics(emit: Emit): Emit {
  return (name, facts) => {
    emit(name, facts);
    if (!(OPEN_TELEMETRY in globalThis)) return;
    const told = COUNTS[name] as ((facts: SecondFactorEvents[typeof name]) => void) | undefined;
    told?.(facts);
  };
}

type Change = Extract<
  EventName,
  | 'enrolled'
  | 'replaced'
  | 'removed'
  | 'recovery_used'
  | 'recovery_codes_replaced'
  | 'device_trusted'
  | 'device_revoked'
  | 'unlocked'
  | 'reset'
  | 'revoked'
>;
type Warning = Extract<
  EventName,
  'reported' | 'texts_used_up' | 'opted_out' | 'device_copied' | 'store_failed'
>;

const changed = (change: Change) => (): void => count('sms2fa.changes', { change });
const warned = (warning: Warning) => (): void => count('sms2fa.warnings', { warning });

/** By mail it has no country. The number itself, masked too, is not looked at. */
function channelOf({ country }: { country?: string }): string {
  return country === undefined ? 'email' : 'sms';
}

/**
 * Of each event only words that the library itself has, and countries that are allowed: what a user, the
 * app or the carrier says freely is no label [S212].
 */
const COUNTS: Counts = {
  sent: (facts) => {
    const { purpose, country, price } = facts;
    const text = { channel: channelOf(facts), purpose, country };
    count('sms2fa.text.attempts', { ...text, outcome: 'accepted' });
    if (price !== undefined && price >= 0) count('sms2fa.text.cost', text, price);
  },
  send_refused: (facts) => {
    const { purpose, country, code, reason, budget, carrier } = facts;
    const called = reason !== undefined || carrier !== undefined || code === 'delivery_failed';
    if (!called) {
      count('sms2fa.refusals', { purpose, reason: code, budget });
      return;
    }
    const outcome = reason === 'unknown_outcome' ? 'unknown' : 'refused';
    const text = { channel: channelOf(facts), purpose, country, outcome };
    count('sms2fa.text.attempts', { ...text, 'error.type': reason ?? code });
  },
  delivery: ({ purpose, delivery }) => count('sms2fa.deliveries', { purpose, state: delivery }),
  verified: ({ purpose }) => count('sms2fa.verifications', { purpose, outcome: 'verified' }),
  device_used: () => count('sms2fa.verifications', { outcome: 'trusted_device' }),
  failed: ({ purpose, method = 'code' }) =>
    count('sms2fa.verifications', { purpose, outcome: 'wrong', method }),
  locked: ({ purpose }) => count('sms2fa.locks', { purpose, level: 'locked' }),
  disabled: ({ purpose }) => count('sms2fa.locks', { purpose, level: 'disabled' }),
  conversion_low: ({ budget, country, step }) =>
    count('sms2fa.conversion.changes', { budget, country, step }),
  budget_alert: ({ budget, count: used, limit }) =>
    count('sms2fa.budget.alerts', { budget, step: used >= limit ? 'full' : 'near' }),
  enrolled: changed('enrolled'),
  replaced: changed('replaced'),
  removed: changed('removed'),
  recovery_used: changed('recovery_used'),
  recovery_codes_replaced: changed('recovery_codes_replaced'),
  device_trusted: changed('device_trusted'),
  device_revoked: changed('device_revoked'),
  unlocked: changed('unlocked'),
  reset: changed('reset'),
  revoked: changed('revoked'),
  reported: warned('reported'),
  texts_used_up: warned('texts_used_up'),
  opted_out: warned('opted_out'),
  device_copied: warned('device_copied'),
  store_failed: warned('store_failed'),
};
