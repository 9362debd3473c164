import { randomBytes } from 'node:crypto';

/** A generation of the messaging API. */
export type ApiVersion = 'v2' | 'v2.1' | 'v2.2';
export const API_VERSIONS: readonly ApiVersion[] = ['v2', 'v2.1', 'v2.2'];

/** One text, to a phone (outbound) or from it (inbound). */
export interface SimulatedMessage {
  id: string;
  direction: 'outbound' | 'inbound';
  /** 11 digits, as the carrier keeps them. */
  to: string;
  from: string;
  /** `null` where a person sent nothing but a picture. */
  body: string | null;
  /** Milliseconds since the epoch. */
  at: number;
  /** `accepted` where the carrier took it and no phone ever got it. */
  status: 'accepted' | 'delivered';
  /** Where its receipts go, if the sender named an address with the text. */
  dlrCallback?: string | undefined;
  /** What the carrier tells of it, in order, also what is still to come. Inbound texts have none. */
  receipts: readonly Receipt[];
}

/** Older texts are forgotten, so that a simulator may run for weeks. */
const KEPT = 1_000;

/** The texts of a simulator, in memory. */
export class MessageLog {
  readonly #changed: () => void;
  #messages: SimulatedMessage[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(message: SimulatedMessage): SimulatedMessage {
    this.#messages.unshift(message);
    this.#messages.length = Math.min(this.#messages.length, KEPT);
    this.#changed();
    return message;
  }

  find(id: string): SimulatedMessage | undefined {
    return this.#messages.find((message) => message.id === id);
  }

  /** Newest first. */
  all(): readonly SimulatedMessage[] {
    return this.#messages;
  }

  clear(): void {
    this.#messages = [];
    this.#changed();
  }
}

/** A fresh id in the form of the API version: `mdr1-` or `mdr2-` and 32 hexadecimal digits. */
export function newMessageId(version: ApiVersion): string {
  return `${version === 'v2' ? 'mdr1' : 'mdr2'}-${randomBytes(16).toString('hex')}`;
}

/** One step that the carrier tells of a text. */
export interface Receipt {
  /** 1 on the way to the carrier of the phone, 2 from there on. */
  level: 1 | 2;
  status: string;
  code: number | null;
  description: string;
  /** Milliseconds since the epoch. */
  at: number;
}

type Step = Omit<Receipt, 'at'>;

const SUBMITTED: Step = {
  level: 1,
  status: 'smsc submit',
  code: null,
  description: 'Message has been sent',
};
const BUFFERED: Step = {
  level: 2,
  status: 'message buffered',
  code: 1003,
  description: 'Message accepted by Carrier',
};
const DELIVERED: Step = {
  level: 2,
  status: 'delivery success',
  code: null,
  description: 'Message delivered',
};
const FAILED: Step = {
  level: 2,
  status: 'delivery failure',
  code: 1110,
  description: 'Message accepted by the SMSC but the phone rejected the message',
};
const REJECTED: Step = {
  level: 1,
  status: 'smsc reject',
  code: null,
  description: 'Message rejected by the SMSC',
};

/** What becomes of a text that the carrier took. `late` is `buffered`, two minutes later. */
export type Fate = 'buffered' | 'late' | 'delivered' | 'silent' | 'failed' | 'rejected';

const STEPS: Record<Fate, readonly Step[]> = {
  buffered: [SUBMITTED, BUFFERED],
  late: [SUBMITTED, BUFFERED],
  delivered: [SUBMITTED, DELIVERED],
  silent: [SUBMITTED],
  failed: [SUBMITTED, FAILED],
  rejected: [REJECTED],
};
const SECOND_STEP_MS = 1_000;
const LATE_STEP_MS = 120_000;

/** Every receipt that there will be, in order. A record shows each one from its time on. */
export function planReceipts(fate: Fate, at: number, timeScale: number): Receipt[] {
  const second = (fate === 'late' ? LATE_STEP_MS : SECOND_STEP_MS) * timeScale;
  return STEPS[fate].map((step) => ({ ...step, at: step.level === 1 ? at : at + second }));
}

/** Whether the phone shows the text in the end. */
export function reachesPhone(fate: Fate): boolean {
  return fate === 'buffered' || fate === 'late' || fate === 'delivered';
}
