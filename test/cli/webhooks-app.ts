import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import session from 'express-session';
import { createSecondFactor, mapEnrollments, outboxSender } from '../../lib';

const running: Server[] = [];

/** An app that takes callbacks; resolves with its address. */
export async function startApp(secret: string): Promise<string> {
  const secondFactor = createSecondFactor({
    appName: 'Acme',
    secret,
    sessionStore: new session.MemoryStore(),
    sender: outboxSender(),
    enrollments: mapEnrollments(new Map()),
  });
  const app = express();
  app.use('/webhooks/flowroute', secondFactor.webhooks());
  const server = createServer(app);
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Closes every app of the test that just ran. */
export async function closeApps(): Promise<void> {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
