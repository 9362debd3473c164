import {
  answerWith,
  carrierServer,
  closeServers,
  failureFor,
  failureOf,
  sendThrough,
} from './carrier-server';

afterEach(closeServers);

const ERROR_ID = '7fcfd1cd-486b-4159-8484-b710bd4bbab4';
const generic = (status: number, detail: unknown = 'Something is wrong.', title = 'A title') => ({
  errors: [{ detail, id: ERROR_ID, status, title }],
});

describe('each status says what to do', () => {
  test('401 points at the keys', async () => {
    const error = await failureFor(401, generic(401));
    expect(error).toMatchObject({
      name: 'SecondFactorError',
      code: 'delivery_failed',
      status: 502,
      reason: 'credentials_rejected',
      refused: true,
    });
    expect(error.message).toMatch(
      /^Flowroute refused the credentials \(401\)\. Check accessKey and secretKey/,
    );
  });

  test('403 points at the from number', async () => {
    const error = await failureFor(403, generic(403));
    expect(error).toMatchObject({ reason: 'from_rejected', refused: true });
    expect(error.message).toContain('the number ending in 00 is not yours or not able to text');
    expect(error.message).not.toContain('ending in 42');
  });

  test('on v2 a to number that is not whole may be behind 403 and 500', async () => {
    const to = '+442071838742';
    const forbidden = await failureFor(403, generic(403), { apiVersion: 'v2', to });
    expect(forbidden).toMatchObject({ reason: 'from_rejected', refused: true });
    expect(forbidden.message).toContain('the number ending in 42, may also be the cause');
    const failed = await failureFor(500, generic(500), { apiVersion: 'v2', to });
    expect(failed).toMatchObject({ reason: 'to_rejected', refused: false });
    expect(failed.message).toContain('typically the to number, here the number ending in 42');
    const whole = await failureFor(403, generic(403), { apiVersion: 'v2' });
    expect(whole.message).not.toContain('ending in 42');
  });

  test.each([
    [500, 'v2'],
    [500, 'v2.1'],
    [500, 'v2.2'],
    [502, 'v2'],
    [503, 'v2'],
    [503, 'v2.2'],
    [504, 'v2.2'],
  ] as const)('%i on %s is an outage with an unknown end', async (status, apiVersion) => {
    const error = await failureFor(status, generic(status), { apiVersion });
    expect(error).toMatchObject({ reason: 'unavailable', refused: false });
    expect(error.message).toContain(`out of order (${status})`);
  });

  test.each([400, 404, 405, 415, 418, 422])('%i is a refused request', async (status) => {
    const error = await failureFor(status, generic(status));
    expect(error).toMatchObject({ code: 'delivery_failed', reason: 'rejected', refused: true });
    expect(error.message).toContain(`refused the request (${status})`);
  });

  test('429 names the limit', async () => {
    const error = await failureFor(429, generic(429));
    expect(error).toMatchObject({ reason: 'rate_limited', refused: true });
    expect(error.message).toContain('5 calls per second for each access key and endpoint');
    expect(error.message).not.toContain('asks to wait');
  });

  test.each([
    ['3', 'It asks to wait 3 s.'],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'It asks to wait until 2026-10-21T07:28:00.000Z.'],
  ])('429 passes on Retry-After: %s', async (header, sentence) => {
    const error = await failureFor(429, generic(429), {}, { 'retry-after': header });
    expect(error.message).toContain(sentence);
  });

  test('429 does not pass on a Retry-After that is neither', async () => {
    const error = await failureFor(429, generic(429), {}, { 'retry-after': 'call +12065550142' });
    expect(error.message).not.toContain('asks to wait');
  });

  test.each([502, 503])('%i with a web page is an outage', async (status) => {
    const page = '<html><body>Bad Gateway</body></html>';
    const error = await failureFor(status, page, {}, { 'content-type': 'text/html' });
    expect(error).toMatchObject({ reason: 'unavailable', refused: false });
    expect(error.message).toContain('a web page');
    expect(error.message).not.toContain('Bad Gateway');
  });

  test.each([400, 404])('%i with a web page is not the API', async (status) => {
    const error = await failureFor(status, '  <!doctype html><p>1110</p>');
    expect(error).toMatchObject({ reason: 'unavailable', refused: true });
    expect(error.message).toContain('not the Flowroute API');
  });
});

