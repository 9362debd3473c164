import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { fieldsOf, onlyMethods, refuseOtherSites, sendCarrierError } from './carrier-http';
import { readFault } from './fault-modes';
import { receiveReply, textsTo } from './inbox';
import { mailsTo } from './mails';
import { SOME_PICTURE } from './message-log';
import { PHONE_PAGE_POLICY, phonePage } from './phone-page';
import { PHONE_SCRIPT, PHONE_STYLES } from './phone-assets';
import type { Carrier } from './simulated-carrier';

/** The phone page, its files, what its forms post to and the events that keep it up to date. */
export function phoneRouter(carrier: Carrier): Router {
  const router = express.Router();
  router.get('/', (req, res) => {
    sendPage(carrier, req, res);
  });
  router.all('/', onlyMethods('GET'));
  router.get('/phone.css', (_req, res) => {
    res.type('css').send(PHONE_STYLES);
  });
  router.get('/phone.js', (_req, res) => {
    res.type('js').send(PHONE_SCRIPT);
  });
  router.get('/phone/events', streamChanges(carrier));
  router.all('/phone/events', onlyMethods('GET'));
  const form = express.urlencoded({ extended: false, limit: '16kb' });
  router.post('/phone/reply', refuseOtherSites, form, (req, res) => {
    const { from, to, text, picture, body = text, shown } = fieldsOf(req.body);
    const reply =
      picture === 'on'
        ? { from, to, body: text === '' ? null : text, mediaUrls: [SOME_PICTURE] }
        : { from, to, body };
    if (receiveReply(carrier, reply)) backToPage(res, shown);
    else sendCarrierError(res, 422, 'from and to must be North American numbers, body a text.');
  });
  router.post('/phone/faults', refuseOtherSites, form, (req, res) => {
    const { mode, times, clear, shown } = fieldsOf(req.body);
    const wanted = readFault({ mode, times: Number(times ?? 1) });
    if (clear === 'on') {
      carrier.faults.clear();
    } else if ('problem' in wanted) {
      sendCarrierError(res, 422, wanted.problem);
      return;
    } else {
      carrier.faults.add(wanted.fault, wanted.times);
    }
    backToPage(res, shown);
  });
  router.all(['/phone/reply', '/phone/faults'], onlyMethods('POST'));
  return router;
}

function sendPage(carrier: Carrier, req: Request, res: Response): void {
  const { to } = req.query;
  const page = phonePage({
    messages: textsTo(carrier, to),
    mails: mailsTo(carrier.mails.all(), to),
    armed: carrier.faults.modes(),
    now: carrier.settings.clock(),
    shown: typeof to === 'string' ? to : '',
  });
  // With no-referrer the forms of this page would come without an origin.
  res.set({ 'Content-Security-Policy': PHONE_PAGE_POLICY, 'Referrer-Policy': 'same-origin' });
  res.type('html').send(page);
}

/** Server-sent events: each says that something changed, never what. */
function streamChanges({ changes }: Carrier): RequestHandler {
  return (_req, res) => {
    res.type('text/event-stream');
    res.write('retry: 2000\n\n');
    const end = changes.listen(() => res.write('event: change\ndata: \n\n'));
    res.on('close', end);
  };
}

function backToPage(res: Response, shown: unknown): void {
  const query = typeof shown === 'string' && shown !== '' ? `?to=${encodeURIComponent(shown)}` : '';
  res.redirect(303, `/${query}`);
}
