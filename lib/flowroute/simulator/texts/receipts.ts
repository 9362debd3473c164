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
