import express, { type Request, type RequestHandler, type Response, type Router } from 'express';

import { requireCredentials } from './basic-auth';
import type { Carrier } from './carrier';
import { onlyMethods, sendCarrierError } from './carrier-errors';
import { playFault, resetConnection } from './fault-answers';
import type { Fault } from './faults';
import { newMessageId, type ApiVersion, type SimulatedMessage } from './message-log';
import { messageRecord, priceDetails } from './message-record';
import { carrierBody } from './request-body';
import { readText } from './text-request';

/** `/messages` of one API version: sending a text and looking one up. */
export function messagesApi(version: ApiVersion, carrier: Carrier): Router {
  const router = express.Router();
  const signedIn = requireCredentials(carrier.settings);
  router.post(
    '/',
    meetFault(carrier),
    signedIn,
    limitRate(version, carrier),
    carrierBody,
    (req, res) => {
      takeText(version, carrier, req, res);
    },
  );
  router.all('/', onlyMethods('POST'));
  router.get('/:id', signedIn, (req, res) => {
    const message = carrier.messages.find(String(req.params.id));
    if (message) res.json(messageRecord(message, version));
    else sendCarrierError(res, 404, 'The message was not found.');
  });
  router.all('/:id', onlyMethods('GET'));
  return router;
}

interface SendLocals {
  fault?: Fault | undefined;
}

function meetFault(carrier: Carrier): RequestHandler {
  return (req, res, next) => {
    const fault = carrier.faults.next();
    (res.locals as SendLocals).fault = fault;
    if (fault) playFault(fault, req, res, next);
    else next();
  };
}

function limitRate(version: ApiVersion, carrier: Carrier): RequestHandler {
  return (_req, res, next) => {
    if (carrier.rate.attempt(`${carrier.settings.accessKey} ${version}`)) next();
    else sendCarrierError(res, 429, 'Rate limits are defined per API endpoint.');
  };
}

function takeText(version: ApiVersion, carrier: Carrier, req: Request, res: Response): void {
  const text = readText(version, carrier, req.body);
  if ('refusal' in text) {
    sendCarrierError(res, ...text.refusal);
    return;
  }
  const mode = (res.locals as SendLocals).fault?.mode;
  const message = carrier.messages.add({
    id: newMessageId(version),
    direction: 'outbound',
    ...text,
    at: carrier.settings.clock(),
    status: mode === 'accepted-never-delivered' ? 'accepted' : 'delivered',
  });
  if (mode === 'accepted-but-lost') resetConnection(req);
  else sendTaken(version, message, req, res);
}

function sendTaken(
  version: ApiVersion,
  message: SimulatedMessage,
  req: Request,
  res: Response,
): void {
  const { id } = message;
  if (version === 'v2') {
    res.status(200).json({ data: { id } });
    return;
  }
  const self = `http://${req.headers.host ?? 'localhost'}/${version}/messages/${id}`;
  const price = version === 'v2.2' ? { price_details: priceDetails(message.body) } : {};
  res.status(202).json({ data: { links: { self }, type: 'message', id, ...price } });
}
