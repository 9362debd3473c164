import { createHmac } from 'node:crypto';
import type { Clock } from '../ports/clock';
import { CircuitBreaker } from './circuit-breaker';
import type { ClientSettings } from './client-options';
import {
  explainAbortedBefore,
  explainBrokenCall,
  explainNoTurn,
  explainOpenCircuit,
  FlowrouteError,
  type FailedCall,
} from './flowroute-error';
import { RateLimiter, type Timing, type Turn } from './rate-limiter';
import { explainAnswer, explainStrangeSuccess } from './refusals';
import { traceHeaders } from '../telemetry';
import { isCarriers, type Call } from './requests';
import { readAnswer, type CarrierAnswer } from './wire';

/** Makes calls: within the rate, within a time limit, and again where that is safe. */
export class CarrierCalls {
  readonly #account: Account;
  readonly #retries: number;
  readonly #timing: Timing;
  readonly #limiter: RateLimiter;
  /** Look-ups that fail say nothing about texts: each kind of call is left alone for itself. */
  readonly #breakers: Record<Call['subject']['kind'], CircuitBreaker>;

  constructor(settings: ClientSettings, timing: Timing) {
    const { accessKey, secretKey, baseUrl } = settings;
    const credentials = Buffer.from(`${accessKey}:${secretKey}`, 'utf8').toString('base64');
    this.#account = { settings, credentials, host: new URL(baseUrl).host, clock: timing.clock };
    this.#retries = settings.retries;
    this.#timing = timing;
    // Keyed, as an access key is short enough to be guessed from a plain digest.
    const name = createHmac('sha256', secretKey).update(`${baseUrl} ${accessKey}`).digest('hex');
    this.#limiter = new RateLimiter(name.slice(0, 32), timing, settings.counter);
    const { clock } = timing;
    this.#breakers = {
      text: new CircuitBreaker(clock),
      change: new CircuitBreaker(clock),
      read: new CircuitBreaker(clock),
    };
  }

  /** Resolves with a success (or 404 where the call allows it); rejects with a `FlowrouteError`. */
  async run(call: Call, caller?: AbortSignal): Promise<CarrierAnswer> {
    if (caller?.aborted) throw explainAbortedBefore(this.#account.host, call.subject);
    // Who hands in a signal has a limit of their own; this one then only ends what they forgot.
    const { timeoutMs = caller === undefined ? 5_000 : 30_000 } = this.#account.settings;
    const limit = startCallLimit(timeoutMs, caller);
    const deadline = this.#timing.clock() + timeoutMs;
    try {
      for (let tries = 0; ; tries += 1) {
        const outcome = await this.#try(call, limit, timeoutMs);
        if (!('error' in outcome)) return outcome;
        await this.#waitToRepeat(call, outcome, tries, limit, deadline);
      }
    } finally {
      limit.release();
    }
  }

  async #try(call: Call, limit: CallLimit, timeoutMs: number): Promise<CarrierAnswer | FailedCall> {
    const breaker = this.#breakers[call.subject.kind];
    this.#refuseIfOpen(breaker);
    const turn = await this.#turn(call, limit, timeoutMs);
    let used = false;
    try {
      // It may have opened while this call waited for its turn.
      this.#refuseIfOpen(breaker);
      const passage = breaker.enter();
      used = true;
      const outcome = await attempt(this.#account, call, limit, timeoutMs);
      passage.report('error' in outcome ? outcome.health : 'well');
      return outcome;
    } finally {
      turn.giveBack(used);
    }
  }

  async #turn(call: Call, limit: CallLimit, timeoutMs: number): Promise<Turn> {
    const turn = await this.#turnOf(call, limit.signal).catch(() => undefined);
    if (turn !== undefined && !limit.signal.aborted) return turn;
    turn?.giveBack(false);
    throw explainNoTurn(limit.endedBy(), timeoutMs, call.subject);
  }

  async #turnOf({ endpoint, isMms = false }: Call, signal: AbortSignal): Promise<Turn> {
    if (!isMms) return this.#limiter.turn(endpoint, signal);
    // First the narrower one: who waits for it is in nobody's way.
    const first = await this.#limiter.turn(`${endpoint} mms`, signal, 1);
    try {
      const turn = await this.#limiter.turn(endpoint, signal);
      return { giveBack: (used) => [first, turn].forEach((each) => each.giveBack(used)) };
    } catch (error) {
      first.giveBack(false);
      throw error;
    }
  }

  #refuseIfOpen(breaker: CircuitBreaker): void {
    const closedFor = breaker.closedFor();
    if (closedFor !== undefined) throw explainOpenCircuit(this.#account.host, closedFor);
  }

  async #waitToRepeat(
    call: Call,
    failed: FailedCall,
    tries: number,
    limit: CallLimit,
    deadline: number,
  ): Promise<void> {
    const { clock, random, wait } = this.#timing;
    const pause = tries < this.#retries ? pauseBefore(call, failed, tries, random) : undefined;
    if (pause === undefined || clock() + pause >= deadline) throw failed.error;
    await wait(pause, limit.signal).catch(() => {
      throw failed.error;
    });
  }
}

