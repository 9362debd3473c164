import type { Emit, EventName, SecondFactorEvents } from './core/events';
import { misuse } from './misuse';

export type Listener<Name extends EventName> = (facts: SecondFactorEvents[Name]) => unknown;

interface EventHub {
  emit: Emit;
  on<Name extends EventName>(name: Name, listener: Listener<Name>): void;
}

/**
 * Tells listeners what happened. A listener changes nothing: what it throws or rejects with becomes
 * a warning of the process, with the code `SMS2FA_LISTENER_FAILED`.
 */
export function createEventHub(): EventHub {
  const listeners = new Map<string, ((facts: never) => unknown)[]>();
  const warn = (name: string, error: unknown): void => {
    const said = error instanceof Error ? error.message : 'no error was given';
    process.emitWarning(`A listener of the event ${name} failed: ${said}`, {
      code: 'SMS2FA_LISTENER_FAILED',
    });
  };
  return {
    on: (name, listener) => {
      checkListener(name, listener);
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    emit: (name, facts) => {
      for (const listener of listeners.get(name) ?? []) {
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
