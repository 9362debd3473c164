import type { Frame } from '../../pages/layout';
import type { Edge } from '../edge';
import type { HttpRequest } from '../http';

/** What every page of this request knows. */
export function frameOf({ settings }: Edge, req: HttpRequest): Frame {
  const { appName, mountPath, homePath, logoutPath } = settings;
  // csurf, csrf-sync, csrf-csrf and lusca all offer the token this way.
  const token = typeof req.csrfToken === 'function' ? req.csrfToken() : undefined;
  const csrfToken = typeof token === 'string' ? token : undefined;
  return { appName, mountPath, homePath, logoutPath, csrfToken };
}
