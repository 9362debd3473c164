/** How many texts the carrier charges for: 160 ASCII characters, 140 a part beyond that, 70 else. */
export function segmentsOf(body: string): number {
  if (!isAscii(body)) return Math.ceil(body.length / 70);
  return body.length <= 160 ? 1 : Math.ceil(body.length / 140);
}

function isAscii(body: string): boolean {
  // eslint-disable-next-line no-control-regex -- a line break is ASCII, too
  return /^[\x00-\x7f]*$/.test(body);
}
