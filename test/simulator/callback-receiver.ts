import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';

interface ReceivedCallback {
  method: string | undefined;
  path: string | undefined;
  type: string | undefined;
  // Tests look into callbacks of every shape.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

type Answer = number | ((req: IncomingMessage, res: ServerResponse) => void);

interface CallbackReceiver {
  url: string;
  received: ReceivedCallback[];
  /** Answers of the next callbacks, in order; 200 where there is none left. */
  answers: Answer[];
  /** Waits until so many callbacks came. */
  count(count: number): Promise<ReceivedCallback[]>;
}

const closers: (() => void)[] = [];

export function closeReceivers(): void {
  for (const close of closers.splice(0)) close();
}

/** A web server of an app, which notes down every callback. */
export async function callbackReceiver(): Promise<CallbackReceiver> {
  const received: ReceivedCallback[] = [];
  const answers: Answer[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { method, url: path, headers } = req;
      const body = JSON.parse(Buffer.concat(chunks).toString());
      received.push({ method, path, type: headers['content-type'], body });
      const answer = answers.shift() ?? 200;
      if (typeof answer === 'function') answer(req, res);
      else res.writeHead(answer, { location: '/elsewhere' }).end('a body that nobody reads');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answers,
    count: async (count) => {
      while (received.length < count) await setImmediate();
      return received;
    },
  };
}
