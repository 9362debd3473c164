import { createServer, request, type RequestListener } from 'node:http';
import { listen, type Listening } from './servers';

/**
 * A reverse proxy in front of one app, as a host with many apps has it: `move` says what the app is
 * asked for, and of which paths it is not; those are another app's, which answers 404.
 */
export function startProxy(
  target: string,
  move: (path: string) => string | undefined,
  headers: Record<string, string> = {},
): Promise<Listening> {
  const forward: RequestListener = (req, res) => {
    const path = move(req.url ?? '');
    if (path === undefined) {
      res.writeHead(404).end('another app');
      return;
    }
    const { method } = req;
    const sent = { method, path, headers: { ...req.headers, ...headers } };
    const onward = request(target, sent, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  };
  return listen(createServer(forward));
}
