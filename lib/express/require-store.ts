import { refuse } from '../core/outcomes';
import type { SessionStore } from '../ports/session-store';
import type { Edge } from './edge';
import type { HttpRequest, Middleware } from './http';
import { sendRefusal } from './respond';

/**
 * Answers 503 while the session store is away, for the place between `session()` and
 * `passport.session()`: express-session lets a request pass without a session then, and Passport
 * makes an error 500 of it.
 */
export function requireStore(edge: Edge): Middleware {
  const isAway = watch(edge.settings.sessionStore);
  return (req, res, next) => {
    const request = req as HttpRequest;
    if (request.session === undefined && isAway()) {
      sendRefusal(edge, request, res, refuse('store_unavailable'));
    } else next();
  };
}

/** express-session's own words for a store that went away and came back. */
function watch(store: SessionStore): () => boolean {
  let away = false;
  store.on?.('disconnect', () => {
    away = true;
  });
  store.on?.('connect', () => {
    away = false;
  });
  return () => away;
}
