/** What came back, as far as it could be read. */
export interface CarrierAnswer {
  status: number;
  /** `undefined` where the body broke off, took too long or was too long. */
  text: string | undefined;
  html: boolean;
  /** Whether it calls itself JSON. */
  json: boolean;
  retryAfter: string | undefined;
}

/** Reads an answer to the end or to the limit. Never rejects: the status alone says a lot. */
export async function readAnswer(response: Response, limit: number): Promise<CarrierAnswer> {
  const text = await readText(response, limit).catch(() => undefined);
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    text,
    html: /\bhtml\b/i.test(type) || (text ?? '').trimStart().startsWith('<'),
    json: /\bjson\b/i.test(type),
    retryAfter: response.headers.get('retry-after') ?? undefined,
  };
}

async function readText(response: Response, limit: number): Promise<string | undefined> {
  if (response.body === null) return '';
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString('utf8');
    size += value.byteLength;
    if (size > limit) {
      // Closes the connection, so that the rest is never received.
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
}

/** The value of a JSON text, also behind a byte order mark; `undefined` where it is none. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse((text ?? '').replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

/** A property of any value, own or not there at all. */
export function part(value: unknown, ...path: string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) {
      return undefined;
    }
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** A property that is a string with something in it. */
export function textPart(value: unknown, ...path: string[]): string | undefined {
  const found = part(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** A property that is a number, or a string that says one, as Flowroute mixes them. */
export function numberPart(value: unknown, ...path: string[]): number | undefined {
  const found = part(value, ...path);
  const number = typeof found === 'string' && found !== '' ? Number(found) : found;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A property that is an amount in US dollars: a number, or written as `$0.0040`. */
export function dollarPart(value: unknown, ...path: string[]): number | undefined {
  const found = part(value, ...path);
  const written = typeof found === 'string' ? found.replace(/^\$/, '') : found;
  const dollars = numberPart({ written }, 'written');
  return dollars !== undefined && dollars >= 0 ? dollars : undefined;
}

/**
 * Reads a North American number as `+1NPANXXXXXX` or `1NPANXXXXXX` and answers its 11 digits,
 * the form that every version of the Flowroute API takes. `undefined` for anything else.
 */
export function readNorthAmericanNumber(input: unknown): string | undefined {
  if (typeof input !== 'string') return undefined;
  return /^\+?(1[2-9]\d{2}[2-9]\d{6})$/.exec(input)?.[1];
}

/** The digits of a number, as the carrier wants them on the wire. */
export function digitsOf(number: string): string {
  return number.replace(/\D/g, '');
}

/** Names a number in a log without giving it away. */
export function maskNumber(number: string): string {
  return `the number ending in ${digitsOf(number).slice(-2)}`;
}

/**
 * A number as the carrier writes it, as E.164 with the plus sign; `undefined` where it is none. It
 * mixes numbers and strings elsewhere, and some write one with blanks, dashes and brackets.
 */
export function plusNumber(value: unknown): string | undefined {
  const written = typeof value === 'number' ? String(value) : value;
  const plain = typeof written === 'string' ? written.replace(/[ ().-]/g, '') : '';
  const digits = /^\+?([1-9]\d{6,14})$/.exec(plain)?.[1];
  return digits === undefined ? undefined : `+${digits}`;
}

/** The id of a text, in a form that is safe in a path: `..` would lead out of it. */
const MESSAGE_ID = /^\w[\w.:-]{0,127}$/;

export function isMessageId(value: unknown): value is string {
  return typeof value === 'string' && MESSAGE_ID.test(value);
}

/** A kind of callback: inbound texts, inbound pictures, and the delivery receipts of either. */
export type CallbackKind = 'sms' | 'mms' | 'sms_dlr' | 'mms_dlr';
