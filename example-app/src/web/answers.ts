import type { Request, Response } from 'express';

import type { Html } from '../pages/html';

/** JSON under /api, where the body is JSON, or where the client prefers it; pages otherwise. */
export function wantsJson(req: Request): boolean {
  if (req.path.startsWith('/api/')) return true;
  return Boolean(req.is('json')) || req.accepts(['html', 'json']) === 'json';
}

export function sendPage(res: Response, page: Html, status = 200): void {
  // Pages differ from person to person, and the back button must not show them after signing out.
  res.status(status).set('Cache-Control', 'no-store').type('html').send(page.markup);
}

export function sendJson(res: Response, body: object, status = 200): void {
  res.status(status).set('Cache-Control', 'no-store').json(body);
}

/** What went wrong, for programs (`error`) and for people (`message`). */
export interface Refusal {
  status: number;
  error: string;
  message: string;
}

/** Says no in the client's own language: JSON, or the page with the message on it. */
export function sendRefusal(
  req: Request,
  res: Response,
  refusal: Refusal,
  page: (message: string) => Html,
): void {
  const { status, error, message } = refusal;
  if (wantsJson(req)) sendJson(res, { error, message }, status);
  else sendPage(res, page(message), status);
}
