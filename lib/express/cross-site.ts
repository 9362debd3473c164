import { isJson, type HttpRequest } from './http';

/**
 * Whether a request that changes something comes from a page of another site (ASVS 3.5.1–3.5.3).
 *
 * `Sec-Fetch-Site` decides where a browser sends it; else `Origin` must be this host or a listed
 * one. A request with neither is no browser's of today: it may pass as JSON or as a form, but not
 * as `text/plain` or the like, which an old browser sends across sites without asking.
 */
export function isCrossSite(req: HttpRequest, origins: ReadonlySet<string>): boolean {
  const { origin, host } = req.headers;
  const site = req.headers['sec-fetch-site'];
  const listed = origin !== undefined && origins.has(origin);
  if (site !== undefined) return !(site === 'same-origin' || site === 'none' || listed);
  if (origin !== undefined) return !(listed || (host !== undefined && hostOf(origin) === host));
  const type = req.headers['content-type'];
  return type !== undefined && !isJson(req) && !/^application\/x-www-form-urlencoded\b/i.test(type);
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
