import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { readText } from './environment';
import { SettingsError } from './settings-error';

/** Newest first: the first one signs, the others are still understood, so secrets can be changed. */
export interface Secrets {
  session: string[];
  secondFactor: string[];
}

const MIN_LENGTH = 32;
const CURE = 'Make one with: openssl rand -base64 32';

/** The two secrets; `fallback` makes those that are not given, where that is allowed at all. */
export function readSecrets(env: NodeJS.ProcessEnv, fallback?: () => Secrets): Secrets {
  const session = readSecret(env, 'SESSION_SECRET');
  const secondFactor = readSecret(env, 'SECOND_FACTOR_SECRET');
  if (session && secondFactor) {
    // Who reads the session store's secret must not be able to compute codes with it.
    if (session.some((secret) => secondFactor.includes(secret))) {
      throw new SettingsError(
        `SESSION_SECRET and SECOND_FACTOR_SECRET must differ. ${CURE}, once for each.`,
      );
    }
    return { session, secondFactor };
  }
  if (!fallback) {
    const missing = session ? 'SECOND_FACTOR_SECRET' : 'SESSION_SECRET';
    throw new SettingsError(
      `${missing} is not set. With real Flowroute keys the app takes no secret of its own making. ${CURE}`,
    );
  }
  const made = fallback();
  return { session: session ?? made.session, secondFactor: secondFactor ?? made.secondFactor };
}

function readSecret(env: NodeJS.ProcessEnv, name: string): string[] | undefined {
  const secrets = readText(env, name)
    ?.split(',')
    .map((secret) => secret.trim());
  if (secrets?.some((secret) => secret.length < MIN_LENGTH)) {
    throw new SettingsError(
      `${name} must have at least ${MIN_LENGTH} characters (several secrets: newest first, with ` +
        `commas between). ${CURE}`,
    );
  }
  return secrets;
}

/**
 * Random secrets of this installation, made once and kept beside the database, so that sessions
 * and enrollments survive a restart without anything to set up. For development only.
 */
export function installationSecrets(dataDir: string): Secrets {
  const file = path.join(dataDir, 'secrets.json');
  const fresh = { session: [newSecret()], secondFactor: [newSecret()] };
  makeFolder(dataDir);
  try {
    // 'wx': of two processes that start together, one makes the file and the other reads it.
    writeFileSync(file, JSON.stringify(fresh), { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readInstallation(file);
    throw notWritable(dataDir, error);
  }
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw notWritable(dataDir, error);
  }
}

function notWritable(dataDir: string, error: unknown): SettingsError {
  return new SettingsError(
    `DATA_DIR '${dataDir}' cannot be written (${(error as Error).message}). ` +
      `Set it to a folder that this user may write to.`,
  );
}

function readInstallation(file: string): Secrets {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<keyof Secrets, unknown>>;
    if (areSecrets(kept.session) && areSecrets(kept.secondFactor)) {
      return { session: kept.session, secondFactor: kept.secondFactor };
    }
  } catch {
    // Unreadable or not JSON: the same cure as for wrong contents.
  }
  throw new SettingsError(
    `'${file}' in DATA_DIR does not hold the secrets it should. Delete it to have new ones made; ` +
      `whoever is signed in must then sign in again.`,
  );
}

function areSecrets(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((secret) => typeof secret === 'string' && secret.length >= MIN_LENGTH)
  );
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