/** Whose calls they are. */
interface Account {
  settings: ClientSettings;
  /** The value of Basic authentication. */
  credentials: string;
  host: string;
  clock: Clock;
}

/** One request and its answer. Never rejects. */
async function attempt(
  account: Account,
  call: Call,
  limit: CallLimit,
  timeoutMs: number,
): Promise<CarrierAnswer | FailedCall> {
  const { settings, host, credentials, clock } = account;
  const { subject } = call;
  const began = clock();
  let response: Response;
  try {
    response = await request(account, call, limit.signal);
  } catch (error) {
    const ranFor = clock() - began;
    return explainBrokenCall({ error, endedBy: limit.endedBy(), host, timeoutMs, ranFor, subject });
  }
  const answer = await readAnswer(response, call.answerLimit);
  const isMissing = answer.status === 404 && !answer.html;
  if (response.ok || (isMissing && call.mayBeMissing === true)) {
    // A read needs its body, and says itself what is missing in it.
    if (subject.kind === 'read') return answer.text === undefined ? brokenRead(host, call) : answer;
    return isCarriers(answer, subject)
      ? answer
      : explainStrangeSuccess(answer, { settings, subject });
  }
  const { accessKey, secretKey } = settings;
  const secrets = [credentials, secretKey, accessKey];
  return explainAnswer(answer, { settings, subject, secrets, now: clock() });
}

function request({ settings, credentials }: Account, call: Call, signal: AbortSignal) {
  const { method, path, body } = call;
  return fetch(`${settings.baseUrl}${path}`, {
    method,
    headers: {
      accept: 'application/json, application/vnd.api+json',
      authorization: `Basic ${credentials}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...traceHeaders(),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal,
  });
}

function brokenRead(host: string, { answerLimit }: Call): FailedCall {
  const cure = 'Try again; where it stays so, look at proxies between.';
  const message = `The answer of ${host} broke off, or is longer than ${answerLimit} bytes. ${cure}`;
  const error = new FlowrouteError(message, { reason: 'unavailable', refused: true, cure });
  return { error, again: 'reads', health: 'unknown' };
}

/** One limit over a whole call to a carrier, headers and body. */
interface CallLimit {
  signal: AbortSignal;
  /** What ended the call early, if anything did. */
  endedBy(): 'time' | 'caller' | undefined;
  /** Must run when the call is over, however it ended. */
  release(): void;
}

/**
 * Ends a call after `timeoutMs` milliseconds or when the caller gives up, whichever is first.
 *
 * Not `AbortSignal.any` with `AbortSignal.timeout`: that timer does not keep the process alive, and
 * Node 20 may collect the combined signal before it fires.
 */
function startCallLimit(timeoutMs: number, caller: AbortSignal | undefined): CallLimit {
  const controller = new AbortController();
  let ended: 'time' | 'caller' | undefined;
  const end = (by: 'time' | 'caller') => {
    ended ??= by;
    controller.abort();
  };
  const onCaller = () => end('caller');
  const timer = setTimeout(() => end('time'), timeoutMs);
  caller?.addEventListener('abort', onCaller, { once: true });
  return {
    signal: controller.signal,
    endedBy: () => ended,
    release: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', onCaller);
    },
  };
}

const FIRST_STEP = 200;
const LONGEST_STEP = 5_000;
/** Flowroute counts attempts over a second, also those that it turned away. */
const AFTER_429 = 1_000;

/**
 * How long to wait before a call is made again, in milliseconds; `undefined` where it must not be.
 * Only what surely was not taken is made again, and reads, which take nothing.
 */
function pauseBefore(
  call: Call,
  { error, again }: FailedCall,
  triesSoFar: number,
  random: () => number,
): number | undefined {
  if (again === 'never' || (again === 'reads' && call.subject.kind !== 'read')) return undefined;
  // Full jitter: many that failed in the same moment must not come back in the same moment.
  const jitter = random() * Math.min(LONGEST_STEP, FIRST_STEP * 2 ** triesSoFar);
  return (error.retryAfterMs ?? (error.status === 429 ? AFTER_429 : 0)) + jitter;
}
