import { SecondFactorError } from '../errors';
import { FlowrouteError } from '../flowroute/flowroute-error';

/** The command line or a setting is wrong; nothing was done. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** It was understood and did not work out; the message says what to do. Exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** How the options of the library are called on the command line. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^passport-sms-2fa: (?:\w+\(\{ (\w+) \}\)|(\w+) for a call of \w+)?/, '$1$2'],
  [/\baccessKey\b/g, 'FLOWROUTE_ACCESS_KEY'],
  [/\bsecretKey\b/g, 'FLOWROUTE_SECRET_KEY'],
  [/\bbaseUrl\b/g, 'FLOWROUTE_API (--api)'],
  [/\bapiVersion\b/g, '--api-version'],
  [/\bask its support\b/g, "ask Flowroute's support"],
  [/\bCheck from\b/g, 'Check FLOWROUTE_FROM (--from)'],
  [/^from\b/, 'FLOWROUTE_FROM (--from)'],
  [/\bappName\b/g, '--app-name'],
  [/^domain\b/, '--domain'],
  [/^secret\b/, 'SECOND_FACTOR_SECRET'],
  [/^callbackShape\b/, '--callback-shape'],
  [/^statusCode\b/, '--status-code'],
];

/** Advice of the library, which speaks to developers, in the words of the command line. */
export function onCommandLine(message: string): string {
  return NAMES.reduce((text, [name, here]) => text.replace(name, here), message);
}

/** A failure of the carrier, taken apart: what happened, its words, its name for it, and what to do. */
interface Told {
  happened: string;
  says: string | undefined;
  supportId: string | undefined;
  cure: string | undefined;
}

/** The cure is that of the client, which has seen the answer: here it is only put into other words. */
export function toldOf({ message, says, supportId, cure }: FlowrouteError): Told {
  // The message says it all in one, what happened first.
  const [happened = message] = cure === undefined ? [] : message.split(cure);
  const here = cure === undefined ? undefined : onCommandLine(cure);
  return { happened: onCommandLine(happened.trimEnd()), says, supportId, cure: here };
}

/** What to tell of something thrown, and what a program wants to know of it. */
export function explainFailure(error: unknown): { message: string } & Record<string, unknown> {
  if (error instanceof FlowrouteError) {
    const { message, reason, status, refused } = error;
    const { says, supportId, cure } = toldOf(error);
    return { message: onCommandLine(message), reason, status, refused, says, supportId, cure };
  }
  if (error instanceof SecondFactorError) {
    const { message, code, reason, refused } = error;
    return { message: onCommandLine(message), code, reason, refused };
  }
  if (error instanceof TypeError) return { message: onCommandLine(error.message) };
  return { message: error instanceof Error ? error.message : 'Something unknown went wrong.' };
}
