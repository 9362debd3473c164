import express, { type Express } from 'express';
import session from 'express-session';
import { gzipSync } from 'node:zlib';
import * as codes from '../../lib/core/challenge/code';
import { createKeyring, namespaceOf } from '../../lib/core/keyring';
import {
  newestCode,
  pending,
  PHONES,
  SECRET,
  signIn,
  startApp as start,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
} from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { cookieFrom, cookieSetBy, JSON_ONLY, knock, ROADS } from '../helpers/web';
import { jsonPost, raw, type RawAnswer } from '../helpers/parallel';

// Express tells the console of every error while it runs as in production.
beforeEach(() => void jest.spyOn(console, 'error').mockImplementation(() => undefined));
afterEach(() => void jest.restoreAllMocks());

/** What an app may have in front of the router. */
const PARSERS: [string, ((app: Express) => void) | undefined][] = [
  ['no parser of the app', undefined],
  [
    'its JSON and form parsers',
    (app) => app.use(express.json(), express.urlencoded({ extended: true })),
  ],
  [
    'lax parsers',
    (app) =>
      app.use(
        express.json({ strict: false, limit: '2mb' }),
        express.urlencoded({ extended: true, limit: '2mb' }),
        express.text({ type: '*/*', limit: '2mb' }),
      ),
  ],
  ['a parser of JSON that is not strict', (app) => app.use(express.json({ strict: false }))],
];

const startWith = (before: ((app: Express) => void) | undefined): Promise<TestApp> =>
  start({
    before: (app) => {
      app.set('env', 'production');
      before?.(app);
    },
  });

const form = 'application/x-www-form-urlencoded';
const { verify } = ROUTER;

function post(path: string, cookie: string, type: string | undefined, body: string) {
  const headers = {
    ...JSON_ONLY,
    'sec-fetch-site': 'same-origin',
    ...(type === undefined ? {} : { 'content-type': type }),
  };
  return { method: 'POST', path, cookie, headers, body };
}

async function attemptsLeft(agent: Agent): Promise<number | undefined> {
  return (await agent.get('/second-factor').expect(200)).body.challenge?.attemptsLeft;
}

