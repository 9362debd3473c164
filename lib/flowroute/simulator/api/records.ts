import type { RequestHandler } from 'express';

import type { Carrier } from '../carrier';
import type { ApiVersion, SimulatedMessage } from '../texts/message-log';
import { messageRecord } from '../texts/message-record';
import { secondsTime } from '../texts/timestamps';
import { sendCarrierError } from './carrier-errors';
import { pageOf, readDate, readPage } from './list-query';

/** Flowroute documents neither a default nor a maximum. */
const PAGE = 100;

export function showRecord(version: ApiVersion, carrier: Carrier): RequestHandler {
  return (req, res) => {
    const message = carrier.messages.find(String(req.params.id));
    if (message === undefined || !isRecorded(message, carrier)) {
      sendCarrierError(res, 404, 'The message was not found.');
      return;
    }
    res.json({ data: messageRecord(message, version, carrier.settings.clock()) });
  };
}

/** `start_date` (needed), `end_date`, `limit` and `offset`; newest first. */
export function listRecords(version: ApiVersion, carrier: Carrier): RequestHandler {
  return (req, res) => {
    const { start_date, end_date } = req.query;
    const start = readDate(start_date);
    const end = end_date === undefined ? Infinity : readDate(end_date);
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
    res.json({ data: items.map((each) => messageRecord(each, version, now)), links });
  };
}

/** A text takes a while until it can be looked up. */
function isRecorded({ at }: SimulatedMessage, { settings }: Carrier): boolean {
  return settings.clock() - at >= settings.recordDelayMs;
}
