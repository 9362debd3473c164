import type { EventName, SecondFactorOptions } from '../../lib';
import { DEFAULT_LIMITS } from '../../lib/core/limits';
import { newestCode, startApp, type TestApp, type TestAppOptions, type User } from '../helpers/app';
import { atOnce, type RawAnswer, type RawRequest } from '../helpers/parallel';

export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
export const DAY = 86_400;
const DEVICE = '__Host-sms2fa-device-';

type Factor = Partial<SecondFactorOptions<User>>;

/** The test app, where users may trust a browser for thirty days. */
export function startTrusting(options: TestAppOptions = {}): Promise<TestApp> {
  const factor: Factor = { trustedDevices: { days: 30 }, ...options.factor };
  return startApp({ ...options, factor });
}

export interface Told {
  name: EventName;
  facts: Record<string, unknown>;
}

/** What is told from now on, in order. */
export function listen(app: TestApp, ...names: EventName[]): Told[] {
  const told: Told[] = [];
  for (const name of names) {
    app.secondFactor.on(name, (facts) => told.push({ name, facts: { ...facts } }));
  }
  return told;
}

export interface Answer extends RawAnswer {
  json: Record<string, unknown>;
  /** Whole `Set-Cookie` lines. */
  set: string[];
}

/**
 * A browser that asks for JSON, unless told otherwise, and keeps cookies; those for https as well,
 * as it would behind a proxy that ends TLS.
 */
export class TrustingBrowser {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly app: TestApp,
    private readonly headers: Record<string, string> = { 'user-agent': FIREFOX },
  ) {}

  request(method: string, path: string, body?: object | string): RawRequest {
    const form = typeof body === 'string';
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
    return {
      method,
      path,
      cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': type }),
        ...this.headers,
      },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    };
  }

  async ask(method: string, path: string, body?: object | string): Promise<Answer> {
    const [answer] = await atOnce(this.app.url, [this.request(method, path, body)]);
    return this.take(answer!);
  }

  /** The same request many times in the same moment, all with the cookies of now. */
  async askAtOnce(count: number, path: string): Promise<Answer[]> {
    const requests = Array.from({ length: count }, () => this.request('GET', path));
    return (await atOnce(this.app.url, requests)).map((answer) => this.take(answer));
  }

  take(answer: RawAnswer): Answer {
    const set = [...answer.headers.matchAll(/^set-cookie: (.*)$/gim)].map(([, line]) => line!);
    for (const line of set) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    const json = /^content-type: application\/(problem\+)?json/im.test(answer.headers);
    return { ...answer, set, json: json ? (JSON.parse(answer.body) as Answer['json']) : {} };
  }

  async status(method: string, path: string, body?: object): Promise<number> {
    return (await this.ask(method, path, body)).status;
  }

  /** 200 is open. */
  knock(path = '/secret'): Promise<number> {
    return this.status('GET', path);
  }

  /** A sign-in with the password in a session that nobody has seen before. */
  async signIn(username = 'A'): Promise<this> {
    this.cookies.delete('connect.sid');
    const { status } = await this.ask('POST', '/login', { username, password: 'right' });
    if (status !== 200) throw new Error(`the password was answered with ${status}`);
    return this;
  }

  /**
   * Passes the second factor with a texted code; `more` goes along with it. The next text may go out
   * at once.
   */
  async pass(more: object = {}): Promise<Answer> {
    const sent = await this.status('POST', '/second-factor/challenge', {});
    if (sent !== 202) throw new Error(`the send was answered with ${sent}`);
    const body = { code: newestCode(this.app), ...more };
    const answer = await this.ask('POST', '/second-factor/verify', body);
    await this.app.clock.advance(DEFAULT_LIMITS.waitAfterSuccess);
    return answer;
  }

  /** Signs in, passes the second factor and trusts this browser. */
  async trust(username = 'A'): Promise<this> {
    await this.signIn(username);
    const { status } = await this.pass({ trustDevice: true });
    if (status !== 200) throw new Error(`the code was answered with ${status}`);
    return this;
  }

  /** The cookies of trusted devices: one for each user who trusts this browser. */
  deviceCookies(): [name: string, token: string][] {
    return [...this.cookies].filter(([name]) => name.startsWith(DEVICE));
  }

  /** The token of the only user who trusts this browser. */
  get token(): string {
    const [cookie, ...more] = this.deviceCookies();
    if (cookie === undefined || more.length > 0) throw new Error('not one device cookie');
    return cookie[1];
  }

  set token(token: string) {
    const [cookie] = this.deviceCookies();
    if (cookie !== undefined) this.cookies.set(cookie[0], token);
  }

  get session(): string | undefined {
    return this.cookies.get('connect.sid');
  }

  set session(session: string | undefined) {
    if (session !== undefined) this.cookies.set('connect.sid', session);
  }

  /** Another browser with copies of the device cookies, and no session. */
  stolen(): TrustingBrowser {
    const thief = new TrustingBrowser(this.app, this.headers);
    for (const [name, value] of this.deviceCookies()) thief.cookies.set(name, value);
    return thief;
  }
}
