/** passport-sms-2fa/testing: for the tests of an app that uses passport-sms-2fa. Never in production. */
import type { Clock } from '../ports/clock';
import { outboxSender, type OutboxSender } from '../senders/outbox-sender';

/** Taken before a test's own fake timers can stand in their place. */
const { setTimeout: later, clearTimeout: forget } = globalThis;

/** A text that was waited for. */
export interface ReceivedText {
  to: string;
  body: string;
  /** The code in it: its first 6 to 10 digits in a row; empty where there are none. */
  code: string;
}

export interface WaitForText {
  /** With or without its plus sign; default any number. */
  to?: string;
  /** What `mark()` gave: only texts after that moment. Default: any, the newest first. */
  after?: number;
  /** How long to wait, in milliseconds of real time; default 5000. */
  timeout?: number;
}

/** Where a test finds the texts of the app that it tests. */
export interface Texts {
  /** This moment, for `waitFor({ after })`: take it before you do what sends the text. */
  mark(): Promise<number>;
  /**
   * Resolves with the newest text to this number, at once where it is there. Rejects after the timeout, with what
   * was sent instead.
   */
  waitFor(wanted?: WaitForText): Promise<ReceivedText>;
}

/** The outbox of `outboxSender()`, which can be waited for. Hand it to `createSecondFactor` as `sender`. */
export interface TestOutbox extends OutboxSender, Texts {}

/** Makes an empty one. */
export function testOutbox(): TestOutbox {
  const outbox = outboxSender();
  const waiting = new Set<() => void>();
  /** How many were forgotten: a mark of before `clear()` means what it meant. */
  let cleared = 0;
  const newest = ({ to, after = 0 }: WaitForText): ReceivedText | undefined => {
    const texts = outbox.messages.slice(Math.max(0, after - cleared));
    return received(texts.findLast((text) => isTo(text.to, to)));
  };
  const made: Omit<TestOutbox, 'messages'> = {
    last: (to) => outbox.last(to),
    clear: () => {
      cleared += outbox.messages.length;
      outbox.clear();
    },
    send: async (message, ...more) => {
      const receipt = await outbox.send(message, ...more);
      for (const look of [...waiting]) look();
      return receipt;
    },
    mark: () => Promise.resolve(cleared + outbox.messages.length),
    waitFor: (wanted = {}) =>
      new Promise((resolve, reject) => {
        const { timeout = 5_000 } = wanted;
        const end = later(() => {
          waiting.delete(look);
          reject(missing(wanted, outbox.messages));
        }, timeout);
        const look = (): void => {
          const text = newest(wanted);
          if (text === undefined) return;
          forget(end);
          waiting.delete(look);
          resolve(text);
        };
        waiting.add(look);
        look();
      }),
  };
  return Object.defineProperty(made, 'messages', {
    enumerable: true,
    get: () => outbox.messages,
  }) as TestOutbox;
}

/** How often the simulator is asked, in milliseconds. */
const ASK_EVERY = 100;

/**
 * The texts of a running simulator (`passport-sms-2fa/simulator`, `npx passport-sms-2fa simulate`), by its
 * address: for tests of an app that runs elsewhere. Rejects where the simulator cannot be asked.
 */
export function simulatorTexts(url: string): Texts {
  const all = async (): Promise<SimulatedText[]> => {
    const answer = await fetch(new URL('/inbox', url));
    if (!answer.ok) throw new Error(`The simulator at ${url} answered ${answer.status}.`);
    // It lists the newest first.
    return ((await answer.json()) as { messages: SimulatedText[] }).messages.reverse();
  };
  return {
    mark: async () => (await all()).length,
    waitFor: async (wanted = {}) => {
      const { to, after = 0, timeout = 5_000 } = wanted;
      const end = performance.now() + timeout;
      for (;;) {
        const texts = await all();
        const text = received(texts.slice(after).findLast((each) => isTo(each.to, to)));
        if (text !== undefined) return text;
        if (performance.now() > end) throw missing(wanted, texts);
        await new Promise((resolve) => later(resolve, ASK_EVERY));
      }
    },
  };
}

interface SimulatedText {
  to: string;
  body: string;
}

function received(text: SimulatedText | undefined): ReceivedText | undefined {
  if (text === undefined) return undefined;
  const { to, body } = text;
  return { to, body, code: /\b\d{6,10}\b/.exec(body)?.[0] ?? '' };
}