for (const [parsers, before] of PARSERS) {
  for (const road of ROADS) {
    test(`[S106] a code that is no text is malformed and costs no guess (${parsers}, ${road.name})`, async () => {
      const app = await startWith(before);
      const agent = app.agent();
      const code = await pending(app, agent);
      const values: unknown[] = [
        Number(code),
        0,
        -1,
        1e300,
        true,
        false,
        null,
        [code],
        [[code]],
        [code, code],
        [],
        {},
        { $ne: null },
        { $gt: '' },
        { length: 6 },
        { 0: code[0], length: 6 },
        { toString: code },
        { code },
      ];
      for (const value of values) {
        const answer = await raw(app.url, jsonPost(road.path, cookieFrom(agent), { code: value }));
        malformed(road.name, answer, value);
      }
      const forms = [
        `code[]=${code}`,
        `code[$gt]=`,
        `code[0]=${code}`,
        `code=${code}&code=${code}`,
        `code=&code=${code}`,
        `Code=${code}`,
        `code.=${code}`,
        `code%00=${code}`,
      ];
      for (const body of forms) {
        const answer = await raw(app.url, post(road.path, cookieFrom(agent), form, body));
        malformed(road.name, answer, body);
      }
      expect(await attemptsLeft(agent)).toBe(5);
      expect(road.passed(await agent.post(road.path).send({ code }))).toBe(true);
    });
  }

  test(`[S112] no body, whatever it is, is an error of the server (${parsers})`, async () => {
    const bodies: [string | undefined, string][] = [
      [undefined, ''],
      [undefined, 'code=123456'],
      ['application/json', ''],
      ['application/json', 'null'],
      ['application/json', '"x"'],
      ['application/json', '7'],
      ['application/json', 'true'],
      ['application/json', '[]'],
      ['application/json', '["code"]'],
      ['application/json', '[{"code":"123456"}]'],
      ['application/json', '{'],
      ['application/json', '{"code":"12'],
      ['application/json', 'code=123456'],
      ['application/json', '\ufeff{}'],
      ['application/json', '{"code":"\ud800"}'],
      ['application/json; charset=klingon', '{}'],
      ['application/json; charset=', '{}'],
      ['application/vnd.api+json', '{"code":"x"}'],
      [form, ''],
      [form, '{"code":"123456"}'],
      [form, '%'],
      [form, '%ff%fe=%c0%80'],
      [form, '='],
      [form, '&&&'],
      [form, 'a[b][c][d][e][f][g]=1'],
      [form, 'a=1&'.repeat(1_500)],
      [`${form}; charset=utf-7`, 'code=123456'],
      ['text/plain', 'code=123456'],
      ['text/html', '<p>'],
      ['multipart/form-data; boundary=x', '--x\r\n\r\n--x--'],
      ['application/xml', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><code/>'],
      ['application/octet-stream', '\u0000'],
      ['x', 'y'],
    ];
    const paths = [verify, ROUTER.enrollment, ROUTER.confirm];
    for (const path of [...paths, '/own/verify']) {
      // Another app for each path, so that many malformed requests are not told to wait.
      const app = await startWith(before);
      const agent = app.agent();
      await pending(app, agent);
      for (const [type, body] of bodies) {
        const answer = await raw(app.url, post(path, cookieFrom(agent), type, body));
        const what = [path, type, body.slice(0, 20)];
        expect([...what, answer.status, answer.status >= 300 && answer.status < 500]).toEqual([
          ...what,
          answer.status,
          true,
        ]);
        // The app's own parser says 415 to an unknown character set, 413 to too many fields.
        const bad = before === undefined ? [400] : [400, 413, 415];
        if (path === verify)
          expect([...what, bad.includes(answer.status)]).toEqual([...what, true]);
        expect(answer.body).not.toMatch(/SyntaxError|\bat .+:\d+:\d+/);
      }
      expect(await knock(app, cookieFrom(agent))).toBe(401);
      expect(app.outbox.messages).toHaveLength(1);
    }
  });

  test(`[S111] long input is refused fast, before anything is computed with it (${parsers})`, async () => {
    const app = await startWith(before);
    const agent = app.agent();
    const code = await pending(app, agent);
    const cookie = cookieFrom(agent);
    const compared = jest.spyOn(codes, 'codesMatch');
    const derived = jest.spyOn(codes, 'deriveCode');
    const long = [
      code.padEnd(65, ' '),
      '1'.repeat(65),
      ' '.repeat(5_000),
      `${code}${'-'.repeat(9_000)}`,
    ];
    for (const value of long) {
      const begin = process.cpuUsage();
      const answer = await raw(app.url, jsonPost(verify, cookie, { code: value }));
      // Of the processor, whatever else the machine does.
      expect(process.cpuUsage(begin).user / 1e6).toBeLessThan(2);
      expect(answer.status).toBe(400);
    }
    const huge: [string, string][] = [
      ['code', '1'.repeat(200_000)],
      ['code', '1'.repeat(10_300)],
      ['phone', '2'.repeat(11_000)],
      ['phone', '+'.repeat(1_000_000)],
    ];
    for (const [name, value] of huge) {
      for (const [type, body] of [
        ['application/json', JSON.stringify({ [name]: value })],
        [form, `${name}=${value}`],
      ] as const) {
        const path = name === 'code' ? verify : ROUTER.enrollment;
        const status = await statusOfHuge(app, path, cookie, type, body);
        expect([name, value.length, type, status]).toEqual([name, value.length, type, 413]);
      }
    }
    expect(compared).not.toHaveBeenCalled();
    expect(derived).not.toHaveBeenCalled();
    expect(await attemptsLeft(agent)).toBe(5);
    await agent.post(verify).send({ code }).expect(200);
  });
}

/** A server may answer a body that is too large and hang up before all of it was sent. */
async function statusOfHuge(
  app: TestApp,
  path: string,
  cookie: string,
  type: string,
  body: string,
): Promise<number> {
  const answer = await fetch(app.url + path, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { ...JSON_ONLY, cookie, 'content-type': type, connection: 'close' },
  });
  await answer.arrayBuffer().catch(() => undefined);
  return answer.status;
}

/** 400 from the router; back to the app's own page from the strategy. */
function malformed(road: string, answer: RawAnswer, given: unknown): void {
  if (road === 'strategy') {
    expect([given, answer.status]).toEqual([given, 302]);
    expect(answer.headers).toMatch(/^location: \/own$/im);
    return;
  }
  expect([given, answer.status]).toEqual([given, 400]);
  expect(['code_malformed', 'request_malformed']).toContain(JSON.parse(answer.body).code);
}