describe('a phone that opted out', () => {
  const optedOut = { code: 'phone_opted_out', status: 409, reason: 'opted_out', refused: true };

  test.each([
    ['the detail', { detail: '1110: no' }],
    ['a number of its own', { code: 1110 }],
    ['the title', { title: 'Error 1110' }],
    ['an object for a detail', { detail: { codes: [{ code: '1110' }] } }],
    ['the id', { id: '1110' }],
    ['words', { detail: 'Message accepted by the SMSC but the phone Rejected the message' }],
  ])('400 with the code in %s', async (_where, item) => {
    expect(await failureFor(400, { errors: [item] })).toMatchObject(optedOut);
  });

  test('400 with the code in the second item', async () => {
    const errors = [{ detail: 'first' }, { detail: 'error 1110' }];
    expect(await failureFor(400, { errors })).toMatchObject(optedOut);
  });

  test('400 with an item that is only words', async () => {
    expect(await failureFor(400, { errors: ['1110'] })).toMatchObject(optedOut);
  });

  test.each([
    ['the random id of the error', { id: '8f20a34f-1110-a246-81ae-b4e7caef324c', detail: 'no' }],
    ['a longer number', { detail: 'to 12065111042 is wrong' }],
    ['the end of a number with hyphens', { detail: 'to 206-555-1110 is wrong' }],
  ])('400 with the digits in %s is not an opt-out', async (_where, item) => {
    const error = await failureFor(400, { errors: [item] });
    expect(error).toMatchObject({ code: 'delivery_failed', reason: 'rejected' });
  });

  test('another status with the code is not an opt-out', async () => {
    expect(await failureFor(422, generic(422, '1110'))).toMatchObject({ reason: 'rejected' });
  });
});

describe('who is blamed, by the words of the carrier', () => {
  const TO_WORDS: unknown[] = [
    'to must be an 11-digit North American number.',
    "'to' is invalid",
    'Invalid to number',
    'The to field is required: to.',
    'The destination number is not reachable.',
    'Recipient cannot receive texts',
    'The number is a landline.',
    'not a mobile number',
    '12065550142 is not a valid phone number',
    'Invalid number +1 (206) 555-0142',
    { data: { attributes: { to: ['Not a valid number.'] } } },
  ];
  const FROM_WORDS: unknown[] = [
    'from number is not registered for 10DLC',
    'The from number is not registered for 10DLC.',
    'Campaign is suspended',
    'The brand of this number was not vetted',
    'Number is not SMS enabled',
    'This number is not provisioned for messaging.',
    'Unregistered number',
    'Toll-free number is pending verification',
    "'from' is not on your account",
    { data: { attributes: { from: ['Not yours.'] } } },
  ];
  const NOBODY: unknown[] = [
    'You tried to enter an incorrect value.',
    'Something is wrong.',
    'Unable to phone home, try to number your pages',
    'from and to must be numbers: to must be 11 digits',
    'The from number may not text this destination.',
    'Message to 12065550142 was not taken.',
    'Texts from today on are refused.',
    'body must be a string.',
    { data: { attributes: { body: ['Too long.'] } } },
    { data: { attributes: { to: ['wrong'], from: ['wrong'] } } },
  ];

  test.each([
    ...TO_WORDS.map((words) => ['to_rejected', words]),
    ...FROM_WORDS.map((words) => ['from_rejected', words]),
    ...NOBODY.map((words) => ['rejected', words]),
  ])('%s: %j', async (reason, words) => {
    for (const status of [400, 422]) {
      const error = await failureFor(status, generic(status, words, 'Unprocessable Entity'));
      expect(error).toMatchObject({ reason, refused: true });
      expect(error.message.includes('as the to number')).toBe(reason === 'to_rejected');
    }
  });

  test('at 403, where the words blame nobody, the from number is, as documented', async () => {
    const words = "You don't have permission to access this resource.";
    expect(await failureFor(403, generic(403, words))).toMatchObject({ reason: 'from_rejected' });
    const other = generic(403, 'The to number is a landline.');
    expect(await failureFor(403, other)).toMatchObject({ reason: 'to_rejected' });
  });
});

