/** A text to send. Numbers with or without the plus sign. */
export interface FlowrouteText {
  from: string;
  to: string;
  body: string;
  /** Where the receipts of this text go, instead of the account's address for them. On v2 a `TypeError`. */
  dlrCallback?: string | undefined;
}

export interface CallOptions {
  /**
   * Ends the call early. Where `timeoutMs` is not set, the limit is 5000 milliseconds without a
   * signal; with a signal: 30000, or when it aborts.
   */
  signal?: AbortSignal | undefined;
}

export interface RecordOptions extends CallOptions {
  /** Whether records hold the texts themselves, and with them codes. Default false. */
  withBody?: boolean | undefined;
}

/** Which messages to list. */
export interface MessageRange {
  /** From when on; sent as UTC. Flowroute insists on it: nothing lists all there ever was. */
  start: Date;
  /** Default: now. */
  end?: Date | undefined;
  /** The most records altogether; default: all of them. */
  limit?: number | undefined;
}

/** Where callbacks of one kind go. */
export interface AccountCallback {
  url: string | undefined;
  /** The version of the API whose shape they have. */
  apiVersion: string | undefined;
}
