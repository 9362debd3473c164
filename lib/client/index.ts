/**
 * passport-sms-2fa/client: for single-page apps with a dialog of their own. Runs in browsers and wherever
 * there is a `fetch`; needs nothing else.
 */

/** The code that is on its way, as `POST /challenge` says it. Times are ISO 8601. */
export interface Challenge {
  purpose: string;
  /** Left out for texts. */
  channel?: string;
  /** Masked to the last two digits. */
  phone: string;
  codeLength: number;
  sentAt: string;
  expiresAt: string;
  resendAt: string;
  attemptsLeft: number;
  sendsLeft: number;
  delivery: string;
  /** What the code confirms, as the text says it, where the route binds it to that: show it. */
  transaction?: string;
}

/** Why something was refused (RFC 9457). Show `detail`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  /** Such as `code_incorrect`; `unknown` where the answer was none of the library's. */
  code: string;
  detail: string;
  attemptsLeft?: number;
  /** Seconds. */
  retryAfter?: number;
}

/** What became of a wish for another text. */
export type Sent =
  { challenge: Challenge; problem?: undefined } | { challenge?: undefined; problem: Problem };

type Given<T> = T | Promise<T>;

export interface StepUpOptions {
  /**
   * Your dialog: resolves with what the user typed, or with `undefined` where they gave up. After a code that
   * was refused it is asked again, with the problem. `resend` has another text sent, for a button.
   */
  ask: (
    challenge: Challenge,
    problem: Problem | undefined,
    resend: () => Promise<Sent>,
  ) => Given<string | undefined>;
  /** Told where no code can be asked for: locked, too many texts. The request then gets the gate's answer. */
  onProblem?: (problem: Problem) => void;
  /** Where `router()` is, on each origin; default `/second-factor`. */
  mountPath?: string;
  /**
   * Origins of your own API, such as `https://api.acme.example`: only what these and the page's own origin answer
   * opens the dialog. Default: the page's own.
   */
  origins?: readonly string[];
  /** Headers for the client's own posts, such as a CSRF token; asked before each. */
  headers?: () => Given<Record<string, string>>;
}

/** The dialogs of one origin: the one that is open, how many are over, and whether the last one was passed. */
interface Round {
  open?: Promise<void>;
  count: number;
  passed: boolean;
}

type Fetch = typeof fetch;
type Input = Parameters<Fetch>[0];
type Init = Parameters<Fetch>[1];

/** What the gate says where a code would help. */
const ASKS = ['second_factor_required', 'fresh_second_factor_required'];

/**
 * A `fetch` that sends a request again once the user has passed the second factor, where the gate asks for
 * that. Any number of requests that are held up together share one dialog. Where the user gives up each gets
 * the gate's answer. Rejects as the given `fetch` does, with what `ask` throws, and where the request's `signal`
 * aborts, without waiting for the dialog.
 */
