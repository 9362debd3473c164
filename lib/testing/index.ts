/** passport-sms-2fa/testing: for the tests of an app that uses passport-sms-2fa. Never in production. */
import type { Clock } from '../ports/clock';
import type { Texts } from './outbox';

export {
  simulatorTexts,
  testOutbox,
  type ReceivedText,
  type TestOutbox,
  type Texts,
  type WaitForText,
} from './outbox';

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
