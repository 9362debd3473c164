import type { Request } from 'express';

/** Which part of a list is asked for. */
export interface Page {
  limit: number;
  offset: number;
}

/** `limit` and `offset` of a query; `undefined` where one of them is malformed. */
export function readPage(
  query: Record<string, unknown>,
  usual: number,
  most: number,
): Page | undefined {
  const limit = readWhole(query.limit ?? String(usual));
  const offset = readWhole(query.offset ?? '0');
  if (limit === undefined || offset === undefined || limit < 1 || limit > most) return undefined;
  return { limit, offset };
}

function readWhole(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?$/;

/** A day or an instant, both UTC, in milliseconds; `undefined` for anything else. */
export function readDate(value: unknown): number | undefined {
  if (typeof value !== 'string' || !DATE.test(value)) return undefined;
  const day = value.slice(0, 10);
  // Date.parse makes the second of March of the thirtieth of February.
  const midnight = Date.parse(day);
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}

/** One page of the items, and the link to the next one where there is more. */
export function pageOf<Item>(
  items: readonly Item[],
  { limit, offset }: Page,
  req: Request,
  fields: Record<string, string>,
): { items: readonly Item[]; links: { next?: string } } {
  const end = offset + limit;
  const shown = items.slice(offset, end);
  if (end >= items.length) return { items: shown, links: {} };
  const query = { limit: String(limit), ...fields, offset: String(end) };
  return {
    items: shown,
    links: { next: `${originOf(req)}${req.baseUrl}?${new URLSearchParams(query).toString()}` },
  };
}

/** Where the simulator was called, as links have to lead back to it. */
export function originOf(req: Request): string {
  return `http://${req.headers.host ?? 'localhost'}`;
}
