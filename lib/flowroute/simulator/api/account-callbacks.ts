import express, { type Router } from 'express';

import {
  CALLBACK_TYPES,
  readCallbackUrl,
  type CallbackType,
} from '../callbacks/callback-addresses';
import type { Carrier } from '../carrier';
import type { ApiVersion } from '../texts/message-log';
import { requireCredentials } from './basic-auth';
import { onlyMethods, sendCarrierError } from './carrier-errors';
import { limitRate } from './rate-window';
import { carrierBody, requestFields } from './request-body';

/** The names in paths; `dlr_callback` is deprecated and still works for texts. */
const NAMES: [name: string, type: CallbackType][] = [
  ...CALLBACK_TYPES.map((type): [string, CallbackType] => [type, type]),
  ['dlr_callback', 'sms_dlr_callback'],
];

/** `PUT` and `GET /messages/{callback_type}`: where the callbacks of the account go. */
export function accountCallbacks(version: ApiVersion, carrier: Carrier): Router {
  const router = express.Router();
  const { settings, callbacks } = carrier;
  const signedIn = requireCredentials(settings);
  const limited = limitRate(carrier, `/${version}/messages/{callback_type}`);
  for (const [name, type] of NAMES) {
    router.put(`/${name}`, signedIn, limited, carrierBody, (req, res) => {
      const url = readCallbackUrl(requestFields(req.body).callback_url);
      if (url === undefined) {
        sendCarrierError(res, 422, 'callback_url must be a URL.');
        return;
      }
      callbacks.setForAccount(type, url);
      res.status(204).end();
    });
    router.get(`/${name}`, signedIn, limited, (_req, res) => {
      const attributes = {
        // The version of the account, which decides on the shape of its callbacks.
        api_version: settings.callbackShape === 'flat' ? 'v2' : 'v2.1',
        callback_url: callbacks.ofAccount(type) ?? null,
        product: type.startsWith('sms') ? 'sms' : 'mms',
      };
      res.json({ data: { attributes, type: 'callback' } });
    });
    router.all(`/${name}`, onlyMethods('GET', 'PUT'));
  }
  return router;
}