function isTo(to: string, wanted: string | undefined): boolean {
  return wanted === undefined || to.replace(/\D/g, '') === wanted.replace(/\D/g, '');
}

function missing({ to, after = 0, timeout = 5_000 }: WaitForText, texts: readonly SimulatedText[]) {
  const list = texts.map((text) => `\n  to ${text.to}: ${text.body}`).join('');
  return new Error(
    `No text ${to === undefined ? '' : `to ${to} `}${after === 0 ? '' : `after the first ${after} `}within ${timeout} ms. ` +
      (list === '' ? 'None was sent at all.' : `Sent so far:${list}`),
  );
}

/** A clock for the option `clock`, which stands still unless it is moved. */
export interface TestClock extends Clock {
  (): number;
  /** Moves on by so many seconds; fractions and steps back are allowed. */
  advance(seconds: number): void;
  /** Goes to a time: a `Date`, what `new Date()` reads, or milliseconds. */
  set(time: Date | string | number): void;
}

/**
 * Begins at the real time, or at the one given. Throws a `RangeError` for what is no time. Stores of sessions and
 * counters with a clock of their own, such as Redis, do not follow it: `MemoryStore` and `memoryCounter` do, but for
 * the age of the session's cookie.
 */
export function testClock(start: Date | string | number = Date.now()): TestClock {
  let now = timeOf(start);
  return Object.assign(() => now, {
    advance: (seconds: number) => {
      now = timeOf(now + seconds * 1_000);
    },
    set: (time: Date | string | number) => {
      now = timeOf(time);
    },
  });
}

function timeOf(time: Date | string | number): number {
  const milliseconds = new Date(time).getTime();
  if (Number.isNaN(milliseconds)) throw new RangeError(`${String(time)} is no time.`);
  return milliseconds;
}

/** What of a supertest agent is used, by its shape. */
export interface AgentLike {
  post(path: string): {
    set(name: string, value: string): { send(body: object): PromiseLike<AnswerLike> };
  };
}

interface AnswerLike {
  status: number;
  text: string;
}

/** What of a Playwright page is used, by its shape. */
export interface PageLike {
  goto(url: string): Promise<unknown>;
  url(): string;
  fill(selector: string, value: string): Promise<void>;
  press(selector: string, key: string): Promise<void>;
  waitForSelector(selector: string): Promise<unknown>;
  waitForURL(url: (url: URL) => boolean): Promise<void>;
}

export interface SignInWithCode<Who> {
  /** `testOutbox()`, or `simulatorTexts(url)`. */
  outbox: Texts;
  /** The app's own first step: the password, by whatever route or form it has. */
  signIn: (who: Who) => unknown;
  /** The user's phone; default: whatever number the next text goes to. */
  to?: string;
  /** Where `router()` is; default `/second-factor`. */
  mountPath?: string;
}

/**
 * Signs in with password and code, as the user does: a supertest agent over the JSON API, a Playwright page
 * over the pages, from which it is let go where the app leads to. Rejects with the app's answer where one step
 * is refused, and as `waitFor` does where no text comes.
 */
export async function signInWithCode<Who extends AgentLike | PageLike>(
  who: Who,
  options: SignInWithCode<Who>,
): Promise<void> {
  const { outbox, signIn, to, mountPath = '/second-factor' } = options;
  const after = await outbox.mark();
  const text = () => outbox.waitFor({ after, ...(to === undefined ? {} : { to }) });
  await signIn(who);
  if ('goto' in who) {
    const isThere = (url: URL): boolean => url.pathname.startsWith(mountPath);
    if (!isThere(new URL(who.url()))) await who.goto(new URL(`${mountPath}/`, who.url()).href);
    // The page asks for its text by itself.
    await who.waitForSelector('#code');
    await who.fill('#code', (await text()).code);
    // The page sends the code with its last digit, unless a box waits for an answer; then Enter does.
    const gone = who.waitForURL((url) => !isThere(url));
    void who.press('#code', 'Enter').catch(() => undefined);
    await gone;
    return;
  }
  await posted(who, `${mountPath}/challenge`, {});
  await posted(who, `${mountPath}/verify`, { code: (await text()).code });
}

async function posted(agent: AgentLike, path: string, body: object): Promise<void> {
  const { status, text } = await agent.post(path).set('Accept', 'application/json').send(body);
  if (status >= 300) throw new Error(`POST ${path} was answered ${status}: ${text}`);
}
