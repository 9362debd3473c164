import { addedAmr, ANY_FACTOR } from '../core/amr';
import type { Refusal } from '../core/outcomes';
import { FALLBACK } from '../locales/locales';
import { acrFor, signedInBy } from './account';
import type { Edge } from './edge';
import type { HttpRequest } from './http';
import { problemOf } from './problems';

/** How soon it is worth trying again where a store is away, in seconds; nobody knows for how long [S143]. */
const AWAY_FOR = 5;

/**
 * Headers that a refusal carries, whatever its body. A 401 says how to authenticate (RFC 9110 §15.5.2);
 * what more than the sign-in is asked for is said as RFC 9470 has it, also where a factor was passed too
 * long ago for a 403.
 */
export async function headersOf(
  edge: Edge,
  req: HttpRequest,
  refusal: Refusal,
): Promise<Record<string, string>> {
  const { code, allow } = refusal;
  const { retryAfter = code === 'store_unavailable' ? AWAY_FOR : undefined } = refusal;
  const challenge = await challengeOf(edge, req, refusal);
  return {
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
    ...(allow === undefined ? {} : { Allow: allow }),
    ...(challenge === undefined ? {} : { 'WWW-Authenticate': challenge }),
  };
}

/** No scheme that a browser opens a dialog for, and none of tokens: a session answers it. */
const SCHEME = 'Session';

async function challengeOf(
  edge: Edge,
  req: HttpRequest,
  refusal: Refusal,
): Promise<string | undefined> {
  const { code, wanted } = refusal;
  const { status, detail } = problemOf(refusal, edge.settings.locales.best([FALLBACK]));
  const { freshLogin, limits } = edge.settings;
  switch (code) {
    case 'second_factor_required':
      return insufficient(detail, wanted?.maxAge, await acrValues(edge, req, wanted?.methods));
    case 'fresh_second_factor_required':
      return insufficient(detail, limits.factorChangeMaxAge, await acrValues(edge, req));
    case 'fresh_login_required':
      return insufficient(detail, freshLogin?.seconds, []);
    default:
      return status === 401 ? SCHEME : undefined;
  }
}

/** What the session's `acr` would be after one of these methods; after a texted code where any will do. */
async function acrValues(
  edge: Edge,
  req: HttpRequest,
  methods: readonly string[] = [ANY_FACTOR],
): Promise<string[]> {
  const { amr } = await signedInBy(edge, req);
  const wanted = methods.includes(ANY_FACTOR) ? ['sms'] : methods;
  const values = wanted.map((method) => acrFor(edge, addedAmr(amr, [method])));
  return [...new Set(values.filter((value) => value !== undefined))];
}

function insufficient(
  description: string,
  maxAge: number | undefined,
  acr: readonly string[],
): string {
  const parameters: [string, string | undefined][] = [
    ['error', 'insufficient_user_authentication'],
    ['error_description', description],
    ['max_age', maxAge === undefined ? undefined : String(Math.floor(maxAge))],
    ['acr_values', acr.length === 0 ? undefined : acr.join(' ')],
  ];
  const said = parameters.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  );
  return `${SCHEME} ${said.join(', ')}`;
}

/** A quoted-string (RFC 9110 §5.6.4); what no header takes is left out. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '\\$&')}"`;
}
