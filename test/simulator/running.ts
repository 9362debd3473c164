import { createSimulator, SIMULATOR_CREDENTIALS, type SimulatorOptions } from '../../lib/simulator';

export const FROM = SIMULATOR_CREDENTIALS.from;
export const TO = '12065550142';

const closers: (() => Promise<void>)[] = [];

/** Closes every simulator of the test that just ran. */
export async function closeSimulators(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
}

export interface CallOptions {
  method?: string;
  json?: unknown;
  /** Sent as it stands, instead of `json`. */
  body?: string;
  headers?: Record<string, string>;
  /** Default: the keys of `SIMULATOR_CREDENTIALS`. */
  auth?: string | null;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // Tests look into answers of every shape.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any;
}

export interface Running {
  url: string;
  call(path: string, options?: CallOptions): Promise<Answer>;
  /** Sends a text in the compact form. */
  send(version?: string, changes?: object): Promise<Answer>;
  fault(mode: unknown, more?: object): Promise<Answer>;
  inbox(query?: string): Promise<Record<string, unknown>[]>;
}

const KEYS = `${SIMULATOR_CREDENTIALS.accessKey}:${SIMULATOR_CREDENTIALS.secretKey}`;

export async function runSimulator(options?: SimulatorOptions): Promise<Running> {
  const { url, close } = await createSimulator(options).listen();
  closers.push(close);
  const call: Running['call'] = async (path, { method, json, body, headers, auth = KEYS } = {}) => {
    const sent = body ?? (json === undefined ? undefined : JSON.stringify(json));
    const response = await fetch(url + path, {
      method: method ?? (sent === undefined ? 'GET' : 'POST'),
      headers: {
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...(auth === null ? {} : { authorization: `Basic ${btoa(auth)}` }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  };
  return {
    url,
    call,
    send: (version = 'v2.2', changes = {}) =>
      call(`/${version}/messages`, { json: { to: TO, from: FROM, body: 'hello', ...changes } }),
    fault: (mode, more = {}) => call('/faults', { json: { mode, ...more } }),
    inbox: async (query = '') => (await call(`/inbox${query}`)).json.messages,
  };
}

/** The generic shape of every error of the carrier. */
export function carrierError(status: number) {
  return {
    errors: [
      {
        detail: expect.any(String),
        id: expect.stringMatching(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/),
        status,
        title: expect.any(String),
      },
    ],
  };
}