test('[S111] a body that says nothing of its length is cut off, too, and a packed one is not blown up', async () => {
  const app = await start();
  const agent = app.agent();
  await pending(app, agent);
  const headers = { ...JSON_ONLY, cookie: cookieFrom(agent), 'content-type': 'application/json' };
  const stream = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(`{"code":"${'1'.repeat(20_000)}"}`));
      controller.close();
    },
  });
  const init = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit;
  expect((await fetch(app.url + verify, init)).status).toBe(413);
  const packed = await fetch(app.url + verify, {
    method: 'POST',
    headers: { ...headers, 'content-encoding': 'gzip' },
    body: gzipSync(`{"code":"${'1'.repeat(500_000)}"}`),
  });
  expect(packed.status).toBe(413);
  for (const encoding of ['gzip', 'br', 'deflate', 'compress', 'x']) {
    const broken = await fetch(app.url + verify, {
      method: 'POST',
      headers: { ...headers, 'content-encoding': encoding },
      body: 'not packed at all',
    });
    expect([encoding, broken.status]).toEqual([encoding, 400]);
  }
});

for (const road of ROADS) {
  test(`[S107] a code in the query, a cookie or a header is not seen (${road.name})`, async () => {
    const app = await start();
    const agent = app.agent();
    const code = await pending(app, agent);
    const cookie = `${cookieFrom(agent)}; code=${code}`;
    const named = { code, 'x-code': code, authorization: `Bearer ${code}` };
    for (const body of [{ code: wrongCode(code) }, {}, { code: '' }, { other: code }]) {
      const request = jsonPost(`${road.path}?code=${code}`, cookie, body);
      const answer = await raw(app.url, { ...request, headers: { ...request.headers, ...named } });
      expect([302, 400, 401]).toContain(answer.status);
      expect(await knock(app, cookieFrom(agent))).toBe(401);
    }
    expect(await attemptsLeft(agent)).toBe(4);
    expect(road.passed(await agent.post(road.path).send({ code }))).toBe(true);
  });

  test(`[S109] a code is read as people type and paste it (${road.name})`, async () => {
    const written = (code: string): string[] => {
      const [head, tail] = [code.slice(0, 3), code.slice(3)];
      return [
        `${head} ${tail}`,
        `${head}-${tail}`,
        `${head}\u2013${tail}`,
        `${head}\u2014${tail}`,
        `${head}\u00a0${tail}`,
        ` ${code} `,
        `${code}\n`,
        `${code}\r\n`,
        `\t${code}`,
        code.split('').join(' '),
        code.split('').join('-'),
      ];
    };
    for (let each = 0; each < written('123456').length; each += 1) {
      const app = await start();
      const agent = app.agent();
      const typed = written(await pending(app, agent))[each]!;
      const answer =
        each % 2 === 0
          ? await agent.post(road.path).send({ code: typed })
          : await agent.post(road.path).type('form').send({ code: typed });
      expect([typed, road.passed(answer)]).toEqual([typed, true]);
      await app.close();
    }
  });
}

test.each([
  ['as it was texted', (text: string) => text],
  ['with a greeting', (text: string) => `Hi! ${text}`],
  [
    'in groups',
    (_: string, code: string) => `Your code: ${code.slice(0, 3)} ${code.slice(3)}. Bye`,
  ],
])('[S109] a whole text with one code in it is that code: %s', async (_name, write) => {
  const app = await start();
  const agent = app.agent();
  const code = await pending(app, agent);
  const typed = write(app.outbox.last()!.body, code);
  await agent.post(verify).send({ code: typed }).expect(200);
});

test('[S109] what is more than a code is none, and costs no guess', async () => {
  const app = await start();
  const agent = app.agent();
  const code = await pending(app, agent);
  const others = [
    `999999\n${code}`,
    `${code}\n999999`,
    `${code} ${code}`,
    `${code} is your code, not 999999`,
    `${code} 7 is your code`,
    `${code}${' is your code'.repeat(30)}`,
    `${code}\u0000`,
    `\u0000${code}`,
    `${code}\u0301`,
    `${code}\ud83d`,
    `0x${code.slice(2)}`,
    `${code.slice(0, 5)}e`,
    `+${code.slice(1)}`,
    `${code}.0`,
    `${code}'--`,
    `${code.slice(0, 5)}½`,
    `${code}²`,
    `${code.slice(0, 5)}〇`,
    'Ⅻ'.repeat(6),
    '\u0301'.repeat(64),
    '\u200b'.repeat(64),
  ];
  for (const given of others) {
    const answer = await agent.post(verify).send({ code: given });
    expect([given, answer.status, answer.body.code]).toEqual([given, 400, 'code_malformed']);
  }
  expect(await attemptsLeft(agent)).toBe(5);
  await agent.post(verify).send({ code }).expect(200);
});

