import { createHash } from 'node:crypto';

import { parseJson, part, textPart } from './json';
import type { CarrierAnswer } from './carrier-answer';
import { FlowrouteError } from './flowroute-error';

/** How a list is fetched and read. */
export interface List<Item> {
  /** What is listed, for errors: `messages` or `numbers`. */
  what: string;
  fetchPage: (offset: number) => Promise<CarrierAnswer>;
  readItem: (item: unknown) => Item | undefined;
  /** Tells items apart. */
  idOf: (item: Item) => string;
}

/**
 * Reads a list page by page, each one only when the one before is used up. Of `links.next` nothing
 * but the offset is taken, so that no answer can send the credentials anywhere else. A list that
 * does not move on ends with an error.
 */
export async function* readPages<Item>(list: List<Item>): AsyncGenerator<Item, void, undefined> {
  const pagesSeen = new Set<string>();
  let before = new Set<string>();
  for (let offset = 0; ;) {
    const page = parseJson((await list.fetchPage(offset)).text);
    const items = readItems(list, page);
    if (items.length === 0) return;
    const ids = items.map(list.idOf);
    const next = nextOffset(page, offset);
    const mark = createHash('sha256').update(ids.join()).digest('base64');
    if (pagesSeen.has(mark) || (next ?? Infinity) <= offset) throw stuck(list.what);
    pagesSeen.add(mark);
    // What came in meanwhile pushes the end of the last page onto this one.
    const fresh = items.filter((item) => !before.has(list.idOf(item)));
    // The same items in another order would go on for ever and bring nothing.
    if (fresh.length === 0 && next !== undefined) throw stuck(list.what);
    yield* fresh;
    if (next === undefined) return;
    before = new Set(ids);
    offset = next;
  }
}

function readItems<Item>({ what, readItem }: List<Item>, page: unknown): Item[] {
  const data = part(page, 'data');
  if (!Array.isArray(data)) throw unusable(`a list of ${what}`);
  return data.map((each) => {
    const item = readItem(each);
    if (item === undefined) throw unusable(`a list of ${what}`);
    return item;
  });
}

function nextOffset(page: unknown, offset: number): number | undefined {
  const link = textPart(page, 'links', 'next');
  if (link === undefined) return undefined;
  // A relative link needs a base to be read; where it points does not matter.
  const given = URL.canParse(link, 'https://localhost')
    ? new URL(link, 'https://localhost').searchParams.get('offset')
    : null;
  return given !== null && /^\d{1,15}$/.test(given) ? Number(given) : offset;
}

/** The answer of a read is a success and yet not what was asked for. */
export function unusable(wanted: string): FlowrouteError {
  return new FlowrouteError(
    `Flowroute answered something that is not ${wanted}. Check baseUrl and apiVersion.`,
    { reason: 'unavailable', refused: true },
  );
}

function stuck(what: string): FlowrouteError {
  return new FlowrouteError(
    `Flowroute answered the same page of ${what} again, so the list was ended. ` +
      'What came until then is a part of it.',
    { reason: 'unavailable', refused: true },
  );
}
