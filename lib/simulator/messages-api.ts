import express, { type RequestHandler, type Router } from 'express';
import {
  carrierBody,
  givenPart,
  limitMms,
  limitRate,
  onlyMethods,
  pageOf,
  readDate,
  readPage,
  requestFields,
  requireCredentials,
  sendCarrierError,
} from './carrier-http';
import { CALLBACK_NAMES, readCallbackUrl } from './callback-posts';
import { meetArmedFault, meetMagicNumber } from './fault-answers';
import type { ApiVersion, SimulatedMessage } from './message-log';
import { includedMedia, messageRecord, secondsTime } from './message-record';
import type { Carrier } from './simulated-carrier';
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
    limitMms(carrier, `/${version}/messages`),
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

/** `PUT` and `GET /messages/{callback_type}`: where the callbacks of the account go. */
function accountCallbacks(version: ApiVersion, carrier: Carrier): Router {
  const router = express.Router();
  const { settings, callbacks } = carrier;
  const signedIn = requireCredentials(settings);
  const limited = limitRate(carrier, `/${version}/messages/{callback_type}`);
  for (const [name, type] of CALLBACK_NAMES) {
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

/** Flowroute documents neither a default nor a maximum. */
const PAGE = 100;

function showRecord(version: ApiVersion, carrier: Carrier): RequestHandler {
  return (req, res) => {
    const message = carrier.messages.find(String(req.params.id));
    if (message === undefined || !isRecorded(message, carrier)) {
      sendCarrierError(res, 404, 'The message was not found.');
      return;
    }
    res.json({
      data: messageRecord(message, version, carrier.settings.clock()),
      ...includedMedia([message]),
    });
  };
}

/** `start_date` (needed), `end_date`, `limit` and `offset`; newest first. */
function listRecords(version: ApiVersion, carrier: Carrier): RequestHandler {
  return (req, res) => {
    const { start_date, end_date } = req.query;
    const start = readDate(start_date);
    const end = givenPart(end_date) === undefined ? Infinity : readDate(end_date);
    const page = readPage(req.query, PAGE, Infinity);
    if (start === undefined || end === undefined || page === undefined) {
      sendCarrierError(
        res,
        422,
        'start_date is required. Dates are YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss.SSZ, limit is greater than 0 and offset 0 or greater.',
      );
      return;
    }
    const found = carrier.messages
      .all()
      .filter((each) => isRecorded(each, carrier) && each.at >= start && each.at <= end);
    const { items, links } = pageOf(found, page, req, {
      start_date: secondsTime(start),
      ...(end === Infinity ? {} : { end_date: secondsTime(end) }),
    });
    const now = carrier.settings.clock();
    res.json({
      data: items.map((each) => messageRecord(each, version, now)),
      ...includedMedia(items),
      links,
    });
  };
}

/** A text takes a while until it can be looked up. */
function isRecorded({ at }: SimulatedMessage, { settings }: Carrier): boolean {
  return settings.clock() - at >= settings.recordDelayMs;
}
