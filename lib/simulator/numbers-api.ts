import express, { type Request, type Response, type Router } from 'express';
import {
  carrierBody,
  givenPart,
  limitRate,
  notFound,
  onlyMethods,
  originOf,
  pageOf,
  readPage,
  requestFields,
  requireCredentials,
  sendCarrierError,
} from './carrier-http';
import { CALLBACK_NAMES, readCallbackUrl } from './callback-posts';
import { readNumber } from './message-record';
import type { Carrier } from './simulated-carrier';

const PAGE = 10;
const LONGEST_PAGE = 200;

/** `/v2/numbers`: the numbers on the account, and where the callbacks of a number go. */
export function numbersApi(carrier: Carrier): Router {
  const router = express.Router();
  const signedIn = requireCredentials(carrier.settings);
  router.get('/', signedIn, limitRate(carrier, '/v2/numbers'), (req, res) => {
    listNumbers(carrier, req, res);
  });
  router.all('/', onlyMethods('GET'));
  for (const [name, type] of CALLBACK_NAMES) {
    const path = `/:number/relationships/${name}`;
    const limited = limitRate(carrier, `/v2/numbers${path}`);
    router.post(path, signedIn, limited, carrierBody, (req, res, next) => {
      const number = readNumber(req.params.number) ?? '';
      const url = readCallbackUrl(requestFields(req.body).callback_url);
      if (!carrier.settings.numbers.has(number)) {
        notFound(req, res, next);
      } else if (url === undefined) {
        sendCarrierError(res, 422, 'callback_url must be a URL.');
      } else {
        carrier.callbacks.setForNumber(number, type, url);
        res.status(204).end();
      }
    });
    router.all(path, onlyMethods('POST'));
  }
  const limitedById = limitRate(carrier, '/v2/numbers/{id}');
  router.get('/:number', signedIn, limitedById, (req, res, next) => {
    const number = readNumber(req.params.number) ?? '';
    if (carrier.settings.numbers.has(number)) res.json({ data: numberItem(number, req) });
    else notFound(req, res, next);
  });
  router.all('/:number', onlyMethods('GET'));
  return router;
}

/** `starts_with`, `contains`, `ends_with`, `alias`, `limit` (10 unless asked for more) and `offset`. */
function listNumbers({ settings }: Carrier, req: Request, res: Response): void {
  const page = readPage(req.query, PAGE, LONGEST_PAGE);
  const { starts_with, contains, ends_with, alias } = req.query;
  const filters = [starts_with, contains, ends_with, alias];
  if (page === undefined || filters.some((each) => Array.isArray(each))) {
    const detail = `limit must be from 1 to ${LONGEST_PAGE}, offset 0 or greater, each filter given once.`;
    sendCarrierError(res, 422, detail);
    return;
  }
  const [start = '', middle = '', end = '', name] = filters.map((each) => textOf(givenPart(each)));
  const found = [...settings.numbers].filter(
    // No number of the simulator has an alias.
    (number) =>
      name === undefined &&
      // A plus sign that was not escaped comes as a blank.
      number.startsWith(start.replace(/^[+ ]/, '')) &&
      number.includes(middle) &&
      number.endsWith(end),
  );
  const fields = { starts_with: start, contains: middle, ends_with: end };
  const given = Object.entries(fields).filter(([, value]) => value !== '');
  const { items, links } = pageOf(found, page, req, Object.fromEntries(given));
  res.json({ data: items.map((number) => numberItem(number, req)), links });
}

function numberItem(number: string, req: Request): object {
  const attributes = {
    alias: null,
    cnam_lookups_enabled: false,
    number_type: /^18(00|33|44|55|66|77|88)/.test(number) ? 'toll-free' : 'longcode',
    rate_center: null,
    state: null,
    value: number,
  };
  const self = `${originOf(req)}/v2/numbers/${number}`;
  return { attributes, type: 'number', id: number, links: { self } };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
