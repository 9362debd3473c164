import type { RefusalCode } from '../../core/outcomes';
import { createLocales, FALLBACK } from '../../locales/locales';
import { problemOf } from '../problems';
import { refTo, SCHEMAS, type Schema } from './openapi-schemas';
import { ROUTES } from './router';

interface Operation {
  summary: string;
  /** The schema of the body that it reads. */
  reads?: string;
  /** Status and schema of what goes well; 204 has none. */
  answers: [status: number, schema?: string];
  /** What it is refused for, beside what all such are. */
  refused: readonly RefusalCode[];
}

const ENGLISH = createLocales().best([FALLBACK]);

/** What every request may be refused for, and every one that changes something. */
const ALL: readonly RefusalCode[] = ['not_authenticated', 'misconfigured', 'store_unavailable'];
const CHANGES: readonly RefusalCode[] = [
  'request_malformed',
  'cross_site_request',
  'request_too_large',
  'too_many_attempts',
];
/** What a text may be refused for. */
const SENDS: readonly RefusalCode[] = [
  'send_refused',
  'phone_opted_out',
  'phone_invalid',
  'destination_not_allowed',
  'resend_too_soon',
  'send_limit_reached',
  'delivery_failed',
  'sending_suspended',
];
const STALE: readonly RefusalCode[] = ['fresh_second_factor_required', 'enrollment_required'];

const remove: Operation = {
  summary: 'Removes the phone; needs a fresh factor',
  answers: [204],
  refused: [...STALE, 'fresh_login_required'],
};
const cancel: Operation = {
  summary: 'Ends a step-up without it',
  answers: [204],
  refused: ['second_factor_required'],
};
const untrustAll: Operation = {
  summary: 'Ends the trust in every browser',
  answers: [204],
  refused: ['second_factor_required', 'fresh_second_factor_required'],
};
const untrust: Operation = {
  summary: 'Ends the trust in one browser',
  answers: [204],
  refused: [...untrustAll.refused, 'not_found'],
};

/** What each route is for. A route that is not here, or one here that is not there, stops the build. */
const OPERATIONS: Record<string, Operation> = {
  'GET /': { summary: 'Where the session stands', answers: [200, 'Status'], refused: [] },
  'GET /challenge': {
    summary: 'The pending challenge; poll it for delivery',
    answers: [200, 'Challenge'],
    refused: ['challenge_expired'],
  },
  'POST /challenge': {
    summary: 'Sends a code to the enrolled phone',
    reads: 'SendInput',
    answers: [202, 'Status'],
    refused: [...SENDS, 'enrollment_required', 'channel_not_available'],
  },
  'DELETE /challenge': cancel,
  'POST /challenge/delete': cancel,
  'POST /verify': {
    summary: 'Checks the code; the session gets a new id',
    reads: 'VerifyInput',
    answers: [200, 'Verified'],
    refused: ['code_malformed', 'code_incorrect', 'challenge_expired'],
  },
  'POST /enrollment': {
    summary: 'Sends a code to a phone that is to be enrolled',
    reads: 'EnrollInput',
    answers: [202, 'Status'],
    refused: [
      ...SENDS,
      'already_enrolled',
      'second_factor_required',
      'fresh_second_factor_required',
      'fresh_login_required',
    ],
  },
  'DELETE /enrollment': remove,
  'POST /enrollment/delete': remove,
  'POST /enrollment/verify': {
    summary: 'Checks that code: the phone is enrolled',
    reads: 'ConfirmInput',
    answers: [200, 'Enrolled'],
    refused: [
      'code_malformed',
      'code_incorrect',
      'challenge_expired',
      'already_enrolled',
      'second_factor_required',
      'fresh_second_factor_required',
    ],
  },
  'POST /recovery': {
    summary: 'Passes by a recovery code',
    reads: 'RecoveryInput',
    answers: [200, 'Recovered'],
    refused: ['code_malformed', 'code_incorrect', 'enrollment_required'],
  },
  'GET /recovery-codes': {
    summary: 'New recovery codes once more, in the session that made them',
    answers: [200, 'RecoveryCodes'],
    refused: [...STALE, 'not_found'],
  },
  'POST /recovery-codes': {
    summary: 'Makes new recovery codes; the older ones are good until these are kept',
    answers: [200, 'RecoveryCodes'],
    refused: STALE,
  },
  'POST /recovery-codes/kept': {
    summary: 'The user has the new recovery codes',
    reads: 'KeptInput',
    answers: [204],
    refused: ['enrollment_required', 'second_factor_required', 'not_found'],
  },
  'GET /devices': {
    summary: 'The browsers that the user trusts',
    answers: [200, 'Devices'],
    refused: ['second_factor_required'],
  },
  'DELETE /devices': untrustAll,
  'POST /devices/delete': untrustAll,
  'DELETE /devices/:id': untrust,
  'POST /devices/:id/delete': untrust,
  'GET /resume': {
    summary: 'A form that the gate held up and that waits to be sent',
    answers: [200, 'Resume'],
    refused: ['second_factor_required', 'not_found'],
  },
};

