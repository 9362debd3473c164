import { localPath } from '../core/untrusted';
import { SecondFactorError } from '../errors';
import type { Settings } from '../options/options';
import type { Edge } from './edge';
import { tellOperator } from './operator';
import type { HttpRequest, Middleware } from './http';

type Bases = Pick<Settings, 'basePath'>;

/**
 * Where a browser sees what the app was asked for: every path that a browser gets and that was not
 * given as an option is made here. `undefined` where it is none of this app, or may lead elsewhere.
 */
export function seenPath({ basePath }: Bases, asked: string | undefined): string | undefined {
  return moved(localPath(asked), basePath.app, basePath.browser);
}

/** What the app is asked for when a browser goes to `seen`; without its query. */
export function askedPath({ basePath }: Bases, seen: string | undefined): string | undefined {
  return moved(seen && pathOf(seen), basePath.browser, basePath.app);
}

function moved(path: string | undefined, from: string, to: string): string | undefined {
  if (path === undefined || from === to) return path;
  if (!isBelow(path, from)) return undefined;
  const rest = path.slice(from.length);
  // Again: without its first part `/app//evil.example` is another host.
  return localPath(to + (rest.startsWith('/') ? rest : `/${rest}`));
}

/** Whether it is this base or below it; never `/appendix` below `/app`. */
function isBelow(path: string, base: string): boolean {
  return path.startsWith(base) && /^(?:[/?]|$)/.test(path.slice(base.length));
}

/** A path without its query. */
export function pathOf(path: string): string {
  return path.split('?', 1)[0] ?? '';
}

/** Told by Express's `app.use`, as every app below another one is. */
interface Mounted {
  handle: Middleware;
  mountpath?: unknown;
  parent?: Parent;
}

/** The app that a router is mounted on, which may itself be below another one. */
interface Parent {
  path?: () => unknown;
  parent?: unknown;
  on?: (event: 'mount', heard: () => void) => unknown;
}

/** How often an app with a router was mounted: Express keeps the last place only. */
const places = new WeakMap<Parent, number>();

function countPlaces(_event: string, parent: Parent): void {
  if (places.has(parent)) return;
  places.set(parent, parent.parent === undefined ? 0 : 1);
  parent.on?.('mount', () => void places.set(parent, (places.get(parent) ?? 0) + 1));
}

const routers = new WeakMap<Edge, Mounted[]>();

/**
 * A router that is told where it is mounted: to `app.use` it is an app (`handle`, `set`, and the event
 * `mount`). To a `Router` it is a middleware, and is told nothing.
 */
export function mountable(edge: Edge, router: Middleware): Middleware {
  const told = Object.assign(router, { handle: router, set: true, emit: countPlaces });
  routers.set(edge, [...(routers.get(edge) ?? []), told]);
  return told;
}

/** Where Express says that a router is, as far as it knows: what stands around it may have a path, too. */
function mountsOf(edge: Edge): (string | undefined)[] {
  return (routers.get(edge) ?? []).flatMap(({ mountpath, parent }) => {
    const above = typeof parent?.path === 'function' ? parent.path() : '';
    const paths: unknown[] = Array.isArray(mountpath) ? mountpath : [mountpath];
    const isElsewhereToo = parent !== undefined && (places.get(parent) ?? 0) > 1;
    return paths.map((path) =>
      typeof path === 'string' && !isElsewhereToo ? plain(`${String(above)}${path}`) : undefined,
    );
  });
}

/** Without its last slash; no pattern. */
function plain(path: string): string | undefined {
  return /^[\w/.~@-]*$/.test(path) ? path.replace(/\/+$/, '').toLowerCase() : undefined;
}

/**
 * The error of a gate that would send browsers to `mountPath`, where no router can be: each is mounted
 * by `app.use`, and `mountPath` does not end like any of them.
 */
export function lostRouter(edge: Edge): SecondFactorError | undefined {
  const mounts = mountsOf(edge);
  const wanted = askedPath(edge.settings, edge.settings.mountPath)?.toLowerCase();
  const mayBeThere = mounts.some(
    (mount) => mount === undefined || wanted === undefined || wanted.endsWith(mount),
  );
  if (mounts.length === 0 || mayBeThere) return undefined;
  return told(edge, mounts[0] ?? '');
}

/** Those whose router was asked where it should be. */
const atPlace = new WeakSet<Edge>();

/** Whether a router is at `mountPath`, as far as it was seen; `none` where none was made. */
export function placeOfRouter(edge: Edge): 'none' | 'unknown' | 'wrong' | 'right' {
  if (!routers.has(edge)) return 'none';
  if (lostRouter(edge) !== undefined) return 'wrong';
  // `lostRouter` takes what it does not know for right.
  const isKnown = mountsOf(edge).some((mount) => mount !== undefined && mount !== '');
  return isKnown || atPlace.has(edge) ? 'right' : 'unknown';
}

/** How many browsers gates have sent to `mountPath`. */
const sent = new WeakMap<Edge, number>();

export function noteSent(edge: Edge): void {
  sent.set(edge, (sent.get(edge) ?? 0) + 1);
}

/** How many browsers were sent there, where no router has been asked for anything since. */
export function lostBrowsers(edge: Edge): number {
  return atPlace.has(edge) ? 0 : (sent.get(edge) ?? 0);
}

/**
 * The error of a gate that was asked for what it sends browsers to: no router is above it. Else they
 * would be sent from there to there.
 */
