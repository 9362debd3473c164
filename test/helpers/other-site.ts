import { createServer } from 'node:http';
import { listen } from './servers';

/**
 * Another site: `localhost`, while the tests' apps are at `127.0.0.1`. To a browser these are two
 * sites, and both are trustworthy enough to be told of as over https. Each of its pages shows its
 * path as the heading, and a link to `links`, where given.
 */
export async function startOtherSite(links?: string): Promise<string> {
  const link = links === undefined ? '' : `<a href="${links}">Prizes</a>`;
  const server = createServer((req, res) => {
    res.setHeader('Content-Type', 'text/html');
    res.end(`<!doctype html><title>Elsewhere</title><h1>${req.url?.split('?')[0]}</h1>${link}`);
  });
  const { port } = await listen(server);
  return `http://localhost:${port}`;
}
