import type { Agent, TestApp } from '../helpers/app';
import { attribute, formsIn, htmlAgent, type Form } from '../helpers/web';

/** A browser without JavaScript: it follows links and redirects, and posts the forms it is shown. */
export class Reader {
  page = '';
  path = '';
  status = 0;
  headers: Record<string, string> = {};
  private constructor(readonly agent: Agent) {}

  static async signedIn(app: TestApp, username = 'A'): Promise<Reader> {
    const reader = new Reader(htmlAgent(app));
    await reader.agent.post('/login').send({ username, password: 'right' }).expect(200);
    return reader;
  }

  async open(path: string): Promise<this> {
    let answer = await this.agent.get(path).redirects(0);
    this.path = path;
    for (let hops = 0; answer.status === 302 && hops < 5; hops += 1) {
      this.path = answer.headers.location!;
      answer = await this.agent.get(this.path).redirects(0);
    }
    return this.show(answer);
  }

  get forms(): Form[] {
    return formsIn(seen(this.page));
  }

  form(action: string): Form {
    const found = formsIn(this.page).find((form) => form.action === `/second-factor${action}`);
    if (found === undefined) throw new Error(`no form for ${action} in: ${this.text}`);
    return found;
  }

  has(action: string): boolean {
    return formsIn(this.page).some((form) => form.action === `/second-factor${action}`);
  }

  /** Posts the form as it is shown, with these fields filled in, and goes where it is sent. */
  async submit(action: string, typed: Record<string, string> = {}): Promise<this> {
    const answer = await this.post(this.form(action), typed);
    expect(answer.status).toBe(303);
    return this.open(answer.headers.location!);
  }

  /** The same of what is asked once more before it is done. */
  async submitSurely(action: string): Promise<this> {
    await this.submit(action);
    expect(this.form(action).fields.confirm).toBe('yes');
    expectWellMade(this);
    return this.submit(action);
  }

  async post({ method, action, fields, html }: Form, typed: Record<string, string> = {}) {
    expect(method).toBe('post');
    for (const name of Object.keys(typed)) expect(fields).toHaveProperty(name);
    const boxes = [...html.matchAll(/<input[^>]*type="checkbox"[^>]*>/g)].map(([tag]) => tag);
    const unticked = boxes.filter((tag) => !/\schecked\b/.test(tag));
    const left = unticked.map((tag) => attribute(tag, 'name'));
    const sent = Object.entries(fields).filter(([name]) => !left.includes(name));
    return this.agent
      .post(action)
      .type('form')
      .redirects(0)
      .send({ ...Object.fromEntries(sent), ...typed });
  }

  private show(answer: { status: number; text: string; headers: object }): this {
    expect([200, 401, 404, 409, 429, 503]).toContain(answer.status);
    this.status = answer.status;
    this.page = answer.text;
    this.headers = answer.headers as Record<string, string>;
    return this;
  }

  /** Where the link with these words leads. */
  link(words: string): string {
    const links = [...this.page.matchAll(/<a [^>]*>[^<]*/g)].map(([tag]) => tag);
    return attribute(links.find((tag) => tag.includes(words)) ?? '', 'href') ?? 'no such link';
  }

  get text(): string {
    const shown = this.page.replace(/<(style|script)[\s\S]*?<\/\1>/g, '');
    return read(shown.replace(/<span class="unseen">[^<]*<\/span>/g, ''));
  }

  /** What the page says about the last post. */
  get problem(): string {
    const said = [...this.page.matchAll(/<div id="(?:phone-)?problem"[^>]*>([\s\S]*?)<\/div>/g)];
    return read(said.map(([, inside]) => inside).join(' ')).trim();
  }
}

/** Without what is hidden until the script shows it. */
function seen(page: string): string {
  return page.replace(/<(\w+)[^>]*\shidden\b[^>]*>[\s\S]*?<\/\1\s*>/g, '');
}

/** What is shown, without a gap where only a part of a sentence ends. */
function read(page: string): string {
  return seen(page)
    .replace(/<\/?(?:span|strong|a)\b[^>]*>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');
}

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/** What holds for every page: it is kept nowhere, runs nothing of its own, and can be read aloud. */
export function expectWellMade({ page, headers }: Reader): void {
  expect(headers['content-security-policy']).toBe(POLICY);
  expect(headers['cache-control']).toBe('no-store');
  expect(page).not.toMatch(/\son[a-z]+=|\sstyle=|<style|javascript:/i);
  for (const [, attributes, inside] of page.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
    expect(attribute(` ${attributes}`, 'src')).toMatch(/^\/second-factor\/script\.js\?v=\w+$/);
    expect(inside).toBe('');
  }
  const labels = [...page.matchAll(/<label[\s\S]*?<\/label\s*>/g)].map(([label]) => label);
  const ids: string[] = [];
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    if (attribute(input, 'type') === 'hidden') continue;
    const id = attribute(input, 'id');
    if (id !== undefined) ids.push(id);
    const own = labels.filter((each) => each.includes(input) || each.includes(`for="${id}"`));
    expect([input, own.length]).toEqual([input, 1]);
    expect(own[0]!.replace(/<[^>]*>/g, '').trim()).not.toBe('');
  }
  expect(ids).toEqual([...new Set(ids)]);
  // No phone number stands there in full, however it is written, but one that is being added.
  if (page.includes('/enrollment/verify"')) return;
  expect(page.replace(/[\s().\u2022-]/g, '')).not.toMatch(/206555\d{4}/);
}
