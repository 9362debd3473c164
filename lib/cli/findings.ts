import type { SetupFinding } from '../errors';
import { FlowrouteError } from '../flowroute/flowroute-error';
import type { Clock } from '../ports/clock';
import { toldOf } from './command-failure';
import type { Wait } from './terminal';

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
  /** What the test text says; default that it is one. */
  body?: string;
  showNumbers: boolean;
  clock: Clock;
  wait: Wait;
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
    | 'registration'
    | 'pages'
    | 'budgets'
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

/** A call that failed, as a finding; what is no failure of the carrier is thrown on. */
export function failureFinding(check: Finding['check'], error: unknown): Finding {
  if (!(error instanceof FlowrouteError)) throw error;
  const { happened, says, supportId, cure } = toldOf(error);
  const quote = says === undefined ? '' : ` Flowroute said: "${says}".`;
  const support = supportId === undefined ? '' : ` Its support knows it as ${supportId}.`;
  return wrong(check, `${happened}${quote}${support}`, cure);
}
