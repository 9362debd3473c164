import { inspect } from 'node:util';

import { readNorthAmericanNumber } from './north-american-number';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Names the option, the value and the cure. `owner` is what the developer called. */
export function refusal(
  owner: string,
  name: string,
  shown: string,
  wanted: string,
  cure: string,
): TypeError {
  return new TypeError(`${owner}: ${name} must be ${wanted}, but is ${shown}. ${cure}`);
}

/** Callers in plain JavaScript hand in anything, so nothing is believed of the declared types. */
export function onlyKnown(
  owner: string,
  options: object,
  names: ReadonlySet<string>,
): Record<string, unknown> {
  const given: Record<string, unknown> = { ...options };
  const stranger = Object.keys(given).find((name) => !names.has(name));
  if (stranger === undefined) return given;
  throw new TypeError(
    `${owner}: there is no option ${inspect(stranger)}. Use ${[...names].join(', ')}.`,
  );
}

export function readKey(
  owner: string,
  name: 'accessKey' | 'secretKey',
  allowed: RegExp,
  value: unknown,
): string {
  if (typeof value === 'string' && allowed.test(value)) return value;
  const [what, but] = name === 'accessKey' ? ['access key', ' and ":"'] : ['secret key', ''];
  throw refusal(
    owner,
    name,
    hidden(value),
    `a string of printable characters without spaces${but}`,
    `Copy the API ${what} from the Flowroute portal; look for blanks or a line end around it.`,
  );
}

/** A number of the account, as 11 digits. */
export function readFrom(owner: string, value: unknown): string {
  const number = readNorthAmericanNumber(value);
  if (number !== undefined) return number;
  throw refusal(
    owner,
    'from',
    inspect(value),
    'a US or Canadian number with its leading 1',
    "Write it like '+12065550100' or '12065550100'; it must be a text-enabled number on your account.",
  );
}

/** An address, https or a server on this machine; `undefined` for anything else. */
export function readAddress(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const isLocal = url.protocol === 'http:' && LOOPBACK.has(url.hostname);
  return url.protocol === 'https:' || isLocal ? url : undefined;
}

/** A whole number in a range. */
export function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

/** Tells "not set" from "set, but wrong"; a value that is nearly right stays out of the log. */
export function hidden(value: unknown): string {
  return value === undefined || value === null || value === '' ? inspect(value) : '(hidden)';
}
