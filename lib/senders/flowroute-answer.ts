import type { SmsReceipt } from '../ports/sms-sender';

/** The most that is read of an answer, in bytes; a real one has a few hundred. */
export const ANSWER_LIMIT = 64 * 1024;

/** What came back, as far as it could be read. */
export interface CarrierAnswer {
  status: number;
  /** `undefined` where the body broke off, took too long or was too long. */
  text: string | undefined;
  html: boolean;
  retryAfter: string | undefined;
}

/** One item of `errors`. Each part may be missing; `detail` may have been an object. */
export interface CarrierErrorItem {
  title: string | undefined;
  detail: string | undefined;
  /** The carrier's own name for the failure, for its support. */
  id: string | undefined;
  /** The whole item as JSON. */
  whole: string;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Reads an answer to the end or to the limit. Never rejects: the status alone says a lot. */
export async function readAnswer(response: Response): Promise<CarrierAnswer> {
  const text = await readText(response).catch(() => undefined);
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    text,
    html: /\bhtml\b/i.test(type) || (text ?? '').trimStart().startsWith('<'),
    retryAfter: response.headers.get('retry-after') ?? undefined,
  };
}

async function readText(response: Response): Promise<string | undefined> {
  if (response.body === null) return '';
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString('utf8');
    size += value.byteLength;
    if (size > ANSWER_LIMIT) {
      // Closes the connection, so that the rest is never received.
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
}

/** The receipt in a 2xx answer; empty where its body says nothing usable. */
export function readReceipt(answer: CarrierAnswer): SmsReceipt {
  const id = part(part(parse(answer.text), 'data'), 'id');
  return typeof id === 'string' && /^[\w.:-]{1,128}$/.test(id) ? { id } : {};
}

/** The items of `errors`, whatever the carrier made of them. */
export function readErrorItems(answer: CarrierAnswer): CarrierErrorItem[] {
  const errors = part(parse(answer.text), 'errors');
  const items: unknown[] = Array.isArray(errors) ? errors : errors === undefined ? [] : [errors];
  return items.map((item) => {
    const id = part(item, 'id');
    return {
      title: asText(part(item, 'title')),
      detail: asText(typeof item === 'string' ? item : part(item, 'detail')),
      id: typeof id === 'string' && UUID.test(id) ? id : undefined,
      whole: asText(item) ?? '',
    };
  });
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function asText(value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') {
    return value ?? undefined;
  }
  try {
    return JSON.stringify(value);
  } catch {
    // Nested so deep that writing it out overflows the stack.
    return undefined;
  }
}
