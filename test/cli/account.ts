import type { IncomingMessage, ServerResponse } from 'node:http';
import { carrierServer, KEYS, type CarrierServer } from '../senders/carrier-server';
import type { Ended } from './terminal';

export { closeServers } from '../senders/carrier-server';

export const FROM = '12065550100';
export const TO = '12065550142';
export const ID = 'mdr2-39cadeace66e11e7aff806cd7f24ba2d';
export const SECRET = 'a secret of the tests that is long enough';

export interface Account extends CarrierServer {
  /** The settings that lead to it. */
  env: Record<string, string>;
  /** Where callbacks go, by kind. */
  callbacks: Map<string, string>;
}

interface Facts {
  numbers?: string[];
  messages?: object[];
  /** Answers a call instead of the account; `true` where it did. */
  instead?: (req: IncomingMessage, res: ServerResponse) => boolean;
}

/** A record as the carrier keeps it. */
export function record(changes: object = {}): object {
  const attributes = {
    body: '739201 is your code',
    direction: 'outbound',
    timestamp: '2026-01-31T09:30:00.00Z',
    amount_nanodollars: 4_000_000,
    from: FROM,
    to: TO,
    is_mms: false,
    status: 'message buffered',
    delivery_receipts: [
      {
        level: 2,
        status: 'message buffered',
        status_code: 1003,
        status_code_description: 'Message accepted by Carrier',
        timestamp: '2026-01-31T09:30:01.00Z',
      },
    ],
    ...changes,
  };
  return { type: 'message', id: ID, attributes };
}

/** A small account of the carrier: numbers, texts and callbacks. */
export async function account(facts: Facts = {}): Promise<Account> {
  const { numbers = [FROM], messages = [record()], instead } = facts;
  const callbacks = new Map<string, string>();
  const server: CarrierServer = await carrierServer((res, req) => {
    const { pathname } = new URL(req.url ?? '', 'http://carrier.example');
    const json = (status: number, body?: object) => {
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(body === undefined ? '' : JSON.stringify(body));
    };
    const kind = /\/messages\/(\w+)_callback$/.exec(pathname)?.[1];
    if (instead?.(req, res) === true) return;
    if (pathname === '/v2/numbers') {
      json(200, { data: numbers.map((id) => ({ id, attributes: { value: id } })) });
    } else if (kind !== undefined && req.method === 'PUT') {
      const { body } = server.requests.at(-1)!;
      const sent = JSON.parse(body) as { data: { attributes: { callback_url: string } } };
      callbacks.set(kind, sent.data.attributes.callback_url);
      json(204);
    } else if (kind !== undefined) {
      json(200, { data: { attributes: { callback_url: callbacks.get(kind) ?? '' } } });
    } else if (req.method === 'POST') {
      json(202, { data: { id: ID } });
    } else if (pathname.endsWith('/messages')) {
      json(200, { data: messages });
    } else if (pathname.endsWith(ID)) {
      json(200, { data: messages[0] });
    } else {
      json(404, { errors: [] });
    }
  });
  const env = {
    FLOWROUTE_ACCESS_KEY: KEYS.accessKey,
    FLOWROUTE_SECRET_KEY: KEYS.secretKey,
    FLOWROUTE_FROM: FROM,
    FLOWROUTE_API: server.url,
  };
  return Object.assign(server, { env, callbacks });
}

/** The two numbers of the account's text are masked in all that a command wrote. */
export function expectMasked({ out, err }: Ended): void {
  expect(out + err).not.toContain(TO.slice(1));
  expect(out + err).not.toContain(FROM.slice(1));
  expect(out).toContain('••• ••• ••42');
}
