import session from 'express-session';
import type { Agent } from '../helpers/app';
import { FOREIGN, viewOf, WELCOME, writeFrom, type Write } from '../helpers/origins';
import { raw } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { cookieFrom } from '../helpers/web';
import { createCredentialsEpochs } from '../../example-app/src/accounts/credentials-epoch';
import { createEndLinks } from '../../example-app/src/accounts/end-links';
import {
  enroll,
  NEW_PASSWORD,
  newestCode,
  PASSWORD,
  SESSION_SECRET,
  signUp,
  startBank,
  type RunningBank,
} from './bank';

/** One post of the bank. */
interface Row {
  path: string;
  /** The status of the post that is carried out, and of a GET of the same path. */
  done: number;
  viewed: number;
  /** Brings a browser to where the post would work, and answers its body. */
  prepare: (bank: RunningBank, agent: Agent) => Promise<Record<string, string>>;
}

const LOGIN = { username: 'carol', password: PASSWORD };

/** Carol has a phone and has passed the second factor; Dave is there to be sent money to. */
async function passed(bank: RunningBank, agent: Agent): Promise<void> {
  await signUp(bank.agent(), 'dave');
  await enroll(bank, agent, 'carol');
}

/** Carol has a phone; this browser has her password and no more. */
async function half(bank: RunningBank, agent: Agent): Promise<void> {
  await enroll(bank, bank.agent(), 'carol');
  await agent.post('/login').send(LOGIN).expect(200);
  await bank.clock.advance(31);
}

const ROWS: Row[] = [
  {
    path: '/login',
    done: 200,
    viewed: 200,
    prepare: async (bank) => {
      await signUp(bank.agent(), 'carol');
      return LOGIN;
    },
  },
  {
    path: '/logout',
    done: 204,
    viewed: 404,
    prepare: async (bank, agent) => {
      await passed(bank, agent);
      return {};
    },
  },
  {
    path: '/signup',
    done: 201,
    viewed: 200,
    prepare: () => Promise.resolve({ ...LOGIN, email: 'carol@mail.example' }),
  },
  {
    path: '/transfer',
    done: 200,
    viewed: 404,
    prepare: async (bank, agent) => {
      await passed(bank, agent);
      return { to: 'dave', amount: '1' };
    },
  },
  {
    path: '/password',
    done: 200,
    viewed: 200,
    prepare: async (bank, agent) => {
      await passed(bank, agent);
      return { current: PASSWORD, password: NEW_PASSWORD };
    },
  },
  {
    path: '/forgot-password',
    done: 202,
    viewed: 200,
    prepare: async (bank) => {
      await signUp(bank.agent(), 'carol');
      return { username: 'carol' };
    },
  },
  {
    path: '/reset-password',
    done: 200,
    viewed: 200,
    prepare: async (bank) => {
      await signUp(bank.agent(), 'carol');
      await bank.agent().post('/forgot-password').send({ username: 'carol' }).expect(202);
      const token = /token=([\w-]+)/.exec((await bank.mails.next()).text)?.[1];
      return { token: token ?? '', password: NEW_PASSWORD };
    },
  },
  {
    path: '/end-sessions',
    done: 200,
    viewed: 200,
    prepare: async (bank) => {
      await enroll(bank, bank.agent(), 'carol');
      const { database, clock } = bank;
      const { id } = database.prepare('SELECT id FROM users').get() as { id: string };
      const links = createEndLinks(SESSION_SECRET, createCredentialsEpochs(database), clock);
      return { token: links.tokenFor(id) ?? '' };
    },
  },
  {
    path: ROUTER.challenge,
    done: 202,
    viewed: 401,
    prepare: async (bank, agent) => {
      await half(bank, agent);
      return {};
    },
  },
  {
    path: ROUTER.verify,
    done: 200,
    viewed: 405,
    prepare: async (bank, agent) => {
      await half(bank, agent);
      await agent.post(ROUTER.challenge).send({}).expect(202);
      return { code: newestCode(bank) };
    },
  },
];

const TABLES = [
  'users',
  'accounts',
  'transfers',
  'enrollments',
  'remembered_series',
  'password_resets',
];

interface Ready {
  bank: RunningBank;
  write: Write;
  /** Everything that a post could have changed. */
  state: () => Promise<string>;
}

async function ready({ path, prepare }: Row): Promise<Ready> {
  const store = new session.MemoryStore();
  const bank = await startBank({ sessionStore: store });
  const agent = bank.agent();
  const body = await prepare(bank, agent);
  const { sessions } = store as unknown as { sessions: Record<string, string> };
  const kept = (): unknown[] =>
    Object.entries(sessions).map(([sid, text]) => {
      const { cookie, ...rest } = JSON.parse(text) as Record<string, unknown>;
      return [sid, rest];
    });
  const state = async (): Promise<string> => {
    await bank.mailed();
    const rows = TABLES.map((table) => bank.database.prepare(`SELECT * FROM ${table}`).all());
    return JSON.stringify([rows, kept(), bank.outbox.messages, bank.mails.unread()]);
  };
  return { bank, write: { method: 'POST', path, cookie: cookieFrom(agent), body }, state };
}

test.each(ROWS.map((row) => [row.path, row] as const))(
  '[S116] %s from another site, and the view of its path, send and change nothing; then it is carried out',
  async (_path, row) => {
    const { bank, write, state } = await ready(row);
    const before = await state();
    for (const origin of FOREIGN) {
      const { status, headers, body } = await raw(bank.url, writeFrom(origin, bank.url, write));
      expect([origin.name, status]).toEqual([origin.name, 403]);
      expect(body).toContain('cross_site_request');
      expect(headers).not.toMatch(/^set-cookie:/im);
      expect([origin.name, await state()]).toEqual([origin.name, before]);
    }
    for (const method of ['GET', 'HEAD'] as const) {
      const { status, headers } = await raw(bank.url, viewOf(method, write));
      expect([method, status]).toEqual([method, row.viewed]);
      expect(headers).not.toMatch(/^set-cookie:/im);
      expect([method, await state()]).toEqual([method, before]);
    }
    const { status } = await raw(bank.url, writeFrom(WELCOME[0]!, bank.url, write));
    expect(status).toBe(row.done);
    expect(await state()).not.toBe(before);
  },
);

test.each(ROWS.map((row) => [row.path, row] as const))(
  '[S116] %s passes from every page of the bank, and from clients that are no browsers',
  async (_path, row) => {
    for (const origin of WELCOME.slice(1)) {
      const { bank, write, state } = await ready(row);
      const before = await state();
      const { status } = await raw(bank.url, writeFrom(origin, bank.url, write));
      expect([origin.name, status]).toEqual([origin.name, row.done]);
      expect([origin.name, await state()]).not.toEqual([origin.name, before]);
    }
  },
);
