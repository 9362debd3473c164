import express, { type Express, type Response } from 'express';

import type { Carrier } from './carrier';
import { answerThrown, notFound, onlyMethods } from './carrier-errors';
import { faultsRouter } from './faults';
import { inboxRouter, textsTo } from './inbox';
import { mailsRouter, mailsTo } from './mail/mails-router';
import { API_VERSIONS } from './message-log';
import { messagesApi } from './messages-api';
import { PHONE_PAGE_POLICY, phonePage } from './phone-page';
import { PHONE_STYLES } from './phone-styles';

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
  for (const version of API_VERSIONS) {
    app.use(`/${version}/messages`, messagesApi(version, carrier));
  }
  app.use('/inbox', inboxRouter(carrier));
  app.use('/mails', mailsRouter(carrier));
  app.use('/faults', faultsRouter(carrier.faults));
  app.get('/', (req, res) => {
    const texts = textsTo(carrier, req.query.to).filter(({ status }) => status === 'delivered');
    sendPage(res, phonePage(texts, mailsTo(carrier.mails.all(), req.query.to)));
  });
  app.all('/', onlyMethods('GET'));
  app.get('/phone.css', (_req, res) => {
    res.type('css').send(PHONE_STYLES);
  });
  app.use(notFound);
  app.use(answerThrown);
  return app;
}

function sendPage(res: Response, html: string): void {
  res.set({ 'Content-Security-Policy': PHONE_PAGE_POLICY, 'Referrer-Policy': 'no-referrer' });
  res.type('html').send(html);
}
