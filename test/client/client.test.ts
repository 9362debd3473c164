import { createServer } from 'node:http';
import express from 'express';
import type { ChallengeDocument, Problem as ServerProblem } from '../../lib';
import { stepUp, type Challenge, type Problem, type StepUpOptions } from '../../lib/client';
import { MANY_TEXTS, newestCode, startApp, wrongCode, type TestApp } from '../helpers/app';
import { clientModule, cookieFetch } from '../helpers/client-page';
import { ROUTER } from '../helpers/paths';
import { listen } from '../helpers/servers';
import { hold } from '../helpers/web';

let app: TestApp;
let bare: typeof fetch;
/** Paths that were asked for, in their order. */
let asked: string[];

beforeEach(async () => {
  asked = [];
  app = await startApp({
    factor: { limits: MANY_TEXTS },
    before: (each) => {
      each.use((req, _res, next) => {
        asked.push(`${req.method} ${req.path}`);
        next();
      });
    },
    after: (each, secondFactor) => {
      const guard = secondFactor.require({ maxAge: 300 });
      each.use('/echo', guard, (req, res) => void req.pipe(res.type('txt')));
      const pay = secondFactor.require({ transaction: () => 'Pay $250 to Bob' });
      each.post('/pay', pay, (_req, res) => void res.json({ paid: true }));
    },
  });
  bare = cookieFetch();
  const body = JSON.stringify({ username: 'A', password: 'right' });
  const headers = { 'content-type': 'application/json' };
  await bare(`${app.url}/login`, { method: 'POST', headers, body });
});

const count = (line: string): number => asked.filter((each) => each === line).length;
const withCode = () => newestCode(app);
const client = (options: Partial<StepUpOptions> = {}, send = bare): typeof fetch =>
  stepUp(send, { ask: withCode, origins: [app.url], ...options });
const post = (body: RequestInit['body']): RequestInit =>
  ({ method: 'POST', body, duplex: 'half' }) as never;
const addressIn = (input: Parameters<typeof fetch>[0]): string =>
  input instanceof Request ? input.url : input.toString();
const echo = (): string => `${app.url}/echo`;

test('a request that the gate holds up is sent again after the code, as it was', async () => {
  const ask = jest.fn<string, [Challenge]>(withCode);
  const answer = await client({ ask })(echo(), post('a letter'));
  expect([answer.status, await answer.text()]).toEqual([200, 'a letter']);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(ask.mock.calls[0]?.[0]).toMatchObject({ purpose: 'sign-in', codeLength: 6 });
  // From now on it is there at once, until the step-up is too old.
  await app.clock.advance(60);
  await client({ ask })(echo(), post('another'));
  expect(ask).toHaveBeenCalledTimes(1);
  await app.clock.advance(301);
  expect((await client({ ask })(echo(), post('a third'))).status).toBe(200);
  expect(ask.mock.calls[1]?.[0]).toMatchObject({ purpose: 'step-up' });
});

test('the dialog of a payment is told what its code confirms', async () => {
  const ask = jest.fn<string, [Challenge]>(withCode);
  await client({ ask })(echo(), post('a letter'));
  await app.clock.advance(60);
  const payment = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  expect((await client({ ask })(`${app.url}/pay`, payment)).status).toBe(200);
  const told = ask.mock.calls.map(([{ transaction }]) => transaction);
  expect(told).toEqual([undefined, 'Pay $250 to Bob']);
});

test('any number of requests at once share one text and one dialog', async () => {
  const ask = jest.fn(withCode);
  const api = client({ ask });
  const words = Array.from({ length: 12 }, (_, index) => `letter ${index}`);
  const answers = await Promise.all(words.map((word) => api(echo(), post(word))));
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(words);
  expect([ask.mock.calls.length, app.outbox.messages.length]).toEqual([1, 1]);
  expect([count(`POST ${ROUTER.challenge}`), count(`POST ${ROUTER.verify}`)]).toEqual([1, 1]);
});

