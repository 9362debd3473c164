import { connect } from 'node:net';

/**
 * One keep-alive connection that sends one request after another. Less work for each than
 * `node:http` has, so that it is the servers that are measured.
 */
export function connection(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.setEncoding('latin1');
  let received = '';
  let waiting;
  const settle = (outcome) => {
    const { resolve, reject } = waiting ?? {};
    waiting = undefined;
    if (outcome instanceof Error) reject?.(outcome);
    else resolve?.(outcome);
  };
  socket.on('data', (chunk) => {
    received += chunk;
    const answer = wholeAnswer(received);
    if (answer === undefined) return;
    received = '';
    settle(answer);
  });
  socket.on('error', settle);
  socket.on('close', () => settle(new Error('the server closed the connection')));
  return {
    request: ({ method, path, cookie, body = '' }) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        const origin = `http://127.0.0.1:${port}`;
        socket.write(
          `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
            (cookie === '' ? '' : `Cookie: ${cookie}\r\n`) +
            (method === 'GET'
              ? ''
              : `Origin: ${origin}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`) +
            `\r\n${body}`,
        );
      }),
    close: () => socket.destroy(),
  };
}

/** The answer, once all of it is there. */
function wholeAnswer(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  const whole =
    length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + Number(length);
  if (!whole) return undefined;
  const cookies = [...head.matchAll(/\r\nset-cookie: ([^=]+)=([^;\r]*)([^\r]*)/gi)];
  return {
    status: Number(head.slice(9, 12)),
    cookies: cookies.map(([, key, value, rest]) => [key, /max-age=0/i.test(rest) ? '' : value]),
    body: text.slice(end + 4),
  };
}
