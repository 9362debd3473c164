// The carrier writes times in four ways, depending on where they stand.

/** In records of v2.1 and v2.2: `2017-12-21T16:44:34.930Z`. */
export function recordTime(at: number): string {
  return new Date(at).toISOString();
}

/** In records of v2: `2016-06-13T20:34:29.095000+00:00`. */
export function oldRecordTime(at: number): string {
  return recordTime(at).replace('Z', '000+00:00');
}

/** In inbound texts: `2024-10-19T01:21:21.980000Z`. */
export function inboundTime(at: number): string {
  return recordTime(at).replace('Z', '000Z');
}

/** In posted receipts and in links: `2017-12-21T16:44:35+00:00`. */
export function secondsTime(at: number): string {
  return recordTime(at).replace(/\.\d+Z$/, '+00:00');
}