/** Holds the first answer to this path back until it is released. */
function lateFetch(path: string) {
  const late = hold();
  let first = true;
  const send: typeof fetch = async (input, init) => {
    const isFirst = first && addressIn(input).endsWith(path);
    if (isFirst) first = false;
    const answer = await bare(input, init);
    if (isFirst) {
      late.enter();
      await late.released;
    }
    return answer;
  };
  return { late, send };
}

test.each([
  ['passed', 200, 200],
  ['given up', 401, 401],
])(
  'a dialog that was %s is the answer to what was asked before it, however late it is told',
  async (end, early, afterwards) => {
    const { late, send } = lateFetch('/echo?late');
    const ask = jest.fn(() => (end === 'passed' ? withCode() : undefined));
    const api = client({ ask }, send);
    const second = api(`${echo()}?late`, post('late'));
    await late.entered;
    expect((await api(echo(), post('early'))).status).toBe(early);
    late.release();
    expect((await second).status).toBe(afterwards);
    expect([ask.mock.calls.length, app.outbox.messages.length]).toEqual([1, 1]);
  },
);

test('a wrong code asks again with the problem, and so does what is no code', async () => {
  const problems: (Problem | undefined)[] = [];
  const answers = [() => wrongCode(withCode()), () => 'none', withCode];
  const api = client({
    ask: (_challenge, problem) => {
      problems.push(problem);
      return answers[problems.length - 1]?.();
    },
  });
  expect((await api(echo(), post('a letter'))).status).toBe(200);
  expect(problems.map((problem) => problem?.code)).toEqual([
    undefined,
    'code_incorrect',
    'code_malformed',
  ]);
  expect(problems[1]).toMatchObject({ attemptsLeft: 4, detail: expect.stringContaining('again') });
});

test('who gives up gets the answer of the gate, whole, and is asked again by the next request', async () => {
  const ask = jest.fn<string | undefined, []>(() => undefined);
  const api = client({ ask });
  const answers = await Promise.all([api(echo(), post('a')), api(echo(), post('b'))]);
  for (const answer of answers) {
    expect([answer.status, await answer.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'second_factor_required' }),
    ]);
  }
  expect(count('POST /echo')).toBe(2);
  // The code of before is the one that is pending: no other text.
  ask.mockImplementation(withCode);
  expect((await api(echo(), post('c'))).status).toBe(200);
  expect([ask.mock.calls.length, app.outbox.messages.length]).toEqual([2, 1]);
});

const WORDS = ['one ', 'two ', 'three'];
async function* parts() {
  for (const word of WORDS) yield Buffer.from(word);
}
const stream = () => ReadableStream.from(parts()) as unknown as RequestInit['body'];
test.each<[string, (url: string) => Parameters<typeof fetch>]>([
  ['a stream', (url) => [url, post(stream())]],
  ['what Node can iterate over', (url) => [url, post(parts())]],
  ['a request', (url) => [new Request(url, post(WORDS.join('')))]],
  ['a request with a stream', (url) => [new Request(url, post(stream()))]],
  ['a request, with another body', (url) => [new Request(url, post('no')), post(stream())]],
  ['an address and a blob', (url) => [new URL(url), post(new Blob(WORDS))]],
])('%s is sent again whole', async (_name, request) => {
  const answer = await client()(...request(echo()));
  expect([answer.status, await answer.text()]).toEqual([200, WORDS.join('')]);
  expect(count('POST /echo')).toBe(2);
});

test('what another origin answers, or one that a redirect leads to, opens no dialog', async () => {
  const other = express();
  other.use((_req, res) => {
    const says = JSON.stringify({ code: 'second_factor_required' });
    res.status(401).type('application/problem+json').send(says);
  });
  const { url } = await listen(createServer(other));
  app.app.get('/away', (_req, res) => res.redirect(url));
  const ask = jest.fn(withCode);
  expect((await client({ ask })(url)).status).toBe(401);
  await client()(echo());
  await app.clock.advance(60);
  asked = [];
  expect((await client({ ask })(`${app.url}/away`)).status).toBe(401);
  expect([ask.mock.calls, count(`POST ${ROUTER.challenge}`)]).toEqual([[], 0]);
  // It would, were it named.
  const named = stepUp(bare, { ask, origins: [url], onProblem: () => undefined });
  expect([(await named(url)).status, ask.mock.calls]).toEqual([401, []]);
});

