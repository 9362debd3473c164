import type { HttpRequest } from './http';
import { pathOf } from './paths';

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
