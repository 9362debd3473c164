import { isIP } from 'node:net';
import { misuse } from '../misuse';

/** The origins of an app's further pages. */
export interface Origins {
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
