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

/** What to tell of something thrown, and what a program wants to know of it. */
export function explainFailure(error: unknown): { message: string } & Record<string, unknown> {
  if (error instanceof FlowrouteError) {
    const { message, reason, status, refused } = error;
    return { message: onCommandLine(message), reason, status, refused };
  }
  if (error instanceof SecondFactorError) {
    const { message, code, reason, refused } = error;
    return { message: onCommandLine(message), code, reason, refused };
  }
  if (error instanceof TypeError) return { message: onCommandLine(error.message) };
  return { message: error instanceof Error ? error.message : 'Something unknown went wrong.' };
}
