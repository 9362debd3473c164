import type { RequestHandler } from 'express';

import { sendCarrierError } from '../api/carrier-errors';

/** Browsers send forms across sites without asking; only the phone page itself may post its own. */
export const refuseOtherSites: RequestHandler = (req, res, next) => {
  const { origin, host } = req.headers;
  const site = req.headers['sec-fetch-site'];
  const own =
    site === undefined
      ? origin === undefined || origin === `http://${host}` || origin === `https://${host}`
      : site === 'same-origin' || site === 'none';
  if (own) next();
  else sendCarrierError(res, 403, 'Forms of other sites are not taken.');
};
