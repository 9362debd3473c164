import { Router, type RequestHandler } from 'express';

import { sendJson, sendPage } from './answers';
import { checkDatabase, type Database } from '../accounts/database';
import { LIVE_SCRIPT } from '../pages/live-script';
import { ICON, LINKS } from '../pages/layout';
import { homePage } from '../pages/pages';
import { SMALL_PRINT } from '../pages/small-print';
import { takeNotice } from './session-notes';
import { currentUser } from '../sign-in/sign-in';
import { STYLES } from '../pages/styles';

/** What needs no session: it must answer, and cost nothing, while the session store is away. */
export function monitoringRoutes(database: Database, metrics?: RequestHandler): Router {
  const router = Router();

  router.get('/healthz', (_req, res) => {
    try {
      checkDatabase(database);
      sendJson(res, { status: 'ok' });
    } catch {
      sendJson(res, { status: 'unavailable' }, 503);
    }
  });

  // Counts only, of nobody in particular; but how the bank does, and what it pays, is not for everybody.
  if (metrics) router.get('/metrics', fromThisMachine, metrics);

  router.get('/styles.css', (_req, res) => {
    res.set('Cache-Control', 'public, max-age=3600').type('css').send(STYLES);
  });

  router.get('/icon.svg', (_req, res) => {
    res.set('Cache-Control', 'public, max-age=3600').type('svg').send(ICON);
  });

  router.get('/live.js', (_req, res) => {
    res.set('Cache-Control', 'public, max-age=3600').type('js').send(LIVE_SCRIPT);
  });

  return router;
}

/** Whoever comes through a proxy, which is on this machine, too, has a header of it. */
const fromThisMachine: RequestHandler = ({ socket, headers }, _res, next) => {
  const isHere = /^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '');
  const isForwarded = ['forwarded', 'via', 'x-forwarded-for'].some((name) => name in headers);
  if (isHere && !isForwarded) next();
  else next('route');
};

/** The front door. It says nothing that a person with one factor should not see. */
export function homeRoutes(): Router {
  const router = Router();
  router.get('/', (req, res) => {
    sendPage(res, homePage(currentUser(req)?.username, takeNotice(req)));
  });
  for (const [name, path] of Object.entries(LINKS) as [keyof typeof LINKS, string][]) {
    router.get(path, (req, res) => sendPage(res, SMALL_PRINT[name](currentUser(req)?.username)));
  }
  return router;
}
