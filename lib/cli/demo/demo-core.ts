import { randomBytes } from 'node:crypto';

import type { Core } from '../../core/core';
import { createKeyring } from '../../core/keyring';
import { DEFAULT_LIMITS } from '../../core/limits';
import { memoryCounter } from '../../counters/memory-counter';
import type { Records } from '../../ports/records';
import { mapEnrollments } from '../../stores/map-enrollments';

/** The core of the library with its own limits, and with stores that end with this process. */
export function demoCore(facts: Pick<Core, 'appName' | 'domain' | 'sender' | 'clock'>): Core {
  const { clock } = facts;
  const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
  return {
    ...facts,
    defaultCountry: 'US',
    allowedCountries: new Set(['US', 'CA']),
    limits: DEFAULT_LIMITS,
    keyring: createKeyring([random(32)]),
    random,
    counter: memoryCounter({ clock }),
    records: memoryRecords(clock),
    enrollments: mapEnrollments(new Map()),
    beforeSend: undefined,
    emit: () => undefined,
  };
}

function memoryRecords(clock: () => number): Records {
  const kept = new Map<string, { record: object; expiresAt: number }>();
  return {
    get: (key) => {
      const found = kept.get(key);
      const live = found !== undefined && clock() < found.expiresAt;
      return Promise.resolve(live ? found.record : undefined);
    },
    set: (key, record, expiresAt) => {
      kept.set(key, { record, expiresAt });
      return Promise.resolve();
    },
    delete: (key) => {
      kept.delete(key);
      return Promise.resolve();
    },
  };
}
