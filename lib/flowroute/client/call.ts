import type { FlowrouteError } from './flowroute-error';
import type { Health } from './circuit-breaker';

/** One call to the API, as it goes over the wire. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT';
  /** Below the base address, with its query. */
  path: string;
  /** What the carrier counts attempts by; calls that it may count together have one name. */
  endpoint: string;
  body?: object;
  subject: Subject;
  /** The most that is read of the answer, in bytes. */
  answerLimit: number;
  /** Whether 404 is an answer like any other. */
  mayBeMissing?: boolean;
}

/** What a call is about, for its errors; `hidden` must not stand in any of them. */
export type Subject = TextSubject | { kind: 'change' | 'read'; hidden: readonly string[] };

export interface TextSubject {
  kind: 'text';
  /** 11 digits each. */
  from: string;
  to: string;
  hidden: readonly string[];
}

/** An attempt without success. */
export interface FailedCall {
  error: FlowrouteError;
  /** Which calls may be made again after it. */
  again: 'any' | 'reads' | 'never';
  health: Health;
}

/** What to say where the carrier surely did not do it. */
export function surelyNot({ kind }: Subject): string {
  switch (kind) {
    case 'text':
      return ', so nothing was sent';
    case 'change':
      return ', so nothing was changed';
    case 'read':
      return '';
  }
}

/** What to say where nobody knows whether the carrier did what it was asked to do. */
export function unknownEnd({ kind }: Subject): string {
  switch (kind) {
    case 'text':
      return ' Whether the text was taken is not known, so it is not sent again by itself.';
    case 'change':
      return ' Whether the change was made is not known. Look it up, or make it again.';
    case 'read':
      return '';
  }
}
