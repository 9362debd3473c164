import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulator, type RunningSimulator } from 'passport-sms-2fa/simulator';
import { createDemoUsers } from '../../example-app/src/accounts/demo-users';
import { openDatabase, type Database } from '../../example-app/src/accounts/database';
import {
  openSessionStore,
  type SessionStoreHandle,
} from '../../example-app/src/server/session-store';
import { readCommand } from '../../example-app/src/support/command-line';
import { wrongCode } from '../helpers/app';
import { age, connect, hasRedis, startRedis, type RedisServer } from '../helpers/redis-server';
import { expectStranger, newestCode, rememberCookie, startBank, type RunningBank } from './bank';

// Each command is a process of its own, and on a busy machine those take their time to start.

const DEMO = { username: 'bob', password: 'correct horse battery staple' };

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

let folder: string;
let simulator: RunningSimulator;
let database: Database;
let sessions: SessionStoreHandle | undefined;
let bank: RunningBank | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bank-'));
  simulator = await createSimulator().listen(0);
  database = openDatabase(join(folder, 'demo.db'));
  await createDemoUsers(database, { N: 1_024, r: 8, p: 1 });
});
afterEach(async () => {
  if (bank) await bank.close();
  else database.close();
  sessions?.close();
  bank = sessions = undefined;
  await simulator.close();
  rmSync(folder, { recursive: true });
});

/** Runs the command as an operator does, in a process of its own. */
function operate(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const hooks = [
    join(__dirname, '../helpers/typescript-hook.cjs'),
    join(__dirname, 'own-package.cjs'),
  ];
  const file = join(__dirname, '../../example-app/src/admin.ts');
  const child = spawn(process.execPath, [...hooks.flatMap((hook) => ['-r', hook]), file, ...args], {
    env: {
      PATH: process.env.PATH,
      DATA_DIR: folder,
      SIMULATOR_PORT: new URL(simulator.url).port,
      ...env,
    },
  });
  const ended: Ended = { code: null, out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (ended.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (ended.err += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...ended, code })));
}

async function mailsTo(address: string): Promise<{ subject: string; text: string }[]> {
  const answer = await fetch(`${simulator.url}/mails?to=${address}`);
  return ((await answer.json()) as { mails: { subject: string; text: string }[] }).mails;
}

const ERIN = ['--operator', 'Erin'];

test('status says what is known, and that locks cannot be seen without Redis', async () => {
  const { code, out } = await operate(['status', 'bob']);
  expect(code).toBe(0);
  expect(out).toMatch(/^user: bob\nenrolled: yes\nphone: .*42\nconfirmed at: 20/);
  expect(out).toContain('locks and counts live inside the running server');
  expect((await operate(['status', 'alice'])).out).toContain('enrolled: no');
});

test('without Redis, reset and revoke work and are mailed, and unlock says that it cannot', async () => {
  const unlock = await operate(['unlock', 'bob', ...ERIN]);
  expect([unlock.code, unlock.out]).toEqual([1, '']);
  expect(unlock.err).toContain('cannot be seen or lifted from here');
  const revoke = await operate(['revoke', 'bob', ...ERIN]);
  expect([revoke.code, revoke.err]).toEqual([0, '']);
  expect(revoke.out).toBe('bob: all sessions, remembered logins and trusted devices are ended.\n');
  const reset = await operate(['reset', 'BOB', ...ERIN]);
  expect([reset.code, reset.err]).toEqual([0, '']);
  expect((await operate(['status', 'bob'])).out).toContain('enrolled: no');
  const mails = await mailsTo('bob@bank.example');
  expect(mails.map(({ subject }) => subject)).toEqual([
    'Pebble Bank: your second factor was reset',
    'Pebble Bank: your sessions were ended',
  ]);
  expect(mails[0]?.text).toContain('Erin');
});

test('what cannot be done ends with 1, what is not understood with 2, help with 0', async () => {
  const unknown = await operate(['reset', 'nobody', ...ERIN]);
  expect([unknown.code, unknown.err]).toEqual([1, 'There is no user nobody.\n']);
  const wrong = await operate(['explode', 'bob']);
  expect([wrong.code, wrong.out]).toEqual([2, '']);
  expect(wrong.err).toMatch(/^The action must be one of status, unlock, reset, revoke\.\n\nUsage/);
  const help = await operate(['--help']);
  expect([help.code, help.err]).toEqual([0, '']);
  expect(help.out).toMatch(/^Usage: npm run --silent admin/);
  const away = await operate(['status', 'bob'], { REDIS_URL: 'redis://127.0.0.1:1' });
  expect(away.code).toBe(1);
  expect(away.err).toMatch(/^REDIS_URL names 127\.0\.0\.1:1, but no connection/);
});

test.each([
  [[]],
  [['status']],
  [['status', 'bob', 'alice']],
  [['unlock', 'bob']],
  [['reset', 'bob', '--operator', ' ']],
  [['revoke', 'bob', '--operator', 'Erin\nadmin']],
  [['reset', 'bob', '--operator']],
  [['reset', 'bob', '--force']],
])('the command line %j is not understood', (args) => {
  expect(() => readCommand(args)).toThrow(expect.objectContaining({ name: 'UsageError' }));
});

(hasRedis() ? describe : describe.skip)('with Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  test('a lock in the running server is seen and lifted, and a revocation ends sessions and remembered logins at once', async () => {
    sessions = await openSessionStore(new URL(redis.url));
    bank = await startBank({ database, sessionStore: sessions.store });
    const client = await connect(redis);
    bank.clock.onAdvance((milliseconds) => age(client, milliseconds));
    const env = { REDIS_URL: redis.url };
    const agent = bank.agent();
    await agent.post('/login').send(DEMO).expect(200);
    for (let challenge = 0; challenge < 2; challenge += 1) {
      await bank.clock.advance(301);
      await agent.post('/second-factor/challenge').send({}).expect(202);
      const code = wrongCode(newestCode(bank));
      for (let guess = 0; guess < 5; guess += 1) {
        await agent.post('/second-factor/verify').send({ code });
      }
    }
    await agent.post('/second-factor/challenge').send({}).expect(429);
    const status = await operate(['status', 'bob'], env);
    expect(status.out).toMatch(/^locked until: 20/m);
    expect(status.out).not.toContain('REDIS_URL');
    const unlock = await operate(['unlock', 'bob', ...ERIN], env);
    expect([unlock.code, unlock.out]).toEqual([0, 'bob: codes are taken again.\n']);
    expect((await operate(['status', 'bob'], env)).out).not.toContain('locked until');

    await bank.clock.advance(301);
    await agent.post('/second-factor/challenge').send({}).expect(202);
    const code = newestCode(bank);
    await agent.post('/second-factor/verify').send({ code }).expect(200);
    await agent.get('/api/account').expect(200);
    const remembered = bank.agent();
    await remembered
      .post('/login')
      .send({ ...DEMO, remember: true })
      .expect(200);
    await operate(['revoke', 'bob', ...ERIN], env);
    await expectStranger(agent);
    await expectStranger(remembered);
    const later = bank.agent();
    later.jar.setCookie(`bank-remember=${rememberCookie(remembered)?.value}`, '127.0.0.1', '/');
    await expectStranger(later);
    client.destroy();
  });
});
