import express, { type Request } from 'express';

/**
 * Reads forms and JSON, for the bank's own POSTs only: the second factor's router reads its own.
 * Anything else leaves `req.body` undefined.
 */
export const readBody = [
  express.urlencoded({ extended: false, limit: '10kb' }),
  express.json({ limit: '10kb' }),
];

/** The field where it is text, else `undefined`: JSON and repeated fields can be anything. */
export function textField(req: Request, name: string): string | undefined {
  const body: unknown = req.body;
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
  const value = (body as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}

/** As `textField`, and takes a JSON number for its decimal digits. */
export function amountField(req: Request, name: string): string | undefined {
  const value = (req.body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'number' ? String(value) : textField(req, name);
}

/** A checkbox that is checked, or `true` in JSON. */
export function truthField(req: Request, name: string): boolean {
  const value = (req.body as Record<string, unknown> | undefined)?.[name];
  return value === true || textField(req, name) === 'on';
}