describe('[S195] what the operator gets of each answer', () => {
  const PORTAL = /Flowroute portal/;

  test.each<[number, unknown, RegExp]>([
    [400, 'The number is not SMS enabled.', PORTAL],
    [
      400,
      'Message accepted by the SMSC but the phone rejected the message',
      /Offer another way in/,
    ],
    [401, 'There is an issue with your API credentials.', /Check accessKey and secretKey/],
    [402, 'Payment is due.', /the balance and the way of payment in the Flowroute portal/],
    [403, "You don't have permission to access this resource.", PORTAL],
    [403, 'Insufficient funds.', /the balance and the way of payment/],
    [404, 'The requested URL was not found on the server.', /Check baseUrl and apiVersion/],
    [405, 'The method is not allowed for the requested URL.', /Check baseUrl and apiVersion/],
    [415, 'The payload format is in an unsupported format.', /a proxy on the way/],
    [422, 'You tried to enter an incorrect value.', /Check from, and what the text says/],
    [422, 'Error fetching media: File is over the byte limit.', /mediaUrls/],
    [422, 'Message was filtered as spam.', /samples of your campaign/],
    [429, 'Rate limits are defined per API endpoint.', /Call less at once/],
    [500, 'An unexpected error occurred.', /ask its support/],
    [503, 'The service is down for maintenance.', /Wait a little/],
  ])('[S195] %i, "%s": status, words, support id and cure', async (status, words, cure) => {
    const { carrier, message } = await failureFor(status, generic(status, words));
    expect(carrier).toEqual({
      status,
      says: `A title: ${String(words)}`,
      supportId: ERROR_ID,
      cure: expect.stringMatching(cure),
    });
    expect(message).toContain(carrier!.cure);
  });

  test.each<[string, unknown, Record<string, string>, string | undefined]>([
    ['a gateway', { message: 'Forbidden by policy' }, {}, 'Forbidden by policy'],
    ['another one', { error: 'Too many calls' }, {}, 'Too many calls'],
    ['plain words', 'Upstream is busy\r\n', {}, 'Upstream is busy'],
    ['a web page', '<html>hello</html>', { 'content-type': 'text/html' }, undefined],
    ['broken JSON', '{"errors":[{"detail":"x', {}, undefined],
    ['nothing', '', {}, undefined],
  ])('[S195] the words of %s', async (_what, body, headers, says) => {
    expect((await failureFor(429, body, {}, headers)).carrier?.says).toBe(says);
  });

  test('nobody is blamed by what stands behind the first 2,000 characters', async () => {
    const blames = 'The recipient is a landline. ';
    const far = 'mms '.repeat(500);
    const [near, late] = [generic(422, blames + far), generic(422, far + blames)];
    expect((await failureFor(422, near)).reason).toBe('to_rejected');
    expect((await failureFor(422, late)).reason).toBe('rejected');
  });

  test('[S195] a call without an answer has a cure and no words', async () => {
    const { url } = await carrierServer(answerWith(202));
    await closeServers();
    const { carrier } = await failureOf(sendThrough(url));
    expect(carrier).toEqual({ cure: expect.stringContaining('firewall and proxy') });
  });

  test('[S195] a carrier that hangs is not told as a firewall', async () => {
    const carrier = await carrierServer(() => undefined);
    const error = await failureOf(sendThrough(carrier.url, { timeoutMs: 1_000 }));
    expect(error.carrier?.cure).toContain('no firewall is in its way');
  });
});

