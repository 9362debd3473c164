import { RateWindow } from './carrier-http';
import { CallbackAddresses, CallbackPosts, Timers } from './callback-posts';
import { FaultQueue } from './fault-modes';
import type { SimulatedMail } from './mails';
import { Log, type SimulatedMessage } from './message-log';
import type { SimulatorSettings } from './simulator-options';

/** Everything a simulated carrier knows. */
export interface Carrier {
  settings: SimulatorSettings;
  messages: Log<SimulatedMessage>;
  /** Mails of the app itself, which reach the same person beside the carrier. */
  mails: Log<SimulatedMail>;
  faults: FaultQueue;
  rate: RateWindow;
  optOuts: OptOuts;
  callbacks: CallbackAddresses;
  posts: CallbackPosts;
  timers: Timers;
  changes: Changes;
}

export function newCarrier(settings: SimulatorSettings): Carrier {
  const changes = new Changes();
  const timers = new Timers(settings.schedule);
  return {
    settings,
    messages: new Log<SimulatedMessage>(changes.announce),
    mails: new Log<SimulatedMail>(changes.announce),
    faults: new FaultQueue(changes.announce),
    rate: new RateWindow(settings.clock),
    optOuts: new OptOuts(),
    callbacks: new CallbackAddresses(),
    posts: new CallbackPosts(timers),
    timers,
    changes,
  };
}

/** Ends what is still to come: receipts, further tries, answers that are slow. */
export function stopCarrier({ posts, timers }: Carrier): void {
  posts.stop();
  timers.stop();
}

/** Who asked not to be texted by which number. Numbers are 11 digits. */
class OptOuts {
  readonly #pairs = new Set<string>();

  /**
   * Takes in what a consumer wrote to a number. A lone STOP, in any case, blocks this pair and
   * only this pair; a lone UNSTOP opens it. "STOP PLEASE" does neither.
   */
  hear(consumer: string, number: string, body: string): void {
    const word = body.trim().toUpperCase();
    if (word === 'STOP') this.#pairs.add(`${number} ${consumer}`);
    if (word === 'UNSTOP') this.#pairs.delete(`${number} ${consumer}`);
  }

  blocks(consumer: string, number: string): boolean {
    return this.#pairs.has(`${number} ${consumer}`);
  }

  clear(): void {
    this.#pairs.clear();
  }
}

/** Tells open pages that there is something new to show. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  readonly announce = (): void => {
    for (const listener of this.#listeners) listener();
  };

  /** The answer ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
