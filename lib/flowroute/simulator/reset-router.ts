import express, { type Router } from 'express';

import { onlyMethods } from './api/carrier-errors';
import { stopCarrier, type Carrier } from './carrier';
import { refuseOtherSites } from './phone/refuse-other-sites';

/**
 * `POST /reset` makes the simulator what it was when it started: texts, mails, opt-outs, faults,
 * callback addresses and counted attempts are forgotten, and what was still to be posted is not.
 */
export function resetRouter(carrier: Carrier): Router {
  const router = express.Router();
  router.post('/', refuseOtherSites, (_req, res) => {
    stopCarrier(carrier);
    const { messages, mails, faults, rate, optOuts, callbacks } = carrier;
    for (const each of [messages, mails, faults, rate, optOuts, callbacks]) each.clear();
    res.status(204).end();
  });
  router.all('/', onlyMethods('POST'));
  return router;
}
