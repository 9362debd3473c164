import nodemailer from 'nodemailer';
import { emailSender, SecondFactorError, type SendRequest } from '../../lib';
import {
  codeIn,
  newestCode,
  pending,
  PHONES,
  signIn,
  startApp,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { ROUTER } from '../helpers/paths';

interface Mail {
  to: string;
  subject: string;
  text: string;
}

const { challenge, verify } = ROUTER;
const mailed = { channel: 'email' };
const ANN = 'ann.of.acme@mail.example';

let app: TestApp;
let mails: Mail[];
let addresses: Record<string, unknown>;
let failure: Error | undefined;

/** An app that offers codes by mail. */
async function start({ factor, ...more }: TestAppOptions = {}, stepUp?: boolean): Promise<void> {
  [mails, addresses, failure] = [[], { 'id-of-A': ANN, 'id-of-C': 'c@mail.example' }, undefined];
  const sendMail = (mail: Mail): Promise<void> => {
    if (failure !== undefined) return Promise.reject(failure);
    mails.push(mail);
    return Promise.resolve();
  };
  const email = {
    sender: emailSender({ transport: { sendMail }, from: 'no-reply@acme.example' }),
    address: ({ id }: { id: string }) => addresses[id] as string | undefined,
    ...(stepUp === undefined ? {} : { stepUp }),
  };
  app = await startApp({ ...more, factor: { email, ...factor } });
}

const mailedCode = (): string => codeIn(mails.at(-1)?.text ?? '');

/** Signs in and asks for a code by mail. */
async function pendingMail(agent: Agent, username = 'A'): Promise<string> {
  await signIn(agent, username);
  await agent.post(challenge).send(mailed).expect(202);
  return mailedCode();
}

test('codes by mail are off by default, and no other channel was ever there', async () => {
  app = await startApp();
  const agent = app.agent();
  await signIn(agent);
  const answer = await agent.post(challenge).send(mailed).expect(409);
  expect(answer.body.code).toBe('channel_not_available');
  for (const channel of ['fax', 'EMAIL', '', ['email'], { email: true }, 7, true]) {
    const refused = await agent.post(challenge).send({ channel }).expect(400);
    expect(refused.body.code).toBe('request_malformed');
  }
  expect(app.outbox.messages).toEqual([]);
  await agent.post(challenge).send({ channel: 'sms' }).expect(202);
});

test('a mailed code opens the gate, and says what it was', async () => {
  await start({
    after: (target, secondFactor) =>
      target.get('/by-text', secondFactor.require({ methods: ['sms'] }), (_req, res) => {
        res.send('open');
      }),
  });
  const agent = app.agent();
  await signIn(agent);
  const sent = await agent.post(challenge).send(mailed).expect(202);
  expect(sent.body.challenge).toMatchObject({
    purpose: 'sign-in',
    channel: 'email',
    phone: 'a•••@mail.example',
    delivery: 'accepted',
    attemptsLeft: 5,
  });
  expect(mails).toHaveLength(1);
  expect(mails[0]).toMatchObject({ to: ANN, subject: 'Your Acme sign-in code' });
  expect(app.outbox.messages).toEqual([]);
  await agent.post(verify).send({ code: mailedCode() }).expect(200);
  const status = await agent.get(ROUTER.home).expect(200);
  expect(status.body).toMatchObject({ verified: true, amr: ['pwd', 'email', 'mfa'] });
  await agent.get('/secret').expect(200);
  // What asks for the phone is not opened by a mail.
  await agent.get('/by-text').expect(401);
});

test.each([
  ['text', {}, 'mail', mailed],
  ['mail', mailed, 'text', {}],
])(
  '[S7] a %s that is followed by a %s carries a dead code',
  async (first, before, _then, after) => {
    await start();
    const agent = app.agent();
    await signIn(agent);
    await agent.post(challenge).send(before).expect(202);
    const dead = first === 'text' ? newestCode(app) : mailedCode();
    await app.clock.advance(31);
    await agent.post(challenge).send(after).expect(202);
    const live = first === 'text' ? mailedCode() : newestCode(app);
    expect(live).not.toBe(dead);
    await agent.post(verify).send({ code: dead }).expect(401);
    await agent.post(verify).send({ code: live }).expect(200);
  },
);

test('texts and mails of a user share one wait, one budget, one count of guesses and one lock', async () => {
  await start();
  const agent = app.agent();
  await pending(app, agent);
  const soon = await agent.post(challenge).send(mailed).expect(429);
  expect(soon.body.code).toBe('resend_too_soon');
  for (let send = 2; send <= 8; send += 1) {
    await app.clock.advance(301);
    await agent
      .post(challenge)
      .send(send % 2 === 0 ? mailed : {})
      .expect(202);
  }
  await app.clock.advance(301);
  // Eight, as nobody has passed in this browser.
  const over = await agent.post(challenge).send(mailed).expect(429);
  expect(over.body.code).toBe('send_limit_reached');
  expect([app.outbox.messages.length, mails.length]).toEqual([4, 4]);

  await app.clock.advance(86_400);
  const guesser = app.agent();
  await signIn(guesser);
  for (const body of [{}, mailed]) {
    await guesser.post(challenge).send(body).expect(202);
    const code = body === mailed ? mailedCode() : newestCode(app);
    for (let guess = 1; guess <= 5; guess += 1) {
      await guesser.post(verify).send({ code: wrongCode(code, guess) });
    }
    await app.clock.advance(61);
  }
  await guesser.post(challenge).send(mailed).expect(429);
  await guesser.post(verify).send({ code: mailedCode() }).expect(429);
});

test('who has no phone gets no mail: it is a second way, not a first', async () => {
  await start();
  const agent = app.agent();
  await signIn(agent, 'C');
  const answer = await agent.post(challenge).send(mailed).expect(403);
  expect(answer.body.code).toBe('enrollment_required');
  const body = { phone: '+12065550199', ...mailed };
  await agent.post(ROUTER.enrollment).send(body).expect(202);
  expect(mails).toEqual([]);
  expect(app.outbox.messages.map(({ to }) => to)).toEqual(['+12065550199']);
});

test('[S40] the address is the app’s: what a request says about it does not matter', async () => {
  await start();
  const agent = app.agent();
  await signIn(agent);
  const evil = 'thief@evil.example';
  const body = { ...mailed, email: evil, address: evil, to: evil, phone: evil, userId: 'id-of-C' };
  await agent.post(`${challenge}?email=${evil}&to=${evil}`).send(body).expect(202);
  expect(mails.map(({ to }) => to)).toEqual([ANN]);
});

test.each<[unknown]>([
  [undefined],
  [null],
  [''],
  [7],
  [['ann@mail.example']],
  [{ address: 'ann@mail.example' }],
  ['ann'],
  ['ann@'],
  ['@mail.example'],
  ['ann@mail@example'],
  ['ann@mail.example\r\nBcc: thief@evil.example'],
  ['ann@mail.example\nSubject: other'],
  ['ann@mail.example\u2028'],
  ['ann@mail.example,thief@evil.example'],
  ['Ann <ann@mail.example>'],
  ['ann @mail.example'],
  [`${'a'.repeat(65)}@mail.example`],
])('an address that is %j gets no mail', async (address) => {
  await start();
  addresses['id-of-A'] = address;
  const agent = app.agent();
  await signIn(agent);
  const answer = await agent.post(challenge).send(mailed).expect(409);
  expect(answer.body.code).toBe('channel_not_available');
  expect(mails).toEqual([]);
  // Nothing was taken for it: the phone is still there.
  await agent.post(challenge).send({}).expect(202);
});

test('a mail has one recipient and the headers of one mail, as the wire shows', async () => {
  const stream = nodemailer.createTransport({ streamTransport: true, buffer: true });
  const wires: { to: unknown; head: string }[] = [];
  const transport = {
    sendMail: async (mail: Mail) => {
      const { envelope, message } = await stream.sendMail(mail);
      const [head = ''] = (message as Buffer).toString().split('\r\n\r\n');
      wires.push({ to: envelope.to, head });
    },
  };
  const sender = emailSender({ transport, from: 'no-reply@acme.example' });
  await start({ factor: { email: { sender, address: () => ANN } } });
  const agent = app.agent();
  await signIn(agent);
  await agent.post(challenge).send(mailed).expect(202);
  expect(wires).toMatchObject([{ to: [ANN] }]);
  const headers = (wires[0]?.head ?? '').split(/\r\n(?!\s)/).map((line) => line.split(':')[0]);
  expect(headers.filter((name) => /^(to|cc|bcc|subject)$/i.test(name ?? ''))).toEqual([
    'To',
    'Subject',
  ]);
});

test.each([['thief@evil.example'], [undefined]])(
  'an address that changes to %s kills the code that went to the one before',
  async (next) => {
    await start();
    const agent = app.agent();
    const code = await pendingMail(agent);
    addresses['id-of-A'] = next;
    const answer = await agent.post(verify).send({ code }).expect(401);
    expect(answer.body.code).toBe('challenge_expired');
    addresses['id-of-A'] = 'ann@mail.example';
    await app.clock.advance(31);
    await agent.post(challenge).send(mailed).expect(202);
    expect(mails.at(-1)?.to).toBe('ann@mail.example');
    expect(mailedCode()).not.toBe(code);
    await agent.post(verify).send({ code: mailedCode() }).expect(200);
  },
);

test('[S56] who opted out of texts still gets mails', async () => {
  await start();
  const refusal = new SecondFactorError('phone_opted_out', 'STOP', { refused: true });
  Object.assign(app.outbox, { send: () => Promise.reject(refusal) });
  const agent = app.agent();
  await signIn(agent);
  await agent.post(challenge).send({}).expect(409);
  await agent.post(challenge).send(mailed).expect(202);
  await agent.post(verify).send({ code: mailedCode() }).expect(200);
});

test('[S136] a mail that was not taken is 502 and leaves no live code; a refusal gives the wait back', async () => {
  await start();
  const agent = app.agent();
  const texted = await pending(app, agent);
  await app.clock.advance(31);
  failure = Object.assign(new Error('550'), { responseCode: 550 });
  await agent.post(challenge).send(mailed).expect(502);
  await agent.post(verify).send({ code: texted }).expect(401);
  failure = new Error('the connection broke');
  await agent.post(challenge).send(mailed).expect(502);
  failure = undefined;
  await agent.post(challenge).send(mailed).expect(429);
  await app.clock.advance(121);
  await agent.post(challenge).send(mailed).expect(202);
  await agent.post(verify).send({ code: mailedCode() }).expect(200);
});

test('[S49] the hook that is asked before each send is told that it is a mail', async () => {
  const asked: SendRequest[] = [];
  await start({ factor: { beforeSend: (request) => asked.push(request) > 0 } });
  await pendingMail(app.agent());
  expect(asked).toMatchObject([{ channel: 'email', phone: ANN, country: '', confirmed: true }]);
});

test('[S125] [S126] no address and no mailed code is in an answer or an event', async () => {
  await start({ factor: { limits: { codeLength: 10 } } });
  const seen: unknown[] = [];
  for (const name of ['sent', 'send_refused', 'failed', 'verified'] as const) {
    app.secondFactor.on(name, (facts) => seen.push(facts));
  }
  const agent = app.agent();
  const code = await pendingMail(agent);
  const bodies = [{ code: wrongCode(code) }, { code }];
  seen.push((await agent.post(challenge).send(mailed)).body);
  seen.push((await agent.get(challenge)).body, (await agent.get(ROUTER.home)).body);
  for (const body of bodies) seen.push((await agent.post(verify).send(body)).text);
  const page = await agent.get(ROUTER.home).set('Accept', 'text/html');
  const text = JSON.stringify([seen, page.text]);
  expect(text).toContain('a•••@mail.example');
  for (const secret of [ANN, 'ann.of', code, PHONES.A.slice(1)]) expect(text).not.toContain(secret);
});

test('[S83] a mailed code trusts no browser, whatever is ticked, and its page offers no trust', async () => {
  await start({ factor: { trustedDevices: { days: 30 } } });
  const agent = app.agent();
  const code = await pendingMail(agent);
  const page = await agent.get(ROUTER.home).set('Accept', 'text/html').expect(200);
  expect(page.text).toContain('action="/second-factor/verify"');
  expect(page.text).not.toContain('trustDevice');
  const passed = await agent.post(verify).send({ code, trustDevice: true }).expect(200);
  expect(String(passed.headers['set-cookie'])).not.toContain('sms2fa-device');
  expect(app.enrollments.get('id-of-A')!.devices).toBeUndefined();
});

test('[S157] a mailed code is no step-up: not one of a moment ago, nor one that is asked for then', async () => {
  await start();
  const agent = app.agent();
  const code = await pendingMail(agent);
  await agent.post(verify).send({ code }).expect(200);
  expect((await agent.get('/status')).body).toMatchObject({ amr: ['pwd', 'email', 'mfa'] });
  await agent.post('/transfer').send({}).expect(401);
  await app.clock.advance(31);
  const refused = await agent.post(challenge).send(mailed).expect(409);
  expect(refused.body.code).toBe('channel_not_available');
  expect(mails).toHaveLength(1);
  await agent.get('/secret').set('Accept', 'text/html').expect(200);
  await agent.post('/transfer').set('Accept', 'text/html').type('form').send({}).expect(303);
  const page = await agent.get(ROUTER.home).set('Accept', 'text/html').expect(200);
  expect(page.text).toContain('Text me a code');
  expect(page.text).not.toContain('Email me a code');
  await agent.post(challenge).send({}).expect(202);
  await agent
    .post(verify)
    .send({ code: newestCode(app) })
    .expect(200);
  await agent.post('/transfer').send({}).expect(200);
});

test('a verified session steps up by mail where the app says so', async () => {
  await start({}, true);
  const agent = app.agent();
  await verified(app, agent);
  await app.clock.advance(301);
  await agent.post('/transfer').send({}).expect(401);
  await agent.post(challenge).send(mailed).expect(202);
  await agent.post(verify).send({ code: mailedCode() }).expect(200);
  await agent.post('/transfer').send({}).expect(200);
});

test('a form asks for a mail, and its page takes the code', async () => {
  await start();
  const agent = app.agent().set('Accept', 'text/html');
  await signIn(agent);
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  await agent.post(challenge).set(form).send('channel=email').expect(303);
  const page = await agent.get(ROUTER.home).expect(200);
  expect(page.text).toContain('a•••@mail.example');
  expect(page.text).toContain('action="/second-factor/verify"');
  expect(page.text).not.toMatch(/we texted/);
  const body = `code=${mailedCode()}`;
  await agent.post(verify).set(form).send(body).expect(303).expect('Location', '/');
  await agent.get('/secret').expect(200);
});

test('in a browser a mail that cannot be sent is said on the page', async () => {
  await start();
  addresses = {};
  const agent = app.agent().set('Accept', 'text/html');
  await signIn(agent);
  await agent.post(challenge).type('form').send(mailed).expect(303);
  const page = await agent.get(ROUTER.home).expect(200);
  expect(page.text).toContain('t send you a code that way. Use your phone.');
});

const address = (): string => ANN;
const sender = { send: () => Promise.resolve() };

test.each([
  [{}],
  [{ sender }],
  [{ address }],
  [{ sender, address: ANN }],
  [{ sender: {}, address }],
  [{ sender, address, from: ANN }],
  [{ sender, address, stepUp: 'yes' }],
  [null],
  [true],
])('the option email %j is misuse', async (email) => {
  await start();
  await expect(startApp({ factor: { email: email as never } })).rejects.toThrow(
    /passport-sms-2fa: email(\.(sender|address|from|stepUp))? is .*\. (Give|There)/,
  );
});
