import { inspect } from 'node:util';

import { isWhole, readAddress, readKey, refusal } from './check-option';

const API_VERSIONS = ['v2', 'v2.1', 'v2.2'] as const;

/** A generation of the Flowroute messaging API. */
export type FlowrouteApiVersion = (typeof API_VERSIONS)[number];

/** Whose account it is, and where the API is. */
export interface FlowrouteAccountOptions {
  /** The API access key (Flowroute portal, API control). Not the login of the portal. */
  accessKey: string;
  /** The API secret key that belongs to the access key. */
  secretKey: string;
  /** Default `v2.2`. */
  apiVersion?: FlowrouteApiVersion | undefined;
  /**
   * Where the API is; default `https://api.flowroute.com`. Must be https; plain http is taken for
   * `localhost`, `127.0.0.1` and `[::1]` only, which is where a simulator runs.
   */
  baseUrl?: string | undefined;
  /**
   * Limit for one whole call, headers and body, in milliseconds; 1000 to 30000. Default: 5000, or
   * with a signal: 30000, or when it aborts. The library's own calls have a signal, which goes by
   * `limits.carrierCall`.
   */
  timeoutMs?: number | undefined;
}

/** The options, checked and defaulted. */
export interface AccountSettings {
  accessKey: string;
  secretKey: string;
  apiVersion: FlowrouteApiVersion;
  /** Without a slash at its end. */
  baseUrl: string;
  timeoutMs: number | undefined;
}

export const ACCOUNT_OPTIONS = ['accessKey', 'secretKey', 'apiVersion', 'baseUrl', 'timeoutMs'];

/** Throws a `TypeError` that names the option, the value and the cure. */
export function readAccountOptions(owner: string, given: Record<string, unknown>): AccountSettings {
  return {
    // A colon would end the user name of Basic authentication early (RFC 7617).
    accessKey: readKey(owner, 'accessKey', /^[\x21-\x39\x3b-\x7e]+$/, given.accessKey),
    secretKey: readKey(owner, 'secretKey', /^[\x21-\x7e]+$/, given.secretKey),
    apiVersion: readApiVersion(owner, given.apiVersion),
    baseUrl: readBaseUrl(owner, given.baseUrl),
    timeoutMs: readTimeout(owner, given.timeoutMs),
  };
}

function readApiVersion(owner: string, value: unknown): FlowrouteApiVersion {
  if (value === undefined) return 'v2.2';
  const version = API_VERSIONS.find((known) => known === value);
  if (version !== undefined) return version;
  throw refusal(
    owner,
    'apiVersion',
    inspect(value),
    "one of 'v2', 'v2.1' and 'v2.2'",
    "Leave it out for 'v2.2'.",
  );
}

function readBaseUrl(owner: string, value: unknown): string {
  if (value === undefined) return 'https://api.flowroute.com';
  const cure =
    'Leave it out for https://api.flowroute.com; plain http is for a simulator on localhost only.';
  const url = readAddress(value);
  if (!url) throw refusal(owner, 'baseUrl', shownUrl(value), 'an https address', cure);
  if (url.username || url.password || url.search || url.hash) {
    const wanted = 'an address without credentials, query and fragment';
    throw refusal(owner, 'baseUrl', shownUrl(value), wanted, cure);
  }
  return url.href.replace(/\/+$/, '');
}

function readTimeout(owner: string, value: unknown): number | undefined {
  if (value === undefined || isWhole(value, 1_000, 30_000)) return value;
  throw refusal(
    owner,
    'timeoutMs',
    inspect(value),
    'a whole number of milliseconds from 1000 to 30000',
    'Leave it out to go by limits.carrierCall.',
  );
}

/** An address may carry a password. */
function shownUrl(value: unknown): string {
  return inspect(value).includes('@') ? '(hidden, as it may hold credentials)' : inspect(value);
}