test('[S108] bodies that reach for a prototype change nothing', async () => {
  for (const [, before] of PARSERS) {
    const app = await startWith(before);
    const agent = app.agent();
    const code = await pending(app, agent);
    const bodies: [string, string][] = [
      ['application/json', '{"__proto__":{"polluted":1,"verified":true}}'],
      ['application/json', `{"__proto__":{"code":"${code}"}}`],
      ['application/json', `{"constructor":{"prototype":{"polluted":1,"code":"${code}"}}}`],
      ['application/json', '{"code":{"__proto__":{"polluted":1}}}'],
      [form, '__proto__[polluted]=1&constructor[prototype][polluted]=1'],
      [form, `__proto__.code=${code}&__proto__[code]=${code}`],
      [form, '__proto__=1&__proto__=2'],
    ];
    for (const path of [verify, ROUTER.enrollment, '/own/verify', ROUTER.challenge]) {
      for (const [type, body] of bodies) {
        const answer = await raw(app.url, post(path, cookieFrom(agent), type, body));
        expect(answer.status).toBeLessThan(500);
        expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
        expect(({} as { polluted?: number }).polluted).toBeUndefined();
      }
    }
    expect(await knock(app, cookieFrom(agent))).toBe(401);
    await app.close();
  }
});

/** Runs `work` while every object seems to have these properties. */
async function polluted(properties: object, work: () => Promise<void>): Promise<void> {
  for (const [key, value] of Object.entries(properties)) {
    Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
  }
  try {
    await work();
  } finally {
    for (const key of Object.keys(properties)) {
      Reflect.deleteProperty(Object.prototype, key);
    }
  }
}

const userOfA = createKeyring(
  [SECRET],
  namespaceOf(undefined, 'Acme', 'acme.example'),
).subjects.user('id-of-A');

const POLLUTION = {
  verified: true,
  isVerified: true,
  skip: true,
  mfa: true,
  maxAttempts: 1e9,
  guessesPerChallenge: 1e9,
  lockAfter: 1e9,
  hardStop: 1e9,
  textsPerPhone: [],
  userId: 'id-of-A',
  mark: {
    id: 'x',
    userId: 'id-of-A',
    phone: 'x',
    epoch: 'x',
    verifiedAt: Date.now(),
    amr: ['sms'],
  },
  sms2fa: { mark: { id: 'x' }, id: 'x' },
  verifiedAt: Date.now(),
  epoch: 'x',
  amr: ['mfa'],
  allow: ['/secret', '/enforced'],
  allowedCountries: ['GB'],
  origins: ['https://evil.example'],
  returnTo: 'https://evil.example/',
  fresh: true,
  // Parts of a decision of the counter.
  by: 0,
  common: true,
  clear: ['fails', 'locks', 'lock', 'wait', 'step'].map((count) => `${userOfA}#${count}`),
  give: [],
  take: [],
};

