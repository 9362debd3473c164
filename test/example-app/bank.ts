import { createServer, type Server } from 'node:http';
import session from 'express-session';
import { outboxSender, type OutboxSender } from 'passport-sms-2fa';
import request from 'supertest';
import { createBank, type AppDependencies, type Bank } from '../../example-app/src/app';
import { openDatabase, type Database } from '../../example-app/src/accounts/database';
import type { Live } from '../../example-app/src/live/attach-live';
import type { Mail, Mailer } from '../../example-app/src/mail/mailer';
import type { Schedule } from '../../example-app/src/mail/merge-happenings';
import { codeIn, type Agent } from '../helpers/app';
import { testClock, type TestClock } from '../helpers/clock';
import { ROUTER } from '../helpers/paths';
import { closedWithTest, listen } from '../helpers/servers';

export const PASSWORD = 'a long enough password';
export const SESSION_SECRET = 'session secret of a test, long enough';
export const NEW_PASSWORD = 'another long enough password';

/** Takes mails, and lets a test wait for the next one that it has not seen. */
interface Mailbox extends Mailer {
  next(): Promise<Mail>;
  /** Mails that nobody asked for yet. */
  unread(): Mail[];
}

export interface RunningBank extends Bank {
  url: string;
  server: Server;
  live: Live;
  clock: TestClock;
  outbox: OutboxSender;
  mails: Mailbox;
  database: Database;
  logged: unknown[];
  /** A browser: keeps cookies, asks for JSON. */
  agent(): Agent;
  close(): Promise<void>;
}

/**
 * The bank on a port of its own, with everything it sends kept here. It and its database are closed
 * when the test is over.
 */
export async function startBank(changes: Partial<AppDependencies> = {}): Promise<RunningBank> {
  const clock = testClock();
  const outbox = outboxSender();
  const mails = mailbox();
  const database = changes.database ?? openDatabase(':memory:');
  const logged: unknown[] = [];
  const bank = createBank({
    database,
    sessionStore: new session.MemoryStore(),
    sender: outbox,
    mailer: mails,
    address: () => 'https://bank.example',
    secrets: {
      session: SESSION_SECRET,
      secondFactor: 'second factor secret, long enough too',
    },
    clock,
    schedule: scheduleBy(clock),
    passwordCost: { N: 1_024, r: 8, p: 1 },
    log: (error) => logged.push(error),
    ...changes,
  });
  const server = createServer(bank.app);
  const live = bank.attachLive(server);
  const { url, close } = await listen(server);
  return {
    ...bank,
    url,
    server,
    live,
    clock,
    outbox,
    mails,
    database,
    logged,
    agent: () => request.agent(url).set('Accept', 'application/json'),
    close: closedWithTest(async () => {
      live.close();
      await close();
      database.close();
    }),
  };
}

/** Does what is due once the clock of the test gets there. */
function scheduleBy(clock: TestClock): Schedule {
  let waiting: { at: number; run: () => void }[] = [];
  clock.onAdvance(() => {
    const due = waiting.filter(({ at }) => at <= clock());
    waiting = waiting.filter((each) => !due.includes(each));
    for (const { run } of due) run();
    return Promise.resolve();
  });
  return (run, delayMs) => void waiting.push({ at: clock() + delayMs, run });
}

export function mailbox(): Mailbox {
  const waiting: ((mail: Mail) => void)[] = [];
  let unread: Mail[] = [];
  return {
    send: (mail) => {
      const reader = waiting.shift();
      if (reader) reader(mail);
      else unread.push(mail);
      return Promise.resolve();
    },
    next: () => {
      const [first, ...rest] = unread;
      unread = rest;
      if (first) return Promise.resolve(first);
      return new Promise((resolve) => waiting.push(resolve));
    },
    unread: () => [...unread],
  };
}

/** Opens an account in this browser, without a phone. */
export async function signUp(agent: Agent, username: string): Promise<void> {
  const email = `${username}@mail.example`;
  await agent.post('/signup').send({ username, password: PASSWORD, email }).expect(201);
}

/** Opens an account with a phone, and takes the mail about it; the session is verified. */
export async function enroll(
  bank: RunningBank,
  agent: Agent,
  username: string,
  phone = '12065550177',
): Promise<void> {
  await signUp(agent, username);
  await agent.post(ROUTER.enrollment).send({ phone, country: 'US' }).expect(202);
  const code = newestCode(bank);
  await agent.post(ROUTER.confirm).send({ code }).expect(200);
  await bank.mails.next();
}

export async function passSecondFactor(bank: RunningBank, agent: Agent): Promise<void> {
  // The wait between two texts is another test's business.
  await bank.clock.advance(301);
  await agent.post(ROUTER.challenge).send({}).expect(202);
  const code = newestCode(bank);
  await agent.post(ROUTER.verify).send({ code }).expect(200);
  await bank.clock.advance(10);
}

/** Has a new password by the link of a mail and a code, of somebody who has a phone. */
export async function resetPassword(bank: RunningBank, username: string): Promise<void> {
  const agent = bank.agent();
  await agent.post('/forgot-password').send({ username }).expect(202);
  const token = /token=([\w-]+)/.exec((await bank.mails.next()).text)?.[1];
  await bank.clock.advance(10);
  await agent.post('/reset-password/code').send({ token }).expect(202);
  const code = newestCode(bank);
  await agent.post('/reset-password').send({ token, code, password: NEW_PASSWORD }).expect(200);
}

export function newestCode(bank: RunningBank): string {
  return codeIn(bank.outbox.last()?.body ?? 'no text');
}

/** What the gate answers where the password's half is there, and nothing more. */
export async function expectHalfWay(agent: Agent): Promise<void> {
  const { body } = await agent.get('/api/account').expect(401);
  expect(body.code).toBe('second_factor_required');
}

export async function expectStranger(agent: Agent): Promise<void> {
  const { body } = await agent.get('/api/account').expect(401);
  expect(body.code).toBe('not_authenticated');
}

export function rememberCookie(agent: Agent): { value: string } | undefined {
  return agent.jar.getCookie('bank-remember', {
    domain: '127.0.0.1',
    path: '/',
    secure: false,
    script: false,
  });
}
