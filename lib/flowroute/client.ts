import { hiddenMisuse, misuse } from '../misuse';
import type { SmsReceipt } from '../ports/sms-sender';
import {
  isMessageId,
  readAccountNumber,
  readMessageRecord,
  readPages,
  unusable,
  type AccountNumber,
  type MessageRecord,
} from './carrier-records';
import {
  readAddress,
  readClientOptions,
  type FlowrouteApiVersion,
  type FlowrouteClientOptions,
} from './client-options';
import { CarrierCalls } from './http-calls';
import * as requests from './requests';
import type { CallbackKind, NumberFilter } from './requests';
import { REAL_TIMING, type Timing } from './timing';
import { digitsOf, parseJson, part, readNorthAmericanNumber, textPart } from './wire';

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

const OWNER = 'FlowrouteClient';
const KINDS: readonly CallbackKind[] = ['sms', 'mms', 'sms_dlr', 'mms_dlr'];
const PAGE_OF_MESSAGES = 100;

/**
 * The Flowroute messaging API. What goes wrong rejects with a `FlowrouteError`, misuse with a
 * `TypeError`. Calls stay within the carrier's 5 a second for each endpoint; what surely did
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

  /** Sends a text. Resolves once Flowroute has taken it, with its id where the answer names one. */
  async send(text: FlowrouteText, { signal }: CallOptions = {}): Promise<SmsReceipt> {
    const from = checkNumber('from', text.from);
    const to = digitsOf(checkText('to', text.to));
    const body = checkText('body', text.body);
    const dlrCallback = text.dlrCallback;
    const call = requests.textCall(this.#version, {
      to,
      from,
      body,
      ...(dlrCallback === undefined ? {} : { dlr_callback: this.#dlrCallback(dlrCallback) }),
    });
    const answer = await this.#calls.run(call, signal);
    const id = part(parseJson(answer.text), 'data', 'id');
    return isMessageId(id) ? { id } : {};
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

/** What a message calls one of the things that a call was given. */
function argument(name: string): string {
  return `${name} for a call of ${OWNER}`;
}

/** A number of the account as 11 digits. Its value stays out of the error: it may be anybody's. */
function checkNumber(name: string, value: unknown): string {
  const number = readNorthAmericanNumber(value);
  if (number !== undefined) return number;
  const cure = "Give a US or Canadian number with its leading 1, like '+12065550100'.";
  throw hiddenMisuse(argument(name), value, cure);
}

function checkText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw hiddenMisuse(argument(name), value, 'Give a string that is not empty.');
}

function checkId(value: unknown): string {
  if (isMessageId(value)) return value;
  throw misuse(argument('id'), value, 'Give the id of a message that send() resolved with.');
}

function checkKind(value: unknown): CallbackKind {
  const kind = KINDS.find((known) => known === value);
  if (kind !== undefined) return kind;
  const cure = `Give one of ${KINDS.join(', ')}. The _dlr kinds are delivery receipts.`;
  throw misuse(argument('kind'), value, cure);
}

/** The address stays out of the error, as it may hold a secret. */
function checkCallbackUrl(name: string, value: unknown): string {
  if (typeof value === 'string' && readAddress(value) !== undefined) return value;
  const cure =
    'Give an https address: callbacks hold texts; plain http is for a server on localhost only.';
  throw hiddenMisuse(argument(name), value, cure);
}

function checkDate(name: string, value: unknown): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  throw misuse(argument(name), value, 'Give a valid Date; it is sent as UTC.');
}

function checkLimit(value: unknown): number {
  if (value === undefined) return Infinity;
  if (Number.isSafeInteger(value) && Number(value) >= 1) return Number(value);
  const cure = 'Give a whole number from 1, or leave it out for every message of that time.';
  throw misuse(argument('limit'), value, cure);
}

/** A part of a number: digits, with the plus sign where it begins one. */
function checkDigits(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^\+?\d{1,15}$/.test(value)) return value.replace('+', '');
  throw hiddenMisuse(argument(name), value, "Give digits, like '1206'.");
}
