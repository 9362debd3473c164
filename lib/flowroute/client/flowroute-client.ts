import type { SmsReceipt } from '../../ports/sms-sender';
import { isMessageId } from '../message-id';
import { readAccountNumber, type AccountNumber, type NumberFilter } from './account-number';
import { CarrierCalls } from './carrier-calls';
import type {
  AccountCallback,
  CallOptions,
  FlowrouteText,
  MessageRange,
  RecordOptions,
} from './call-arguments';
import * as check from './check-call';
import { readClientOptions, type FlowrouteClientOptions } from './client-options';
import type { FlowrouteApiVersion } from './account-options';
import { parseJson, part, textPart } from './json';
import { readMessageRecord, type MessageRecord } from './message-record';
import { digitsOf } from './north-american-number';
import { readPages, unusable } from './pages';
import * as requests from './requests';
import type { CallbackKind } from './requests';
import { REAL_TIMING, type Timing } from './timing';

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
    const from = check.checkNumber('from', text.from);
    const to = digitsOf(check.checkText('to', text.to));
    const body = check.checkText('body', text.body);
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
    const call = requests.messageCall(this.#version, check.checkId(id));
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
    const start = check.checkDate('start', range.start);
    const end = range.end === undefined ? undefined : check.checkDate('end', range.end);
    let left = check.checkLimit(range.limit);
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
      startsWith: check.checkDigits('startsWith', filter.startsWith),
      contains: check.checkDigits('contains', filter.contains),
      endsWith: check.checkDigits('endsWith', filter.endsWith),
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
    const call = requests.callbackCall(this.#versionOfCallbacks(), check.checkKind(kind));
    const answer = await this.#calls.run(call, signal);
    const fields = part(parseJson(answer.text), 'data', 'attributes');
    if (fields === undefined) throw unusable('a callback');
    return { url: textPart(fields, 'callback_url'), apiVersion: textPart(fields, 'api_version') };
  }

  /** Has callbacks of this kind go there, for the whole account. A `TypeError` on v2. */
  async setCallback(kind: CallbackKind, url: string, { signal }: CallOptions = {}): Promise<void> {
    const version = this.#versionOfCallbacks();
    const checked = [check.checkKind(kind), check.checkCallbackUrl('url', url)] as const;
    await this.#calls.run(requests.setCallbackCall(version, ...checked), signal);
  }

  /** Has callbacks of this kind go there, for one number of the account; on every version. */
  async setNumberCallback(
    number: string,
    kind: CallbackKind,
    url: string,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const digits = check.checkNumber('number', number);
    const checked = [check.checkKind(kind), check.checkCallbackUrl('url', url)] as const;
    await this.#calls.run(requests.setNumberCallbackCall(digits, ...checked), signal);
  }

  #dlrCallback(url: string): string {
    this.#versionOfCallbacks();
    return check.checkCallbackUrl('dlrCallback', url);
  }

  #versionOfCallbacks(): FlowrouteApiVersion {
    if (this.#version !== 'v2') return this.#version;
    throw new TypeError(
      "FlowrouteClient: apiVersion 'v2' has no callbacks of its own. Use 'v2.1' or 'v2.2' for them.",
    );
  }
}
