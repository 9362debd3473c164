import express, { type Express } from 'express';

import { answerThrown, notFound } from './api/carrier-errors';
import { messagesApi } from './api/messages-api';
import { numbersApi } from './api/numbers-api';
import type { Carrier } from './carrier';
import { faultsRouter } from './faults/faults-router';
import { mailsRouter } from './mail/mails-router';
import { inboxRouter } from './phone/inbox-router';
import { phoneRouter } from './phone/phone-router';
import { refuseOtherNames } from './refuse-other-names';
import { resetRouter } from './reset-router';
import { API_VERSIONS } from './texts/message-log';

/** Puts the carrier's paths and those beside them into one Express app. */
export function simulatorApp(carrier: Carrier): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_req, res, next) => {
    // Every answer may hold a code.
    res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    next();
  });
  app.use(refuseOtherNames);
  for (const version of API_VERSIONS) {
    app.use(`/${version}/messages`, messagesApi(version, carrier));
  }
  app.use('/v2/numbers', numbersApi(carrier));
  app.use('/inbox', inboxRouter(carrier));
  app.use('/mails', mailsRouter(carrier));
  app.use('/faults', faultsRouter(carrier.faults));
  app.use('/reset', resetRouter(carrier));
  app.use('/', phoneRouter(carrier));
  app.use(notFound);
  app.use(answerThrown);
  return app;
}
