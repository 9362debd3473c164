import { digitsOf } from '../flowroute/wire';
import type { SmsMessage, StandaloneSender } from '../ports/senders';

/** A sender that keeps every text in memory instead of sending it: for tests of an app. */
export interface OutboxSender extends StandaloneSender {
  /** Every text so far, oldest first. */
  readonly messages: readonly SmsMessage[];
  /** The newest text, or the newest to this number (with or without its plus sign). */
  last(to?: string): SmsMessage | undefined;
  /** Forgets the texts. Ids go on from where they were. */
  clear(): void;
}

/** Makes an empty outbox. Its receipts are named `outbox-1`, `outbox-2` and so on. */
export function outboxSender(): OutboxSender {
  let kept: SmsMessage[] = [];
  let taken = 0;
  return {
    get messages() {
      return [...kept];
    },
    last: (to) =>
      kept.findLast((message) => to === undefined || digitsOf(message.to) === digitsOf(to)),
    clear: () => {
      kept = [];
    },
    send: ({ to, body }) => {
      kept.push({ to, body });
      taken += 1;
      return Promise.resolve({ id: `outbox-${taken}` });
    },
  };
}
