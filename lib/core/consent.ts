import { hash } from 'node:crypto';
import type { Core, Links } from './core';

/** What a user is told where a phone is named, and agrees to with it. */
export interface Consent extends Links {
  text: string;
  /** Changes with the words and the addresses. */
  version: string;
}

/**
 * The sentence at the field for a number: what for, what it may cost, how to stop. Carriers ask for it
 * before a number may text codes. HELP is named only where it is answered.
 */
export function consentOf({
  appName,
  links = {},
  answers,
}: Pick<Core, 'appName' | 'links' | 'answers'>): Consent {
  const help = answers?.().help === undefined ? '' : ', HELP for help';
  const text = `With this number you agree to get texts of ${appName} with codes, one each time you sign in or confirm a change. Message and data rates may apply. Reply STOP to end them${help}.`;
  const { terms, privacy, support } = links;
  const version = hash('sha256', JSON.stringify([text, terms, privacy, support]), 'hex');
  return {
    text,
    version: version.slice(0, 12),
    ...(terms === undefined ? {} : { terms }),
    ...(privacy === undefined ? {} : { privacy }),
    ...(support === undefined ? {} : { support }),
  };
}

/** The same where the app has terms that can be agreed to: then it is kept what was. */
export function agreedConsent(core: Core): Consent | undefined {
  return core.links?.terms === undefined ? undefined : consentOf(core);
}
