import type { FlowrouteApiVersion } from './client-options';
import { parseJson, part, type CallbackKind, type CarrierAnswer } from './wire';

export type { CallbackKind } from './wire';

/** One call to the API, as it goes over the wire. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT';
  /** Below the base address, with its query. */
  path: string;
  /** What the carrier counts attempts by; calls that it may count together have one name. */
  endpoint: string;
  /** Pictures go by one a second, beside the limit of their endpoint. */
  isMms?: boolean;
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

/** Which numbers to list; each is a part of the 11 digits. */
export interface NumberFilter {
  startsWith?: string | undefined;
  contains?: string | undefined;
  endsWith?: string | undefined;
}

/** What is asked of the carrier for a list of messages. */
interface MessagesQuery {
  start: Date;
  end: Date | undefined;
  pageSize: number;
  offset: number;
}

/** The most that is read of an answer about one thing, in bytes; a real one has a few hundred. */
const ANSWER_LIMIT = 64 * 1024;
/** The same for a page of a list. */
const LIST_LIMIT = 4 * 1024 * 1024;
const PAGE_OF_NUMBERS = 200;

const read = (path: string, endpoint: string, answerLimit: number): Call => ({
  method: 'GET',
  path,
  endpoint,
  subject: { kind: 'read', hidden: [] },
  answerLimit,
});

/** A text or an MMS, in the compact form. */
interface TextBody {
  to: string;
  from: string;
  body?: string | undefined;
  media_urls?: readonly string[] | undefined;
  dlr_callback?: string | undefined;
}

export function textCall(version: FlowrouteApiVersion, body: TextBody): Call {
  const path = `/${version}/messages`;
  const hidden = [body.body, body.dlr_callback, ...(body.media_urls ?? [])].filter(
    (each) => each !== undefined,
  );
  const subject: Subject = { kind: 'text', from: body.from, to: body.to, hidden };
  const isMms = body.media_urls !== undefined;
  return { method: 'POST', path, endpoint: path, isMms, body, subject, answerLimit: ANSWER_LIMIT };
}

/**
 * Whether a success is the carrier's own: it names the text that it took, and has nothing or JSON to
 * say of a change. Whatever else answers 2xx is a proxy, or not the carrier.
 */
export function isCarriers({ text, json, html }: CarrierAnswer, { kind }: Subject): boolean {
  // One that broke off has shown its type, and the status says "taken".
  if (text === undefined) return json;
  if (kind !== 'text') return !html && (text.trim() === '' || parseJson(text) !== undefined);
  const id = part(parseJson(text), 'data', 'id');
  return typeof id === 'number' || (typeof id === 'string' && id !== '');
}

export function messageCall(version: FlowrouteApiVersion, id: string): Call {
  const call = read(`/${version}/messages/${encodeURIComponent(id)}`, below(version), ANSWER_LIMIT);
  return { ...call, mayBeMissing: true };
}

export function messagesCall(version: FlowrouteApiVersion, query: MessagesQuery): Call {
  const path = `/${version}/messages`;
  const { start, end, pageSize, offset } = query;
  const fields = {
    start_date: start.toISOString(),
    end_date: end?.toISOString(),
    limit: pageSize,
    offset,
  };
  return read(`${path}?${queryOf(fields)}`, path, LIST_LIMIT);
}

export function numbersCall(filter: NumberFilter, offset: number): Call {
  const fields = {
    starts_with: filter.startsWith,
    contains: filter.contains,
    ends_with: filter.endsWith,
    limit: PAGE_OF_NUMBERS,
    offset,
  };
  return read(`/v2/numbers?${queryOf(fields)}`, '/v2/numbers', LIST_LIMIT);
}

export function callbackCall(version: FlowrouteApiVersion, kind: CallbackKind): Call {
  return read(`/${version}/messages/${kind}_callback`, below(version), ANSWER_LIMIT);
}

export function setCallbackCall(
  version: FlowrouteApiVersion,
  kind: CallbackKind,
  url: string,
): Call {
  const path = `/${version}/messages/${kind}_callback`;
  return { ...change(path, url), method: 'PUT', endpoint: below(version) };
}

/** Callbacks of single numbers belong to the numbers API, which has one version. */
export function setNumberCallbackCall(number: string, kind: CallbackKind, url: string): Call {
  const path = `/v2/numbers/${number}/relationships/${kind}_callback`;
  return { ...change(path, url), method: 'POST', endpoint: '/v2/numbers/*' };
}

function change(path: string, url: string): Omit<Call, 'method' | 'endpoint'> {
  return {
    path,
    body: { data: { attributes: { callback_url: url } } },
    subject: { kind: 'change', hidden: [url] },
    answerLimit: ANSWER_LIMIT,
  };
}

/** Whether the carrier counts single messages and callbacks apart is not known, so they share. */
function below(version: FlowrouteApiVersion): string {
  return `/${version}/messages/*`;
}

function queryOf(fields: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.toString();
}
