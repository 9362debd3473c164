import type { Logger, Tell } from '../core/core';
import type { EventHub } from '../core/emit';
import type { EventName, SecondFactorEvents } from '../core/events';
import { type DeliveryFailureReason, safeWords, type SecondFactorError } from '../errors';
import { serverFailureOf } from '../server-failures';
import type { Clock } from '../ports/clock';
import type { Edge } from './edge';

/** A kind is told once in this time, in milliseconds. */
const EVERY = 60_000;
const MOST_KINDS = 1_000;

/**
 * Says what breaks in one line each, at most once a minute for each kind [S199]. The next line of a kind says how
 * many there would have been: one a minute looks the same for one user who is turned away and for all of them.
 */
export function operatorLog(logger: Logger | undefined, clock: Clock): Tell {
  const told = new Map<string, { at: number; unsaid: number }>();
  return (level, kind, line) => {
    const now = clock();
    const before = told.get(kind);
    if (logger === undefined) return;
    if (before !== undefined && now - before.at < EVERY) {
      before.unsaid += 1;
      return;
    }
    if (told.size >= MOST_KINDS) told.clear();
    told.set(kind, { at: now, unsaid: 0 });
    const unsaid = before?.unsaid ?? 0;
    const more = unsaid === 0 ? '' : ` (and ${unsaid} more since the line before)`;
    // In a promise of its own: a logger may throw or reject, and the answer does not wait for it.
    void Promise.resolve()
      .then(() => logger[level](`passport-sms-2fa: ${line}${more}`))
      .catch(() => undefined);
  };
}

/** Tells the operator of the events that say that something broke. */
export function logEvents(events: EventHub, tell: Tell): void {
  for (const [name, lineOf] of Object.entries(LINES)) {
    events.on(name as EventName, (facts) => {
      const line = (lineOf as (facts: unknown) => Line)(facts);
      if (line !== undefined) tell(...line);
    });
  }
}

type Line = Parameters<Tell> | undefined;

const SEE_IT_IS_UP =
  'See that the stores of sessions, counts and enrollments are up and answer in time.';
