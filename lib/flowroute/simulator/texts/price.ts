/** $0.0040 for each segment, as in the examples of Flowroute. */
const NANODOLLARS_PER_SEGMENT = 4_000_000;

/** The price of a text as records and callbacks show it. */
export function priceOf(body: string | null): { nanodollars: number; display: string } {
  const nanodollars = segmentsOf(body ?? '') * NANODOLLARS_PER_SEGMENT;
  return { nanodollars, display: `$${(nanodollars / 1e9).toFixed(4)}` };
}

/** What v2.2 says of the price where it takes a text, in dollars. */
export function priceDetails(body: string): object {
  return {
    base_rate: NANODOLLARS_PER_SEGMENT / 1e9,
    charged_cost: priceOf(body).nanodollars / 1e9,
    segment_count: segmentsOf(body),
    surcharge: 0,
  };
}

/** The carrier's numbers for ASCII and UCS-2. */
export function encodingOf(body: string | null): 0 | 8 {
  return isAscii(body ?? '') ? 0 : 8;
}

/** Flowroute's own table: 160 ASCII characters, 140 a part beyond that, 70 for anything else. */
function segmentsOf(body: string): number {
  if (!isAscii(body)) return Math.ceil(body.length / 70);
  return body.length <= 160 ? 1 : Math.ceil(body.length / 140);
}

function isAscii(body: string): boolean {
  // eslint-disable-next-line no-control-regex -- a line break is ASCII, too
  return /^[\x00-\x7f]*$/.test(body);
}