describe('every shape of an error body is survived', () => {
  test.each<[string, unknown]>([
    ['nothing', ''],
    ['broken JSON', '{"errors":[{'],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['no errors', '{}'],
    ['errors that are null', { errors: null }],
    ['errors that are a number', { errors: 7 }],
    ['no items', { errors: [] }],
    ['items that are nothing', { errors: [null, 7, [], {}] }],
    ['no title and no detail', { errors: [{ id: 'x', status: 400 }] }],
    ['detail and title of odd kinds', { errors: [{ detail: 7, title: [] }] }],
    ['nesting without end', `{"errors":[{"detail":${'['.repeat(30_000)}${']'.repeat(30_000)}}]}`],
    ['more than the limit', { errors: [{ detail: 'x'.repeat(70_000) }] }],
  ])('a body with %s', async (_what, body) => {
    const error = await failureFor(400, body);
    expect(error).toMatchObject({ code: 'delivery_failed', reason: 'rejected', refused: true });
    expect(error.message.length).toBeLessThan(500);
  });

  test('a missing title leaves the detail', async () => {
    const error = await failureFor(422, { errors: [{ detail: 'A reason.', status: 422 }] });
    expect(error.message).toContain('Flowroute said: "A reason."');
  });

  test('a missing detail leaves the title', async () => {
    const error = await failureFor(422, { errors: [{ title: 'Client Error', status: 422 }] });
    expect(error.message).toContain('Flowroute said: "Client Error".');
  });

  test('an object for a detail is quoted as JSON', async () => {
    const detail = { data: { attributes: { zip: ['at least 4 digits'] } } };
    const error = await failureFor(422, generic(422, detail));
    expect(error.message).toContain('{"data":{"attributes":{"zip":["at least 4 digits"]}}}');
  });

  test('errors that are one object instead of a list are read', async () => {
    const error = await failureFor(422, { errors: { detail: 'A reason.' } });
    expect(error.message).toContain('A reason.');
  });

  test("the carrier's id of the error is named for its support", async () => {
    const error = await failureFor(400, generic(400));
    expect(error.message).toContain(`knows this error as ${ERROR_ID}`);
  });

  test('an id that is not in the documented form is not quoted', async () => {
    const error = await failureFor(400, { errors: [{ id: 'id-of-a-stranger', detail: 'no' }] });
    expect(error.message).not.toContain('stranger');
  });

  test('quoted words lose their digits and control characters and stay short', async () => {
    const detail = `zip 123, call 1234 or 206.555.0142\r\nforged\u2028line \u001b[31m${'word '.repeat(80)}`;
    const error = await failureFor(400, generic(400, detail));
    const quote = /Flowroute said: "(.*)"\./.exec(error.message)?.[1];
    expect(quote).toContain('zip 123, call (digits) or (digits) forged line');
    expect(quote).toHaveLength(200);
    expect(error.message).not.toMatch(/[\p{Cc}\p{Zl}]/u);
  });

  test.each([
    [
      'x',
      'an unexpected error of x, "x" and \\"x\\"',
      'an unexpected error of (hidden), "(hidden)"',
    ],
    ['register', 'registered? register!', 'registered? (hidden)!'],
  ])(
    'of a text "%s" only the whole is hidden, no part of another word',
    async (body, said, says) => {
      const error = await failureFor(400, generic(400, said, ''), { body });
      expect(error.carrier?.says).toContain(says);
    },
  );

  test('[S144] a word that is long enough for a key is not quoted, however it is encoded', async () => {
    const key = 'c2VjcmV0LXNlY3JldC1zZWNyZXQ=';
    const error = await failureFor(
      400,
      generic(400, `no ${key} or ${encodeURIComponent(key)} here`),
    );
    expect(error.message).toContain('no (hidden) or (hidden) here');
  });

  test('a body cut off in the middle leaves what the status says', async () => {
    const carrier = await carrierServer((res) => {
      res.writeHead(403, { 'content-length': '500' });
      res.write('{"errors"', () => res.socket?.resetAndDestroy());
    });
    expect(await failureOf(sendThrough(carrier.url))).toMatchObject({ reason: 'from_rejected' });
  });

  test('a body right below the limit is read', async () => {
    const body = JSON.stringify({ errors: [{ detail: `1110 ${' '.repeat(65_000)}` }] });
    const carrier = await carrierServer(answerWith(400, body));
    expect(await failureOf(sendThrough(carrier.url))).toMatchObject({ code: 'phone_opted_out' });
  });
});
