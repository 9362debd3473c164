import { connect } from 'node:net';
import type { TestApp } from '../helpers/app';
import type { RawAnswer } from '../helpers/parallel';

/**
 * Sends a JSON post but for its last byte, so that the request holds an old copy of its session and
 * of its user; what is answered ends it.
 */
export async function slowPost(
  app: Pick<TestApp, 'url' | 'store'>,
  path: string,
  cookie: string,
  body: object = {},
): Promise<() => Promise<RawAnswer>> {
  const { hostname, port } = new URL(app.url);
  const json = JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${hostname}:${port}`,
    `cookie: ${cookie}`,
    'content-type: application/json',
    'accept: application/json',
    `content-length: ${json.length}`,
    'connection: close',
  ];
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const read = sessionRead(app);
  socket.write(`${head.join('\r\n')}\r\n\r\n${json.slice(0, -1)}`);
  await read;
  return async () => {
    socket.write(json.slice(-1));
    await closed;
    const [headers = '', ...rest] = Buffer.concat(chunks).toString().split('\r\n\r\n');
    return { status: Number(headers.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
  };
}

/** A request is under way once its session has been read. */
function sessionRead({ store }: Pick<TestApp, 'store'>): Promise<void> {
  const get = store.get.bind(store);
  return new Promise((resolve) => {
    store.get = (sid, done) => {
      store.get = get;
      get(sid, (...found) => {
        done(...found);
        setImmediate(resolve);
      });
    };
  });
}
