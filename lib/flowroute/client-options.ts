import { fromEnvironment, hiddenMisuse, inCall, misuse, refuseUnknown } from '../misuse';
import type { Clock } from '../ports/clock';
import type { Counter } from '../ports/counter';
import { isMessageId, readNorthAmericanNumber, type CallbackKind } from './wire';

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
  throw misuse(
    `${owner}({ apiVersion })`,
    value,
    "Give one of 'v2', 'v2.1' and 'v2.2', or leave it out for 'v2.2'.",
  );
}

function readBaseUrl(owner: string, value: unknown): string {
  if (value === undefined) return 'https://api.flowroute.com';
  const url = readUrl(value);
  const extras = url === undefined ? [] : [url.username, url.password, url.search, url.hash];
  if (url !== undefined && extras.every((each) => each === '')) {
    const version = /\/v\d+(\.\d+)?(\/messages)?\/*$/.exec(url.pathname)?.[0];
    if (version === undefined) return url.href.replace(/\/+$/, '');
    throw misuse(`${owner}({ baseUrl })`, value, `Leave ${version} out: apiVersion says it.`);
  }
  // An address may carry a password.
  const report = /[@?]/.test(typeof value === 'string' ? value : '') ? hiddenMisuse : misuse;
  throw report(
    `${owner}({ baseUrl })`,
    value,
    'Give an https address without credentials, query and fragment, or leave it out for https://api.flowroute.com; plain http is for a simulator on localhost only.',
  );
}

function readTimeout(owner: string, value: unknown): number | undefined {
  if (value === undefined || isWhole(value, 1_000, 30_000)) return value;
  throw misuse(
    `${owner}({ timeoutMs })`,
    value,
    'Give a whole number of milliseconds from 1000 to 30000, or leave it out to go by limits.carrierCall.',
  );
}

/** What `FlowrouteClient` needs to know. Checked once, when it is made. */
export interface FlowrouteClientOptions extends FlowrouteAccountOptions {
  /** How often a call that surely did nothing is made again; 0 to 5, default 2. */
  retries?: number | undefined;
  /**
   * Keeps the carrier's 5 calls a second over all processes that share the access key. Default:
   * each process keeps them for itself.
   */
  counter?: Counter | undefined;
  /** The time in milliseconds; only differences count, and the date where the carrier names one. */
  clock?: Clock | undefined;
}

/** The options, checked and defaulted. */
export interface ClientSettings extends AccountSettings {
  retries: number;
  counter: Counter | undefined;
  clock: Clock | undefined;
}

/** Whom a message is about. */
export const OWNER = 'FlowrouteClient';
const NAMES = [...ACCOUNT_OPTIONS, 'retries', 'counter', 'clock'];

/** Throws a `TypeError` that names the option, the value and the cure. */
export function readClientOptions(options: FlowrouteClientOptions): ClientSettings {
  const given = onlyKnown(OWNER, options, NAMES);
  return {
    ...readAccountOptions(OWNER, given),
    retries: readRetries(given.retries),
    counter: readCounter(OWNER, given.counter),
    clock: readClock(given.clock),
  };
}

function readRetries(value: unknown): number {
  if (value === undefined) return 2;
  if (isWhole(value, 0, 5)) return value;
  throw misuse(
    `${OWNER}({ retries })`,
    value,
    'Give a whole number from 0, to try once, to 5, or leave it out for 2.',
  );
}

export function readCounter(owner: string, value: unknown): Counter | undefined {
  const { settle } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (value === undefined || typeof settle === 'function') {
    return value as Counter | undefined;
  }
  throw misuse(
    `${owner}({ counter })`,
    value,
    'Give redisCounter({ sendCommand }), or leave it out where there is one process.',
  );
}

function readClock(value: unknown): Clock | undefined {
  if (value === undefined || typeof value === 'function') return value as Clock | undefined;
  throw misuse(
    `${OWNER}({ clock })`,
    value,
    'Give a function that returns milliseconds, or leave it out for the real time.',
  );
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Callers in plain JavaScript hand in anything, so nothing is believed of the declared types. */
export function onlyKnown(
  owner: string,
  options: unknown,
  names: readonly string[],
): Record<string, unknown> {
  refuseUnknown(inCall(owner), options, names, 'Give an object with accessKey and secretKey.');
  return { ...(options as object) };
}

function readKey(
  owner: string,
  name: 'accessKey' | 'secretKey',
  allowed: RegExp,
  value: unknown,
): string {
  if (typeof value === 'string' && allowed.test(value)) return value;
  const [what, but] = name === 'accessKey' ? ['access key', ' and ":"'] : ['secret key', ''];
  throw hiddenMisuse(
    `${owner}({ ${name} })`,
    value,
    `Give printable characters without spaces${but}: copy the API ${what} from the Flowroute portal, and look for blanks or a line end around it.${fromEnvironment(value)}`,
  );
}

/** A number of the account, as 11 digits. */
export function readFrom(owner: string, value: unknown): string {
  const number = readNorthAmericanNumber(value);
  if (number !== undefined) return number;
  throw misuse(
    `${owner}({ from })`,
    value,
    `Give a US or Canadian number with its leading 1, like '+12065550100' or '12065550100'; it must be a text-enabled number on your account.${fromEnvironment(value)}`,
  );
}

/** An address, https or a server on this machine; `undefined` for anything else. */
export function readUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const isLocal = url.protocol === 'http:' && LOOPBACK.has(url.hostname);
  return url.protocol === 'https:' || isLocal ? url : undefined;
}

/** A whole number in a range. */
function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

const KINDS: readonly CallbackKind[] = ['sms', 'mms', 'sms_dlr', 'mms_dlr'];

/** What a message calls one of the things that a call was given. */
function argument(name: string): string {
  return `${name} for a call of ${OWNER}`;
}

/** A number of the account as 11 digits. Its value stays out of the error: it may be anybody's. */
export function checkNumber(name: string, value: unknown): string {
  const number = readNorthAmericanNumber(value);
  if (number !== undefined) return number;
  const cure = "Give a US or Canadian number with its leading 1, like '+12065550100'.";
  throw hiddenMisuse(argument(name), value, cure);
}

export function checkText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw hiddenMisuse(argument(name), value, 'Give a string that is not empty.');
}

export function checkId(value: unknown): string {
  if (isMessageId(value)) return value;
  throw misuse(argument('id'), value, 'Give the id of a message that send() resolved with.');
}

export function checkKind(value: unknown): CallbackKind {
  const kind = KINDS.find((known) => known === value);
  if (kind !== undefined) return kind;
  const cure = `Give one of ${KINDS.join(', ')}. The _dlr kinds are delivery receipts.`;
  throw misuse(argument('kind'), value, cure);
}

/** The address stays out of the error, as it may hold a secret. */
export function checkCallbackUrl(name: string, value: unknown): string {
  if (typeof value === 'string' && readUrl(value) !== undefined) return value;
  const cure =
    'Give an https address: callbacks hold texts; plain http is for a server on localhost only.';
  throw hiddenMisuse(argument(name), value, cure);
}

/** Addresses of pictures stay out of the error, as they may be signed. */
export function checkMediaUrls(urls: unknown): readonly string[] {
  const isGood =
    Array.isArray(urls) && urls.length > 0 && urls.every((url) => isPublicAddress(url));
  if (isGood) return urls as readonly string[];
  const cure =
    'Give a list of http or https addresses without credentials, at least one, or leave it out.';
  throw hiddenMisuse(argument('mediaUrls'), urls, cure);
}

function isPublicAddress(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

export function checkDate(name: string, value: unknown): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  throw misuse(argument(name), value, 'Give a valid Date; it is sent as UTC.');
}

export function checkLimit(value: unknown): number {
  if (value === undefined) return Infinity;
  if (Number.isSafeInteger(value) && Number(value) >= 1) return Number(value);
  const cure = 'Give a whole number from 1, or leave it out for every message of that time.';
  throw misuse(argument('limit'), value, cure);
}

/** A part of a number: digits, with the plus sign where it begins one. */
export function checkDigits(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^\+?\d{1,15}$/.test(value)) return value.replace('+', '');
  throw hiddenMisuse(argument(name), value, "Give digits, like '1206'.");
}
