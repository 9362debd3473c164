import type { Emit, EventName, SecondFactorEvents } from './core/events';

export type Listener<Name extends EventName> = (facts: SecondFactorEvents[Name]) => unknown;

export interface EventHub {
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
