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

/** A document that is made in the test itself. */
const made = () =>
  JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as typeof document & Record<string, unknown>;
const MALFORMED = 'Send JSON or a form with the fields that this path takes.';
const schemaOf = (name: string) => ({ schema: { $ref: `#/components/schemas/${name}` } });
const header = (description: string) => ({ description, schema: { type: 'string' } });
const WAIT = { 'Retry-After': header('Seconds.') };
const MISSING = { 'WWW-Authenticate': header('What is missing (RFC 9470).') };
const refusal = (codes: Record<string, string>, headers?: object) => ({
  description: Object.entries(codes)
    .map(([code, detail]) => `\`${code}\`: ${detail}`)
    .join('\n\n'),
  ...(headers && { headers }),
  content: {
    'application/problem+json': {
      schema: {
        $ref: '#/components/schemas/Problem',
        properties: { code: { enum: Object.keys(codes) } },
      },
    },
  },
});
const FOREIGN =
  "This request didn't come from a page of this site. Go back and try again from here.";

test('[S210] a client finds the whole of a route: what it takes, what it answers and refuses, by which headers', () => {
  const { paths } = made();
  expect(paths['/devices/{id}']).toEqual({
    delete: {
      operationId: 'delete-devices-id',
      summary: 'Ends the trust in one browser',
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      responses: {
        204: { description: 'Done.' },
        400: refusal({ request_malformed: MALFORMED }),
        401: refusal(
          {
            not_authenticated: 'Sign in first.',
            second_factor_required: 'Enter a code first, then go on.',
          },
          MISSING,
        ),
        403: refusal(
          {
            cross_site_request: FOREIGN,
            fresh_second_factor_required:
              "To change your security settings, confirm it's you once more.",
          },
          MISSING,
        ),
        404: refusal({ not_found: "There's nothing here." }),
        413: refusal({ request_too_large: 'Send at most 10 kB.' }),
        429: refusal({ too_many_attempts: 'There were too many wrong codes.' }, WAIT),
        500: refusal({ misconfigured: "It's on our side, and you can't fix it from here." }),
        503: refusal(
          { store_unavailable: "We can't check this right now. Try again in a moment." },
          WAIT,
        ),
      },
    },
  });
  const { post } = paths['/recovery-codes/kept'] as unknown as { post: Record<string, unknown> };
  expect(post.operationId).toBe('post-recovery-codes-kept');
  expect(post).not.toHaveProperty('parameters');
  expect(post.responses).toMatchObject({
    403: refusal({ cross_site_request: FOREIGN, enrollment_required: 'Add a phone number first.' }),
  });
  expect(post.responses).not.toHaveProperty('403.headers');
  const home = paths['/'] as unknown as { get: { responses: Record<string, object> } };
  expect(home.get).not.toHaveProperty('requestBody');
  expect(Object.keys(home.get.responses)).toEqual(['200', '401', '500', '503']);
  expect(home.get.responses[200]).toEqual({
    description: 'Where the session stands',
    content: { 'application/json': schemaOf('Status') },
  });
});

test.each([
  ['/verify', 'VerifyInput', true],
  ['/challenge', 'SendInput', false],
])('[S210] a client learns whether %s needs its body', (path, name, required) => {
  const { post } = made().paths[path] as unknown as { post: { requestBody: object } };
  expect(post.requestBody).toEqual({
    required,
    content: {
      'application/json': schemaOf(name),
      'application/x-www-form-urlencoded': schemaOf(name),
    },
  });
});

test('[S210] the document says where the API is, how a client signs in, and what is refused everywhere', () => {
  const { paths: _paths, components, ...rest } = made();
  const { schemas: _schemas, ...others } = components as Record<string, unknown>;
  expect(rest).toEqual({
    openapi: '3.1.0',
    info: {
      title: 'passport-sms-2fa',
      version: '1.2.3',
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'The JSON API of router(), where `Accept` does not prefer HTML; browsers get pages and redirects at the same paths. Any other path is 404 `not_found`, any other method 405 `method_not_allowed`.',
    },
    servers: [{ url: '{mountPath}', variables: { mountPath: { default: '/second-factor' } } }],
    security: [{ session: [] }],
  });
  expect(others).toEqual({
    responses: {
      NotFound: refusal({ not_found: "There's nothing here." }),
      MethodNotAllowed: refusal(
        { method_not_allowed: "This path doesn't take that method." },
        { Allow: header('The methods that the path takes.') },
      ),
    },
    securitySchemes: {
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: 'connect.sid',
        description: "The app's own session, of a user who is signed in.",
      },
    },
  });
});

test('[S210] a route that nobody has described, and a description of none, stop the build', () => {
  const routes = ROUTES as Record<string, object>;
  const kept = routes['/verify']!;
  try {
    routes['/verify'] = { ...kept, PUT: () => undefined };
    expect(made).toThrow('PUT /verify is not described');
    routes['/verify'] = {};
    expect(made).toThrow('no route: POST /verify');
  } finally {
    routes['/verify'] = kept;
  }
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
