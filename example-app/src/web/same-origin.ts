import type { Request, RequestHandler } from 'express';

import { sendRefusal } from './answers';
import { messagePage } from '../pages/pages';

/**
 * The bank's own protection against cross-site request forgery, for its own POSTs; the second
 * factor's router brings its own. SameSite cookies alone would let a sibling domain through.
 */
export const sameOrigin: RequestHandler = (req, res, next) => {
  if (comesFromHere(req)) {
    next();
    return;
  }
  const refusal = {
    status: 403,
    error: 'cross_site_request',
    message: 'This request came from another site, so nothing was done.',
  };
  sendRefusal(req, res, refusal, (message) => messagePage('Not from here', message));
};

function comesFromHere(req: Request): boolean {
  // Browsers write these two headers themselves; a page cannot change them.
  const site = req.get('Sec-Fetch-Site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = req.get('Origin');
  if (origin !== undefined) return URL.canParse(origin) && new URL(origin).host === req.host;
  // Neither header: no browser of today, so no browser's cookies are borrowed. Bodies that the bank
  // does not read, such as text/plain, are what forged forms of older browsers look like.
  return /^(?:application\/(?:json|x-www-form-urlencoded)\b|$)/i.test(
    req.get('Content-Type') ?? '',
  );
}
