import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { account, closeServers, record, TO, type Account } from './account';
import { documents } from './terminal';

afterEach(closeServers);

const HOOK = join(__dirname, '../helpers/typescript-hook.cjs');
const MAIN = join(__dirname, '../../lib/cli/main.ts');

interface Running {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  /** Resolves once this stands on the output. */
  prints: (words: string) => Promise<void>;
  ended: Promise<number | string | null>;
}

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

/** Runs the command as a person does, in a process of its own. */
function start(args: string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, ['-r', HOOK, MAIN, ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  return {
    child,
    out: () => out,
    err: () => err,
    prints: async (words) => {
      while (!out.includes(words)) {
        await new Promise((resolve) => child.stdout.once('data', resolve).once('close', resolve));
        if (child.stdout.closed && !out.includes(words)) throw new Error(`it ended with ${err}`);
      }
    },
    ended: new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal))),
  };
}

test('simulate runs until Ctrl-C, and a text that is sent through it arrives on its phone', async () => {
  const simulator = start(['simulate', '--port', '0', '--from', '12065550177', '--json']);
  await simulator.prints('\n');
  const [place] = documents(simulator.out()) as Record<string, string>[];
  const env = {
    FLOWROUTE_API: place!.api!,
    FLOWROUTE_ACCESS_KEY: place!.accessKey!,
    FLOWROUTE_SECRET_KEY: place!.secretKey!,
  };
  const send = start(
    ['send', '--to', TO, '--from', '12065550177', '--body', 'hello', '--json', '-y'],
    env,
  );
  expect(await send.ended).toBe(0);
  const answer = await fetch(`${place!.api!}/inbox`);
  const { messages } = (await answer.json()) as { messages: object[] };
  const [sent] = documents(send.out());
  expect(messages).toEqual([expect.objectContaining({ id: sent!.id, to: TO, body: 'hello' })]);
  const lookup = start(['lookup', String(sent!.id)], env);
  expect(await lookup.ended).toBe(0);
  simulator.child.kill('SIGINT');
  expect(await simulator.ended).toBe(0);
});

test('[S144] simulate takes the keys of the environment, and does not print them', async () => {
  const env = { FLOWROUTE_ACCESS_KEY: 'hunter2', FLOWROUTE_SECRET_KEY: 'hunter3' };
  const [simulator, other] = [[], ['--json']].map((more) =>
    start(['simulate', '--port', '0', ...more], env),
  );
  await Promise.all([simulator!.prints('FLOWROUTE_FROM'), other!.prints('}')]);
  const api = /FLOWROUTE_API=(\S+)/.exec(simulator!.out())![1]!;
  const send = start(['send', '--to', TO, '--from', '12065550100', '--body', 'hello', '-y'], {
    ...env,
    FLOWROUTE_API: api,
  });
  expect(await send.ended).toBe(0);
  for (const each of [simulator!, other!]) {
    each.child.kill('SIGTERM');
    expect(await each.ended).toBe(0);
    expect(each.out() + each.err()).not.toContain('hunter');
  }
});

test('simulate says so where its port is taken', async () => {
  const { url } = await account();
  const simulator = start(['simulate', '--port', new URL(url).port]);
  expect(await simulator.ended).toBe(1);
  expect(simulator.err()).toContain('(EADDRINUSE). Give another --port');
});

test('a file of settings that is not there is wrong usage, and Node leaves it to the command', async () => {
  const send = start(['send', '--settings', join(__dirname, 'none.env'), '--to', TO]);
  expect(await send.ended).toBe(2);
  expect(send.err()).toMatch(
    /^--settings: .*none\.env: There is no such file here\. Name a file with lines such as /,
  );
});

test('a whole demo can be answered from a pipe, up to the code', async () => {
  const { env } = await account();
  const demo = start(['demo'], env);
  demo.child.stdin!.end(`ann\ncorrect horse\n${TO}\n000000\n`);
  expect(await demo.ended).toBe(1);
  expect(demo.err()).toContain('That is not the code. 4 guesses left.');
  expect(demo.err()).not.toContain('horse');
});

test('Ctrl-C while the carrier is slow ends the command, and says that nobody knows', async () => {
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const slow: Account = await account({
    instead: () => {
      arrive();
      return true;
    },
  });
  const send = start(['send', '--to', TO, '--body', 'hello', '--yes'], slow.env);
  await arrived;
  send.child.kill('SIGINT');
  expect(await send.ended).toBe(130);
  expect(send.err()).toContain('Whether the text was taken is not known');
});

test('a reader that goes away ends the command without a word', async () => {
  const messages = Array.from({ length: 2_000 }, () => record());
  const { env } = await account({ messages });
  const list = start(['messages', '--since', '2026-01-01'], env);
  list.child.stdout!.once('data', () => list.child.stdout!.destroy());
  expect(await list.ended).toBe(0);
  expect(list.err()).not.toMatch(/EPIPE|at /);
});
