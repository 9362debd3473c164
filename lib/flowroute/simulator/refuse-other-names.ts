import { isIP } from 'node:net';
import type { RequestHandler } from 'express';

import { sendCarrierError } from './api/carrier-errors';

/**
 * A page of any site may have its own name point to this machine (DNS rebinding); for a browser it
 * then is the simulator, and reads every code. Names that nobody can buy cannot be pointed anywhere:
 * addresses, names without a dot (of a container), and those that are kept for local use.
 */
export const refuseOtherNames: RequestHandler = (req, res, next) => {
  if (isOwnName(req.headers.host ?? '')) next();
  else sendCarrierError(res, 403, 'The simulator is reached by an address or a local name only.');
};

function isOwnName(host: string): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const name = new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return isIP(name) !== 0 || !name.includes('.') || /\.(localhost|internal|test)$/.test(name);
}
