import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import { openApiDocument } from '../../lib/express/router/openapi';
import { MOUNT } from './paths';

type Json = Record<string, unknown>;
export interface Answers {
  status: number;
  type: string | undefined;
  body: string;
}

/** What answers of the running test did not fit. */
const misfits: string[] = [];

/** What did not fit so far; the test that asks has seen to it. */
export const takeMisfits = (): string[] => misfits.splice(0);

if (typeof afterEach === 'function') {
  afterEach(() => {
    const found = takeMisfits();
    if (found.length > 0)
      throw new Error(`[S210] the OpenAPI document says otherwise:\n${found.join('\n')}`);
  });
}

/** The document as it ships; here no object may have more than it says. */
export const document = openApiDocument('0.0.0') as unknown as {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Json }> }>>;
  components: { schemas: Json; responses: Json };
};
const strict = {
  ...document,
  components: { ...document.components, schemas: closed(document.components.schemas) },
};

function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const inner = Object.fromEntries(
    Object.entries(part).map(([name, each]) => [name, closed(each)]),
  );
  return inner.type === 'object' ? { ...inner, additionalProperties: false } : inner;
}

let ajv: Ajv2020 | undefined;
const compiled = new Map<string, ValidateFunction>();

/** Compiled when it is first needed: most files need a few. */
function validatorOf(pointer: string): ValidateFunction {
  if (ajv === undefined) {
    // An answer has what stands in it, also while a test has polluted every object.
    ajv = new Ajv2020({ strict: false, ownProperties: true });
    ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    ajv.addFormat('uri', (text) => URL.canParse(text));
    ajv.addFormat('uri-reference', (text) => URL.canParse(text, 'http://x.invalid'));
    ajv.addSchema(strict, 'api');
  }
  const known = compiled.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
  compiled.set(pointer, known);
  return known;
}

const escaped = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
const pointerTo = (...parts: string[]): string => parts.map((part) => `/${escaped(part)}`).join('');

const patterns = Object.keys(document.paths).map(
  (path) => [path, new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`, 'i')] as const,
);

/** Why an answer of the router is not in the document; `undefined` where it is. */
export function misfitOf(method: string, url: string, answer: Answers): string | undefined {
  const { status, type = '', body } = answer;
  const [media = ''] = type.split(';');
  // Pages, redirects, and what the app's own error handler says.
  const isOurs =
    media === 'application/problem+json' || (media === 'application/json' && status < 400);
  // A preflight is answered by the app.
  if ((!isOurs && status !== 204) || method === 'OPTIONS') return undefined;
  const asked = url.slice(MOUNT.length).replace(/\?.*/, '');
  const path = patterns.find(([, pattern]) => pattern.test(asked === '' ? '/' : asked))?.[0];
  const operation = path === undefined ? undefined : document.paths[path]?.[method.toLowerCase()];
  const where = `${method} ${asked}: ${status} ${body}`;
  if (operation?.responses[status] === undefined) return elsewhere(where, path, answer);
  const { content } = operation.responses[status];
  if (status === 204) return body === '' && content === undefined ? undefined : where;
  if (content?.[media] === undefined) return `${where} is no ${media}`;
  const at = ['paths', path!, method.toLowerCase(), 'responses', String(status), 'content', media];
  return verdict(where, pointerTo(...at, 'schema'), body);
}

/** What is answered where there is no such path or method, or nothing can be asked. */
function elsewhere(where: string, path: string | undefined, { status, body }: Answers) {
  const code = (JSON.parse(body || '{}') as Json).code;
  if (path === undefined && (code === 'store_unavailable' || code === 'misconfigured')) {
    return verdict(where, pointerTo('components', 'schemas', 'Problem'), body);
  }
  const name = status === 404 && path === undefined ? 'NotFound' : 'MethodNotAllowed';
  if (status !== 404 && status !== 405) return `${where} is in no response`;
  const media = ['content', 'application/problem+json', 'schema'];
  return verdict(where, pointerTo('components', 'responses', name, ...media), body);
}

function verdict(where: string, pointer: string, body: string): string | undefined {
  const validate = validatorOf(pointer);
  if (validate(JSON.parse(body))) return undefined;
  return `${where} ${JSON.stringify(validate.errors)}`;
}

/**
 * Holds every JSON answer of the router, whichever client gets it, against the document; what does not
 * fit fails the test.
 */
export function holdAnswers(server: Server): void {
  server.prependListener('request', (req: IncomingMessage, res: ServerResponse) => {
    const { method = '', url = '' } = req;
    if (method === 'HEAD' || !(url === MOUNT || /^\/second-factor[/?]/.test(url))) return;
    const chunks: Buffer[] = [];
    const take = (chunk: unknown): void => {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    };
    const write = res.write.bind(res) as (...args: unknown[]) => boolean;
    const end = res.end.bind(res) as (...args: unknown[]) => ServerResponse;
    res.write = ((...args: unknown[]) => {
      take(args[0]);
      return write(...args);
    }) as never;
    res.end = ((...args: unknown[]) => {
      take(args[0]);
      const type = res.getHeader('content-type') as string | undefined;
      const body = Buffer.concat(chunks).toString();
      const misfit = misfitOf(method, url, { status: res.statusCode, type, body });
      if (misfit !== undefined) misfits.push(misfit);
      return end(...args);
    }) as never;
  });
}
