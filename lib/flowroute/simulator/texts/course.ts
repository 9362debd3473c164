import type { FaultMode } from '../faults/fault-modes';
import type { CallbackShape, SimulatorSettings, StatusCodeStyle } from '../options';
import type { Fate } from './receipts';

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