export function stepUp(send: Fetch, options: StepUpOptions): Fetch {
  const { origins = [], mountPath = '/second-factor' } = options;
  const page = (globalThis as { location?: { origin: string } }).location?.origin;
  const rounds = new Map<string, Round>();

  return async (input, init) => {
    const { origin } = new URL(isRequest(input) ? input.url : new Request(input).url);
    // What others answer is an answer and nothing else: it has no code texted to anybody.
    if (origin !== page && !origins.includes(origin)) return send(input, init);
    const copy = copies(input, init);
    const round = rounds.get(origin) ?? { count: 0, passed: false };
    rounds.set(origin, round);
    try {
      for (let asked = false, times = 1; ; times += 1) {
        const before = round.count;
        const answer = await send(...copy.next());
        if (asked || times === 3 || !(await asksForCode(answer, origin))) return answer;
        // Sent before a dialog was over, and held up after: that dialog was about it, too.
        if (round.count === before) {
          asked = true;
          round.open ??= ask(origin, round);
          await unlessAborted(round.open, init?.signal ?? (isRequest(input) ? input.signal : null));
        }
        if (!round.passed) return answer;
      }
    } finally {
      copy.drop();
    }
  };

  async function ask(origin: string, round: Round): Promise<void> {
    round.passed = false;
    try {
      round.passed = await pass(origin);
    } finally {
      round.count += 1;
      delete round.open;
    }
  }

  async function pass(origin: string): Promise<boolean> {
    const base = origin + mountPath;
    const post = async (path: string, body: object): Promise<Response> => {
      const init: Init = {
        method: 'POST',
        credentials: 'include',
        headers: {
          ...(await options.headers?.()),
          Accept: 'application/json',
          'Content-Type': 'application/json',
        },
        body: JSON.stringify(body),
      };
      return send(base + path, init);
    };
    const text = async (): Promise<Sent> => {
      const answer = await post('/challenge', {});
      if (answer.ok) return (await answer.json()) as { challenge: Challenge };
      return { problem: await problemIn(answer) };
    };
    let { challenge, problem } = await text();
    // The one that is pending can be answered, such as after the page was loaded anew.
    if (problem?.code === 'resend_too_soon') {
      const init: Init = { credentials: 'include', headers: { Accept: 'application/json' } };
      const pending = await send(`${base}/challenge`, init);
      if (pending.ok) challenge = (await pending.json()) as Challenge;
    }
    if (challenge === undefined) {
      if (problem !== undefined) options.onProblem?.(problem);
      return false;
    }
    const resend = async (): Promise<Sent> => {
      const sent = await text();
      challenge = sent.challenge ?? challenge;
      return sent;
    };
    for (problem = undefined; ;) {
      const code = await options.ask(challenge, problem, resend);
      if (code === undefined) return false;
      // Asked twice within ten seconds it gives the same answer: one that was lost is asked for again.
      const guess = () => post('/verify', { code });
      const answer = await guess().catch(guess);
      if (answer.ok) return true;
      problem = await problemIn(answer);
      if (problem.code === 'not_authenticated') return false;
    }
  }
}

/** Whether the gate of this origin wants a code. What a redirect led to elsewhere does not ask. */
async function asksForCode(answer: Response, origin: string): Promise<boolean> {
  const { headers, status, url } = answer;
  if (status !== 401 && status !== 403) return false;
  if (url !== '' && new URL(url).origin !== origin) return false;
  if (!(headers.get('content-type') ?? '').includes('problem+json')) return false;
  return ASKS.includes((await problemIn(answer.clone())).code);
}

async function problemIn(answer: Response): Promise<Problem> {
  const { status, statusText: title } = answer;
  const unknown = { type: 'about:blank', title, status, code: 'unknown', detail: title };
  const said: unknown = await answer.json().catch(() => undefined);
  return { ...unknown, ...(said as Problem | undefined) };
}

/** The request once more and once more: a body that can be read only once is split before it is read. */
function copies(input: Input, init: Init) {
  const body: unknown = init?.body;
  let stream = isReadOnce(body) ? new Response(body as never).body : undefined;
  let request = isRequest(input) ? input : undefined;
  return {
    next: (): [Input, Init] => {
      let given = input;
      if (request !== undefined) {
        given = request;
        request = request.clone();
      }
      if (!stream) return [given, init];
      const [sent, kept] = stream.tee();
      stream = kept;
      return [given, { ...init, body: sent as never }];
    },
    /** What is kept is not needed any more. */
    drop: (): void => {
      for (const kept of [stream, request?.body]) kept?.cancel().catch(() => undefined);
    },
  };
}

/** Of whichever implementation. */
function isRequest(input: Input): input is Request {
  return typeof input === 'object' && 'clone' in input;
}

/** A stream, also where those are not iterable, or what Node takes for one. */
function isReadOnce(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return 'getReader' in body || Symbol.asyncIterator in body;
}

function unlessAborted<T>(wanted: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return wanted;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as fetch itself does
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    wanted.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
