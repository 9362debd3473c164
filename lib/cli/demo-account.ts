import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { accountEpoch, type FactorAccess } from '../core/account';
import type { Challenge } from '../core/challenge/challenge';
import { typedCode } from '../core/challenge/code';
import type { Core, Requester } from '../core/core';
import { confirmEnrollment, startEnrollment } from '../core/enroll/enroll';
import { createKeyring } from '../core/keyring';
import { DEFAULT_LIMITS } from '../core/limits';
import type { Outcome } from '../core/outcomes';
import { readEnrollment } from '../core/read-enrollment';
import { sendToFactor } from '../core/send/send-code';
import { verifyCode } from '../core/verify/verify-code';
import { memoryCounter } from '../counters/memory-counter';
import { createLocales } from '../locales/locales';
import type { Enrollment } from '../ports/enrollments';
import type { Records } from '../ports/session-store';
import { mapEnrollments } from '../stores/enrollments';
import type { Context } from './command';
import { CommandFailure } from './command-failure';

/** Where phones of the demo are kept from run to run; `undefined` where there is no such place. */
export function keptFile({ env }: Pick<Context, 'env'>): string | undefined {
  const state = env.XDG_STATE_HOME ?? env.LOCALAPPDATA;
  const base = state ?? (env.HOME === undefined ? undefined : join(env.HOME, '.local', 'state'));
  return base === undefined ? undefined : join(base, 'passport-sms-2fa', 'demo.json');
}

export function forgetPhones(file: string | undefined): void {
  if (file !== undefined) rmSync(file, { force: true });
}

/** Enrollments that outlive the process, by user name; of one that is not whole the demo knows nothing. */
function readKept(file: string | undefined): Map<string, Enrollment> {
  if (file === undefined) return new Map();
  try {
    const entries = JSON.parse(readFileSync(file, 'utf8')) as [string, unknown][];
    const read = entries.map(([name, value]) => [name, readEnrollment(value)] as const);
    return new Map(read.filter((each): each is readonly [string, Enrollment] => !!each[1]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new CommandFailure(`${file} cannot be read. "demo --forget" begins anew.`);
  }
}

/** For this user of the machine alone: it holds phone numbers. */
function keep(file: string, kept: Map<string, Enrollment>): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify([...kept]), { mode: 0o600 });
}

/** The core of the library with its own limits, and with stores that end with this process. */
export function demoCore(
  facts: Pick<Core, 'appName' | 'domain' | 'sender' | 'clock'>,
  file: string | undefined,
): Core {
  const { clock } = facts;
  const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
  const kept = readKept(file);
  const set = (name: string, enrollment: unknown): void => {
    kept.set(name, enrollment as Enrollment);
    if (file !== undefined) keep(file, kept);
  };
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
    enrollments: mapEnrollments({
      get: (name) => kept.get(name),
      set,
      delete: (name) => kept.delete(name),
    }),
    beforeSend: undefined,
    listens: () => false,
    say: createLocales().best([]).sayText,
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

/** One user who has given a password. */
export interface DemoUser {
  /** 11 digits, of an earlier run. */
  savedPhone: string | undefined;
  /** Texts a code to the saved phone, else to this one. */
  text(phone: string): Promise<Outcome<{ challenge: Challenge }>>;
  confirm(typed: string): Promise<Outcome<object>>;
}

export async function demoUser(core: Core, userId: string): Promise<DemoUser> {
  const who: Requester = {
    userId,
    user: { id: userId },
    sessionId: core.random(16),
    address: undefined,
    credentialsEpoch: '',
  };
  const enrollment = (await core.enrollments.get(userId, who.user)) as Enrollment | undefined;
  const epoch = accountEpoch(core.keyring, enrollment, '');
  const access: FactorAccess = { enrollment, epoch, fresh: false };
  return {
    savedPhone: enrollment?.phone.slice(1),
    text: (phone) =>
      enrollment === undefined
        ? startEnrollment(core, who, access, { phone: `+${phone}`, country: 'US' })
        : sendToFactor(core, who, access, 'sign-in'),
    confirm: async (typed) => {
      const read = typedCode(typed, core.limits.codeLength);
      if (!read.ok) return read;
      return enrollment === undefined
        ? confirmEnrollment(core, who, access, read.code)
        : verifyCode(core, who, 'sign-in', read.code, access);
    },
  };
}
