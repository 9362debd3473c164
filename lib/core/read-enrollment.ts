import { isDate, isUint8Array } from 'node:util/types';
import { SecondFactorError } from '../errors';
import type { Enrollment } from '../ports/enrollments';
import { E164 } from './phone-number';

/** Reads one field, whatever a database made of it, or throws with where it stands and what it is. */
type Read = (value: unknown, at: string) => unknown;

const CURE =
  'Return what enrollments.set was given, as it was, as JSON text, or undefined where there is none (docs/enrollments.md).';

/**
 * Reads what the app's `enrollments.get` answered: the value itself, or what a database makes of it.
 * That is JSON as text or bytes, a document of an ODM, `null` for what is absent, dates, numbers as
 * text. Nothing is no enrollment; anything that is not a whole one is a broken store, and the gate
 * stays shut. The error and its cause say what is wrong where, and never a value.
 */
export function readEnrollment(value: unknown): Enrollment | undefined {
  try {
    const found = opened(value, 'the answer');
    return isNothing(found) ? undefined : (enrollment(found, '') as Enrollment);
  } catch (problem) {
    const wrong = problem instanceof Unreadable ? problem.message : 'it threw while it was read.';
    throw new SecondFactorError(
      'store_unavailable',
      `enrollments.get answered with something that is not an enrollment: ${wrong}`,
      { cause: new TypeError(`${wrong} ${CURE}`) },
    );
  }
}

class Unreadable extends Error {}

function unreadable(at: string, value: unknown, wanted: string): Unreadable {
  return new Unreadable(`${at} is ${kindOf(value)}, not ${wanted}.`);
}

/** What a value is, without the value: it may be a phone number, or in the wrong place. */
function kindOf(value: unknown): string {
  if (isNothing(value)) return 'missing';
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (isUint8Array(value)) return `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value !== 'object') return `a ${typeof value}`;
  const names = Object.keys(value).filter((name) => /^[a-z_]\w{0,30}$/i.test(name));
  return names.length === 0 ? 'an object' : `an object with ${names.slice(0, 10).join(', ')}`;
}

function isNothing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** Data, not an instance of a class: what a class can do must not come from a polluted prototype. */
function isPlain(value: object): boolean {
  const above: unknown = Object.getPrototypeOf(value);
  return above === null || Object.getPrototypeOf(above) === null;
}

/** How often one thing may be wrapped in another: bytes of a text of a text. */
const WRAPPINGS = 4;

/** An object or a list out of what it is kept in: JSON as text or bytes, a document of an ODM. */
function opened(value: unknown, at: string): unknown {
  let found = value;
  for (let layer = 0; layer < WRAPPINGS; layer += 1) {
    if (typeof found === 'string') found = parsed(found, at);
    else if (isUint8Array(found)) found = new TextDecoder().decode(found);
    else if (typeof found !== 'object' || found === null || Array.isArray(found)) return found;
    else if (isPlain(found)) return found;
    else {
      const { _bsontype, buffer, position, toObject, toJSON } = found as Record<string, unknown>;
      const asData = typeof toObject === 'function' ? toObject : toJSON;
      if (_bsontype === 'Binary' && isUint8Array(buffer)) {
        found = buffer.subarray(0, Number(position));
      } else if (typeof asData === 'function') found = asData.call(found) as unknown;
      else return found;
    }
  }
  return found;
}

function parsed(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the parser shows a piece of the text.
    throw unreadable(at, text, 'JSON');
  }
}

const text: Read = (value, at) => {
  if (typeof value === 'string') return value;
  throw unreadable(at, value, 'a text');
};

const phone: Read = (value, at) => {
  if (typeof value === 'string' && E164.test(value)) return value;
  throw unreadable(at, value, 'a text such as +12065550142');
};

const DIGITS = /^-?\d+(?:\.\d+)?$/;
/** With its time zone: without it nobody knows when that was. */
const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)$/;

function asNumber(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint' || isDate(value)) return Number(value);
  if (typeof value === 'string') {
    if (DIGITS.test(value)) return Number(value);
    return MOMENT.test(value) ? Date.parse(value) : NaN;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return NaN;
  // A Long or a Decimal of a driver.
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- those write themselves as digits
  return isPlain(value) ? NaN : Number(String(value));
}

const number: Read = (value, at) => {
  const found = asNumber(value);
  if (Number.isFinite(found)) return found;
  throw unreadable(at, value, 'a number or a date');
};

const version: Read = (value, at) => {
  const found = asNumber(value);
  if (Number.isSafeInteger(found) && found > 0) return found;
  throw unreadable(at, value, 'a whole number above 0');
};

function listOf(read: Read): Read {
  return (value, at) => {
    const list = opened(value, at);
    if (!Array.isArray(list)) throw unreadable(at, value, 'a list');
    return list.map((each: unknown, index) => read(each, `${at}[${index}]`));
  };
}

/** What databases add by themselves, and what must not be set as a field. */
const NOT_OURS = new Set(['_id', '__v', '__proto__']);

/** Fields that nobody here knows are kept: a later version of the library may have written them. */
function objectOf(needed: Record<string, Read>, optional: Record<string, Read> = {}): Read {
  const known = new Map(Object.entries({ ...needed, ...optional }));
  const names = Object.keys(needed);
  return (value, at) => {
    const given = opened(value, at);
    const below = (name: string): string => (at === '' ? name : `${at}.${name}`);
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw unreadable(at === '' ? 'the answer' : at, value, 'an object');
    }
    const found: Record<string, unknown> = {};
    for (const name of Object.keys(given)) {
      const field = (given as Record<string, unknown>)[name];
      if (isNothing(field) || NOT_OURS.has(name)) continue;
      const read = known.get(name);
      const kept = read === undefined ? asJson(field) : read(field, below(name));
      if (!isNothing(kept)) found[name] = kept;
    }
    const missing = names.find((name) => !Object.hasOwn(found, name));
    if (missing === undefined) return found;
    throw new Unreadable(`${below(missing)} is missing in ${kindOf(given)}.`);
  };
}

/** What no JSON can be made of is not the library's. */
function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

const texts = listOf(text);
const token = objectOf({ digest: text }, { until: number });
const device = objectOf(
  {
    id: text,
    digest: text,
    epoch: text,
    name: text,
    trustedAt: number,
    lastUsedAt: number,
    expiresAt: number,
  },
  { next: listOf(token), lost: texts, before: token, endedAt: number },
);
const enrollment = objectOf(
  { phone, epoch: text, version },
  {
    confirmedAt: number,
    confirmedFrom: text,
    recoveryCodes: objectOf({ salt: text, digests: texts }),
    newRecoveryCodes: objectOf({ id: text, keyId: text, session: text, madeAt: number }),
    devices: listOf(device),
    endedDevices: listOf(device),
    disabledAt: number,
    consent: objectOf({ at: number, version: text }),
  },
);
