import { createServer } from 'node:https';
import { inspect } from 'node:util';
import { SecondFactorError } from '../../lib/errors';
import { flowrouteSender } from '../../lib/senders/flowroute-sender';
import { listen } from '../helpers/servers';
import {
  answerWith,
  BODY,
  carrierServer,
  closeServers,
  failureFor,
  failureOf,
  FROM,
  KEYS,
  sendThrough,
  TO,
  type Answer,
} from './carrier-server';
import { selfSignedCertificate } from './self-signed-certificate';

const ID = 'mdr2-39cadeace66e11e7aff806cd7f24ba2d';
const taken = answerWith(202, { data: { id: ID, type: 'message', links: { self: 'x' } } });

afterEach(closeServers);

describe('what goes out', () => {
  test('a text is one POST with Basic credentials, digits only and nothing else in the body', async () => {
    const carrier = await carrierServer(taken);
    await expect(sendThrough(carrier.url)).resolves.toEqual({ id: ID });
    expect(carrier.requests).toHaveLength(1);
    const request = carrier.requests[0]!;
    expect(request.method).toBe('POST');
    expect(request.url).toBe('/v2.2/messages');
    expect(request.headers['content-type']).toBe('application/json');
    const credentials = Buffer.from(`${KEYS.accessKey}:${KEYS.secretKey}`).toString('base64');
    expect(request.headers.authorization).toBe(`Basic ${credentials}`);
    expect(JSON.parse(request.body)).toEqual({
      to: '12065550142',
      from: '12065550100',
      body: BODY,
    });
  });

  test.each(['v2', 'v2.1', 'v2.2'] as const)('apiVersion %s picks the path', async (apiVersion) => {
    const carrier = await carrierServer(taken);
    await sendThrough(carrier.url, { apiVersion });
    expect(carrier.requests[0]!.url).toBe(`/${apiVersion}/messages`);
  });

  test('a base address may have a path of its own', async () => {
    const carrier = await carrierServer(taken);
    await sendThrough(`${carrier.url}/carrier/`);
    expect(carrier.requests[0]!.url).toBe('/carrier/v2.2/messages');
  });

  test('[S148] a text that may have been taken is not sent a second time', async () => {
    for (const answer of [answerWith(500), answerWith(503), answerWith(429), reset]) {
      const carrier = await carrierServer(answer);
      await failureOf(sendThrough(carrier.url));
      expect(carrier.requests).toHaveLength(1);
    }
  });
});

describe('an answer that says taken', () => {
  test('v2 answers 200 and an id of its own kind', async () => {
    const id = 'mdr1-d858379c1bee4dd3bfe5c556f7cef70f';
    const carrier = await carrierServer(answerWith(200, { data: { id } }));
    await expect(sendThrough(carrier.url, { apiVersion: 'v2' })).resolves.toEqual({ id });
  });

  test.each([
    ['a number', '{"data":{"id":7}}'],
    ['no name', '{"data":{"id":"a b\\n"}}'],
    ['too long to keep', JSON.stringify({ data: { id: 'm'.repeat(129) } })],
  ])('a 202 whose id is %s means taken, without an id', async (_what, body) => {
    const carrier = await carrierServer(answerWith(202, body));
    await expect(sendThrough(carrier.url)).resolves.toEqual({});
  });

  test('a 202 of JSON that breaks off still means taken', async () => {
    const type = { 'content-type': 'application/vnd.api+json' };
    const carrier = await carrierServer(cutOff({ ...type, 'content-length': '500' }));
    await expect(sendThrough(carrier.url)).resolves.toEqual({});
  });
});

