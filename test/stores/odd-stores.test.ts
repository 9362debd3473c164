import session from 'express-session';
import type { Done } from '../../lib/stores/calls';
import { codeIn, PHONES, wrongCode } from '../helpers/app';
import { isSession } from '../helpers/stores';
import { DAY, startTrusting, TrustingBrowser } from '../security/trusting-browser';

/** Stores as odd as express-session lets them be: all that the library does goes over each. */

interface Data {
  [part: string]: unknown;
  cookie: Cookie;
}
/** With what the types of express-session leave out, and stores use. */
interface Cookie {
  expires: unknown;
  originalMaxAge: unknown;
  maxAge: unknown;
  data: { path: string };
  toJSON(): { expires: unknown };
  serialize(name: string, value: string): string;
}

/** Keeps sessions as JSON; what a store does in another way is another class. */
class TextStore extends session.Store {
  readonly kept = new Map<string, string>();
  readonly ids = new Set<string>();
  protected write(id: string, data: Data): void {
    this.ids.add(id);
    this.kept.set(id, JSON.stringify(data));
  }
  protected read(id: string): unknown {
    const text = this.kept.get(id);
    return text === undefined ? null : (JSON.parse(text) as unknown);
  }
  protected reply(done: Done | undefined, work: () => unknown): void {
    setImmediate(() => {
      let found: unknown;
      try {
        found = work();
      } catch (error) {
        done?.(error);
        return;
      }
      done?.(null, found);
    });
  }
  get(id: string, done: (error: unknown, session?: session.SessionData | null) => void): void {
    this.reply(done as Done, () => this.read(id));
  }
  set(id: string, data: session.SessionData, done?: Done): void {
    this.reply(done, () => this.write(id, data as unknown as Data));
  }
  destroy(id: string, done?: Done): void {
    this.reply(done, () => void this.kept.delete(id));
  }
}

/** Takes what express-session itself gives a store, and nothing else. */
class StrictStore extends TextStore {
  protected override write(id: string, data: Data): void {
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) throw new Error(`no id of a session: ${id}`);
    const { cookie } = data;
    const left = Number(cookie.expires) - Date.now();
    const isCookie =
      cookie.expires instanceof Date &&
      typeof cookie.originalMaxAge === 'number' &&
      Math.abs(Number(cookie.maxAge) - left) < 1_000 &&
      cookie.serialize('a', 'b').startsWith('a=b; Path=/; Expires=') &&
      cookie.toJSON().expires === cookie.expires &&
      cookie.data.path === '/';
    const isOwn: boolean = (cookie as unknown) instanceof session.Cookie;
    if (!isCookie || !isOwn) throw new Error(`no cookie of a session: ${JSON.stringify(cookie)}`);
    const { cookie: _cookie, ...content } = data;
    expect(JSON.parse(JSON.stringify(content))).toStrictEqual({ ...content });
    super.write(id, data);
  }
}

/** A document database: no value is `null` there, dates are dates, and none of it is JSON. */
class DocumentStore extends TextStore {
  private readonly documents = new Map<string, unknown>();
  protected override write(id: string, data: Data): void {
    this.documents.set(id, asDocument({ ...data, cookie: data.cookie.toJSON() }));
  }
  protected override read(id: string): unknown {
    return structuredClone(this.documents.get(id));
  }
  override destroy(id: string, done?: Done): void {
    this.reply(done, () => void this.documents.delete(id));
  }
}

function asDocument(value: unknown): unknown {
  if (value instanceof Date) return new Date(value);
  if (Array.isArray(value)) return value.map(asDocument);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asDocument(part)]));
}

/** Files: none is an error with a code, and what is taken away must be there. */
class FileStore extends TextStore {
  private missing(id: string): void {
    if (this.kept.has(id)) return;
    throw Object.assign(new Error(`no such file: ${id}`), { code: 'ENOENT' });
  }
  protected override read(id: string): unknown {
    this.missing(id);
    return super.read(id);
  }
  override destroy(id: string, done?: Done): void {
    this.reply(done, () => {
      // As `unlink` has it; for a session of the app's it is no error.
      if (!isSession(id)) this.missing(id);
      this.kept.delete(id);
    });
  }
}

