import { isIP } from 'node:net';
import { own } from '../core/untrusted';
import { inOption, misuse, refuseUnknown } from '../misuse';
import type { CspOptions } from './options';

/** The origins of an app's further pages. */
interface Origins {
  /** Whether this is one of them: an `Origin` header, letter by letter, as browsers write it. */
  has(origin: string): boolean;
}

const CURE =
  'Give scheme, host and port only, in lower case, such as https://www.acme.example, capacitor://localhost or https://*.acme.example.';

/**
 * Compared as text: of a custom scheme the URL parser says that its origin is `null`. A star stands for one
 * label of a host, the first, with two labels or more behind it.
 */
export function checkOrigins(given: unknown): Origins {
  if (!Array.isArray(given))
    throw misuse('origins', given, "Give a list such as ['https://www.acme.example'].");
  const exact = new Set<string>();
  const patterns: RegExp[] = [];
  for (const [index, origin] of (given as unknown[]).entries()) {
    const cure = typeof origin === 'string' ? cureOf(origin) : CURE;
    if (cure !== undefined) throw misuse(`origins[${index}]`, origin, cure);
    const [scheme, rest] = (origin as string).split('://*.');
    if (rest === undefined) exact.add(origin as string);
    else patterns.push(new RegExp(`^${scheme}://${LABEL}\\.${rest.replaceAll('.', '\\.')}$`));
  }
  return {
    has: (origin) => exact.has(origin) || patterns.some((pattern) => pattern.test(origin)),
  };
}

const LABEL = '[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?';
/** Schemes of no page, or of pages whose `Origin` is `null`. */
const NO_ORIGIN = /^(?:file|data|about|blob|javascript|view-source|filesystem|ws|wss|ftp):/;

/** What is wrong with it, as its cure. */
function cureOf(origin: string): string | undefined {
  if (NO_ORIGIN.test(origin)) return `No page has it for its Origin. ${CURE}`;
  if (origin.includes('*')) {
    const below = /^https?:\/\/\*\.(.+)$/.exec(origin)?.[1];
    if (below === undefined || below.includes('*')) {
      return 'A star stands for the first label of a host, with http or https: https://*.acme.example.';
    }
    const host = below.replace(/:\d+$/, '');
    if (!host.includes('.') || isIP(host) !== 0) {
      return 'Behind the star give two labels or more, of a domain that is all your own: https://*.acme.example.';
    }
    return isWhole(origin.replace('*', 'x')) ? undefined : CURE;
  }
  return isWhole(origin) ? undefined : CURE;
}

function isWhole(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { origin: read } = new URL(origin);
  // Of a scheme that browsers do not know, no default port is left out and nothing is turned.
  return read === 'null'
    ? new RegExp(`^[a-z][a-z0-9+.-]*://${LABEL}(?:\\.${LABEL})*(?::[1-9]\\d{0,4})?$`).test(origin)
    : read === origin;
}

const CSP_LISTS = ['styleSrc', 'imgSrc', 'fontSrc', 'connectSrc', 'frameAncestors'] as const;

/** What is not in the policy on purpose. */
const NO_CSP = {
  scriptSrc: 'The pages run their own file alone: no script can be added. Give styles or images.',
  formAction:
    'There is no form-action in the policy on purpose: Chromium holds the redirects after a form to it, and what comes after a code may be the page of another site. Give the other lists only.',
};

/** The option `csp`: sources that are written into a header as they are. */
export function checkCsp(given: unknown = {}): CspOptions {
  const place = inOption('csp');
  for (const [name, cure] of Object.entries(NO_CSP)) {
    const value = own(given, name);
    if (value !== undefined) throw misuse(place.one(name), value, cure);
  }
  const cure = "Give lists of sources, such as { imgSrc: ['https://cdn.acme.example'] }.";
  refuseUnknown(place, given, CSP_LISTS, cure);
  const lists = CSP_LISTS.map((name) => [name, checkSources(name, own(given, name))]);
  return Object.freeze(Object.fromEntries(lists) as CspOptions);
}

type CspList = (typeof CSP_LISTS)[number];

function checkSources(name: CspList, given: unknown): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const such = "'self' in its quotes, or hosts such as https://cdn.acme.example";
  if (!Array.isArray(given)) throw misuse(`csp.${name}`, given, `Give a list: ${such}.`);
  for (const [index, source] of (given as unknown[]).entries()) {
    if (typeof source === 'string' && isSource(name, source)) continue;
    const schemes = mayBeInline(name) ? ', or data:' : '';
    const cure = `Give ${such}${schemes}; no more than one source each, nothing unsafe, and no star alone.`;
    throw misuse(`csp.${name}[${index}]`, source, cure);
  }
  return given.length === 0 ? undefined : Object.freeze([...(given as string[])]);
}

function mayBeInline(name: CspList): boolean {
  return name === 'imgSrc' || name === 'fontSrc';
}

/** A word without a dot, such as self or none, is no host but a keyword that lacks its quotes. */
function isSource(name: CspList, source: string): boolean {
  if (source === "'self'") return true;
  if (source === 'data:') return mayBeInline(name);
  const parts =
    /^(?:([a-z]+):\/\/)?((?:\*\.)?[a-z0-9.-]+)(?::(?:\d{1,5}|\*))?(\/[\w.~!$&()+=:@%/-]*)?$/;
  const [, scheme, host = '', path] = parts.exec(source) ?? [];
  if (!new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`).test(host)) return false;
  if (scheme === undefined && !host.includes('.') && host !== 'localhost') return false;
  // Who frames is compared as an origin: with a path it would never match.
  if (name === 'frameAncestors' && path !== undefined) return false;
  const schemes = name === 'connectSrc' ? /^(?:https?|wss?)$/ : /^https?$/;
  return scheme === undefined || schemes.test(scheme);
}
