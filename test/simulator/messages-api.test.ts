import { carrierError, closeSimulators, FROM, runSimulator, TO } from './running';

afterEach(closeSimulators);

const MDR1 = expect.stringMatching(/^mdr1-[0-9a-f]{32}$/);
const MDR2 = expect.stringMatching(/^mdr2-[0-9a-f]{32}$/);

describe('taking a text', () => {
  test('v2 answers 200 with nothing but an mdr1 id', async () => {
    const simulator = await runSimulator();
    const answer = await simulator.send('v2');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ data: { id: MDR1 } });
  });

  test('v2.1 answers 202 with an mdr2 id and a link to the record', async () => {
    const simulator = await runSimulator();
    const answer = await simulator.send('v2.1');
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual({
      data: { links: { self: expect.any(String) }, type: 'message', id: MDR2 },
    });
    const { id, links } = answer.json.data;
    expect(links.self).toBe(`${simulator.url}/v2.1/messages/${id}`);
  });

  test.each([
    ['a'.repeat(160), 1, 0.004],
    ['a'.repeat(161), 2, 0.008],
    ['é'.repeat(71), 2, 0.008],
  ])('v2.2 adds the price', async (body, segments, cost) => {
    const simulator = await runSimulator();
    const answer = await simulator.send('v2.2', { body });
    expect(answer.status).toBe(202);
    expect(answer.json.data).toEqual({
      links: { self: expect.stringContaining('/v2.2/messages/') },
      type: 'message',
      id: MDR2,
      price_details: {
        base_rate: 0.004,
        charged_cost: cost,
        segment_count: segments,
        surcharge: 0,
      },
    });
  });

  test.each(['v2', 'v2.1', 'v2.2'])(
    '%s takes both body forms and both content types',
    async (version) => {
      const simulator = await runSimulator({ clock: ticking() });
      const compact = { to: TO, from: `+${FROM}`, body: 'compact' };
      const jsonApi = {
        data: { type: 'message', attributes: { to: `+${TO}`, from: FROM, body: 'wrapped' } },
      };
      for (const type of ['application/json', 'application/vnd.api+json; charset=utf-8']) {
        for (const json of [compact, jsonApi]) {
          const headers = { 'content-type': type };
          const answer = await simulator.call(`/${version}/messages`, { json, headers });
          expect(answer.status).toBe(version === 'v2' ? 200 : 202);
        }
      }
      const messages = await simulator.inbox();
      expect(messages.map(({ body }) => body)).toEqual([
        'wrapped',
        'compact',
        'wrapped',
        'compact',
      ]);
      for (const message of messages) expect(message).toMatchObject({ to: TO, from: FROM });
    },
  );
});

