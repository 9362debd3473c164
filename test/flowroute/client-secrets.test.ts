import { inspect } from 'node:util';
import type { FlowrouteClient } from '../../lib/flowroute/client';
import {
  answerWith,
  BODY,
  carrierServer,
  closeServers,
  KEYS,
  TO,
  type Answer,
} from '../senders/carrier-server';
import { all, clientOf, failedCall, ID, reset, TEXT } from './client-world';

afterEach(closeServers);

const CREDENTIALS = btoa(`${KEYS.accessKey}:${KEYS.secretKey}`);
const CALLBACK = 'https://acme.example/callbacks/a-secret-token';
const ECHO = `${KEYS.accessKey} ${KEYS.secretKey} Basic ${CREDENTIALS} ${BODY} ${TO} ${CALLBACK} 12065550100 (206) 555-0142`;
const ITEM = { id: '8f20a349-ebc0-4246-81ae-b4e7caef324c' };

/** Every shape of a refusal, each with everything in it that must not come out. */
const BODIES = [
  { errors: [{ ...ITEM, title: ECHO, detail: ECHO }] },
  { errors: [{ ...ITEM, detail: { echo: { deeper: [ECHO] } } }] },
  { errors: [{ detail: `1110 rejected the message ${ECHO}` }] },
  { errors: ECHO },
  { data: ECHO },
  ECHO,
  `<html>${ECHO}</html>`,
];
const STATUSES = [200, 302, 400, 401, 403, 404, 405, 415, 422, 429, 500, 502, 503];
const garbage: Answer = (_res, req) => {
  req.socket.end(`${ECHO}\r\n\r\n`);
};

const CALLS: [string, (client: FlowrouteClient) => Promise<unknown>][] = [
  ['send', (client) => client.send({ ...TEXT, dlrCallback: CALLBACK })],
  ['message', (client) => client.message(ID, { withBody: true })],
  ['messages', (client) => all(client.messages({ start: new Date() }, { withBody: true }))],
  ['numbers', (client) => all(client.numbers({ contains: '2065550142' }))],
  ['callback', (client) => client.callback('sms')],
  ['setCallback', (client) => client.setCallback('sms', CALLBACK)],
  ['setNumberCallback', (client) => client.setNumberCallback(TEXT.from, 'sms', CALLBACK)],
];

const show = (value: unknown) =>
  inspect(value, { depth: 10, showHidden: true }) + JSON.stringify(value);

function expectSafe(error: unknown): void {
  const shown = show(error);
  const secrets = [KEYS.accessKey, KEYS.secretKey, CREDENTIALS, '739201', 'a-secret-token'];
  for (const secret of secrets) expect(shown).not.toContain(secret);
  expect(shown).not.toMatch(/206\D{0,3}555\D{0,3}01/);
}

test.each(CALLS)(
  '[S144] no error of %s holds a key, a text, an address or a whole number',
  async (name, call) => {
    const answers = [
      ...STATUSES.flatMap((status) => BODIES.map((body) => answerWith(status, body))),
      reset,
      garbage,
    ];
    let errors = 0;
    for (const answer of answers) {
      const carrier = await carrierServer(answer);
      const client = clientOf(carrier.url, { retries: 0 });
      const outcome: unknown = await call(client).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        errors += 1;
        expect(outcome.name).toBe('FlowrouteError');
        expectSafe(outcome);
        // Only who sent the text knows its other words, and the carrier has no reason to quote them.
        if (name === 'send') expect(show(outcome)).not.toContain('Acme');
      }
      // Neither does the client, whatever it went through.
      expectSafe(client);
    }
    expect(errors).toBeGreaterThan(70);
  },
);

test('[S144] misuse shows none of it either', async () => {
  const client = clientOf('http://localhost:9');
  const wrong: Promise<unknown>[] = [
    client.send({ ...TEXT, from: '+1 206 555 0177' }),
    client.send({ ...TEXT, dlrCallback: 'http://acme.example/a-secret-token' }),
    client.setCallback('sms', 'ftp://acme.example/a-secret-token'),
    client.setNumberCallback('+1 206 555 0177', 'sms', CALLBACK),
    client.numbers({ contains: '206-555-0177' }).next(),
  ];
  for (const call of wrong) {
    const shown = show(await failedCall(call));
    expect(shown).not.toContain('0177');
    expect(shown).not.toContain('a-secret-token');
  }
});

test('[S144] an open circuit and a missed turn show none of it either', async () => {
  const carrier = await carrierServer(reset);
  const client = clientOf(carrier.url);
  for (let turn = 0; turn < 6; turn += 1) expectSafe(await failedCall(client.send(TEXT)));
  const signal = AbortSignal.abort(new Error(ECHO));
  expectSafe(await failedCall(client.send(TEXT, { signal })));
});
