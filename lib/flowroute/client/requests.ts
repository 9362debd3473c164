import type { FlowrouteApiVersion } from './account-options';
import type { NumberFilter } from './account-number';
import type { Call, Subject } from './call';
import { ANSWER_LIMIT, LIST_LIMIT } from './carrier-answer';

/** A kind of callback: inbound texts, inbound pictures, and the delivery receipts of either. */
export type CallbackKind = 'sms' | 'mms' | 'sms_dlr' | 'mms_dlr';

/** What is asked of the carrier for a list of messages. */
export interface MessagesQuery {
  start: Date;
  end: Date | undefined;
  pageSize: number;
  offset: number;
}

const PAGE_OF_NUMBERS = 200;

const read = (path: string, endpoint: string, answerLimit: number): Call => ({
  method: 'GET',
  path,
  endpoint,
  subject: { kind: 'read', hidden: [] },
  answerLimit,
});

export function textCall(
  version: FlowrouteApiVersion,
  body: { to: string; from: string; body: string; dlr_callback?: string },
): Call {
  const path = `/${version}/messages`;
  const hidden = [body.body, ...(body.dlr_callback === undefined ? [] : [body.dlr_callback])];
  const subject: Subject = { kind: 'text', from: body.from, to: body.to, hidden };
  return { method: 'POST', path, endpoint: path, body, subject, answerLimit: ANSWER_LIMIT };
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
