import type { DeliveryReport } from './sms-sender';

/** What a carrier calls the app for, read out of whatever shape it came in. */
export type CarrierCallback =
  | ({ kind: 'receipt'; id: string } & DeliveryReport)
  | { kind: 'inbound'; id: string; text: InboundText };

/** A text that somebody sent to a number of the app. */
export interface InboundText {
  /** The carrier's name for it. */
  id: string;
  /** E.164 with the plus sign. */
  from: string;
  to: string;
  body: string;
}

/** Reads the body of a callback; `undefined` where it is none. */
export type ReadCallback = (body: unknown) => CarrierCallback | undefined;
