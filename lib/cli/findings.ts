import type { DeliveryFailureReason, SetupFinding } from '../errors';
import { FlowrouteError } from '../flowroute/flowroute-error';
import type { Clock } from '../ports/clock';
import { onCommandLine } from './command-failure';

/** What the checks look at. */
export interface Patient {
  /** 11 digits; `undefined` where it is not set or wrong. */
  from: string | undefined;
  /** Where the API is; `undefined` where the setting is wrong. */
  baseUrl: string | undefined;
  apiVersion: string;
  publicUrl: URL | undefined;
  /** Where the carrier should call; none where it is not known. */
  callbackAddresses: readonly string[];
  /** `undefined` where nobody said what the app has. */
  domain: string | undefined;
  appName: string | undefined;
  codeLength: number;
  /** Gets a test text. */
  testPhone: string | undefined;
  showNumbers: boolean;
  clock: Clock;
  signal: AbortSignal;
}

/** What one check found. Only `wrong` makes the command fail. */
export interface Finding {
  check:
    | 'settings'
    | 'carrier'
    | 'credentials'
    | 'from'
    | 'texting'
    | 'callbacks'
    | 'reach'
    | 'clock'
    | 'text'
    | SetupFinding['check'];
  state: 'ok' | 'wrong' | 'unknown';
  says: string;
  /** What to do about it. */
  cure?: string;
}

type Say = (check: Finding['check'], says: string, cure?: string) => Finding;

const finding =
  (state: Finding['state']): Say =>
  (check, says, cure) => ({ check, state, says, ...(cure === undefined ? {} : { cure }) });

export const ok = finding('ok');
export const wrong = finding('wrong');
export const unknown = finding('unknown');

/** What each failure of the carrier asks for. */
const CURES: Record<DeliveryFailureReason, string> = {
  credentials_rejected:
    'Set FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY to the API keys of the Flowroute portal (API control), not to its login.',
  from_rejected:
    'Set FLOWROUTE_FROM to a number of this account, and see in the portal that it is enabled for messaging and registered (10DLC, or verified where it is toll-free).',
  to_rejected:
    'Give the whole number that gets the text: 11 digits with the leading 1. v2 answers 500 to anything else.',
  opted_out: 'Text UNSTOP from that phone to FLOWROUTE_FROM, or try another phone.',
  rate_limited: 'Wait a few seconds; where it stays so, ask Flowroute for a higher rate.',
  rejected: 'Check FLOWROUTE_API and --api-version; the keys may also lack a permission.',
  unavailable: 'Check FLOWROUTE_API, name resolution, firewall and proxy, then try again later.',
  unknown_outcome: 'Look at the phone before you try again: the text may be on its way.',
};

/** A call that failed, as a finding; what is no failure of the carrier is thrown on. */
export function failureFinding(check: Finding['check'], error: unknown): Finding {
  if (!(error instanceof FlowrouteError)) throw error;
  const { message, reason, supportId } = error;
  // The first sentence says what happened; what to do is said here, for the one who runs this.
  const [happened = message] = /^.*?\.(?=\s|$)/.exec(onCommandLine(message)) ?? [];
  const support = supportId === undefined ? '' : ` Flowroute's support knows it as ${supportId}.`;
  return wrong(check, `${happened}${support}`, CURES[reason]);
}