test('other refusals are answers: who has no phone, who is not signed in, what only looks like the gate', async () => {
  const ask = jest.fn(withCode);
  app.enrollments.clear();
  const without = await client({ ask })(echo());
  expect([without.status, await without.json()]).toEqual([
    403,
    expect.objectContaining({ code: 'enrollment_required' }),
  ]);
  expect((await client({ ask }, fetch)(echo())).status).toBe(401);
  expect([ask.mock.calls, app.outbox.messages]).toEqual([[], []]);
});

test('what stands in the way of a code is told, and the gate answers', async () => {
  const problems: Problem[] = [];
  let tries = 0;
  const guess = client({
    ask: (_challenge, problem) => {
      if (problem !== undefined) problems.push(problem);
      tries += 1;
      return tries > 6 ? undefined : wrongCode(withCode());
    },
  });
  await guess(echo());
  expect(problems.map(({ code }) => code)).toEqual([
    ...Array<string>(5).fill('code_incorrect'),
    'challenge_expired',
  ]);
  await app.clock.advance(40);
  tries = 0;
  await guess(echo());
  await app.clock.advance(100);
  const onProblem = jest.fn();
  const ask = jest.fn(withCode);
  const answer = await client({ ask, onProblem })(echo());
  expect([answer.status, ask.mock.calls]).toEqual([401, []]);
  expect(onProblem).toHaveBeenCalledWith(
    expect.objectContaining({ code: 'too_many_attempts', retryAfter: expect.any(Number) }),
  );
});

test('another text is sent by `resend`, which tells its challenge or what is in the way', async () => {
  const told: unknown[] = [];
  const api = client({
    ask: async (challenge, _problem, resend) => {
      told.push((await resend()).problem?.code);
      await app.clock.advance(31);
      const again = await resend();
      told.push([challenge.sendsLeft, again.challenge?.sendsLeft]);
      return withCode();
    },
  });
  expect((await api(echo())).status).toBe(200);
  expect(told).toEqual(['resend_too_soon', [expect.any(Number), expect.any(Number)]]);
  const [before, after] = told[1] as number[];
  expect(after).toBe(before! - 1);
  expect(app.outbox.messages).toHaveLength(2);
});

test('an answer to the code that got lost is asked for again', async () => {
  let lost = 0;
  const send: typeof fetch = async (input, init) => {
    if (!addressIn(input).endsWith(ROUTER.verify) || lost > 0) return bare(input, init);
    lost += 1;
    // It arrives, with the cookie as it was; its answer does not.
    const answer = await bareTwin(input, init);
    expect(answer.status).toBe(200);
    throw new TypeError('fetch failed');
  };
  let cookie = '';
  const bareTwin: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('cookie', cookie);
    return fetch(input, { ...init, headers });
  };
  const ask = jest.fn(async () => withCode());
  cookie = await cookieSent();
  expect((await client({ ask }, send)(echo())).status).toBe(200);
  expect([ask.mock.calls.length, lost, count(`POST ${ROUTER.verify}`)]).toEqual([1, 1, 2]);
});

/** The cookie that `bare` sends now. */
async function cookieSent(): Promise<string> {
  const server = createServer((req, res) => void res.end(req.headers.cookie));
  const { url, close } = await listen(server);
  const answer = await bare(url);
  const cookie = await answer.text();
  await close();
  return cookie;
}

test('headers of the app go with each post of the client, and with nothing else', async () => {
  const seen: [string, string | null][] = [];
  const send: typeof fetch = (input, init) => {
    const request = new Request(input, init);
    seen.push([new URL(request.url).pathname, request.headers.get('x-csrf-token')]);
    return bare(request);
  };
  let token = 0;
  const headers = async () => ({ 'X-CSRF-Token': String((token += 1)) });
  expect((await client({ headers }, send)(echo())).status).toBe(200);
  expect(seen).toEqual([
    ['/echo', null],
    [ROUTER.challenge, '1'],
    [ROUTER.verify, '2'],
    ['/echo', null],
  ]);
});

