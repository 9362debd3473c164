import nodemailer from 'nodemailer';
import { emailSender, SecondFactorError, type MailTransport } from '../../lib';
import { failureOf } from './carrier-server';

const from = 'Acme <no-reply@acme.example>';
const mail = { to: 'ann@mail.example', subject: 'Your Acme code', text: '739201 is your code.\n' };
const options = { signal: new AbortController().signal };

/** A transport that fails with this, be it an error or not. */
const failing = (error: unknown): MailTransport => ({
  sendMail: () => Promise.resolve().then(() => Promise.reject(error as Error)),
});
const failureWith = (error: unknown) =>
  failureOf(emailSender({ transport: failing(error), from }).send(mail, options));

/** The mail as a transport of nodemailer would put it on the wire. */
async function onTheWire(message: typeof mail): Promise<string> {
  const stream = nodemailer.createTransport({ streamTransport: true, buffer: true });
  let wire = '';
  const transport: MailTransport = {
    sendMail: async (each) => {
      const info = await stream.sendMail(each);
      wire = (info.message as Buffer).toString();
      return info;
    },
  };
  await emailSender({ transport, from }).send(message, options);
  return wire;
}

test('a mail is handed to the transport once, as plain text', async () => {
  const sendMail = jest.fn(() => Promise.resolve({}));
  await emailSender({ transport: { sendMail }, from }).send(mail, options);
  expect(sendMail.mock.calls).toEqual([[{ from, ...mail }]]);
});

test('a transport of nodemailer takes it, and makes one plain mail of it', async () => {
  const wire = await onTheWire(mail);
  expect(wire).toMatch(/^From: Acme <no-reply@acme\.example>\r$/m);
  expect(wire).toMatch(/^To: ann@mail\.example\r$/m);
  expect(wire).toMatch(/^Content-Type: text\/plain/m);
  expect(wire).not.toMatch(/text\/html|<a |https?:/);
  expect(wire.split('\r\n\r\n')[1]).toContain('739201 is your code.');
});

test('[S126] what the mail server said is for the log only: no address, code or text is in the error', async () => {
  const said = Object.assign(new Error(`550 no such user ${mail.to}: ${mail.text}`), {
    responseCode: 550,
    response: `550 ${mail.to}`,
  });
  const error = await failureWith(said);
  expect(error).toBeInstanceOf(SecondFactorError);
  expect(error).toMatchObject({ code: 'delivery_failed', reason: 'rejected', refused: true });
  expect(error.message).toBe('The mail transport refused the mail (550).');
  expect(error.cause).toBeUndefined();
});

test.each<[string, unknown]>([
  ['an answer that never came', Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })],
  ['an answer that refuses nothing', Object.assign(new Error('250'), { responseCode: 250 })],
  ['an answer that is no number', Object.assign(new Error('550'), { responseCode: '550' })],
  ['nothing', undefined],
  ['null', null],
  ['a text', '550 no such user'],
])('after %s nobody knows whether the mail went out', async (_what, error) => {
  expect(await failureWith(error)).toMatchObject({
    code: 'delivery_failed',
    reason: 'unknown_outcome',
    refused: false,
    message: 'The mail transport failed, and whether the mail went out is not known.',
  });
});

test('a transport that throws is no different from one that rejects', async () => {
  const transport: MailTransport = {
    sendMail: () => {
      throw new Error('not connected');
    },
  };
  const error = await failureOf(emailSender({ transport, from }).send(mail, options));
  expect(error).toMatchObject({ code: 'delivery_failed', refused: false });
});

test.each([
  [{ from }, /emailSender\(\{ transport \}\) is undefined\. Give nodemailer\.createTransport/],
  [{ transport: {}, from }, /transport/],
  [{ transport: 'smtp://acme.example', from }, /transport/],
  [{ transport: failing(0) }, /emailSender\(\{ from \}\) is undefined\. Give an address/],
  [{ transport: failing(0), from: 'Acme' }, /from/],
  [{ transport: failing(0), from: 'a@acme.example\r\nBcc: b@evil.example' }, /from/],
  [{ transport: failing(0), from: 'Acme\nBcc: b@evil.example' }, /from/],
])('the options %j are misuse', (given, message) => {
  expect(() => emailSender(given as never)).toThrow(TypeError);
  expect(() => emailSender(given as never)).toThrow(message);
});
