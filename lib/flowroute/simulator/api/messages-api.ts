import express, { type Router } from 'express';

import type { Carrier } from '../carrier';
import type { ApiVersion } from '../texts/message-log';
import { accountCallbacks } from './account-callbacks';
import { requireCredentials } from './basic-auth';
import { onlyMethods } from './carrier-errors';
import { meetArmedFault, meetMagicNumber } from './meet-fault';
import { limitRate } from './rate-window';
import { listRecords, showRecord } from './records';
import { carrierBody } from './request-body';
import { takeText } from './take-text';

/** `/messages` of one API version: sending a text, looking texts up, callbacks of the account. */
export function messagesApi(version: ApiVersion, carrier: Carrier): Router {
  const router = express.Router();
  const signedIn = requireCredentials(carrier.settings);
  const limited = limitRate(carrier, `/${version}/messages`);
  router.post(
    '/',
    meetArmedFault(carrier),
    signedIn,
    limited,
    carrierBody,
    meetMagicNumber(carrier),
    takeText(version, carrier),
  );
  router.get('/', signedIn, limited, listRecords(version, carrier));
  router.all('/', onlyMethods('GET', 'POST'));
  // v2 has no callbacks of the account.
  if (version !== 'v2') router.use(accountCallbacks(version, carrier));
  const limitedById = limitRate(carrier, `/${version}/messages/{id}`);
  router.get('/:id', signedIn, limitedById, showRecord(version, carrier));
  router.all('/:id', onlyMethods('GET'));
  return router;
}