test.each([
  ['while the app starts and runs', true],
  ['after the app was started', false],
])(
  '[S108] a prototype that is polluted %s opens no gate and moves no limit',
  async (_when, early) => {
    const makeApp = (): Promise<TestApp> => start({ store: new session.MemoryStore() });
    let app: TestApp | undefined = early ? undefined : await makeApp();
    await polluted(POLLUTION, async () => {
      app ??= await makeApp();
      const { url } = app;
      const login = await raw(url, jsonPost('/login', '', { username: 'A', password: 'right' }));
      expect(login.status).toBe(200);
      const cookie = cookieSetBy(login) ?? '';
      for (const path of ['/secret', '/enforced']) expect(await knock(app, cookie, path)).toBe(401);
      const crossSite = jsonPost(ROUTER.challenge, cookie, {});
      Object.assign(crossSite.headers!, { origin: 'https://evil.example' });
      expect((await raw(url, crossSite)).status).toBe(403);
      expect((await raw(url, jsonPost(verify, cookie, {}))).status).toBe(400);
      expect((await raw(url, jsonPost(ROUTER.challenge, cookie, {}))).status).toBe(202);
      // Not a second text at once.
      expect((await raw(url, jsonPost(ROUTER.challenge, cookie, {}))).status).toBe(429);
      const code = newestCode(app);
      for (let guess = 1; guess <= 5; guess += 1) {
        const answer = await raw(url, jsonPost(verify, cookie, { code: wrongCode(code, guess) }));
        expect(answer.status).toBe(401);
        expect(JSON.parse(answer.body).attemptsLeft).toBe(5 - guess);
      }
      expect((await raw(url, jsonPost(verify, cookie, { code }))).status).toBe(401);
      const gb = jsonPost(ROUTER.enrollment, cookie, { phone: '+447400123456' });
      expect((await raw(url, gb)).status).toBe(403);
      expect(await knock(app, cookie)).toBe(401);
    });
  },
);

test('[S108] a code that stands on the prototype of every object is nobody’s answer', async () => {
  const app = await start();
  const agent = app.agent();
  const code = await pending(app, agent);
  const cookie = cookieFrom(agent);
  await polluted({ code }, async () => {
    for (const { path } of ROADS) {
      const answer = await raw(app.url, jsonPost(path, cookie, {}));
      expect([302, 400]).toContain(answer.status);
      expect(answer.headers).not.toMatch(/^location: \/home$/im);
    }
  });
  expect(await knock(app, cookie)).toBe(401);
  await agent.post(verify).send({ code }).expect(200);
});

async function signedInRaw(app: TestApp): Promise<string> {
  const login = await raw(app.url, jsonPost('/login', '', { username: 'A', password: 'right' }));
  return cookieSetBy(login) ?? '';
}

test('[S108] where a gate sends a browser is not taken from a prototype', async () => {
  const evil = { redirectTo: 'https://evil.example/', loginPath: 'https://evil.example/' };
  await polluted(evil, async () => {
    const app = await start({
      // Behind enforce(), a path that is left open: require() is asked alone.
      after: (each, secondFactor) => {
        each.post('/open', secondFactor.require(), (_req, res) => void res.json({}));
      },
    });
    const cookie = await signedInRaw(app);
    const headers = { accept: 'text/html', 'content-type': form, 'sec-fetch-site': 'same-origin' };
    for (const path of ['/open', '/secret', '/enforced']) {
      const answer = await raw(app.url, { method: 'POST', path, cookie, headers, body: 'x=1' });
      expect([path, answer.status]).toEqual([path, 303]);
      expect(answer.headers).toMatch(/^location: \/second-factor\/$/im);
    }
  });
});

test('[S108] whether challenge() answers a refusal itself is not taken from a prototype', async () => {
  await polluted({ refusal: 'next' }, async () => {
    const app = await start();
    expect((await raw(app.url, jsonPost('/own/challenge', '', {}))).status).toBe(401);
  });
});

test('[S113] a phone that is not one plain number is refused and gets no text', async () => {
  const phones = [
    '+12065550142\r\nBcc: +12065550143',
    '+12065550142\nhello',
    '+12065550142;ext=1',
    '+12065550142 x1',
    '+12065550142,+12065550143',
    '+1206555014\u0000',
    'tel:+12065550142;ext=5',
    'sms:+12065550142?body=hello',
    'Mobile: +12065550142',
    '1-800-FLOWERS',
    '<script>alert(1)</script>',
    "' OR 1=1 --",
    '{{7*7}}',
    '%2B12065550142',
    '9'.repeat(60),
    '',
    ' ',
  ];
  const values = [12_065_550_142, null, true, ['+12065550177'], { $ne: 1 }, undefined];
  const app = await start();
  const agent = app.agent();
  await signIn(agent, 'C');
  for (const phone of [...phones, ...values]) {
    const answer = await agent.post(ROUTER.enrollment).send({ phone });
    expect([phone, answer.status, answer.body.code]).toEqual([phone, 422, 'phone_invalid']);
    expect(JSON.stringify(answer.body)).not.toContain('Bcc');
  }
  for (const phone of [
    '+442071838750',
    '+23276123456',
    '+18765550100',
    '+19005550100',
    '+18005550100',
  ]) {
    const answer = await agent.post(ROUTER.enrollment).send({ phone });
    expect([phone, answer.status, answer.body.code]).toEqual([
      phone,
      422,
      'destination_not_allowed',
    ]);
  }
  for (const country of ['USA', 'U', 7, ['US'], {}, 'U\n', true]) {
    const body = { phone: '2065550177', country };
    const answer = await agent.post(ROUTER.enrollment).send(body);
    expect([country, answer.status]).toEqual([country, 400]);
  }
  for (const country of ['ZZ', '__', 'xx']) {
    const body = { phone: '2065550177', country };
    const answer = await agent.post(ROUTER.enrollment).send(body);
    expect([country, answer.status >= 400 && answer.status < 500]).toEqual([country, true]);
  }
  expect(app.outbox.messages).toEqual([]);
  await agent.post(ROUTER.enrollment).send({ phone: '(206) 555-0177' }).expect(202);
  expect(app.outbox.messages.map(({ to }) => to)).toEqual(['+12065550177']);
});

