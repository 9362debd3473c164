import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: string;
  body: string;
}

export interface RawRequest {
  method?: string;
  path: string;
  cookie?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Sends one request as it is written, with no client in between that would tidy it. */
export async function raw(url: string, request: RawRequest): Promise<RawAnswer> {
  const [answer] = await atOnce(url, [request]);
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

/**
 * Sends many requests so that the server gets all of them in the same moment: each connection has
 * sent everything but its last byte before any of them sends that one.
 */
export async function atOnce(url: string, requests: RawRequest[]): Promise<RawAnswer[]> {
  const { hostname, port } = new URL(url);
  const open = await Promise.all(
    requests.map(async (request) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      const answer = read(socket);
      answer.catch(() => undefined);
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve).once('error', reject);
      });
      const bytes = Buffer.from(written(request, `${hostname}:${port}`));
      await new Promise((resolve) => socket.write(bytes.subarray(0, -1), resolve));
      return { socket, last: bytes.subarray(-1), answer };
    }),
  );
  for (const { socket, last } of open) socket.write(last);
  return Promise.all(open.map(({ answer }) => answer));
}

/** The same JSON request, sent many times at once. */
export function jsonPost(path: string, cookie: string, body: object): RawRequest {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  return { method: 'POST', path, cookie, headers, body: JSON.stringify(body) };
}

function written({ method = 'GET', path, cookie, headers = {}, body }: RawRequest, host: string) {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...('host' in headers ? [] : [`host: ${host}`]),
    'connection: close',
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
    ...(body === undefined ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

function read(socket: Socket): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString();
      const [headers = '', ...rest] = text.split('\r\n\r\n');
      resolve({ status: Number(headers.split(' ')[1]), headers, body: rest.join('\r\n\r\n') });
    });
  });
}