export function unmountedRouter(edge: Edge, target: string): SecondFactorError {
  const says = `The gate was asked for ${target}, so no router() is above it at mountPath.`;
  // To the app its place has another name where a proxy changes paths.
  const there = askedPath(edge.settings, target)?.replace(/\/$/, '') ?? target;
  const cure = `Mount router() at ${quoted(there)}, above enforce(), or say with mountPath where it is.`;
  tellOperator(edge, 'SMS2FA_MOUNT_PATH', says, cure);
  return new SecondFactorError('misconfigured', `${says} ${cure}`);
}

/** Where Express says that a router is whose place needs no further look; `undefined` where each does. */
export function plainPlace({ settings }: Edge): string | undefined {
  const { basePath, mountPath } = settings;
  return basePath.browser === basePath.app ? mountPath : undefined;
}

/** The error of a router that is asked at another path than `mountPath`, where its pages lead. */
export function misplacedRouter(edge: Edge, req: HttpRequest): SecondFactorError | undefined {
  const { settings } = edge;
  const { mountPath } = settings;
  const { originalUrl = '', url = '', baseUrl } = req;
  const asked = baseUrl ?? (originalUrl.endsWith(url) ? originalUrl.slice(0, -url.length) : '');
  const isThere = (path: string | undefined): boolean =>
    path !== undefined && isBelow(`${pathOf(path)}/`.toLowerCase(), mountPath.toLowerCase());
  // Middleware may have rewritten the path on its way here: a browser sees the one before.
  const here = seenPath(settings, asked || '/');
  const ends = here?.replace(/\/$/, '').toLowerCase() === mountPath.toLowerCase();
  if (!ends && !isThere(seenPath(settings, originalUrl))) {
    return told(edge, asked, Object.keys(req.params ?? {}));
  }
  atPlace.add(edge);
  return undefined;
}

function told(edge: Edge, asked: string, params: readonly string[] = []): SecondFactorError {
  const { settings } = edge;
  const { mountPath } = settings;
  const seen = seenPath(settings, asked || '/')?.replace(/\/$/, '') ?? asked;
  const there = askedPath(settings, mountPath);
  const cures = [
    ...(there === undefined ? [] : [`mount it at ${quoted(there)}`]),
    // At the root a router would answer for the whole app: the option refuses it.
    ...(seen === '' ? [] : [`give mountPath: ${quoted(seen)}`]),
  ];
  if (mountPath.endsWith(asked) && mountPath !== asked) {
    const base = mountPath.slice(0, mountPath.length - asked.length);
    cures.push(`where a proxy takes ${base} away, give basePath: ${quoted(base)}`);
  } else if (asked.endsWith(mountPath) && mountPath !== asked) {
    const base = asked.slice(0, asked.length - mountPath.length);
    cures.push(
      `where a proxy puts ${base} before it, give basePath: { browser: '/', app: ${quoted(base)} }`,
    );
  }
  const at = seen === asked ? quoted(asked) : `${quoted(asked)}, for browsers ${quoted(seen)}`;
  const says = `router() is at ${at}, and browsers are sent to ${quoted(mountPath)} (mountPath).`;
  // No one path is right for all of them.
  const [name] = params;
  const cure =
    name === undefined
      ? `One of these: ${cures.join('; ')}.`
      : `Browsers are sent to one path, and :${name} has many: mount it once at ${quoted(there ?? mountPath)}, outside of :${name}, and know the ${name} by the session, the user or the host name.`;
  tellOperator(edge, 'SMS2FA_MOUNT_PATH', says, cure);
  return new SecondFactorError('misconfigured', `${says} ${cure}`);
}

function quoted(path: string): string {
  return `'${(path || '/').slice(0, 80)}'`;
}

/** Ends an entry that stands for all that is below it. */
const BELOW = '/*';

/**
 * Whether a request is for one of these paths, or below one that ends in `/*`. Both as it was sent
 * and as Express will route it: a rewrite must not slip through. The words of an entry are compared
 * letter by letter; what stands below must be a path that nobody could read as another one.
 */
export function allowedPaths(
  entries: readonly string[],
  others: readonly (string | undefined)[],
): (req: HttpRequest) => boolean {
  const prefixes = entries
    .filter((entry) => entry.endsWith(BELOW))
    .map((entry) => entry.slice(0, -1));
  const exact = new Set([...entries.filter((entry) => !entry.endsWith(BELOW)), ...others]);
  return (req) => {
    const sent = pathOf(req.originalUrl ?? '');
    if (sent !== `${req.baseUrl ?? ''}${req.path ?? ''}`) return false;
    if (exact.has(sent)) return true;
    const isBelow = prefixes.some((prefix) => sent.startsWith(prefix) && sent !== prefix);
    return isBelow && isPlain(sent);
  };
}

/** Whether a path is what it seems to be, to whoever decodes and resolves it, once or in their own way. */
function isPlain(path: string): boolean {
  // A last slash is the only empty part.
  const parts = path.slice(1).replace(/\/$/, '').split('/');
  return /^\/[\x21-\x7e]*$/.test(path) && parts.every(isPlainPart);
}

function isPlainPart(part: string): boolean {
  let decoded: string;
  try {
    decoded = decodeURIComponent(part);
  } catch {
    return false;
  }
  // Full-width slashes and dots become plain ones for whoever folds them.
  const folded = decoded.normalize('NFKC');
  // Some drop dots and blanks at the end, cut at `;` or NUL, or decode twice.
  return !/^[. ]*$/.test(folded) && !/[/\\;%?#*\p{C}]/u.test(folded);
}

/** The page of this host that the browser says it came from. */
export function refererPath(req: HttpRequest): string | undefined {
  const url = refererOf(req);
  return url?.host === req.headers.host ? localPath(`${url?.pathname}${url?.search}`) : undefined;
}

export function refererOf({ headers: { referer } }: HttpRequest): URL | undefined {
  return referer !== undefined && URL.canParse(referer) ? new URL(referer) : undefined;
}
