import type { RawAnswer, RawRequest } from '../../helpers/parallel';

const SESSION = 'connect.sid';
const DEVICE = '__Host-sms2fa-device-';

/** The cookies of one browser, which can be copied, saved and restored. */
export class CookieJar {
  private cookies = new Map<string, string>();

  get session(): string | undefined {
    return this.cookies.get(SESSION);
  }

  /** The token of the device that its user trusts. */
  get token(): string | undefined {
    return [...this.cookies].find(([name]) => name.startsWith(DEVICE))?.[1];
  }

  copy(): CookieJar {
    const made = new CookieJar();
    made.cookies = new Map(this.cookies);
    return made;
  }

  dropSession(): void {
    this.cookies.delete(SESSION);
  }

  take(answer: RawAnswer): void {
    for (const [name, value] of cookiesIn(answer)) {
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  request(method: string, path: string, body?: object): RawRequest {
    return requestWith(
      [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      method,
      path,
      body,
    );
  }
}

/** A request with this session and no other cookie: it can use no device. */
export const sessionOnly = (session: string, path: string): RawRequest =>
  requestWith(`${SESSION}=${session}`, 'GET', path);

function cookiesIn({ headers }: RawAnswer): [name: string, value: string][] {
  return [...headers.matchAll(/^set-cookie: ([^=]+)=([^;\r\n]*)/gim)].map(
    ([, name = '', value = '']) => [name, value],
  );
}

/** What the answer set: a session, and the token of a device. */
export function setBy(answer: RawAnswer): { session?: string; token?: string } {
  const set = cookiesIn(answer);
  const session = set.find(([name]) => name === SESSION)?.[1];
  const token = set.find(([name, value]) => name.startsWith(DEVICE) && value !== '')?.[1];
  return {
    ...(session === undefined ? {} : { session }),
    ...(token === undefined ? {} : { token }),
  };
}

export function codeOf({ body }: RawAnswer): unknown {
  try {
    return (JSON.parse(body) as { code?: unknown }).code;
  } catch {
    return undefined;
  }
}

function requestWith(cookie: string, method: string, path: string, body?: object): RawRequest {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    method,
    path,
    cookie,
    headers: { accept: 'application/json', ...json },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}
