import type { FaultMode } from './fault-modes';
import type { Receipt, SimulatedMessage } from './message-log';
import { secondsTime } from './message-record';
import type { Carrier } from './simulated-carrier';
import type { CallbackShape, SimulatorSettings, StatusCodeStyle } from './simulator-options';

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

/** Flowroute's codes for these are not known: this one is invented. */
const FILTERED: Step = {
  level: 2,
  status: 'rejected',
  code: 1180,
  description: 'Message blocked by the carrier as spam',
};
const EXPIRED: Step = {
  level: 2,
  status: 'expired',
  code: null,
  description: 'Message expired before the phone was in reach',
};

/** What becomes of a text that the carrier took. `late` is `buffered`, two minutes later. */
type Fate =
  | 'buffered'
  | 'late'
  | 'delivered'
  | 'silent'
  | 'failed'
  | 'rejected'
  | 'filtered'
  | 'expired'
  | 'landline';

const STEPS: Record<Fate, readonly Step[]> = {
  buffered: [SUBMITTED, BUFFERED],
  late: [SUBMITTED, BUFFERED],
  delivered: [SUBMITTED, DELIVERED],
  silent: [SUBMITTED],
  failed: [SUBMITTED, FAILED],
  rejected: [REJECTED],
  filtered: [SUBMITTED, FILTERED],
  expired: [SUBMITTED, EXPIRED],
  // Flowroute gives receipts for mobile phones only.
  landline: [],
};
const SECOND_STEP_MS = 1_000;
const LATE_STEP_MS = 120_000;

/** Every receipt that there will be, in order. A record shows each one from its time on. */
export function planReceipts(fate: Fate, mms: boolean, at: number, timeScale: number): Receipt[] {
  const second = (fate === 'late' ? LATE_STEP_MS : SECOND_STEP_MS) * timeScale;
  return STEPS[fate].map((step) => ({
    ...step,
    status: mms ? step.status.replace('smsc', 'mmsc') : step.status,
    at: step.level === 1 ? at : at + second,
  }));
}

/** Whether the phone shows the text in the end. */
export function reachesPhone(fate: Fate): boolean {
  return fate === 'buffered' || fate === 'late' || fate === 'delivered';
}

/** What becomes of one text, and how the carrier tells of it. */
export interface Course {
  fate: Fate;
  posting: 'once' | 'lost' | 'doubled' | 'reordered';
  shape: CallbackShape;
  statusCode: StatusCodeStyle;
}

type Change = Partial<Course>;

const CHANGES: Partial<Record<FaultMode, Change>> = {
  'accepted-never-delivered': { fate: 'silent' },
  'delivery-success': { fate: 'delivered' },
  'delivery-failure': { fate: 'failed' },
  'smsc-reject': { fate: 'rejected' },
  filtered: { fate: 'filtered' },
  expired: { fate: 'expired' },
  landline: { fate: 'landline' },
  'receipts-late': { fate: 'late' },
  'receipts-lost': { posting: 'lost' },
  'receipts-doubled': { posting: 'doubled' },
  'receipts-reordered': { posting: 'reordered' },
  'receipts-wrapped': { shape: 'wrapped' },
  'receipts-flat': { shape: 'flat' },
  'receipts-code-number': { statusCode: 'number' },
  'receipts-code-string': { statusCode: 'string' },
  'receipts-code-null': { statusCode: 'null' },
  'receipts-code-missing': { statusCode: 'missing' },
};

/** The usual course, with what a fault changes of it. */
export function courseOf(mode: FaultMode | undefined, settings: SimulatorSettings): Course {
  const { callbackShape: shape, statusCode } = settings;
  const change = mode === undefined ? undefined : CHANGES[mode];
  return { fate: 'buffered', posting: 'once', shape, statusCode, ...change };
}

/** How long after a step of the text its receipt leaves. */
const LAG_MS = 100;

/**
 * Posts the receipts of a text at their times. The address of the text itself wins over that of the
 * number, and that over the one of the account; without any nothing is posted. Flowroute documents
 * no further tries, so there are none.
 */
export function postReceipts(
  { settings, callbacks, timers, posts, changes }: Carrier,
  message: SimulatedMessage,
  course: Course,
  related: string,
): void {
  for (const { receipt, at } of plan(message.receipts, course, LAG_MS * settings.timeScale)) {
    timers.after(at - message.at, () => {
      // The phone page shows it, posted or not.
      changes.announce();
      if (course.posting === 'lost') return;
      const type = message.mms ? 'mms_dlr_callback' : 'sms_dlr_callback';
      const url = message.dlrCallback ?? callbacks.find(type, message.from);
      if (url !== undefined) void posts.post(url, receiptBody(message, receipt, course, related));
    });
  }
}

interface PlannedPost {
  receipt: Receipt;
  at: number;
}

function plan(receipts: readonly Receipt[], { posting }: Course, lag: number): PlannedPost[] {
  const posts = receipts.map((receipt) => ({ receipt, at: receipt.at + lag }));
  switch (posting) {
    case 'doubled':
      return posts.flatMap((post) => [post, { ...post, at: post.at + lag }]);
    case 'reordered': {
      const last = Math.max(...posts.map(({ at }) => at));
      return posts.map((post) => (post.receipt.level === 1 ? { ...post, at: last + lag } : post));
    }
    case 'lost':
    case 'once':
      return posts;
  }
}

/** A receipt as it is posted. `related` is where the record of the text can be looked up. */
function receiptBody(
  { id, to, from, body: said, mms }: SimulatedMessage,
  receipt: Receipt,
  { shape, statusCode }: Course,
  related: string,
): object {
  const { status, level, description } = receipt;
  // Documented as always empty for MMS.
  const body = mms ? '' : said;
  const code = codePart(receipt.code, shape, statusCode);
  // Flat receipts name the numbers, but neither the level nor the time.
  if (shape === 'flat') {
    return { attributes: { to, from, body, status, ...code }, id, type: 'delivery_receipt' };
  }
  const timestamp = secondsTime(receipt.at);
  const attributes = { body, level, status, ...code, status_code_description: description };
  return {
    data: {
      attributes: { ...attributes, timestamp },
      id,
      links: { related },
      type: 'delivery_receipt',
    },
  };
}

/** Where there is no code, wrapped receipts say `null` and flat ones leave it out. */
function codePart(code: number | null, shape: CallbackShape, style: StatusCodeStyle): object {
  if (style === 'null') return { status_code: null };
  if (style === 'missing' || (code === null && shape === 'flat')) return {};
  return { status_code: code !== null && style === 'string' ? String(code) : code };
}
