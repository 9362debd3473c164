import { request, type Agent } from 'node:http';
import { jsonPost, type RawAnswer } from '../helpers/parallel';

/** One answer, with every byte of it. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
  /** Headers and body as text. */
  bytes: string;
  /** The session cookie that it set. */
  cookie: string | undefined;
}

/** A cookie jar of the run, with what whoever holds it remembers. */
export interface Jar {
  cookie: string;
  /** Cookies of sessions that were ended. */
  ended: string[];
  /** The codes texted at its request, newest first, for each of the two places to type them. */
  codes: Record<'verify' | 'confirm', string[]>;
}

export type Request = [method: string, path: string, body?: object | undefined];

/** The connection was cut: a status that no server gives. */
const NO_ANSWER: Answer = { status: 599, body: {}, bytes: '', cookie: undefined };

export const emptyJar = (): Jar => ({ cookie: '', ended: [], codes: { verify: [], confirm: [] } });

/** One JSON request. Answers that set a cookie do not change any jar here. */
export function ask(
  agent: Agent,
  url: string,
  cookie: string,
  [method, path, body]: Request,
): Promise<Answer> {
  return new Promise((resolve) => {
    const headers: Record<string, string> = { accept: 'application/json', cookie };
    if (body !== undefined) headers['content-type'] = 'application/json';
    // express-session cuts the connection where it cannot keep the session at the end of an answer.
    const cut = (): void => resolve(NO_ANSWER);
    const sent = request(`${url}${path}`, { method, agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', cut);
      answer.on('end', () => {
        const headers = answer.rawHeaders.join('\n');
        const text = Buffer.concat(chunks).toString();
        resolve(answerOf({ status: answer.statusCode ?? 0, headers, body: text }));
      });
    });
    sent.on('error', cut);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The same request, for sending it many times in the same moment. */
export const copies = (count: number, cookie: string, path: string, bodies: object[]) =>
  Array.from({ length: count }, (_, each) =>
    jsonPost(path, cookie, bodies[each % bodies.length] ?? {}),
  );

export function answerOf({ status, headers, body }: RawAnswer): Answer {
  const cookie = /connect\.sid=[^;]*/.exec(headers)?.[0];
  return { status, body: read(body), bytes: `${headers}\n\n${body}`, cookie };
}

function read(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null
      ? (parsed as Record<string, unknown>)
      : { text };
  } catch {
    return { text };
  }
}
