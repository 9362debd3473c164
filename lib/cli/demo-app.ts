import { randomBytes } from 'node:crypto';
import { accountEpoch, type FactorAccess } from '../core/account';
import type { Challenge } from '../core/challenge/challenge';
import { typedCode } from '../core/challenge/code';
import type { Core, Requester } from '../core/core';
import { confirmEnrollment, startEnrollment } from '../core/enroll/enroll';
import { createKeyring } from '../core/keyring';
import { DEFAULT_LIMITS } from '../core/limits';
import type { Outcome } from '../core/outcomes';
import { memoryCounter } from '../counters/memory-counter';
import type { Records } from '../ports/records';
import type { SmsSender } from '../ports/sms-sender';
import { flowrouteSender } from '../senders/flowroute-sender';
import { SIMULATOR_CREDENTIALS } from '../simulator';
import { mapEnrollments } from '../stores/enrollments';
import type { Context } from './command';
import { UsageError } from './command-failure';
import { readAccount, readFrom } from './settings';
import { startSimulator } from './simulate';

export interface DemoCarrier {
  sender: SmsSender;
  /** Where texts can be read; only with the simulator. */
  phonePage: string | undefined;
  close: () => Promise<void>;
}

/** Flowroute where its keys are set; else a simulator that is reached over real HTTP as well. */
export async function openDemoCarrier(context: Context): Promise<DemoCarrier> {
  const { given, env } = context;
  const account = readAccount(context);
  if (account !== undefined) {
    const sender = flowrouteSender({ ...account, from: readFrom(context) });
    return { sender, phonePage: undefined, close: () => Promise.resolve() };
  }
  if (given.text('api') !== undefined || env.FLOWROUTE_API !== undefined) {
    throw new UsageError(
      'FLOWROUTE_API (--api) is set without keys. Set FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY, too, or none of them.',
    );
  }
  const port = given.whole('simulator-port', 0, 65_535) ?? 0;
  const place = { port, host: '127.0.0.1', option: '--simulator-port' };
  const simulator = await startSimulator({}, place);
  const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: simulator.url });
  return { sender, phonePage: `${simulator.url}/`, close: () => simulator.close() };
}

/** The core of the library with its own limits, and with stores that end with this process. */
export function demoCore(facts: Pick<Core, 'appName' | 'domain' | 'sender' | 'clock'>): Core {
  const { clock } = facts;
  const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
  return {
    ...facts,
    defaultCountry: 'US',
    numberOverrides: [],
    allowedCountries: new Set(['US', 'CA']),
    limits: DEFAULT_LIMITS,
    keyring: createKeyring([random(32)]),
    random,
    counter: memoryCounter({ clock }),
    records: memoryRecords(clock),
    enrollments: mapEnrollments(new Map()),
    beforeSend: undefined,
    listens: () => false,
    emit: () => undefined,
  };
}

function memoryRecords(clock: () => number): Records {
  const kept = new Map<string, { record: unknown; expiresAt: number }>();
  const get = (key: string): Promise<unknown> => {
    const found = kept.get(key);
    const live = found !== undefined && clock() < found.expiresAt;
    return Promise.resolve(live ? found.record : undefined);
  };
  return {
    get,
    recent: get,
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

/** One user who has given a password, and has no phone yet. */
export interface DemoUser {
  text(phone: string): Promise<Outcome<{ challenge: Challenge }>>;
  confirm(typed: string): Promise<Outcome<object>>;
}

export function demoUser(core: Core, userId: string): DemoUser {
  const who: Requester = {
    userId,
    user: { id: userId },
    sessionId: core.random(16),
    address: undefined,
    credentialsEpoch: '',
  };
  const epoch = accountEpoch(core.keyring, undefined, '');
  const access: FactorAccess = { enrollment: undefined, epoch, fresh: false };
  return {
    text: (phone) => startEnrollment(core, who, access, { phone: `+${phone}`, country: 'US' }),
    confirm: async (typed) => {
      const read = typedCode(typed, core.limits.codeLength);
      return read.ok ? confirmEnrollment(core, who, access, read.code) : read;
    },
  };
}
