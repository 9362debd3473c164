import express, { type Router } from 'express';

import { onlyMethods, sendCarrierError } from '../api/carrier-errors';
import { fieldsOf, plainBody } from '../api/request-body';
import type { FaultQueue } from './fault-queue';
import { readFault } from './read-fault';

/**
 * `POST /faults {mode, times?, delayMs?}` arms a fault for the next attempts to send (1 unless
 * `times` says more), `GET /faults` shows what is armed, `DELETE /faults` disarms all.
 */
export function faultsRouter(faults: FaultQueue): Router {
  const router = express.Router();
  router.post('/', plainBody, (req, res) => {
    const wanted = readFault(fieldsOf(req.body));
    if ('problem' in wanted) {
      sendCarrierError(res, 422, wanted.problem);
      return;
    }
    faults.add(wanted.fault, wanted.times);
    res.status(201).json({ faults: faults.modes() });
  });
  router.get('/', (_req, res) => {
    res.json({ faults: faults.modes() });
  });
  router.delete('/', (_req, res) => {
    faults.clear();
    res.status(204).end();
  });
  router.all('/', onlyMethods('GET', 'POST', 'DELETE'));
  return router;
}