describe("[S196] a success that is not the carrier's", () => {
  const html = { 'content-type': 'text/html' };

  test.each<[string, number, unknown, Record<string, string>, string]>([
    ['nothing', 202, '', {}, 'nothing'],
    ['nothing at all', 204, '', {}, 'nothing'],
    ['a web page', 202, '<html>Sign in to the Wi-Fi</html>', html, 'a web page'],
    ['a web page without its type', 200, ' <!doctype html><p>ok', {}, 'a web page'],
    ['OK', 200, 'OK', {}, 'something else'],
    ['broken JSON', 202, '{"data":{"id":', {}, 'something else'],
    ['null', 202, 'null', {}, 'something else'],
    ['a list', 202, '[]', {}, 'something else'],
    ['other JSON', 200, { status: 'ok' }, {}, 'something else'],
    ['data that is null', 202, '{"data":null}', {}, 'something else'],
    ['data without an id', 202, '{"data":{"type":"message"}}', {}, 'something else'],
    ['an id of nothing', 202, '{"data":{"id":""}}', {}, 'something else'],
    ['errors', 200, { errors: [{ detail: 'no' }] }, {}, 'something else'],
  ])('[S196] %s (%i) leaves the outcome unknown', async (_what, status, body, headers, named) => {
    const carrier = await carrierServer(answerWith(status, body, headers));
    const error = await failureOf(sendThrough(carrier.url));
    const cure = expect.stringMatching(/Check baseUrl, and any proxy/);
    expect(error).toMatchObject({
      code: 'delivery_failed',
      reason: 'unknown_outcome',
      refused: false,
      carrier: { status, cure },
    });
    expect(error.message).toContain(
      `answered ${status} with ${named} instead of the id of a text.`,
    );
    expect(error.message).toContain('Whether the text was taken is not known');
    expect(carrier.requests).toHaveLength(1);
  });

  test('[S196] one that breaks off and is no JSON leaves it unknown as well', async () => {
    const carrier = await carrierServer(cutOff({ 'content-length': '500' }));
    const error = await failureOf(sendThrough(carrier.url));
    expect(error).toMatchObject({ reason: 'unknown_outcome', refused: false });
  });
});

describe('[S144] the call is fenced in', () => {
  test.each([301, 302, 303, 307, 308])(
    '[S144] a redirect (%i) from the carrier is an error and is not followed',
    async (status) => {
      const elsewhere = await carrierServer(taken);
      const location = `${elsewhere.url}/v2.2/messages`;
      const error = await failureFor(status, '', {}, { location });
      expect(error).toMatchObject({
        reason: 'unavailable',
        refused: true,
        code: 'delivery_failed',
      });
      expect(error.message).toContain(`redirect (${status})`);
      expect(elsewhere.requests).toHaveLength(0);
    },
  );

  test.each([202, 400, 500])(
    '[S144] an answer of 100 MB with status %i is broken off early',
    async (status) => {
      const piece = Buffer.alloc(64 * 1024, 'x');
      let written = 0;
      let closed: Promise<unknown> | undefined;
      const carrier = await carrierServer((res) => {
        closed = new Promise((resolve) => res.on('close', resolve));
        const more = () => {
          while (!res.destroyed && written < 100_000_000) {
            written += piece.length;
            if (!res.write(piece)) return;
          }
        };
        res.on('drain', more);
        res.writeHead(status);
        more();
      });
      const outcome = await sendThrough(carrier.url).catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(SecondFactorError);
      await closed;
      expect(written).toBeLessThan(20_000_000);
    },
  );

  test('[S144] a carrier that never answers is given up after timeoutMs, outcome unknown', async () => {
    const carrier = await carrierServer(() => undefined);
    const error = await failureOf(sendThrough(carrier.url, { timeoutMs: 1000 }));
    expect(error).toMatchObject({ reason: 'unknown_outcome', refused: false });
    expect(error.message).toContain('within 1000 ms');
  });

  test('[S144] the limit covers the body, too', async () => {
    const carrier = await carrierServer((res) => {
      res.writeHead(401, { 'content-type': 'application/json' });
      res.write('{"errors":[');
    });
    const error = await failureOf(sendThrough(carrier.url, { timeoutMs: 1000 }));
    expect(error).toMatchObject({ reason: 'credentials_rejected', refused: true });
  });

  test('a call that is over leaves no timer and no listener behind', async () => {
    const carrier = await carrierServer(taken);
    const sender = flowrouteSender({
      ...KEYS,
      from: FROM,
      baseUrl: carrier.url,
      timeoutMs: 29_999,
    });
    const set = jest.spyOn(globalThis, 'setTimeout');
    const clear = jest.spyOn(globalThis, 'clearTimeout');
    const { signal } = new AbortController();
    const remove = jest.spyOn(signal, 'removeEventListener');
    try {
      await sender.send({ to: TO, body: BODY }, { signal });
      const timer = set.mock.results[set.mock.calls.findIndex(([, delay]) => delay === 29_999)];
      expect(clear).toHaveBeenCalledWith(timer!.value);
      expect(remove).toHaveBeenCalledWith('abort', expect.any(Function));
    } finally {
      jest.restoreAllMocks();
    }
  });

  test('[S144] no error holds a key, the text or a whole number, even where the carrier echoes the request', async () => {
    const credentials = Buffer.from(`${KEYS.accessKey}:${KEYS.secretKey}`).toString('base64');
    const echo = `${KEYS.accessKey} ${KEYS.secretKey} Basic ${credentials} ${BODY} ${TO} 12065550100 (206) 555-0142`;
    const item = { id: '8f20a349-ebc0-4246-81ae-b4e7caef324c' };
    const bodies = [
      { errors: [{ ...item, title: echo, detail: echo }] },
      { errors: [{ ...item, detail: { echo: { deeper: [echo] } } }] },
      { errors: echo },
      echo,
      `<html>${echo}</html>`,
    ];
    const statuses = [302, 400, 401, 403, 404, 422, 429, 500, 503];
    const errors = await Promise.all(
      statuses.flatMap((status) =>
        bodies.flatMap((body) =>
          (['v2', 'v2.2'] as const).map((apiVersion) => failureFor(status, body, { apiVersion })),
        ),
      ),
    );
    errors.push(
      await failureFor(400, { errors: [{ detail: `1110 rejected the message ${echo}` }] }),
      await failureOf(sendThrough((await carrierServer(reset)).url)),
      await failureOf(sendThrough((await carrierServer(garbage(echo))).url)),
    );
    for (const error of errors) {
      expect(error).toBeInstanceOf(SecondFactorError);
      const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
      for (const secret of [KEYS.accessKey, KEYS.secretKey, credentials, 'Acme', '739201']) {
        expect(shown).not.toContain(secret);
      }
      expect(shown).not.toMatch(/206\D{0,3}555\D{0,3}01/);
    }
  });

  test('[S144] the sender itself shows no key', () => {
    const sender = flowrouteSender({ ...KEYS, from: FROM });
    expect(inspect(sender, { depth: 10, showHidden: true })).not.toContain(KEYS.secretKey);
    expect(JSON.parse(JSON.stringify(sender))).toEqual({ numbers: [FROM] });
  });
});

