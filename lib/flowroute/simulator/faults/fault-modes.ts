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
] as const;

/** The text is taken; what becomes of it afterwards is not what usually does. */
const COURSES = [
  'accepted-but-lost',
  'accepted-never-delivered',
  'delivery-success',
  'delivery-failure',
  'smsc-reject',
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
