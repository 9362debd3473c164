import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { testClock } from '../helpers/clock';
import { carrierError } from '../flowroute/client-world';
import { run } from '../../lib/cli/run';
import { account, closeServers, TO } from './account';
import { command, documents, terminal, type Terminal, type TerminalOptions } from './terminal';

afterEach(closeServers);

const PASSWORD = 'correct horse';

interface Walk extends Terminal {
  ended: Promise<number>;
  /** The code in the newest text. */
  code: () => Promise<string>;
  texts: () => Promise<number>;
}

/** The demo, up to where the code is asked for. */
async function walk(args: string[] = [], options: TerminalOptions = {}): Promise<Walk> {
  const here = terminal(options);
  const ended = run(['demo', ...args], here);
  const page = (await here.asked(/http:\/\/[\d.:]+\//)).slice(0, -1);
  await here.asked('User name: ');
  here.type('ann');
  await here.asked('Password: ');
  here.type(PASSWORD);
  await here.asked('Phone number');
  here.type(TO);
  await here.asked('The code');
  const inbox = async () => {
    const answer = await fetch(`${page}/inbox?to=${TO}`);
    return ((await answer.json()) as { messages: { body: string }[] }).messages;
  };
  return {
    ...here,
    ended,
    code: async () => /^\d{6}/.exec((await inbox())[0]!.body)![0],
    texts: async () => (await inbox()).length,
  };
}

async function wrong(here: Walk): Promise<string> {
  const code = await here.code();
  return (code.startsWith('0') ? '1' : '0') + code.slice(1);
}

test('a code that comes back ends the demo with success', async () => {
  const here = await walk();
  here.type(await here.code());
  expect(await here.ended).toBe(0);
  expect(here.out()).toContain('Welcome, ann.');
});

test('the end is one document with --json, and the number is masked', async () => {
  const here = await walk(['--json']);
  here.type(await here.code());
  expect(await here.ended).toBe(0);
  expect(documents(here.out())).toEqual([
    { verified: true, username: 'ann', phone: '••• ••• ••42' },
  ]);
});

test.each([true, false])(
  '[S125] the password is never shown, and the code only as it is typed at a terminal (at one: %s)',
  async (isTTY) => {
    const here = await walk([], { isTTY });
    const code = await here.code();
    here.type(code);
    expect(await here.ended).toBe(0);
    const shown = here.out() + here.err();
    expect(shown).not.toContain(PASSWORD);
    // What is typed stands on a terminal, and the code is typed there.
    expect(shown.includes(code)).toBe(isTTY);
    expect(shown.includes('ann')).toBe(true);
  },
);

test('[S125] the password does not come back by the arrow keys', async () => {
  const here = await walk([], { isTTY: true });
  here.type('\u001b[A');
  await here.asked('A text is on its way already');
  expect(here.err()).not.toContain(PASSWORD);
  here.type(await here.code());
  expect(await here.ended).toBe(0);
});

test.each(['555', '2065550142', '22065550142', '+44 20 7946 0958', ''])(
  'the number %j is refused before a text goes out, and asked again',
  async (typed) => {
    const input = ['ann', PASSWORD, typed];
    const { code, err } = await command(['demo'], { input });
    expect(code).toBe(1);
    expect(err).toContain('That is no US or Canadian number');
    expect(err.match(/Phone number/g)).toHaveLength(2);
  },
);

test('a number that is never texted is refused by the rules of the library', async () => {
  const { err } = await command(['demo'], { input: ['ann', PASSWORD, '19005550142'] });
  expect(err).toContain('numbers like premium-rate');
});

test('wrong codes are counted, and after five the code is dead', async () => {
  const here = await walk();
  for (const left of ['4 guesses', '3 guesses', '2 guesses', '1 guess ']) {
    here.type(await wrong(here));
    await here.asked(`That is not the code. ${left}`);
  }
  here.type(await wrong(here));
  await here.asked('Press Enter for a new one.');
  here.type(await here.code());
  await here.asked('This code no longer counts');
  here.stdin.end();
  expect(await here.ended).toBe(1);
});

test('a code expires, and Enter texts another one', async () => {
  const clock = testClock();
  const here = await walk([], { clock });
  await clock.advance(300);
  here.type(await here.code());
  await here.asked('This code no longer counts');
  here.type('');
  await here.asked('Another text is on its way.');
  expect(await here.texts()).toBe(2);
  here.type(await here.code());
  expect(await here.ended).toBe(0);
});

test('another text has to wait', async () => {
  const here = await walk();
  here.type('');
  await here.asked('Try again in 30 s.');
  expect(await here.texts()).toBe(1);
  here.type(await here.code());
  expect(await here.ended).toBe(0);
});

test('after ten wrong codes the user is locked, and the demo ends', async () => {
  const clock = testClock();
  const here = await walk([], { clock });
  for (let guess = 0; guess < 10; guess += 1) {
    if (guess === 5) {
      await clock.advance(31);
      here.type('');
      await here.asked('Another text');
    }
    here.type(await wrong(here));
    await here.asked('That is not the code');
  }
  here.type('');
  expect(await here.ended).toBe(1);
  expect(here.err()).toContain('Too many wrong codes: this user is locked. Try again in 15 min.');
});

test.each(['12345', '1234567', 'abcdef'])('%j is no code, and costs no guess', async (typed) => {
  const here = await walk();
  here.type(typed);
  await here.asked('too short|too long|digits only');
  here.type(await wrong(here));
  await here.asked('4 guesses left');
  here.stdin.end();
  expect(await here.ended).toBe(1);
});

test('Ctrl-C ends it without a result', async () => {
  const here = await walk();
  here.interrupt();
  expect(await here.ended).toBe(130);
  expect(here.out()).toBe('');
  expect(here.err()).toContain('Stopped.');
});

test('Ctrl-C that is typed at a terminal ends it as well', async () => {
  const here = await walk([], { isTTY: true });
  here.stdin.write('\u0003');
  expect(await here.ended).toBe(130);
});

test('with keys the text goes to the carrier that they are for', async () => {
  const carrier = await account();
  const input = ['ann', PASSWORD, TO];
  const { code, err } = await command(['demo', '--app-name', 'Acme'], { env: carrier.env, input });
  expect(code).toBe(1);
  expect(err).toContain('The input ended');
  expect(err).not.toContain('--yes');
  expect(err).not.toContain('No Flowroute keys');
  const sent = JSON.parse(carrier.requests[0]!.body) as { to: string; body: string };
  expect(sent).toMatchObject({ to: TO, body: expect.stringContaining('your Acme phone setup') });
});

test.each([
  [401, [], 'Check FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY'],
  [403, [], 'Check FLOWROUTE_FROM (--from)'],
  [500, ['--api-version', 'v2'], 'out of order (500)'],
])('the failure %d of the carrier is told with what to do', async (status, more, words) => {
  const carrier = await account({
    instead: (req, res) => {
      carrierError(status)(res, req);
      return true;
    },
  });
  const input = ['ann', PASSWORD, TO];
  const { code, err } = await command(['demo', ...more], { env: carrier.env, input });
  expect(code).toBe(1);
  expect(err).toContain(words);
});

describe('a second run', () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'demo-'))));
  afterEach(() => rmSync(home, { recursive: true }));
  const file = () => join(home, '.local/state/passport-sms-2fa/demo.json');

  async function signedUp(): Promise<void> {
    const here = await walk([], { env: { HOME: home } });
    here.type(await here.code());
    expect(await here.ended).toBe(0);
    expect(here.err()).toContain(`••• ••• ••42 was saved for future use in ${file()}`);
  }

  test('knows the phone of its user, texts it and asks for no number', async () => {
    await signedUp();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const here = terminal({ env: { HOME: home } });
    const ended = run(['demo', '--json'], here);
    const page = (await here.asked(/http:\/\/[\d.:]+\//)).slice(0, -1);
    here.type('ann');
    await here.asked('Password: ');
    here.type('another one');
    await here.asked('A code was texted to ••• ••• ••42, which an earlier run has saved.');
    await here.asked('The code');
    const answer = await fetch(`${page}/inbox?to=${TO}`);
    const { messages } = (await answer.json()) as { messages: { body: string }[] };
    expect(messages[0]!.body).toContain('your Demo sign-in code');
    here.type(/^\d{6}/.exec(messages[0]!.body)![0]);
    expect(await ended).toBe(0);
    expect(here.err()).not.toContain('Phone number');
    expect(documents(here.out())).toEqual([
      { verified: true, username: 'ann', phone: '••• ••• ••42' },
    ]);
  });

  test('asks another user, and after --forget everybody', async () => {
    await signedUp();
    const options = { env: { HOME: home } };
    const other = await command(['demo'], { ...options, input: ['bob', PASSWORD] });
    expect(other.err).toContain('Phone number');
    expect(existsSync(file())).toBe(true);
    const anew = await command(['demo', '--forget'], { ...options, input: ['ann', PASSWORD] });
    expect(anew.err).toContain('Phone number');
    expect(existsSync(file())).toBe(false);
  });

  test.each(['{', '[["ann",{"phone":"no"}]]', '{}'])(
    'says of what is not whole (%s) how to begin anew',
    async (kept) => {
      mkdirSync(dirname(file()), { recursive: true });
      writeFileSync(file(), kept);
      const options = { env: { HOME: home }, input: ['ann', PASSWORD] };
      const { code, err } = await command(['demo'], options);
      expect(code).toBe(1);
      expect(err).toContain('"demo --forget" begins anew.');
    },
  );
});

test('where a text of a real account does not come, the hint says whom to ask', async () => {
  const carrier = await account();
  const input = ['ann', PASSWORD, TO];
  const { err } = await command(['demo'], { env: carrier.env, input });
  expect(err).toContain("Ask Flowroute's support whether SMS is provisioned for your number");
  const simulated = await command(['demo'], { input });
  expect(simulated.err).not.toContain('provisioned');
});