describe('a call that breaks', () => {
  test('[S145] a certificate that nobody vouches for fails the send before anything is sent', async () => {
    let requests = 0;
    const server = createServer(selfSignedCertificate(), (_req, res) => {
      requests += 1;
      res.writeHead(202).end();
    });
    const { port } = await listen(server);
    const error = await failureOf(sendThrough(`https://127.0.0.1:${port}`));
    expect(error).toMatchObject({ reason: 'unavailable', refused: true });
    expect(error.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(requests).toBe(0);
  });

  test('a port where nobody listens means surely not sent', async () => {
    const { url } = await carrierServer(taken);
    await closeServers();
    const error = await failureOf(sendThrough(url));
    expect(error).toMatchObject({ reason: 'unavailable', refused: true, code: 'delivery_failed' });
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a connection reset after the request leaves the outcome unknown', async () => {
    const error = await failureOf(sendThrough((await carrierServer(reset)).url));
    expect(error).toMatchObject({ reason: 'unknown_outcome', refused: false });
  });

  test('an answer that is not HTTP leaves the outcome unknown', async () => {
    const error = await failureOf(sendThrough((await carrierServer(garbage('hello'))).url));
    expect(error).toMatchObject({ reason: 'unknown_outcome', refused: false });
  });

  test('a caller that gives up ends the call, outcome unknown', async () => {
    const caller = new AbortController();
    const carrier = await carrierServer(() => caller.abort());
    const sender = flowrouteSender({ ...KEYS, from: FROM, baseUrl: carrier.url });
    const error = await failureOf(sender.send({ to: TO, body: BODY }, { signal: caller.signal }));
    expect(error).toMatchObject({ reason: 'unknown_outcome', refused: false });
    expect(error.message).toContain('aborted while it ran');
  });

  test('a caller that gave up before is told that nothing was sent', async () => {
    const carrier = await carrierServer(taken);
    const sender = flowrouteSender({ ...KEYS, from: FROM, baseUrl: carrier.url });
    const signal = AbortSignal.abort();
    const error = await failureOf(sender.send({ to: TO, body: BODY }, { signal }));
    expect(error).toMatchObject({ reason: 'unavailable', refused: true });
    expect(carrier.requests).toHaveLength(0);
  });
});

function cutOff(headers: Record<string, string>): Answer {
  return (res) => {
    res.writeHead(202, headers);
    res.write('{"data"', () => res.socket?.resetAndDestroy());
  };
}

function reset(_res: unknown, req: { socket: { resetAndDestroy(): unknown } }): void {
  req.socket.resetAndDestroy();
}

function garbage(text: string) {
  return (_res: unknown, req: { socket: { end(text: string): unknown } }) => {
    req.socket.end(`${text}\r\n\r\n`);
  };
}
