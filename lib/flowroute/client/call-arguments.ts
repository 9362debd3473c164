/** A text to send. Numbers with or without the plus sign. */
export interface FlowrouteText {
  from: string;
  to: string;
  body: string;
  /** Where the receipts of this text go, instead of the account's address for them. Not on v2. */
  dlrCallback?: string | undefined;
}

export interface CallOptions {
  /** Ends the call early. Without one, `timeoutMs` is the limit, or 5 s where that is not set. */
  signal?: AbortSignal | undefined;
}

export interface RecordOptions extends CallOptions {
  /** Whether records hold the texts themselves, and with them codes. Default false. */
  withBody?: boolean | undefined;
}

/** Which messages to list. */
export interface MessageRange {
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
