import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Campaign, charactersOver, LONGEST_TEXT } from '../core/challenge/message';
import { DEFAULT_LIMITS } from '../core/limits';
import type { SecondFactorError, SetupFinding } from '../errors';
import { createLocales } from '../locales/locales';
import { checkDomain, checkText } from '../options/check-values';
import { timeLimit } from '../time-limit';
import { CommandFailure, onCommandLine } from './command-failure';
import { type Finding, ok, type Patient, unknown, wrong } from './findings';
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

/** The line of each text by which phones fill the code in, and the length of the longest text. */
export function checkTexts(patient: Patient): Finding[] {
  return [checked(() => checkDomainLine(patient)), checked(() => checkLength(patient))];
}

function checkDomainLine({ domain, publicUrl }: Patient): Finding {
  const host = checkDomain(domain);
  if (host === undefined) {
    const fit = nameOf(publicUrl) ?? '<host>';
    const cure = `Give the app its domain option, and this command --domain ${fit}.`;
    return unknown('text', 'Whether texts have a line for autofill is not known here.', cure);
  }
  const used = publicUrl?.hostname;
  if (used === undefined) {
    const cure = 'Set PUBLIC_URL to hold it against the address of the app.';
    return unknown('text', `Phones fill the code in at ${host}, wherever the app is.`, cure);
  }
  if (used === host || used.endsWith(`.${host}`)) {
    return ok('text', `Phones fill the code in at ${host} (last line: @${host} #code).`);
  }
  const cure = 'Use the name that people see in the address bar, or a parent of it.';
  return wrong('text', `Phones fill the code in at ${host}, but the app is at ${used}.`, cure);
}

/** Where the app's domain was not told, its address stands in for it. */
function checkLength({ domain, publicUrl, appName, codeLength }: Patient): Finding {
  const { challengeLifetime: lifetimeSeconds } = DEFAULT_LIMITS;
  const facts = { domain: checkDomain(domain) ?? nameOf(publicUrl), codeLength, lifetimeSeconds };
  const { sayText: say } = createLocales().best([]);
  if (appName === undefined) {
    const room = -charactersOver({ ...facts, appName: '' }, say);
    const says = `The app's name may have ${room} characters, and is not known here.`;
    return unknown('text', says, 'Give this command --app-name.');
  }
  const over = charactersOver({ ...facts, appName: checkText('--app-name', appName) }, say);
  const length = `The longest text has ${LONGEST_TEXT + over} of ${LONGEST_TEXT} characters`;
  if (domain === undefined) {
    const { domain: assumed } = facts;
    const where = assumed === undefined ? 'where there is no domain' : `with the domain ${assumed}`;
    return unknown('text', `${length} ${where}.`, 'Give this command --domain.');
  }
  if (over <= 0) return ok('text', `${length}.`);
  const cure = `Shorten the app's name by ${over} characters: a longer text is charged twice.`;
  return wrong('text', `${length}.`, cure);
}

/** Autofill knows names only: an IP address is none. */
function nameOf(publicUrl: URL | undefined): string | undefined {
  const host = publicUrl?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return host === '' || isIP(host) !== 0 ? undefined : host;
}

/** What the library would refuse to start with. */
function checked(check: () => Finding): Finding {
  try {
    return check();
  } catch (error) {
    return wrong('text', onCommandLine((error as Error).message));
  }
}

/** What the form for a campaign, or for a toll-free number, asks; one entry a line. */
export function formLines(campaign: Campaign, publicUrl: URL | undefined): string[] {
  const { appName, consent, enrollmentPath, help, samples } = campaign;
  const { terms, privacy, support } = consent;
  const whole = (path: string): string =>
    URL.canParse(path, publicUrl?.href) ? new URL(path, publicUrl?.href).href : path;
  const entries: [name: string, value: string | undefined][] = [
    ['Use case', 'two-factor authentication (2FA), nothing else; no marketing'],
    ['Description', `Codes for users of ${appName} who sign in or confirm a change.`],
    [
      'Opt-in',
      `signed-in users type their number in at ${whole(enrollmentPath)}, and agree there to:`,
    ],
    ['', `"${consent.text}"`],
    ...samples.map((text, index): [string, string] => [`Sample ${index + 1}`, text]),
    ['Opt-in words', campaign.startWords.join(', ')],
    ['Stop words', campaign.stopWords.join(', ')],
    ['Stop answer', 'by Flowroute itself, to STOP, in words of its own'],
    ['Help words', campaign.helpWords.join(', ')],
    ['Help answer', help],
    ['Terms', terms && whole(terms)],
    ['Privacy', privacy && whole(privacy)],
    ['Support', support && whole(support)],
    ['In texts', 'no links (the line with @ is for autofill), no phone numbers, no age limit'],
  ];
  return entries.flatMap(([name, value = '(none)']) =>
    // The texts have lines of their own.
    value.split('\n').map((line, index) => `${(index === 0 ? name : '').padEnd(13)} ${line}`),
  );
}
