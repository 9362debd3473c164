import type { Clock } from '../../ports/clock';

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
