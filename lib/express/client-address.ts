import { addressBlock, UNKNOWN } from '../core/keyring';
import type { Edge } from './edge';
import { findingsOf, tellOperator } from './operator';
import type { HttpRequest } from './http';

const NO_ADDRESS = 'SMS2FA_ADDRESS';
const NO_TRUST = 'SMS2FA_TRUST_PROXY';

/**
 * The address of the client, as Express's `trust proxy` vouches for it; `undefined` where there is
 * none, as behind a unix socket. A client that has hung up is one of unknown address: it must not
 * choose to have none.
 */
export function addressOf(req: HttpRequest): string | undefined {
  return readAddress(req.ip) ?? (hasGone(req) ? UNKNOWN : undefined);
}

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

/**
 * Also where Node has not noticed it yet: a reset that comes right behind its request leaves a
 * connection over TCP that has an address on this side only. A unix socket has none on either.
 */
function hasGone({ ip, socket }: Partial<Pick<HttpRequest, 'ip' | 'socket'>>): boolean {
  if (socket === undefined) return false;
  const { destroyed, localAddress, remoteAddress } = socket;
  const isReset = localAddress !== undefined && remoteAddress === undefined;
  return destroyed || (ip === undefined && isReset);
}

/** Tells that limits of an address have nothing to count by. */
export function tellWithoutAddress(edge: Edge, req: HttpRequest): void {
  const given = JSON.stringify(String(req.ip).slice(0, 60));
  tellOperator(
    edge,
    NO_ADDRESS,
    `The address of a client cannot be read (req.ip is ${given}): nothing is limited by address, only by user.`,
    "Have the proxy write X-Forwarded-For, and set Express's trust proxy.",
  );
}

/** Express's own function: whether the value of the setting `trust proxy` trusts this peer. */
type Trusts = (address: string | undefined, hop: number) => unknown;

/** The only header that Express reads an address from. */
const READ = 'x-forwarded-for';
/** Others that say where a client is. */
const UNREAD = ['forwarded', 'x-real-ip'];
const HEADERS = [READ, ...UNREAD, 'x-forwarded-proto'];

/**
 * Sees that there is a proxy which Express does not trust, or which writes the address where Express
 * does not look: all clients have the proxy's own then, and share its limits. Only of a peer on this
 * machine or in a private network: the header is anybody's.
 */
export function lookForProxy(edge: Edge, req: HttpRequest): void {
  const name = HEADERS.find((each) => req.headers[each] !== undefined);
  if (name === undefined || hasGone(req) || findingsOf(edge).has(NO_TRUST)) return;
  const { app } = req as { app?: { get?: (setting: string) => unknown } };
  const trusts: unknown = app?.get?.('trust proxy fn');
  const peer = (req as Partial<HttpRequest>).socket?.remoteAddress;
  if (typeof trusts !== 'function' || (peer !== undefined && !isPrivate(peer))) return;
  const isTrusted = (trusts as Trusts)(peer, 0) === true;
  if (isTrusted && !UNREAD.includes(name)) return;
  const but =
    name === READ ? 'Express does not trust that proxy' : `without ${READ}, which Express reads`;
  const cures = [
    ...(name === READ ? [] : ['Have the proxy write X-Forwarded-For.']),
    ...(isTrusted
      ? []
      : [
          "Name your proxies, such as app.set('trust proxy', 'loopback, uniquelocal') or the number of them.",
        ]),
  ];
  tellOperator(
    edge,
    NO_TRUST,
    `A request from ${peer ?? 'a unix socket'} came with ${name}, but ${but}: ${isTrusted ? '' : 'no session cookie with secure is set, '}all clients are taken for one, and the 11th new phone of an hour is refused.`,
    cures.join(' '),
  );
}

/** Loopback, link-local, and the networks that are nobody's on the internet (RFC 1918, 4193, 6598). */
function isPrivate(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  return /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/i.test(
    plain,
  );
}
