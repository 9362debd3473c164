import type { RequestHandler } from 'express';

/** The pages need nothing but their own style sheet, icon, script and forms. */
const POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  "img-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** What a browser should know about every answer. */
export function securityHeaders(https: boolean): RequestHandler {
  return function setSecurityHeaders(_req, res, next) {
    res.set({
      'Content-Security-Policy': POLICY,
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY', // for browsers older than frame-ancestors
      ...(https && { 'Strict-Transport-Security': 'max-age=31536000' }),
    });
    next();
  };
}
