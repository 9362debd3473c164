/** The most that is read of an answer about one thing, in bytes; a real one has a few hundred. */
export const ANSWER_LIMIT = 64 * 1024;
/** The same for a page of a list. */
export const LIST_LIMIT = 4 * 1024 * 1024;

/** What came back, as far as it could be read. */
export interface CarrierAnswer {
  status: number;
  /** `undefined` where the body broke off, took too long or was too long. */
  text: string | undefined;
  html: boolean;
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
