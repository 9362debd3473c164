import type { Edge } from './edge';
import { findingsOf, tellOperator } from './operator';
import { hasGone, readAddress, type HttpRequest } from './http';

const NO_ADDRESS = 'SMS2FA_ADDRESS';
const NO_TRUST = 'SMS2FA_TRUST_PROXY';

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
/** By one of these a proxy shows itself. */
export const PROXY_HEADERS = [READ, ...UNREAD, 'x-forwarded-proto'];

/**
 * Sees that there is a proxy which Express does not trust, or which writes the address where Express
 * does not look: all clients have the proxy's own then, and share its limits. Only of a peer on this
 * machine or in a private network: the header is anybody's. `name` is the first of them that came.
 */
export function lookForProxy(edge: Edge, req: HttpRequest, name: string): void {
  if (hasGone(req) || findingsOf(edge).has(NO_TRUST)) return;
  const { app } = req as { app?: { get?: (setting: string) => unknown } };
  const trusts: unknown = app?.get?.('trust proxy fn');
  const peer = (req as Partial<HttpRequest>).socket?.remoteAddress;
  if (typeof trusts !== 'function' || (peer !== undefined && !isPrivate(peer))) return;
  const isTrusted = (trusts as Trusts)(peer, 0) === true;
  if (isTrusted && !UNREAD.includes(name)) {
    const inner = untrustedBehind(String(req.headers[READ] ?? ''), trusts as Trusts);
    if (inner !== undefined) {
      tellOperator(
        edge,
        NO_TRUST,
        `Express takes ${inner}, of a private network, for a client, and X-Forwarded-For names another one behind it. Where that is a proxy, ${SHARED}`,
        NAME_THEM,
      );
    }
    return;
  }
  const but =
    name === READ ? 'Express does not trust that proxy' : `without ${READ}, which Express reads`;
  const cures = [
    ...(name === READ ? [] : ['Have the proxy write X-Forwarded-For.']),
    ...(isTrusted ? [] : [NAME_THEM]),
  ];
  tellOperator(
    edge,
    NO_TRUST,
    `A request from ${peer ?? 'a unix socket'} came with ${name}, but ${but}: ${isTrusted ? '' : 'no session cookie with secure is set, '}${SHARED}`,
    cures.join(' '),
  );
}

const SHARED = 'all clients are taken for one, and the 11th new phone of an hour is refused.';
const NAME_THEM =
  "Name your proxies, such as app.set('trust proxy', 'loopback, uniquelocal') or the number of them.";

/** The proxy of a private network that Express takes for the client: somebody else is behind it. */
function untrustedBehind(forwarded: string, trusts: Trusts): string | undefined {
  const [, ...proxies] = forwarded.split(',').map((each) => each.trim());
  // Express asks from the nearest one on, behind its peer, and takes the first that it does not trust.
  const taken = proxies.reverse().find((address, index) => trusts(address, index + 1) !== true);
  const address = readAddress(taken);
  return address !== undefined && isPrivate(address) ? address : undefined;
}

/** Loopback, link-local, and the networks that are nobody's on the internet (RFC 1918, 4193, 6598). */
function isPrivate(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  return /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/i.test(
    plain,
  );
}
