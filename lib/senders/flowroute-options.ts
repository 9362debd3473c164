import { inspect } from 'node:util';

import { readNorthAmericanNumber } from './north-american-number';

const API_VERSIONS = ['v2', 'v2.1', 'v2.2'] as const;

/** A generation of the Flowroute messaging API. */
export type FlowrouteApiVersion = (typeof API_VERSIONS)[number];

/** What `flowrouteSender` needs to know. Checked once, when the sender is made. */
export interface FlowrouteSenderOptions {
  /** The API access key (Flowroute portal, API control). Not the login of the portal. */
  accessKey: string;
  /** The API secret key that belongs to the access key. */
  secretKey: string;
  /** The number that texts come from: `+12065550100` or `12065550100`, on your account and text-enabled. */
  from: string;
  /** Default `v2.2`. */
  apiVersion?: FlowrouteApiVersion;
  /**
   * Where the API is; default `https://api.flowroute.com`. Must be https; plain http is taken for
   * `localhost`, `127.0.0.1` and `[::1]` only, which is where a simulator runs.
   */
  baseUrl?: string;
  /**
   * Limit for one whole call, headers and body, in milliseconds; 1000 to 30000. Default: the
   * caller's own limit (`limits.carrierCall`), or 5000 where there is none.
   */
  timeoutMs?: number;
}

/** The options, checked and defaulted. */
export interface FlowrouteSettings {
  accessKey: string;
  secretKey: string;
  /** 11 digits. */
  from: string;
  apiVersion: FlowrouteApiVersion;
  /** Without a slash at its end. */
  baseUrl: string;
  timeoutMs: number | undefined;
}

const NAMES = new Set(['accessKey', 'secretKey', 'from', 'apiVersion', 'baseUrl', 'timeoutMs']);
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Throws a `TypeError` that names the option, the value and the cure. */
export function readFlowrouteOptions(options: FlowrouteSenderOptions): FlowrouteSettings {
  // Callers in plain JavaScript hand in anything, so nothing is believed of the declared types.
  const given: Record<string, unknown> = { ...options };
  for (const name of Object.keys(given)) {
    if (!NAMES.has(name)) {
      throw new TypeError(
        `flowrouteSender: there is no option ${inspect(name)}. Use ${[...NAMES].join(', ')}.`,
      );
    }
  }
  return {
    accessKey: readAccessKey(given.accessKey),
    secretKey: readSecretKey(given.secretKey),
    from: readFrom(given.from),
    apiVersion: readApiVersion(given.apiVersion),
    baseUrl: readBaseUrl(given.baseUrl),
    timeoutMs: readTimeout(given.timeoutMs),
  };
}

function readAccessKey(value: unknown): string {
  if (typeof value === 'string' && /^[\x21-\x39\x3b-\x7e]+$/.test(value)) return value;
  // A colon would end the user name of Basic authentication early (RFC 7617).
  throw refusal(
    'accessKey',
    hidden(value),
    'a string of printable characters without spaces and ":"',
    'Copy the API access key from the Flowroute portal; look for blanks or a line end around it.',
  );
}

function readSecretKey(value: unknown): string {
  if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) return value;
  throw refusal(
    'secretKey',
    hidden(value),
    'a string of printable characters without spaces',
    'Copy the API secret key from the Flowroute portal; look for blanks or a line end around it.',
  );
}

function readFrom(value: unknown): string {
  const number = readNorthAmericanNumber(value);
  if (number !== undefined) return number;
  throw refusal(
    'from',
    inspect(value),
    'a US or Canadian number with its leading 1',
    "Write it like '+12065550100' or '12065550100'; it must be a text-enabled number on your account.",
  );
}

function readApiVersion(value: unknown): FlowrouteApiVersion {
  if (value === undefined) return 'v2.2';
  const version = API_VERSIONS.find((known) => known === value);
  if (version !== undefined) return version;
  throw refusal(
    'apiVersion',
    inspect(value),
    "one of 'v2', 'v2.1' and 'v2.2'",
    "Leave it out for 'v2.2'.",
  );
}

function readBaseUrl(value: unknown): string {
  if (value === undefined) return 'https://api.flowroute.com';
  const cure =
    'Leave it out for https://api.flowroute.com; plain http is for a simulator on localhost only.';
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const safe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (!url || !safe) throw refusal('baseUrl', shownUrl(value), 'an https address', cure);
  if (url.username || url.password || url.search || url.hash) {
    throw refusal(
      'baseUrl',
      shownUrl(value),
      'an address without credentials, query and fragment',
      cure,
    );
  }
  return url.href.replace(/\/+$/, '');
}

function readTimeout(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1_000 && value <= 30_000) {
    return value;
  }
  throw refusal(
    'timeoutMs',
    inspect(value),
    'a whole number of milliseconds from 1000 to 30000',
    'Leave it out to go by limits.carrierCall.',
  );
}

function refusal(name: string, shown: string, wanted: string, cure: string): TypeError {
  return new TypeError(`flowrouteSender: ${name} must be ${wanted}, but is ${shown}. ${cure}`);
}

/** Tells "not set" from "set, but wrong"; a key that is nearly right stays out of the log. */
function hidden(value: unknown): string {
  return value === undefined || value === null || value === '' ? inspect(value) : '(hidden)';
}

/** An address may carry a password. */
function shownUrl(value: unknown): string {
  return inspect(value).includes('@') ? '(hidden, as it may hold credentials)' : inspect(value);
}
