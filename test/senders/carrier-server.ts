import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { SecondFactorError } from '../../lib/errors';
import { flowrouteSender, type FlowrouteSenderOptions } from '../../lib/senders/flowroute-sender';
import type { SmsMessage } from '../../lib/ports/senders';
import { listen } from '../helpers/servers';

export const KEYS = { accessKey: 'f1ow4cce', secretKey: 's3cr3t-of-the-test-account' };
export const FROM = '+12065550100';
export const TO = '+12065550142';
export const BODY = '739201 is your Acme code. Do not share it.\n\n@acme.example #739201';

interface SeenRequest {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface CarrierServer {
  url: string;
  requests: SeenRequest[];
}

export type Answer = (res: ServerResponse, req: IncomingMessage) => void;

const running: (() => Promise<void>)[] = [];

/** Closes every server that is still open, for a test of a carrier that is gone. */
export async function closeServers(): Promise<void> {
  await Promise.all(running.splice(0).map((close) => close()));
}

/** A server that reads each request to its end and then does what the test says. */
export async function carrierServer(answer: Answer): Promise<CarrierServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (part: string) => (body += part));
    req.on('end', () => {
      requests.push({ method: req.method, url: req.url, headers: req.headers, body });
      answer(res, req);
    });
  });
  const { url, close } = await listen(server);
  running.push(close);
  return { url, requests };
}

/** Answers with a status and a body; objects go out as JSON. */
export function answerWith(
  status: number,
  body: unknown = '',
  headers: Record<string, string> = {},
): Answer {
  return (res) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}

/** What a test changes of a text and of its sender. */
type Changes = Partial<FlowrouteSenderOptions & SmsMessage>;

export function sendThrough(baseUrl: string, { to = TO, body = BODY, ...options }: Changes = {}) {
  return flowrouteSender({ ...KEYS, from: FROM, baseUrl, ...options }).send({ to, body });
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<SecondFactorError> {
  try {
    await call;
  } catch (error) {
    return error as SecondFactorError;
  }
  throw new Error('the call did not fail');
}

/** Sends one text to a carrier that answers so, and returns the error. */
export async function failureFor(
  status: number,
  body?: unknown,
  options: Changes = {},
  headers: Record<string, string> = {},
): Promise<SecondFactorError> {
  const carrier = await carrierServer(answerWith(status, body, headers));
  return failureOf(sendThrough(carrier.url, options));
}
