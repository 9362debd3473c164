import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { createSimulator, type RunningSimulator } from 'passport-sms-2fa/simulator';
import { openMailer } from '../../example-app/src/mail/open-mailer';
import { simulatorMailer } from '../../example-app/src/mail/simulator-mailer';
import { smtpMailer } from '../../example-app/src/mail/smtp-mailer';
import { readSmtp } from '../../example-app/src/server/mail-settings';
import { listen } from '../helpers/servers';
import { signUp, startBank } from './bank';

const MAIL = { to: 'carol@mail.example', subject: 'Grüße', text: 'First line\n\nLäst line' };

describe('the simulator’s mailbox', () => {
  let simulator: RunningSimulator;
  beforeEach(async () => {
    simulator = await createSimulator().listen(0);
  });
  afterEach(() => simulator.close());

  const received = async () => {
    const answer = await fetch(`${simulator.url}/mails?to=${MAIL.to}`);
    return ((await answer.json()) as { mails: { text: string }[] }).mails;
  };

  test('a mail arrives as it was written', async () => {
    await simulatorMailer(simulator.url).send(MAIL);
    expect(await received()).toMatchObject([MAIL]);
  });

  test('a mail that the simulator refuses, and one that it does not take, reject without content', async () => {
    const mailer = simulatorMailer(simulator.url);
    const failed = (mail: typeof MAIL) => mailer.send(mail).catch((error: unknown) => error);
    const refused = await failed({ ...MAIL, text: MAIL.text.repeat(1_000) });
    expect(refused).toMatchObject({ code: 'SIMULATOR_422' });
    await simulator.close();
    const lost = await failed(MAIL);
    for (const error of [refused, lost]) {
      expect(String(error)).toMatch(/Error/);
      expect(inspect(error, { depth: 9 })).not.toMatch(/carol|Grüße|First line/);
    }
  });

  test('a link for a new password goes through it, over real HTTP', async () => {
    const mailer = simulatorMailer(simulator.url);
    let arrived = (): void => undefined;
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const bank = await startBank({
      mailer: { send: (mail) => mailer.send(mail).then(() => arrived()) },
    });
    await signUp(bank.agent(), 'carol');
    await bank.agent().post('/forgot-password').send({ username: 'carol' }).expect(202);
    await arrival;
    const [mail] = await received();
    const token = /token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
    await bank
      .agent()
      .post('/reset-password')
      .send({ token, password: 'a new long password' })
      .expect(200);
    await bank.close();
  });
});

/** Speaks just enough SMTP to take one mail, and keeps all that it hears. */
async function smtpServer(): Promise<{ url: URL; heard: () => string }> {
  let heard = '';
  const server = createServer((socket) => {
    let inData = false;
    socket.write('220 mail.example\r\n');
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      if (inData) {
        if (!heard.endsWith('\r\n.\r\n')) return;
        inData = false;
        socket.write('250 taken\r\n');
        return;
      }
      const [word = ''] = chunk.toString().split(/\s/);
      inData = word === 'DATA';
      socket.write(inData ? '354 go on\r\n' : '250 mail.example\r\n');
    });
    socket.on('error', () => undefined);
  });
  const { port } = await listen(server);
  return { url: new URL(`smtp://127.0.0.1:${port}`), heard: () => heard };
}

test('with a mail server, a mail goes there by SMTP, from MAIL_FROM', async () => {
  const { url, heard } = await smtpServer();
  await smtpMailer({ url, from: 'Bank <no-reply@bank.example>' }).send({ ...MAIL, text: 'Hello' });
  expect(heard()).toContain('MAIL FROM:<no-reply@bank.example>');
  expect(heard()).toContain('RCPT TO:<carol@mail.example>');
  expect(heard()).toMatch(/^From: Bank <no-reply@bank\.example>\r\nTo: carol@mail\.example\r\n/m);
});

test('SMTP_URL needs MAIL_FROM, and each must be what it is for', () => {
  const SMTP_URL = 'smtps://user:password@mail.example';
  expect(readSmtp({})).toBeUndefined();
  expect(readSmtp({ SMTP_URL: '', MAIL_FROM: 'a@b.example' })).toBeUndefined();
  expect(readSmtp({ SMTP_URL, MAIL_FROM: 'a@b.example' })).toMatchObject({ from: 'a@b.example' });
  expect(() => readSmtp({ SMTP_URL })).toThrow(/MAIL_FROM must say/);
  expect(() => readSmtp({ SMTP_URL, MAIL_FROM: 'nobody' })).toThrow(/MAIL_FROM must say/);
  expect(() => readSmtp({ SMTP_URL: 'http://mail.example' })).toThrow(/smtp:\/\/ or smtps:\/\//);
});

test('without a mail server and without the simulator, a mail rejects and says why', async () => {
  const mailer = openMailer(undefined, undefined);
  await expect(mailer.send(MAIL)).rejects.toMatchObject({ code: 'NO_MAIL_SERVER' });
});
