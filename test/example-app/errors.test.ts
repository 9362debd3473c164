import { createServer } from 'node:http';
import express, { type RequestHandler } from 'express';
import request from 'supertest';
import { handleErrors, notFound, UnavailableError } from '../../example-app/src/web/errors';
import { listen } from '../helpers/servers';

const BROKEN = 'Something went wrong on our side. Nothing was changed that you did not see.';
const UNREADABLE = 'The request could not be read.';

/** An app whose routes these are, and what its log got. */
async function start(...handlers: RequestHandler[]) {
  const logged: unknown[] = [];
  const app = express();
  app.use((req, _res, next) => {
    const username = req.get('x-user');
    if (username !== undefined) Object.assign(req, { user: { username } });
    next();
  });
  app.use(...handlers);
  app.use(handleErrors((error) => logged.push(error)));
  const { url } = await listen(createServer(app));
  const get = (accept: string) => request(url).get('/').set('Accept', accept);
  return { url, logged, get };
}

const throwing = (error: unknown) => start((_req, _res, next) => next(error));

test.each<[thrown: object, status: number, error: string, message: string]>([
  [{}, 500, 'internal_error', BROKEN],
  [{ status: 200 }, 500, 'internal_error', BROKEN],
  [{ status: 399 }, 500, 'internal_error', BROKEN],
  [{ status: 600 }, 500, 'internal_error', BROKEN],
  [{ status: 404.5 }, 500, 'internal_error', BROKEN],
  [{ status: '404' }, 500, 'internal_error', BROKEN],
  [{ status: 500 }, 500, 'internal_error', BROKEN],
  [{ status: 599 }, 599, 'internal_error', BROKEN],
  [{ status: 400 }, 400, 'request_malformed', UNREADABLE],
  [{ status: 418 }, 418, 'request_malformed', UNREADABLE],
  [{ status: 499 }, 499, 'request_malformed', UNREADABLE],
  [{ status: 404 }, 404, 'not_found', 'There is nothing at this address.'],
  [{ status: 413 }, 413, 'request_too_large', 'The request is too large.'],
  [{ status: 415 }, 415, 'media_type_unsupported', 'The request is in a form we do not read.'],
  [{ status: 503 }, 503, 'unavailable', 'We cannot answer right now. Please try again soon.'],
])(
  'what is thrown with %j is answered with %i, and says nothing of the inside',
  async (facts, status, error, message) => {
    const thrown = Object.assign(new Error('of the inside'), facts);
    const { get, logged } = await throwing(thrown);
    const answer = await get('application/json').expect(status);
    expect(answer.body).toEqual({ error, message });
    expect(answer.headers['retry-after']).toBe(status === 503 ? '5' : undefined);
    const page = await get('text/html').expect(status);
    expect(page.text).toContain(`<p>${message}</p>`);
    expect(page.text).toMatch(/<h1[^>]*>Sorry</);
    expect(page.text).not.toContain('of the inside');
    // What the client did wrong is nothing for the log.
    expect(logged).toEqual(status < 500 ? [] : [thrown, thrown]);
  },
);

test('an outage is one line in the log, with what was behind it', async () => {
  const lines = [];
  for (const options of [{ cause: new Error('refused') }, { cause: 'refused' }, {}]) {
    const { get, logged } = await throwing(new UnavailableError('The store failed', options));
    await get('application/json').expect(503);
    lines.push(...logged);
  }
  expect(lines).toEqual(['The store failed: refused', 'The store failed', 'The store failed']);
});

test('whoever is signed in keeps the frame of somebody who is', async () => {
  for (const { get } of [await throwing(new Error('broken')), await start(notFound)]) {
    expect((await get('text/html').set('x-user', 'carol')).text).toContain('action="/logout"');
    expect((await get('text/html')).text).not.toContain('action="/logout"');
  }
});

test('an address with nothing behind it is told in the words of the client', async () => {
  const { get, logged } = await start(notFound);
  const { body } = await get('application/json').expect(404);
  expect(body).toMatchObject({ error: 'not_found' });
  const { text } = await get('text/html').expect(404);
  expect(text).toMatch(/<h1[^>]*>Not found<[^]*<p>There is nothing at this address\.<\/p>/);
  expect(logged).toEqual([]);
});

test('an answer that breaks in the middle does not look whole, and one that is whole stays', async () => {
  // More than a connection takes at once.
  const whole = 'whole '.repeat(2_000_000);
  const { url, logged } = await start((req, res, next) => {
    if (req.path === '/half') {
      res.write('half');
      next(new Error('the database is gone'));
    } else {
      res.end(whole);
      next(new Error('the session could not be written'));
    }
  });
  const half = await fetch(`${url}/half`);
  await expect(half.text()).rejects.toThrow();
  const answer = await fetch(`${url}/whole`);
  expect((await answer.text()) === whole).toBe(true);
  expect(logged).toHaveLength(2);
});