describe('refusing a text', () => {
  test.each([
    ['no credentials', null],
    ['a wrong secret key', 'simulated:wrong'],
    ['a wrong access key', 'wrong:simulated-secret-of-no-use-elsewhere'],
    ['no colon', 'simulated'],
  ])('401 for %s', async (_what, auth) => {
    const simulator = await runSimulator();
    const answer = await simulator.call('/v2.2/messages', {
      json: { to: TO, from: FROM, body: 'x' },
      auth,
    });
    expect(answer.status).toBe(401);
    expect(answer.json).toEqual(carrierError(401));
    expect(await simulator.inbox()).toEqual([]);
  });

  test('keys and numbers of an own account replace the built-in ones', async () => {
    const simulator = await runSimulator({
      accessKey: 'mine',
      secretKey: 's',
      from: ['+12065550177'],
    });
    const json = { to: TO, from: '12065550177', body: 'x' };
    expect((await simulator.call('/v2.2/messages', { json, auth: 'mine:s' })).status).toBe(202);
    expect((await simulator.call('/v2.2/messages', { json })).status).toBe(401);
    const foreign = { ...json, from: FROM };
    expect((await simulator.call('/v2.2/messages', { json: foreign, auth: 'mine:s' })).status).toBe(
      403,
    );
  });

  test.each(['12065550199', '2065550100', 'Acme'])('403 for the from number %s', async (from) => {
    const simulator = await runSimulator();
    const answer = await simulator.send('v2.2', { from });
    expect(answer.status).toBe(403);
    expect(answer.json).toEqual(carrierError(403));
  });

  test('403 for a number of the account that is not registered', async () => {
    const simulator = await runSimulator({ unregistered: ['+12065550101'] });
    const answer = await simulator.send('v2.2', { from: '12065550101' });
    expect(answer.status).toBe(403);
    expect(answer.json.errors[0].detail).toContain('10DLC');
    expect((await simulator.send()).status).toBe(202);
  });

  test.each([
    ['v2', 500],
    ['v2.1', 422],
    ['v2.2', 422],
  ])('%s answers %i for a to number that is none', async (version, status) => {
    for (const to of [
      '2065550142',
      '+442071838750',
      '1206555014',
      '11065550142',
      12065550142,
      null,
    ]) {
      const simulator = await runSimulator();
      const answer = await simulator.send(version, { to });
      expect(answer.status).toBe(status);
      expect(answer.json).toEqual(carrierError(status));
      expect(await simulator.inbox()).toEqual([]);
    }
  });

  test.each([
    { body: '' },
    { body: 7 },
    { body: undefined },
    { from: undefined },
    { from: {} },
    { dlr_callback: 'x' },
    { dlr_callback: 'ftp://a.example' },
  ])('422 for the fields %j', async (changes) => {
    const simulator = await runSimulator();
    expect((await simulator.send('v2.2', changes)).status).toBe(422);
  });

  test.each([null, ''])('what may be left out may be %j as well', async (nothing) => {
    const simulator = await runSimulator();
    const changes = { dlr_callback: nothing, is_mms: nothing, media_urls: nothing };
    for (const version of ['v2', 'v2.1', 'v2.2']) {
      expect((await simulator.send(version, changes)).status).toBe(version === 'v2' ? 200 : 202);
    }
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', ''])(
    '415 for the content type "%s"',
    async (type) => {
      const simulator = await runSimulator();
      const body = JSON.stringify({ to: TO, from: FROM, body: 'x' });
      const headers = { 'content-type': type };
      const answer = await simulator.call('/v2.2/messages', { body, headers });
      expect(answer.status).toBe(415);
      expect(answer.json).toEqual(carrierError(415));
    },
  );

  test.each(['{"to":', 'null', '7', '"text"'])('400 for the malformed body %s', async (body) => {
    const simulator = await runSimulator();
    const answer = await simulator.call('/v2.2/messages', { body });
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(carrierError(400));
  });

  test.each([
    '[]',
    '{}',
    '{"data":null}',
    '{"data":7}',
    '{"data":{"attributes":[]}}',
    '{"__proto__":1}',
  ])('422 for the empty body %s', async (body) => {
    const simulator = await runSimulator();
    expect((await simulator.call('/v2.2/messages', { body })).status).toBe(422);
  });

  test('413 for a body beyond 64 kB, and one right below it is taken', async () => {
    const simulator = await runSimulator();
    const answer = await simulator.send('v2.2', { body: 'x'.repeat(66_000) });
    expect(answer.status).toBe(413);
    expect(answer.json).toEqual(carrierError(413));
    expect((await simulator.send('v2.2', { body: 'x'.repeat(64_000) })).status).toBe(202);
  });

  test.each([
    ['DELETE', '/v2.2/messages', 'GET, POST'],
    ['POST', '/v2.2/messages/sms_callback', 'GET, PUT'],
    ['PUT', '/v2/messages/sms_callback', 'GET'],
    ['DELETE', '/v2/numbers', 'GET'],
    ['GET', '/v2/numbers/12065550100/relationships/sms_callback', 'POST'],
    ['POST', '/phone/events', 'GET'],
    ['GET', '/phone/reply', 'POST'],
    ['PUT', '/v2/messages/mdr1-x', 'GET'],
    ['PUT', '/inbox', 'GET, DELETE'],
    ['GET', '/inbox/reply', 'POST'],
    ['PUT', '/faults', 'GET, POST, DELETE'],
    ['POST', '/', 'GET'],
  ])('405 for %s %s, which names the methods there are', async (method, path, allow) => {
    const simulator = await runSimulator();
    const answer = await simulator.call(path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allow);
    expect(answer.json).toEqual(carrierError(405));
  });

  test.each(['/v3/messages', '/v2', '/nowhere', '/v2.2/messages/a/b'])(
    '404 for %s',
    async (path) => {
      const simulator = await runSimulator();
      const answer = await simulator.call(path);
      expect(answer.status).toBe(404);
      expect(answer.json).toEqual(carrierError(404));
    },
  );

  test('400 for a path that cannot be decoded', async () => {
    const simulator = await runSimulator();
    const answer = await simulator.call('/v2.2/messages/%E0%A4%A');
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(carrierError(400));
  });
});

describe('five attempts a second', () => {
  test('the sixth within 1000 ms gets 429, and attempts that were turned away count, too', async () => {
    let now = 1_000_000;
    const simulator = await runSimulator({ clock: () => now });
    const statuses = async (count: number) => {
      const seen: number[] = [];
      for (let i = 0; i < count; i += 1) seen.push((await simulator.send()).status);
      return seen;
    };
    expect(await statuses(6)).toEqual([202, 202, 202, 202, 202, 429]);
    expect((await simulator.send()).json).toEqual(carrierError(429));
    now += 999;
    expect(await statuses(1)).toEqual([429]);
    // Only the attempt of 1 ms ago is left in the window.
    now += 1;
    expect(await statuses(5)).toEqual([202, 202, 202, 202, 429]);
    expect(await simulator.inbox()).toHaveLength(9);
  });

  test('refused texts count as attempts', async () => {
    const simulator = await runSimulator({ clock: () => 1_000_000 });
    for (let i = 0; i < 5; i += 1) await simulator.send('v2.2', { to: 'x' });
    expect((await simulator.send()).status).toBe(429);
  });

  test('each API version has a window of its own', async () => {
    const simulator = await runSimulator({ clock: () => 1_000_000 });
    for (let i = 0; i < 5; i += 1) await simulator.send('v2.2');
    expect((await simulator.send('v2.1')).status).toBe(202);
    expect((await simulator.send('v2.2')).status).toBe(429);
  });

  test('each endpoint has a window of its own, and reading counts as well', async () => {
    const simulator = await runSimulator({ clock: () => 1_000_000 });
    const paths = ['/v2.2/messages/mdr2-x', '/v2.2/messages?start_date=2026-01-01', '/v2/numbers'];
    for (const path of [...paths, '/v2.2/messages/sms_callback']) {
      for (let i = 0; i < 5; i += 1) {
        expect((await simulator.call(path)).status).not.toBe(429);
      }
      expect((await simulator.call(path)).json).toEqual(carrierError(429));
    }
  });

  test('strangers do not use up the window', async () => {
    const simulator = await runSimulator({ clock: () => 1_000_000 });
    const json = { to: TO, from: FROM, body: 'x' };
    for (let i = 0; i < 6; i += 1) await simulator.call('/v2.2/messages', { json, auth: 'a:b' });
    expect((await simulator.send()).status).toBe(202);
  });
});

/** Each reading of the clock is a second later, so that the rate plays no part. */
function ticking(): () => number {
  let now = 1_000_000;
  return () => (now += 1_000);
}

describe('the body by its older name', () => {
  test.each([
    ['v2', { body: undefined, content: 'hi' }, 200],
    ['v2', { data: { attributes: { to: TO, from: FROM, content: 'hi' } } }, 200],
    ['v2', { body: undefined, content: '' }, 422],
    ['v2', { body: undefined, content: 7 }, 422],
    ['v2.1', { body: undefined, content: 'hi' }, 422],
    ['v2.2', { body: undefined, content: 'hi' }, 422],
  ])('%s with %j: %i', async (version, fields, status) => {
    const simulator = await runSimulator();
    expect((await simulator.send(version, fields)).status).toBe(status);
    const bodies = (await simulator.inbox()).map(({ body }) => body);
    expect(bodies).toEqual(status === 200 ? ['hi'] : []);
  });
});

describe('an MMS', () => {
  const media_urls = ['https://media.example/cat.gif'];

  test.each<[string, object, { body: string | null; mms: boolean }]>([
    ['pictures with a body', { media_urls }, { body: 'hello', mms: true }],
    ['pictures without one', { media_urls, body: undefined }, { body: null, mms: true }],
    ['pictures with an empty one', { media_urls, body: '' }, { body: null, mms: true }],
    ['pictures whatever the flag', { media_urls, is_mms: 'false' }, { body: 'hello', mms: true }],
    ['a body with the flag', { is_mms: true }, { body: 'hello', mms: true }],
    ['a body with the flag as a text', { is_mms: 'true' }, { body: 'hello', mms: true }],
    ['a body without it', { is_mms: 'false', media_urls: [] }, { body: 'hello', mms: false }],
  ])('%s', async (_what, fields, { body, mms }) => {
    for (const version of ['v2.1', 'v2.2']) {
      const simulator = await runSimulator();
      const answer = await simulator.send(version, fields);
      expect(answer.status).toBe(202);
      const record = (await simulator.call(`/${version}/messages/${answer.json.data.id}`)).json;
      const status = `${mms ? 'mm' : 'sm'}sc submit`;
      expect(record.data.attributes).toMatchObject({ body, is_mms: mms, status });
      const hasPictures = 'media_urls' in fields && mms;
      expect(record.included?.length).toBe(hasPictures ? 1 : undefined);
      expect(answer.json.data.price_details?.charged_cost).toBe(
        version === 'v2.2' ? (mms ? 0.01 : 0.004) : undefined,
      );
    }
  });

  test.each([
    ['v2.2', { media_urls: [], body: undefined }],
    ['v2.2', { media_urls: 'https://a.example' }],
    ['v2.2', { media_urls: ['cat.gif'] }],
    ['v2.2', { media_urls: [7] }],
    ['v2.2', { media_urls, body: 7 }],
    ['v2.2', { is_mms: 'yes' }],
    ['v2.2', { is_mms: true, body: undefined }],
    ['v2', { media_urls }],
  ])('422 on %s for %j', async (version, fields) => {
    const simulator = await runSimulator();
    expect((await simulator.send(version, fields)).status).toBe(422);
  });

  test('one is taken in a second, and texts beside it', async () => {
    let now = 1_000_000;
    const simulator = await runSimulator({ clock: () => now });
    expect((await simulator.send('v2.2', { media_urls })).status).toBe(202);
    expect((await simulator.send('v2.2', { media_urls })).json).toEqual(carrierError(429));
    expect((await simulator.send()).status).toBe(202);
    now += 1_000;
    expect((await simulator.send('v2.2', { media_urls })).status).toBe(202);
  });
});
