import { createHmac } from 'node:crypto';

import { attempt, type Account } from './attempt';
import { explainAbortedBefore } from './broken-call';
import type { Call, FailedCall } from './call';
import { startCallLimit, type CallLimit } from './call-limit';
import type { CarrierAnswer } from './carrier-answer';
import { CircuitBreaker } from './circuit-breaker';
import type { ClientSettings } from './client-options';
import { RateLimiter, type Turn } from './rate/rate-limiter';
import { pauseBefore } from './retry';
import type { Timing } from './timing';
import { explainNoTurn, explainOpenCircuit } from './unsent-call';

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
    const turn = await this.#limiter.turn(call.endpoint, limit.signal).catch(() => undefined);
    if (turn !== undefined && !limit.signal.aborted) return turn;
    turn?.giveBack(false);
    throw explainNoTurn(limit.endedBy(), timeoutMs, call.subject);
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
