import { inCall, misuse, refuseUnknown } from '../misuse';
import type { SmsReceipt } from '../ports/senders';
import {
  isMessageId,
  readAccountNumber,
  readMessageRecord,
  readPages,
  readPriceDetails,
  unusable,
  type AccountNumber,
  type MessageRecord,
} from './carrier-records';
import {
  checkCallbackUrl,
  checkDate,
  checkDigits,
  checkId,
  checkKind,
  checkLimit,
  checkMediaUrls,
  checkNumber,
  checkText,
  OWNER,
} from './client-options';
import {
  readClientOptions,
  type FlowrouteApiVersion,
  type FlowrouteClientOptions,
} from './client-options';
import { CarrierCalls } from './http-calls';
import * as requests from './requests';
import type { CallbackKind, NumberFilter } from './requests';
import { REAL_TIMING, type Timing } from './rate-limiter';
import { digitsOf, parseJson, part, textPart } from './wire';

/** A text to send. Numbers with or without the plus sign. */
export interface FlowrouteText {
  from: string;
  to: string;
  /** May be left out beside `mediaUrls`. */
  body?: string | undefined;
  /**
   * Pictures and the like, which make it an MMS: addresses that Flowroute can fetch without credentials.
   * It takes one MMS a second. On v2 a `TypeError`.
   */
  mediaUrls?: readonly string[] | undefined;
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

/** A field under another name would be left out without a word. */
const TEXT_FIELDS: readonly (keyof FlowrouteText)[] = [
  'from',
  'to',
  'body',
  'mediaUrls',
  'dlrCallback',
];
const PAGE_OF_MESSAGES = 100;

/**
 * The Flowroute messaging API. What goes wrong rejects with a `FlowrouteError`, misuse with a
 * `TypeError`. Calls stay within the carrier's 5 a second for each endpoint, pictures within one; what surely did
 * nothing is made again within the time limit, a text that may have been taken never; a carrier
 * that fails all the time is left alone for a while. Nothing it keeps or throws shows a key, a text
 * or a whole number.
 */
export class FlowrouteClient {
  readonly #version: FlowrouteApiVersion;
  readonly #calls: CarrierCalls;

  /** `timing` is for tests: how to wait, and randomness. */
  constructor(options: FlowrouteClientOptions, timing: Partial<Timing> = {}) {
    const settings = readClientOptions(options);
    const { clock = REAL_TIMING.clock } = settings;
    this.#version = settings.apiVersion;
    this.#calls = new CarrierCalls(settings, { ...REAL_TIMING, clock, ...timing });
  }

