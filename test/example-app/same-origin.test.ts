import { createServer } from 'node:http';
import express from 'express';
import { sameOrigin } from '../../example-app/src/web/same-origin';
import { raw } from '../helpers/parallel';
import { listen } from '../helpers/servers';

const MESSAGE = 'This request came from another site, so nothing was done.';
const HOST = 'bank.example:3000';

async function post(headers: Record<string, string>) {
  const app = express();
  app.post('/', sameOrigin, (_req, res) => void res.send('done'));
  const { url } = await listen(createServer(app));
  return raw(url, { method: 'POST', path: '/', headers: { host: HOST, ...headers } });
}

test.each<[passes: boolean, headers: Record<string, string>]>([
  [true, { 'sec-fetch-site': 'same-origin' }],
  [true, { 'sec-fetch-site': 'none' }],
  [false, { 'sec-fetch-site': 'same-site' }],
  [false, { 'sec-fetch-site': 'cross-site' }],
  [false, { 'sec-fetch-site': '' }],
  // Where a browser says both, the newer header counts.
  [false, { 'sec-fetch-site': 'same-site', origin: `http://${HOST}` }],
  [true, { origin: `http://${HOST}` }],
  [true, { origin: `https://${HOST}` }],
  [false, { origin: 'http://bank.example' }],
  [false, { origin: `http://other.${HOST}` }],
  [false, { origin: `http://${HOST}.evil.example` }],
  [false, { origin: 'null' }],
  [false, { origin: '' }],
  [true, {}],
  [true, { 'content-type': 'application/json; charset=utf-8' }],
  [true, { 'content-type': 'APPLICATION/JSON' }],
  [true, { 'content-type': 'application/x-www-form-urlencoded' }],
  [false, { 'content-type': 'text/plain' }],
  [false, { 'content-type': 'multipart/form-data; boundary=x' }],
  [false, { 'content-type': 'text/plain; application/json' }],
  [false, { 'content-type': 'application/jsonp' }],
])('that a post passes is %p with %j', async (passes, headers) => {
  const { status, body } = await post(headers);
  expect([status, body === 'done']).toEqual([passes ? 200 : 403, passes]);
});

test('who is refused reads why, as a page or as JSON', async () => {
  const headers = { 'sec-fetch-site': 'cross-site' };
  const page = await post({ ...headers, accept: 'text/html' });
  expect(page.body).toContain('Not from here');
  expect(page.body).toContain(MESSAGE);
  const { body } = await post({ ...headers, accept: 'application/json' });
  expect(JSON.parse(body)).toEqual({ error: 'cross_site_request', message: MESSAGE });
});
