import { parse, serialize } from 'cookie';
import type { Core } from '../core/core';
import { equalInConstantTime } from '../core/untrusted';
import type { HttpRequest } from './http';

/** The longest that browsers keep a cookie (RFC 6265bis §5.5), in seconds. */
const LIFETIME = 400 * 86_400;

/**
 * The user's own cookie in each browser in which they have passed. It proves nothing but that: a few
 * of a day's texts are kept for who brings it, so that a stranger who has the password, or another
 * account with the same phone, cannot use up all of them [S171]. It signs nobody in, opens no gate and
 * spares no code.
 */
function cookieName({ keyring }: Core, userId: string): string {
  return `sms2fa-known-${keyring.digest('known', userId)}`;
}

/** Signed with the app's secret: only a browser that was told it has it. */
function cookieValue({ keyring }: Core, userId: string): string {
  return keyring.fingerprint('known browser', userId);
}

/** Whether this user has passed in this browser before. */
export function isKnownBrowser(core: Core, req: HttpRequest, userId: string): boolean {
  const given = parse(req.headers.cookie ?? '')[cookieName(core, userId)];
  return given !== undefined && equalInConstantTime(cookieValue(core, userId), given);
}

/** Marks the browser in which the user has just passed. */
export function rememberBrowser(core: Core, req: HttpRequest, userId: string): void {
  const { res } = req;
  if (res === undefined || res.headersSent || isKnownBrowser(core, req, userId)) return;
  const cookie = serialize(cookieName(core, userId), cookieValue(core, userId), {
    maxAge: LIFETIME,
    path: '/',
    httpOnly: true,
    // As the app says of its session: it must come back wherever that one does.
    secure: req.session?.cookie.secure === true || req.secure === true,
    sameSite: 'lax',
  });
  res.appendHeader('Set-Cookie', cookie);
}
