/**
 * The address of a client as a proxy may have written it into a header: with a port, in brackets or
 * quotes, with a zone. `undefined` where there is none to be read, such as `unknown` and `_hidden`
 * (RFC 7239 §6).
 */
export function readAddress(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  const text = given.trim().replace(/^"(.*)"$/, '$1');
  const bare =
    /^\[([^\]]*)\](?::[\w.-]*)?$/.exec(text)?.[1] ??
    /^(\d+(?:\.\d+){3})(?::[\w.-]*)?$/.exec(text)?.[1] ??
    text;
  const address = bare.replace(/%[\w.-]*$/, '');
  return addressBlock(address) === UNKNOWN ? undefined : address;
}

/** The key that all share of whom nobody can say where they are. */
export const UNKNOWN = 'unknown';

/**
 * The key under which requests of one client are counted: an IPv4 address, or the /64 of an IPv6
 * address (a household gets at least that much, so a single address means nothing). A mapped IPv4
 * address (`::ffff:192.0.2.1`) counts as the IPv4 address it is, and so does one that a translator has
 * put behind the well-known prefix (`64:ff9b::192.0.2.1`, RFC 6052): its /64 is all of IPv4. What cannot be
 * read shares one key.
 */
export function addressBlock(address = ''): string {
  if (/^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(address)) {
    return address.split('.').every((part) => Number(part) < 256) ? address : UNKNOWN;
  }
  const groups = ipv6Groups(address.replace(/%.*$/, ''));
  if (groups === undefined) return UNKNOWN;
  const prefix = groups.slice(0, 6).join();
  if (prefix === MAPPED || prefix === TRANSLATED)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

const MAPPED = [0, 0, 0, 0, 0, 0xffff].join();
const TRANSLATED = [0x64, 0xff9b, 0, 0, 0, 0].join();

/** The eight groups of an IPv6 address, after the URL parser has checked and normalized it. */
function ipv6Groups(address: string): number[] | undefined {
  if (!/^[0-9A-Fa-f:.]{2,45}$/.test(address)) return undefined;
  const host = URL.canParse(`http://[${address}]/`) ? new URL(`http://[${address}]/`).hostname : '';
  if (host === '') return undefined;
  const [head = '', tail] = host.slice(1, -1).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right];
  return groups.map((group) => Number.parseInt(group, 16));
}