  /**
   * Sends a text. Resolves once Flowroute has taken it, with its id, and on v2.2 with what it costs. A
   * success that names no text is not Flowroute's, and rejects as `unknown_outcome`.
   */
  async send(text: FlowrouteText, { signal }: CallOptions = {}): Promise<SmsReceipt> {
    refuseUnknown(inCall(`${OWNER}.send`), text, TEXT_FIELDS, 'Give an object with from and to.');
    const from = checkNumber('from', text.from);
    const to = digitsOf(checkText('to', text.to));
    const { dlrCallback, mediaUrls } = text;
    const media_urls = mediaUrls === undefined ? undefined : this.#mediaUrls(mediaUrls);
    const isBare = media_urls !== undefined && text.body === undefined;
    const call = requests.textCall(this.#version, {
      to,
      from,
      // What is undefined does not go out.
      body: isBare ? undefined : checkText('body', text.body),
      media_urls,
      dlr_callback: dlrCallback === undefined ? undefined : this.#dlrCallback(dlrCallback),
    });
    const data = part(parseJson((await this.#calls.run(call, signal)).text), 'data');
    const id = part(data, 'id');
    const { price, segments } = readPriceDetails(data) ?? {};
    return {
      ...(isMessageId(id) ? { id } : {}),
      ...(price === undefined ? {} : { price }),
      ...(segments === undefined ? {} : { segments }),
    };
  }

  /** Looks a text up. `undefined` where Flowroute does not know it, as in the first seconds. */
  async message(
    id: string,
    { signal, withBody = false }: RecordOptions = {},
  ): Promise<MessageRecord | undefined> {
    const call = requests.messageCall(this.#version, checkId(id));
    const answer = await this.#calls.run(call, signal);
    if (answer.status === 404) return undefined;
    const record = readMessageRecord(part(parseJson(answer.text), 'data'), withBody);
    if (record === undefined) throw unusable('a message');
    return record;
  }

  /**
   * Lists texts, inbound and outbound, in the order of the carrier, which it does not document.
   * Pages are fetched as they are used up. A list that does not move on ends with a
   * `FlowrouteError`; what it yielded until then is good.
   */
  async *messages(
    range: MessageRange,
    { signal, withBody = false }: RecordOptions = {},
  ): AsyncGenerator<MessageRecord, void, undefined> {
    const start = checkDate('start', range.start);
    const end = range.end === undefined ? undefined : checkDate('end', range.end);
    let left = checkLimit(range.limit);
    const pageSize = Math.min(left, PAGE_OF_MESSAGES);
    const pages = readPages<MessageRecord>({
      what: 'messages',
      fetchPage: (offset) => {
        const query = { start, end, pageSize, offset };
        return this.#calls.run(requests.messagesCall(this.#version, query), signal);
      },
      readItem: (item) => readMessageRecord(item, withBody),
      idOf: ({ id }) => id,
    });
    for await (const record of pages) {
      yield record;
      if ((left -= 1) === 0) return;
    }
  }

  /**
   * Lists the account's numbers, fetching page after page as they are used up. A list that does not
   * move on ends with a `FlowrouteError`, as with `messages`.
   */
  async *numbers(
    filter: NumberFilter = {},
    { signal }: CallOptions = {},
  ): AsyncGenerator<AccountNumber, void, undefined> {
    const checked = {
      startsWith: checkDigits('startsWith', filter.startsWith),
      contains: checkDigits('contains', filter.contains),
      endsWith: checkDigits('endsWith', filter.endsWith),
    };
    yield* readPages<AccountNumber>({
      what: 'numbers',
      fetchPage: (offset) => this.#calls.run(requests.numbersCall(checked, offset), signal),
      readItem: readAccountNumber,
      idOf: ({ number }) => number,
    });
  }

  /** Where callbacks of this kind go, for the whole account. A `TypeError` on v2, which has none. */
  async callback(kind: CallbackKind, { signal }: CallOptions = {}): Promise<AccountCallback> {
    const call = requests.callbackCall(this.#versionOfCallbacks(), checkKind(kind));
    const answer = await this.#calls.run(call, signal);
    const fields = part(parseJson(answer.text), 'data', 'attributes');
    if (fields === undefined) throw unusable('a callback');
    return { url: textPart(fields, 'callback_url'), apiVersion: textPart(fields, 'api_version') };
  }

  /** Has callbacks of this kind go there, for the whole account. A `TypeError` on v2. */
  async setCallback(kind: CallbackKind, url: string, { signal }: CallOptions = {}): Promise<void> {
    const version = this.#versionOfCallbacks();
    const checked = [checkKind(kind), checkCallbackUrl('url', url)] as const;
    await this.#calls.run(requests.setCallbackCall(version, ...checked), signal);
  }

  /** Has callbacks of this kind go there, for one number of the account; on every version. */
  async setNumberCallback(
    number: string,
    kind: CallbackKind,
    url: string,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const digits = checkNumber('number', number);
    const checked = [checkKind(kind), checkCallbackUrl('url', url)] as const;
    await this.#calls.run(requests.setNumberCallbackCall(digits, ...checked), signal);
  }

  #mediaUrls(urls: readonly string[]): readonly string[] {
    if (this.#version !== 'v2') return checkMediaUrls(urls);
    const cure = "It takes no pictures. Give 'v2.1' or 'v2.2' for them.";
    throw misuse(`${OWNER}({ apiVersion })`, this.#version, cure);
  }

  #dlrCallback(url: string): string {
    this.#versionOfCallbacks();
    return checkCallbackUrl('dlrCallback', url);
  }

  #versionOfCallbacks(): FlowrouteApiVersion {
    if (this.#version !== 'v2') return this.#version;
    const cure = "It has no callbacks of its own. Give 'v2.1' or 'v2.2' for them.";
    throw misuse(`${OWNER}({ apiVersion })`, this.#version, cure);
  }
}