/** It is up, and it answers: nothing was made there, or this user may not use it. */
const UNMADE =
  /\b(?:does not|doesn't) exist\b|\bno such (?:table|column)\b|\bunknown column\b|\bpermission denied\b|\bcommand denied\b|\bNOPERM\b/i;
const MAKE =
  'Make what is missing, or grant the right: docs/counters.md and docs/enrollments.md say how.';

/** The line that gives it. */
const RIGHT = /\bACL SETUSER [^(]+/;

const LINES: { [Name in keyof SecondFactorEvents]?: (facts: SecondFactorEvents[Name]) => Line } = {
  store_failed: ({ error }) => {
    const known = serverFailureOf(error);
    const what = known === undefined ? 'failed' : known.is;
    const words = wordsOf(error);
    // What is an error of the library's own names its cure, and the page.
    const isCured = /\(docs\/[\w-]+\.md\)/.test(words);
    const cure = known?.cure ?? (isCured ? '' : UNMADE.test(words) ? MAKE : SEE_IT_IS_UP);
    // One that is full is another thing to mend than one that is away, and so is each right that is missing.
    const kind = `store_failed ${known?.is ?? RIGHT.exec(words)?.[0] ?? ''}`;
    // What the app itself has its store write or end may be of somebody who passed.
    const isOfApp = wasTold(error) && !words.startsWith('sessionStore.get ');
    const then = isOfApp ? '' : ', and the gate stayed shut';
    const line = `store_failed: a store ${what}${then}: ${words} ${cure}`;
    return ['error', kind, line.trimEnd()];
  },
  send_refused: ({ code, reason, carrier, error }) => {
    if (error !== undefined) {
      const cure = 'No text goes out until it answers; false is how it refuses one on purpose.';
      return ['error', 'before_send', `beforeSend failed: ${wordsOf(error)} ${cure}`];
    }
    // Who has answered STOP is no fault of anybody.
    if (reason === 'opted_out' || (reason === undefined && code !== 'delivery_failed')) {
      return undefined;
    }
    const { status, says, supportId } = carrier ?? {};
    const facts = [
      reason ?? 'no reason was given',
      ...(status === undefined ? [] : [`HTTP ${status}`]),
      ...(says === undefined ? [] : [`the carrier says "${says}"`]),
      ...(supportId === undefined ? [] : [`support id ${supportId}`]),
    ];
    const what = reason === 'unknown_outcome' ? 'nobody knows of a text' : 'a text did not go out';
    return [
      'error',
      `send_refused ${reason ?? ''}`,
      `send_refused: ${what} (${facts.join(', ')}). ${carrier?.cure ?? CURES[reason ?? 'rejected']}`,
    ];
  },
  budget_alert: ({ budget, count, limit }) => {
    const isFull = count >= limit;
    const cure = isFull
      ? 'Nobody gets a text until the window is over. Raise limits.overall, or find who asks for so many.'
      : 'At all of them nobody gets a text. Raise limits.overall in time, or find who asks for so many.';
    const kind = `budget_alert ${isFull ? 'full' : 'near'} ${limit}`;
    const said = `budget_alert: ${count} of ${limit} texts of the budget ${budget} are used.`;
    return [isFull ? 'error' : 'warn', kind, `${said} ${cure}`];
  },
  conversion_low: ({ budget, country, limit, step }) => {
    const kind = `conversion_low ${country} ${budget} ${step}`;
    return [
      'warn',
      kind,
      `conversion_low: ${conversionWords(step, `${country} (${budget})`, limit)}`,
    ];
  },
};

function conversionWords(
  step: SecondFactorEvents['conversion_low']['step'],
  where: string,
  limit: number,
): string {
  if (step === 'over') return `texts to new numbers of ${where} go out again.`;
  const said = {
    near: 'Soon clients with an unanswered text are refused there.',
    first: 'Clients with an unanswered text are refused there.',
    second: 'Everybody is refused there.',
  }[step];
  return `codes to new numbers of ${where} are not entered; ${limit} of an hour may be. ${said} Somebody may be pumping texts: see who signs up, put a bot check into beforeSend, or take the country out of allowedCountries.`;
}

/** For senders that name none. */
const CURES: Record<Exclude<DeliveryFailureReason, 'opted_out'>, string> = {
  credentials_rejected: 'Check the keys of the sender.',
  from_rejected: 'Check the number that texts come from: is it yours, and registered for texts?',
  to_rejected: 'The number cannot be texted; where that is not so, ask the carrier.',
  rate_limited: 'Send less at once, or ask the carrier for a higher rate.',
  rejected: 'The event send_refused and the cause of the error say more; else ask the carrier.',
  unavailable: 'See whether the carrier is up and can be reached from here.',
  unknown_outcome: 'It is not sent again by itself; look it up at the carrier.',
};

const toldErrors = new WeakSet<object>();

/** An error that is told where the app gets it. Who hands it on to a guard of ours has it told no second time. */
export function noteTold(error: SecondFactorError): void {
  toldErrors.add(error);
}

export function wasTold(error: unknown): boolean {
  return toldErrors.has(error as object);
}

/** What an error says, with what caused it; no code, number or key of it. */
export function wordsOf(error: unknown): string {
  const messageOf = (each: unknown): string => (each instanceof Error ? each.message : '');
  const whole = messageOf(error);
  // An error may repeat what caused it, or its first sentence.
  const more = messageOf(error instanceof Error ? error.cause : undefined)
    .split(/(?<=[.!?])\s+/)
    .filter((sentence) => !whole.includes(sentence.replace(/[.!?]$/, '')));
  const said = [whole, more.join(' ')].filter((each) => each !== '').map((each) => safeWords(each));
  return said.length === 0 ? 'no error was given.' : said.map(asSentence).join(' ');
}

function asSentence(words: string): string {
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

/** What is wrong, and its cure: a sentence each, or more. */
interface Told {
  says: string;
  cure: string;
}

/** The codes of the warnings; `check()` has a part for each. */
export type RequestFinding =
  | 'SMS2FA_ADDRESS'
  | 'SMS2FA_BODY'
  | 'SMS2FA_MOUNT_PATH'
  | 'SMS2FA_ON_REFUSED'
  | 'SMS2FA_TRUST_PROXY'
  | 'SMS2FA_USER_ID';

/** What requests have shown of a wrong set-up, by the code of its warning. */
const found = new WeakMap<Edge, Map<RequestFinding, Told>>();

/** Tells the operator what is wrong and its cure, once for each code. */
export function tellOperator(edge: Edge, code: RequestFinding, says: string, cure: string): void {
  const known = found.get(edge) ?? new Map<RequestFinding, Told>();
  found.set(edge, known);
  if (known.has(code)) return;
  known.set(code, { says, cure });
  edge.settings.warn(code, `${says} ${cure}`);
}

/** What was told so far, by the codes of the warnings. */
export function findingsOf(edge: Edge): ReadonlyMap<RequestFinding, Told> {
  return found.get(edge) ?? new Map();
}

/** Whom something is counted of, by what their subject begins with. */
const COUNTED: Record<string, string> = {
  u: 'a user',
  p: 'a confirmed phone',
  n: 'a new number',
  a: 'an address of clients',
  b: 'a block of numbers',
  c: 'a country',
  s: 'a session',
  r: 'the receipts of a text',
  i: 'an answer to a text',
  f: 'a form that was held up, or a transaction',
  all: 'everybody together',
};

/**
 * Tells of a count that is none. Users are told that they were too many, and nothing else says why. Of whom
 * it is, is said by its kind: the key of a user is a digest of the id, and ids can be tried.
 */
export function tellNoCount(tell: Tell, namespace: string): (key: string) => void {
  return (key) => {
    // What check() asks for, it tells itself.
    if (key.endsWith('#check')) return;
    const kind = /^\w+/.exec(key.slice(namespace.length))?.[0] ?? '';
    const says = `what is counted of ${COUNTED[kind] ?? 'somebody'} is no count, so each of its limits reads as used up.`;
    const unlock = kind === 'u' ? ' (admin.unlock ends a lock that came of it)' : '';
    const cure = `Find it and delete it${unlock}: docs/counters.md has the command. Where another app or version writes there, give each a prefix or a database of its own.`;
    tell('error', `no_count ${kind}`, `no_count: ${says} ${cure}`);
  };
}