/** The OpenAPI 3.1 document of the router, made of the table that routes. Written to `dist` by the build. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Schema> = {};
  const open = new Map(Object.entries(OPERATIONS));
  for (const [path, handlers] of Object.entries(ROUTES)) {
    const item: Schema = {};
    for (const method of Object.keys(handlers)) {
      const operation = open.get(`${method} ${path}`);
      if (operation === undefined) throw new Error(`${method} ${path} is not described`);
      open.delete(`${method} ${path}`);
      item[method.toLowerCase()] = described(method, path, operation);
    }
    paths[path.replace(/:(\w+)/g, '{$1}')] = item;
  }
  if (open.size > 0) throw new Error(`no route: ${[...open.keys()].join(', ')}`);
  return {
    openapi: '3.1.0',
    info: {
      title: 'passport-sms-2fa',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'The JSON API of router(), where `Accept` does not prefer HTML; browsers get pages and redirects at the same paths. Any other path is 404 `not_found`, any other method 405 `method_not_allowed`.',
    },
    servers: [{ url: '{mountPath}', variables: { mountPath: { default: '/second-factor' } } }],
    security: [{ session: [] }],
    paths,
    components: {
      schemas: SCHEMAS,
      responses: {
        NotFound: refusals(404, ['not_found']),
        MethodNotAllowed: refusals(405, ['method_not_allowed']),
      },
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'connect.sid',
          description: "The app's own session, of a user who is signed in.",
        },
      },
    },
  };
}

function described(method: string, path: string, operation: Operation): Schema {
  const { summary, reads, refused } = operation;
  const [status, schema] = operation.answers;
  const codes = new Set([...ALL, ...(method === 'GET' ? [] : CHANGES), ...refused]);
  const byStatus = new Map<number, RefusalCode[]>();
  for (const code of codes) {
    const of = problemOf({ code }, ENGLISH).status;
    byStatus.set(of, [...(byStatus.get(of) ?? []), code]);
  }
  const words = `${method} ${path}`.toLowerCase().match(/[a-z]+/g) ?? [];
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const parameters = names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    operationId: words.join('-'),
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(reads === undefined ? {} : { requestBody: bodyOf(reads) }),
    responses: {
      [status]:
        schema === undefined
          ? { description: 'Done.' }
          : { description: summary, content: { 'application/json': { schema: refTo(schema) } } },
      ...Object.fromEntries(
        [...byStatus].map(([of, list]): [number, Schema] => [of, refusals(of, list)]),
      ),
    },
  };
}

function bodyOf(name: string): Schema {
  const schema = refTo(name);
  const types = ['application/json', 'application/x-www-form-urlencoded'];
  return {
    required: SCHEMAS[name]?.required !== undefined,
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  };
}

/** What a status stands for: a problem document with one of these codes. */
function refusals(status: number, codes: readonly RefusalCode[]): Schema {
  const header = (description: string): Schema => ({ description, schema: { type: 'string' } });
  const asks = status === 401 || codes.includes('fresh_second_factor_required');
  const headers = {
    ...(status === 429 || status === 503 ? { 'Retry-After': header('Seconds.') } : {}),
    ...(asks ? { 'WWW-Authenticate': header('What is missing (RFC 9470).') } : {}),
    ...(status === 405 ? { Allow: header('The methods that the path takes.') } : {}),
  };
  return {
    description: codes
      .map((code) => `\`${code}\`: ${problemOf({ code }, ENGLISH).detail}`)
      .join('\n\n'),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: {
      'application/problem+json': {
        schema: { ...refTo('Problem'), properties: { code: { enum: codes } } },
      },
    },
  };
}
