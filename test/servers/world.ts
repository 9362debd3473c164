import { EventEmitter } from 'node:events';
import type { TestContext } from 'node:test';
import { Router, type RequestHandler } from 'express';
import session from 'express-session';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import type { SecondFactor } from '../../lib';
import { SECRET, startApp, type TestApp, type TestAppOptions } from '../helpers/app';
import { createConnections } from './dist/connections';
import { eventStream } from './dist/event-stream';
import { serveSocketIo } from './dist/socket-io';
import { serveSubscriptions } from './dist/subscriptions';
import { serveSockets } from './dist/ws';
import type { Client } from './clients';
import { runUse } from './page';

/** Of the pages that open connections, as the page has it. */
export const ORIGIN = 'https://acme.example';
/** How long a question may take here, in milliseconds. */
const LIMIT = 400;

/** What would have ended the process of an app. */
const ends: unknown[] = [];
process.on('uncaughtExceptionMonitor', (error) => ends.push(error));

/** Sees to it that the test fails where anything would have ended the process. */
export function outlives(t: TestContext): void {
  t.after(() => {
    const ended = ends.splice(0).map(String);
    if (ended.length > 0) throw new Error(`The process would have ended: ${ended.join()}`);
  });
}

export interface World {
  app: TestApp;
  news: EventEmitter;
  /** Waits for the answers to all questions that are asked now; none of them may hang or fail. */
  answered(): Promise<void>;
  /** Remembers a client: it is closed when the test is over. */
  keep<Some extends Client>(client: Some): Some;
}

/** `subscription { greeting }` greets the user once and stays open. */
function greetings(): GraphQLSchema {
  const query = new GraphQLObjectType({ name: 'Query', fields: { none: { type: GraphQLString } } });
  async function* greet(_root: unknown, _args: unknown, context: { user: { id: string } }) {
    yield { greeting: `hello ${context.user.id}` };
    await new Promise(() => undefined);
  }
  const fields = { greeting: { type: GraphQLString, subscribe: greet } };
  return new GraphQLSchema({
    query,
    subscription: new GraphQLObjectType({ name: 'Subscription', fields }),
  });
}

/** The test app with all that stays open on its server, set up as the page says. */
export async function startWorld(t: TestContext, options: TestAppOptions = {}): Promise<World> {
  const news = new EventEmitter();
  const routes = Router();
  const app = await startApp({ ...options, before: (made) => void made.use(routes) });
  const { server, store, authenticator } = app;
  /** The questions that have no answer yet, by the request that is asked about. */
  const open = new Map<unknown, { done: Promise<void>; end: () => void }>();
  const end = (req: unknown): void => {
    open.get(req)?.end();
    open.delete(req);
  };
  const secondFactor: Pick<SecondFactor, 'decide'> = {
    decide: (req, options) => app.secondFactor.decide(req, options).finally(() => end(req)),
  };
  const watched = (sessions: RequestHandler): RequestHandler => {
    return (req, res, next) => {
      let end = (): void => undefined;
      const done = new Promise<void>((resolve) => (end = resolve));
      open.set(req, { done, end });
      sessions(req, res, next);
    };
  };
  const setUp = {
    ...{ session, sessionStore: store, secret: SECRET, passport: authenticator, secondFactor },
    createConnections: ([sessions, user]: RequestHandler[], factor: typeof secondFactor) =>
      createConnections([watched(sessions!), user!], factor, LIMIT),
  };
  const connections = await runUse('Who is there, and who still is', setUp, 'connections');
  await runUse('ws', { server, connections, serveSockets });
  const io = await runUse('socket.io', { server, connections, serveSocketIo }, 'io');
  await runUse('Server-sent events', { app: routes, connections, eventStream, news });
  const schema = greetings();
  const subscriptions = { serveSockets, serveSubscriptions, origins: [ORIGIN], schema };
  await runUse('GraphQL subscriptions', { server, connections, ...subscriptions });

  const clients: Client[] = [];
  outlives(t);
  t.after(async () => {
    for (const client of clients) client.leave();
    (io as { disconnectSockets: (close: boolean) => void }).disconnectSockets(true);
    await app.close();
  });
  return {
    app,
    news,
    answered: async () => {
      await Promise.all([...open.values()].map(({ done }) => done));
      await new Promise(setImmediate);
    },
    keep: (client) => {
      clients.push(client);
      return client;
    },
  };
}