/** Answers by callback and promise at once, and has false where there is nothing. */
class PromisingStore extends TextStore {
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what this store is for
  protected override reply(done: Done | undefined, work: () => unknown): Promise<unknown> {
    const found = work() ?? false;
    return Promise.resolve(found).then((each) => {
      done?.(false, each);
      return each;
    });
  }
}

/** Enrolls, signs in and out, errs, steps up, recovers, trusts a browser and leaves again. */
async function drive(store: session.Store): Promise<void> {
  const app = await startTrusting({
    store,
    enroll: false,
    session: { cookie: { maxAge: DAY * 1_000 } },
    // Texts are remembered where the carrier's callbacks are listened for.
    after: (each, secondFactor) => void each.use('/carrier', secondFactor.webhooks()),
  });
  const browser = await new TrustingBrowser(app).signIn();
  const { outbox, clock } = app;
  const code = (): string => codeIn(outbox.last()!.body);
  const post = (path: string, body: object = {}) => browser.ask('POST', path, body);

  expect((await post('/second-factor/enrollment', { phone: PHONES.A })).status).toBe(202);
  const confirm = '/second-factor/enrollment/verify';
  expect((await post(confirm, { code: wrongCode(code()) })).status).toBe(401);
  const enrolled = await post(confirm, { code: code() });
  expect(enrolled.status).toBe(200);
  expect((await post('/second-factor/recovery-codes/kept')).status).toBe(204);
  expect(await browser.knock()).toBe(200);
  await post('/cart');
  expect((await post('/logout')).status).toBe(200);
  expect(await browser.knock()).toBe(401);

  await clock.advance(60);
  await browser.signIn();
  expect(await browser.knock()).toBe(401);
  expect((await post('/second-factor/challenge')).status).toBe(202);
  for (const step of [1, 2]) {
    const wrong = await post('/second-factor/verify', { code: wrongCode(code(), step) });
    expect(wrong.json).toMatchObject({ code: 'code_incorrect', attemptsLeft: 5 - step });
  }
  const passed = await post('/second-factor/verify', { code: code(), trustDevice: true });
  expect(passed.status).toBe(200);
  expect(await browser.knock()).toBe(200);
  expect((await post('/transfer')).status).toBe(200);

  await clock.advance(301);
  expect((await post('/transfer')).status).toBe(401);
  expect((await browser.pass()).status).toBe(200);
  expect((await post('/transfer')).status).toBe(200);

  await browser.signIn();
  expect(await browser.knock()).toBe(200);
  const elsewhere = await new TrustingBrowser(app).signIn();
  const [recoveryCode] = enrolled.json.recoveryCodes as string[];
  const recovered = await elsewhere.ask('POST', '/second-factor/recovery', { recoveryCode });
  expect(recovered.status).toBe(200);
  expect(await elsewhere.knock()).toBe(200);
  const { cookie } = elsewhere.request('GET', '/');
  expect((await elsewhere.ask('POST', '/logout', {})).status).toBe(200);
  const thief = new TrustingBrowser(app, { cookie: String(cookie) });
  expect(await thief.knock()).toBe(401);

  expect((await browser.pass()).status).toBe(200);
  expect((await post('/second-factor/enrollment', { phone: PHONES.B })).status).toBe(202);
  expect((await post(confirm, { code: code() })).status).toBe(200);
  expect(await browser.status('DELETE', '/second-factor/enrollment')).toBe(204);
  expect(await browser.knock()).toBe(403);
  await app.close();
}

test('all of it works over a store that takes ids of 32 characters and express-session’s own records', async () => {
  const store = new StrictStore();
  await drive(store);
  const records = [...store.ids].filter((id) => !isSession(id));
  expect(records.filter((id) => !/^[A-Za-z0-9]{1,32}$/.test(id))).toEqual([]);
  const kinds = new Set(records.map((id) => id.charAt('sms2fa'.length)));
  expect([...kinds]).toEqual(expect.arrayContaining(['i', 'u', 'e', 'p', 'l', 't', 'r', 'v']));
});

test.each([
  ['a document database', DocumentStore],
  ['files', FileStore],
  ['promises and callbacks', PromisingStore],
])('all of it works over a store of %s', (_, Store) => drive(new Store()));
