import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Campaign } from '../core/challenge/message';
import type { SecondFactorError, SetupFinding } from '../errors';
import { timeLimit } from '../time-limit';
import { CommandFailure } from './command-failure';
import { type Finding, ok, unknown, wrong } from './findings';
import type { Sources } from './settings';

/** The part of a second factor that is asked here: it may be of another copy of the library. */
interface Checkable {
  check(options?: { userId?: string }): Promise<readonly SetupFinding[]>;
  campaign?(): Campaign;
}

/** What is tried each time; the rest is told where a request has shown it. */
const PARTS: Partial<Record<SetupFinding['check'], string>> = {
  counter: 'The counter answers, is allowed to all it needs, and counts one at a time.',
  clock: 'The clock of the counter agrees, where it has one of its own.',
  store: 'The session store keeps a record like ours, and forgets it.',
  enrollments: 'Enrollments are kept whole, and a stale version is refused.',
  mountPath: 'router() is at mountPath.',
  'trust proxy': 'No proxy was seen that is not trusted.',
};
/** An app may connect to its database first. */
const PATIENCE_MS = 15_000;

/** Loads the module that makes the app's second factor, and has it look at its set-up. */
export async function checkApp(
  path: string,
  userId: string | undefined,
  settings: Sources['env'],
): Promise<Finding[]> {
  const factor = await loadFactor(path, settings);
  const found = await findingsOf(factor, userId);
  const fine = Object.entries(PARTS)
    .filter(([part]) => !found.some(({ check }) => check === part))
    .filter(([part]) => part !== 'clock' || !found.some(({ check }) => check === 'counter'))
    .map(([part, says]) => ok(part as Finding['check'], says));
  const told = found.map(({ check, state, says, cure }) =>
    (state === 'unknown' ? unknown : wrong)(check, says, cure),
  );
  return [...fine, ...told];
}

async function findingsOf(
  factor: Checkable,
  userId: string | undefined,
): Promise<readonly SetupFinding[]> {
  try {
    return await factor.check(userId === undefined ? {} : { userId });
  } catch (error) {
    const { findings } = error as Partial<SecondFactorError>;
    if (Array.isArray(findings)) return findings as readonly SetupFinding[];
    throw error;
  }
}

/** Loads the module that makes the second factor; it finds the settings of a file in its environment. */
export async function loadFactor(path: string, settings: Sources['env']): Promise<Checkable> {
  for (const [name, value] of Object.entries(settings)) process.env[name] ??= value;
  const loaded = load(path);
  const within = timeLimit(
    loaded,
    PATIENCE_MS,
    () => new CommandFailure(`${path} was not loaded within ${PATIENCE_MS / 1_000} s.`),
  );
  const factor = await within;
  if (factor !== undefined) return factor;
  throw new CommandFailure(
    `${path} exports no second factor. Export what createSecondFactor() gives, under any name, or a promise of it, from the module that --app names.`,
  );
}

async function load(path: string): Promise<Checkable | undefined> {
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    const { message } = error as { message?: unknown };
    throw new CommandFailure(
      `${path} cannot be loaded: ${String(message).split('\n')[0] ?? ''} Give it the environment that the app has, such as by --settings .env.`,
    );
  }
  // An app in CommonJS stands under `default`, whole.
  const whole: unknown = await exported.default;
  const named = [exported, whole].flatMap((each): unknown[] =>
    typeof each === 'object' && each !== null ? Object.values(each) : [],
  );
  for (const each of [whole, ...named]) {
    const value: unknown = await each;
    if (isFactor(value)) return value;
  }
  return undefined;
}

function isFactor(value: unknown): value is Checkable {
  const { check, enforce, webhookToken } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof check === 'function' && typeof enforce === 'function' && typeof webhookToken === 'string'
  );
}
