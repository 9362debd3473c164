import express, { type Router } from 'express';
import { fieldsOf, onlyMethods, plainBody, sendCarrierError } from './carrier-http';

/** Failures that show before a text is looked at. */
const ANSWERS = [
  '401',
  '403',
  '422',
  '429',
  '500',
  '503',
  'html-502',
  'hang',
  'reset',
  'slow',
  'no-title',
  'object-detail',
  'opted-out',
  '402',
  'unregistered',
  'not-enabled',
  'landline-refused',
  'media-too-large',
  'html-202',
  'empty-202',
  'ok-200',
] as const;

/** The text is taken; what becomes of it afterwards is not what usually does. */
const COURSES = [
  'accepted-but-lost',
  'accepted-never-delivered',
  'delivery-success',
  'delivery-failure',
  'smsc-reject',
  'filtered',
  'expired',
  'landline',
] as const;

/** The text arrives; its receipts are posted late, not at all, twice, or the last one first. */
const RECEIPTS = [
  'receipts-late',
  'receipts-lost',
  'receipts-doubled',
  'receipts-reordered',
  'receipts-wrapped',
  'receipts-flat',
  'receipts-code-number',
  'receipts-code-string',
  'receipts-code-null',
  'receipts-code-missing',
] as const;

/** Every failure that a carrier was seen to show, and every form in which it tells of one. */
export const FAULT_MODES = [...ANSWERS, ...COURSES, ...RECEIPTS] as const;

export type FaultMode = (typeof FAULT_MODES)[number];

/** What happens to an attempt to send. */
export interface Fault {
  mode: FaultMode;
  /** For `slow`: how long the answer takes, in milliseconds. */
  delayMs: number;
}

/** How slow `slow` is where nobody says otherwise. */
export const SLOW_MS = 3_000;

/**
 * Texts to these phones always run the same course, so that it can be tried without arming a fault.
 * All are of the numbers kept for fiction, +1 206 555 01xx: 10 to 18 and 31 to 35 fail at once, 19
 * after the text was taken, 20 to 30 are taken and differ in what becomes of them and of their receipts.
 *
 * | phone | what happens |
 * |---|---|
 * | 12065550110 | opted out: 400 with the code 1110 |
 * | 12065550111 | 403 |
 * | 12065550112 | 422 |
 * | 12065550113 | 429 |
 * | 12065550114 | 500 |
 * | 12065550115 | 503 |
 * | 12065550116 | 502 with a web page |
 * | 12065550117 | no answer at all |
 * | 12065550118 | the connection breaks |
 * | 12065550119 | the text arrives, the answer is lost |
 * | 12065550120 | never delivered, one receipt |
 * | 12065550121 | never delivered, the receipt says that the phone rejected it |
 * | 12065550122 | never delivered, the receipt says that the carrier rejected it |
 * | 12065550123 | delivered, and the receipt says so |
 * | 12065550124 | delivered, the second receipt comes late |
 * | 12065550125 | delivered, no receipt is posted |
 * | 12065550126 | delivered, each receipt is posted twice |
 * | 12065550127 | delivered, the second receipt is posted before the first |
 * | 12065550128 | a landline: taken, never delivered, no receipt |
 * | 12065550129 | never delivered, the receipt says that a filter blocked it |
 * | 12065550130 | never delivered, the receipt says that it expired |
 * | 12065550131 | 422, the from number is not registered for 10DLC |
 * | 12065550132 | 402 |
 * | 12065550133 | 400, the from number is not enabled for texts |
 * | 12065550134 | 422, the to number is a landline |
 * | 12065550135 | 202 with a web page, as a proxy answers |
 */
export const MAGIC_NUMBERS: Readonly<Record<string, FaultMode>> = {
  '12065550110': 'opted-out',
  '12065550111': '403',
  '12065550112': '422',
  '12065550113': '429',
  '12065550114': '500',
  '12065550115': '503',
  '12065550116': 'html-502',
  '12065550117': 'hang',
  '12065550118': 'reset',
  '12065550119': 'accepted-but-lost',
  '12065550120': 'accepted-never-delivered',
  '12065550121': 'delivery-failure',
  '12065550122': 'smsc-reject',
  '12065550123': 'delivery-success',
  '12065550124': 'receipts-late',
  '12065550125': 'receipts-lost',
  '12065550126': 'receipts-doubled',
  '12065550127': 'receipts-reordered',
  '12065550128': 'landline',
  '12065550129': 'filtered',
  '12065550130': 'expired',
  '12065550131': 'unregistered',
  '12065550132': '402',
  '12065550133': 'not-enabled',
  '12065550134': 'landline-refused',
  '12065550135': 'html-202',
};

const MOST_FAULTS = 1_000;

/** Faults in the order in which they were asked for; each serves one attempt. */
export class FaultQueue {
  readonly #changed: () => void;
  #faults: Fault[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(fault: Fault, times: number): void {
    this.#faults.push(...Array.from({ length: times }, () => fault));
    this.#faults.length = Math.min(this.#faults.length, MOST_FAULTS);
    this.#changed();
  }

  /** Takes the next fault out; `undefined` where all goes well. */
  next(): Fault | undefined {
    const fault = this.#faults.shift();
    if (fault !== undefined) this.#changed();
    return fault;
  }

  modes(): FaultMode[] {
    return this.#faults.map(({ mode }) => mode);
  }

  clear(): void {
    this.#faults = [];
    this.#changed();
  }
}

/**
 * `POST /faults {mode, times?, delayMs?}` arms a fault for the next attempts to send (1 unless
 * `times` says more), `GET /faults` shows what is armed, `DELETE /faults` disarms all.
 */
export function faultsRouter(faults: FaultQueue): Router {
  const router = express.Router();
  router.post('/', plainBody, (req, res) => {
    const wanted = readFault(fieldsOf(req.body));
    if ('problem' in wanted) {
      sendCarrierError(res, 422, wanted.problem);
      return;
    }
    faults.add(wanted.fault, wanted.times);
    res.status(201).json({ faults: faults.modes() });
  });
  router.get('/', (_req, res) => {
    res.json({ faults: faults.modes() });
  });
  router.delete('/', (_req, res) => {
    faults.clear();
    res.status(204).end();
  });
  router.all('/', onlyMethods('GET', 'POST', 'DELETE'));
  return router;
}

const SLOWEST_MS = 60_000;

/** Faults that somebody asks for, or why there are no such faults. */
type WantedFault = { fault: Fault; times: number } | { problem: string };

export function readFault(fields: Record<string, unknown>): WantedFault {
  const { mode, times = 1, delayMs = SLOW_MS } = fields;
  const known = FAULT_MODES.find((name) => name === mode || Number(name) === mode);
  if (known === undefined) return { problem: `mode must be one of ${FAULT_MODES.join(', ')}.` };
  if (!isWhole(times, MOST_FAULTS)) {
    return { problem: `times must be a whole number from 1 to ${MOST_FAULTS}.` };
  }
  if (!isWhole(delayMs, SLOWEST_MS)) {
    return { problem: `delayMs must be a whole number from 1 to ${SLOWEST_MS}.` };
  }
  return { fault: { mode: known, delayMs }, times };
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}
