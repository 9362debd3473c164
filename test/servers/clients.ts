import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import type { World } from './world';

export interface Client {
  /** Of the answer to the opening: 200 where it is open. */
  status: number;
  /** How it was ended, where its protocol says why. */
  closed: Promise<number | undefined>;
  /** Has something said to this user, and waits until it has come. */
  hear(userId: string): Promise<void>;
  leave(): void;
}

interface Recipe {
  name: string;
  open(world: World, cookie: string, origin: string): Promise<Client>;
  /** The status of every refusal, where its protocol has but one. */
  refusal?: number;
  /** Whether it says why it was closed. */
  says: boolean;
  /** Whether pages of other sites can open one with the cookies of this. */
  crossesSites: boolean;
}

const refused = (status: number): Client => ({
  status,
  closed: Promise.resolve(undefined),
  hear: () => Promise.reject(new Error(`refused: ${status}`)),
  leave: () => undefined,
});

interface SocketClient extends Client {
  socket: WebSocket;
}

/** Opens a WebSocket; a refusal is answered with its status. */
export async function openSocket(
  world: World,
  path: string,
  headers: Record<string, string>,
  protocol?: string,
): Promise<SocketClient> {
  const url = `${world.app.url.replace('http', 'ws')}${path}`;
  const socket = new WebSocket(url, protocol === undefined ? [] : [protocol], { headers });
  socket.on('error', () => undefined);
  const opened = await Promise.race([
    once(socket, 'open').then(() => undefined),
    once(socket, 'unexpected-response').then(([, res]) => res as IncomingMessage),
  ]);
  if (opened !== undefined) {
    socket.terminate();
    return { ...refused(opened.statusCode ?? 0), socket };
  }
  const closed = once(socket, 'close').then(([code]) => code as number);
  return world.keep({
    status: 200,
    socket,
    closed,
    leave: () => socket.terminate(),
    hear: async (userId) => {
      socket.send('hi');
      const [said] = (await once(socket, 'message')) as [Buffer];
      if (said.toString() !== `${userId} said hi`) throw new Error(`heard ${said.toString()}`);
    },
  });
}

const ws: Recipe = {
  name: 'ws',
  says: true,
  crossesSites: true,
  open: (world, cookie, origin) => openSocket(world, '/live', { cookie, origin }),
};

const subscriptions: Recipe = {
  name: 'GraphQL subscriptions',
  says: true,
  crossesSites: true,
  open: async (world, cookie, origin) => {
    const client = await openSocket(world, '/graphql', { cookie, origin }, 'graphql-transport-ws');
    if (client.status !== 200) return client;
    const { socket } = client;
    const said = async (type: string): Promise<string> => {
      const [data] = (await once(socket, 'message')) as [Buffer];
      const message = JSON.parse(data.toString()) as { type: string };
      if (message.type !== type) throw new Error(`heard ${data.toString()}`);
      return data.toString();
    };
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await said('connection_ack');
    let subscribed = 0;
    client.hear = async (userId) => {
      const payload = { query: 'subscription { greeting }' };
      socket.send(JSON.stringify({ id: String((subscribed += 1)), type: 'subscribe', payload }));
      const heard = await said('next');
      if (!heard.includes(`hello ${userId}`)) throw new Error(`heard ${heard}`);
    };
    return client;
  },
};

const socketIo = (transport: 'polling' | 'websocket'): Recipe => ({
  name: `socket.io, ${transport}`,
  refusal: transport === 'polling' ? 403 : 400,
  says: false,
  crossesSites: true,
  open: async (world, cookie, origin) => {
    const socket = io(world.app.url, {
      ...{ transports: [transport], reconnection: false, forceNew: true },
      extraHeaders: { cookie, origin },
    });
    const failed = await new Promise<object | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined)).once('connect_error', resolve);
    });
    if (failed !== undefined) {
      socket.close();
      const { context, description } = failed as {
        context?: { status: number };
        description?: { message?: string };
      };
      return refused(context?.status ?? Number(/\d+$/.exec(description?.message ?? '')?.[0]));
    }
    const closed = new Promise<undefined>((resolve) => {
      socket.once('disconnect', () => resolve(undefined));
    });
    return world.keep({
      status: 200,
      closed,
      leave: () => void socket.close(),
      hear: async (userId) => {
        const heard = new Promise((resolve) => socket.once('message', resolve));
        socket.send('hi');
        if ((await heard) !== `${userId} said hi`) throw new Error(`heard ${await heard}`);
      },
    });
  },
});

const events: Recipe = {
  name: 'server-sent events',
  says: false,
  crossesSites: false,
  open: async (world, cookie) => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const answer = await fetch(`${world.app.url}/events`, { headers: { cookie }, signal });
    if (answer.status !== 200) {
      await answer.text();
      return refused(answer.status);
    }
    const waiting: ((said: string) => void)[] = [];
    const closed = (async () => {
      try {
        for await (const chunk of answer.body!) {
          for (const tell of waiting.splice(0)) tell(Buffer.from(chunk).toString());
        }
      } catch {
        // It was left.
      }
      return undefined;
    })();
    return world.keep({
      status: 200,
      closed,
      leave: () => leaving.abort(),
      hear: async (userId) => {
        const said = new Promise<string>((resolve) => waiting.push(resolve));
        world.news.emit(userId, { for: userId });
        const line = await said;
        if (line !== `data: {"for":"${userId}"}\n\n`) throw new Error(`heard ${line}`);
      },
    });
  },
};

export const RECIPES = [ws, socketIo('polling'), socketIo('websocket'), events, subscriptions];
