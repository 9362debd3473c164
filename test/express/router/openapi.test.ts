import { PROBLEM_CODES } from '../../../lib/express/problems';
import { openApiDocument } from '../../../lib/express/router/openapi';
import { ROUTES } from '../../../lib/express/router/router';
import { startApp, verified } from '../../helpers/app';
import { document, misfitOf, takeMisfits, type Answers } from '../../helpers/openapi';
import { MOUNT, ROUTER } from '../../helpers/paths';

const text = JSON.stringify(openApiDocument('1.2.3'));
const whole = JSON.parse(text) as { openapi: string; info: { version: string }; paths: object };

test('[S210] the document has every path and method that is routed, and no other', () => {
  const routed = Object.entries(ROUTES).flatMap(([path, handlers]) =>
    Object.keys(handlers).map((method) => `${method} ${path}`),
  );
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map(
      (method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    ),
  );
  expect(described.sort()).toEqual(routed.sort());
  expect(described.length).toBeGreaterThan(15);
  expect(whole).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
});

test('[S210] every code is described with its status, and every reference leads somewhere', () => {
  const answers = Object.values(document.paths)
    .flatMap((item) => Object.values(item))
    .flatMap(({ responses }) => Object.entries(responses));
  const named = JSON.stringify([answers, document.components.responses]);
  expect(PROBLEM_CODES.filter((code) => !named.includes(`\`${code}\`: `))).toEqual([]);
  const lost = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)]
    .map(([, name]) => name ?? '')
    .filter((name) => !(name in document.components.schemas));
  expect(lost).toEqual([]);
  const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

const PROBLEM = {
  type: 'urn:passport-sms-2fa:code_incorrect',
  title: 'Wrong code',
  status: 401,
  code: 'code_incorrect',
  detail: 'No.',
};
const problem = (more: object = {}, status = 401): Answers => ({
  status,
  type: 'application/problem+json; charset=utf-8',
  body: JSON.stringify({ ...PROBLEM, ...more }),
});
const json = (body: object, status = 200): Answers => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(body),
});

test.each<[string, string, string, Answers, boolean]>([
  ['a success as described', 'POST', ROUTER.verify, json({ verified: true, returnTo: '/' }), true],
  [
    'one with a query and a slash',
    'POST',
    `${ROUTER.verify}/?a=1`,
    json({ verified: true, returnTo: '/' }),
    true,
  ],
  ['one that lacks something', 'POST', ROUTER.verify, json({ verified: true }), false],
  [
    'one with more',
    'POST',
    ROUTER.verify,
    json({ verified: true, returnTo: '/', code: '1' }),
    false,
  ],
  ['another status', 'POST', ROUTER.verify, json({ verified: true, returnTo: '/' }, 201), false],
  ['a refusal as described', 'POST', ROUTER.verify, problem(), true],
  ['a refusal of another path', 'GET', ROUTER.devices, problem(), false],
  ['a refusal with another status', 'POST', ROUTER.verify, problem({}, 403), false],
  ['a code that there is not', 'POST', ROUTER.verify, problem({ code: 'wrong' }), false],
  [
    'no wait at all',
    'POST',
    ROUTER.verify,
    problem({ code: 'code_incorrect', retryAfter: 0 }),
    false,
  ],
  ['a path that there is not', 'GET', `${MOUNT}/none`, problem({ code: 'not_found' }, 404), true],
  ['a code that is not its own', 'GET', `${MOUNT}/none`, problem({}, 404), false],
  [
    'a method that there is not',
    'PUT',
    ROUTER.verify,
    problem({ code: 'method_not_allowed' }, 405),
    true,
  ],
  [
    'a path with an id',
    'DELETE',
    `${ROUTER.devices}/d1`,
    { status: 204, type: undefined, body: '' },
    true,
  ],
  [
    'nothing where there is something',
    'GET',
    ROUTER.devices,
    { status: 204, type: undefined, body: '' },
    false,
  ],
])('[S210] the tests’ own look at an answer: %s', (_what, method, url, answer, fits) => {
  expect([misfitOf(method, url, answer) === undefined, answer.body]).toEqual([fits, answer.body]);
});

test('[S210] each answer of the test app is looked at, on its way to whichever client', async () => {
  const app = await startApp({
    before: (each) => each.get(ROUTER.devices, (_req, res) => void res.json({ devices: 'none' })),
  });
  const agent = app.agent();
  await verified(app, agent);
  const { body } = await agent.get(ROUTER.home).expect(200);
  expect(body).toMatchObject({ enrolled: true, recoveryCodesLeft: 0 });
  expect(takeMisfits()).toEqual([]);
  await fetch(`${app.url}${ROUTER.devices}`);
  expect(takeMisfits()).toEqual([expect.stringContaining('GET /devices: 200 {"devices":"none"}')]);
});