test.each(['init', 'request'])(
  'a signal in the %s ends its waiting at once; the others wait for the dialog',
  async (where) => {
    const dialog = hold();
    const api = client({
      ask: async () => {
        dialog.enter();
        await dialog.released;
        return withCode();
      },
    });
    const stop = new AbortController();
    const { signal } = stop;
    const [given, init] =
      where === 'init' ? [echo(), { signal }] : [new Request(echo(), { signal }), undefined];
    const stopped = api(given, init).catch((error: unknown) => (error as Error).name);
    await dialog.entered;
    const other = api(echo(), post('a letter'));
    stop.abort();
    expect(await stopped).toBe('AbortError');
    dialog.release();
    expect(await (await other).text()).toBe('a letter');
    expect(app.outbox.messages).toHaveLength(1);
  },
);

test('who signed out meanwhile is asked no more; a dialog that breaks rejects, and the next one opens', async () => {
  const signOut = client({
    ask: async () => {
      const code = withCode();
      await bare(`${app.url}/logout`, { method: 'POST' });
      return code;
    },
  });
  const broken = client({
    ask: () => {
      throw new Error('no dialog');
    },
  });
  await expect(broken(echo())).rejects.toThrow('no dialog');
  await expect(broken(echo())).rejects.toThrow('no dialog');
  expect((await signOut(echo())).status).toBe(401);
});

test('a dialog that broke passed nothing, whatever the one before it did', async () => {
  const { late, send } = lateFetch('/echo?late');
  const dialogs = [withCode, () => Promise.reject(new Error('no dialog'))];
  const api = client({ ask: () => dialogs.shift()?.() }, send);
  await api(echo());
  await app.clock.advance(301);
  const second = api(`${echo()}?late`);
  await late.entered;
  await expect(api(echo())).rejects.toThrow('no dialog');
  late.release();
  asked = [];
  expect([(await second).status, asked]).toEqual([401, []]);
});

test('an answer that is none of the library is a problem, too', async () => {
  const send: typeof fetch = (input, init) =>
    addressIn(input).endsWith(ROUTER.challenge)
      ? Promise.resolve(new Response('<h1>Bad gateway', { status: 502, statusText: 'Bad Gateway' }))
      : bare(input, init);
  const onProblem = jest.fn();
  expect((await client({ onProblem }, send)(echo())).status).toBe(401);
  expect(onProblem).toHaveBeenCalledWith({
    type: 'about:blank',
    title: 'Bad Gateway',
    status: 502,
    code: 'unknown',
    detail: 'Bad Gateway',
  });
});

test('a gate that opens for nobody is asked twice, with one dialog', async () => {
  // Such as where the browser keeps no cookie of that origin.
  const body = JSON.stringify({ code: 'second_factor_required' });
  const headers = { 'content-type': 'application/problem+json' };
  const send = jest.fn((input: unknown) =>
    Promise.resolve(
      String(input).endsWith('/shut')
        ? new Response(body, { status: 401, headers })
        : Response.json({ challenge: {}, verified: true }),
    ),
  );
  const code = jest.fn(() => '123456');
  const answer = await stepUp(send as never, { ask: code, origins: ['http://a.example'] })(
    'http://a.example/shut',
  );
  expect([answer.status, code.mock.calls.length]).toEqual([401, 1]);
  expect(send.mock.calls.filter(([to]) => String(to).endsWith('/shut'))).toHaveLength(2);
});

test('it stands alone, and is small', () => {
  const code = clientModule(true);
  expect(code).not.toMatch(/\b(import|require)\b/);
  // Without comments, blanks at line starts and around signs; a minifier, which shortens names as well, comes to 2.4 kB.
  const short = code.replace(/^\s+/gm, '').replace(/ ?([{}()=>,:;?!&|]+) ?/g, '$1');
  expect(short.length).toBeLessThan(4_000);
});

test('its types are those of the documents', () => {
  const challenge: Challenge = {} as ChallengeDocument;
  const problem: Problem = {} as ServerProblem;
  // And none of theirs is left out.
  const left: Exclude<keyof ChallengeDocument, keyof Challenge>[] = [] satisfies never[];
  const none: never[] = left;
  expect([challenge, problem, none]).toEqual([{}, {}, []]);
});