const EXTRA = {
  verified: true,
  userId: 'id-of-B',
  user: { id: 'id-of-B' },
  attempts: -100,
  attemptsLeft: 1_000,
  guesses: -5,
  purpose: 'sign-in',
  confirmed: true,
  confirmedAt: 1,
  epoch: 'mine',
  version: 99,
  disabledAt: null,
  recoveryCodes: ['aaaa'],
  devices: [{ id: 'x' }],
  expiresAt: 9e15,
  codeLength: 1,
  sms2fa: { mark: {} },
};

test('[S115] enrolling takes the phone and its country, and nothing else', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent, 'C');
  const sent = await agent
    .post(ROUTER.enrollment)
    .send({ phone: '+12065550177', ...EXTRA })
    .expect(202);
  expect(sent.body).toMatchObject({ enrolled: false, verified: false });
  expect(sent.body.challenge).toMatchObject({ purpose: 'enroll', codeLength: 6, attemptsLeft: 5 });
  expect(new Date(sent.body.challenge.expiresAt).getTime()).toBe(app.clock() + 300_000);
  const code = newestCode(app);
  await agent
    .post(ROUTER.confirm)
    .send({ code, phone: '+12065550199', ...EXTRA })
    .expect(200);
  const kept = app.enrollments.get('id-of-C')!;
  expect(kept).toMatchObject({ phone: '+12065550177', confirmedAt: app.clock() });
  expect(kept.version).not.toBe(99);
  expect(kept.epoch).not.toBe('mine');
  expect(Object.keys(kept).sort()).not.toContain('userId');
  expect(JSON.stringify(kept)).not.toMatch(/aaaa|"x"|mine/);
  expect(app.enrollments.get('id-of-B')?.phone).toBe(PHONES.B);
});

test('[S115] neither sending, verifying nor replacing takes more than it says', async () => {
  const app = await start();
  const agent = app.agent();
  await signIn(agent);
  const sent = await agent
    .post(ROUTER.challenge)
    .send({ phone: '+12065550199', to: '+12065550199', ...EXTRA })
    .expect(202);
  expect(sent.body.challenge).toMatchObject({ purpose: 'sign-in', codeLength: 6 });
  expect(app.outbox.messages.map(({ to }) => to)).toEqual([PHONES.A]);
  const code = newestCode(app);
  const wrong = await agent
    .post(verify)
    .send({ code: wrongCode(code), ...EXTRA })
    .expect(401);
  expect(wrong.body.attemptsLeft).toBe(4);
  await agent
    .post(verify)
    .send({ code, ...EXTRA, returnTo: 'https://evil.example/' })
    .expect(200, { verified: true, returnTo: '/' });
  await app.clock.advance(10);
  await agent
    .post(ROUTER.enrollment)
    .send({ phone: '+12065550177', ...EXTRA })
    .expect(202);
  expect(app.enrollments.get('id-of-A')?.phone).toBe(PHONES.A);
  expect(app.enrollments.get('id-of-B')).toMatchObject({ phone: PHONES.B, version: 1 });
  await agent
    .post(ROUTER.confirm)
    .send({ code: newestCode(app), ...EXTRA })
    .expect(200);
  expect(app.enrollments.get('id-of-A')).toMatchObject({ phone: '+12065550177', version: 2 });
  await verified(app, app.agent(), 'B');
});
