/** A form as a page shows it. */
export interface Form {
  action: string;
  fields: Record<string, string>;
}

/**
 * A browser without JavaScript: keeps cookies, follows redirects, says where requests come from,
 * and can do nothing but what the page's own links and forms offer.
 */
export class Browser {
  private readonly cookies = new Map<string, string>();
  /** The address and the text of the page that is shown. */
  url = '';
  page = '';
  status = 0;

  /** Passport answers a post with 302, which the library's own answers and the bank's never do. */
  constructor(
    private readonly origin: string,
    private readonly afterPosts: readonly number[] = [303],
  ) {}

  async visit(path: string): Promise<void> {
    await this.go(path, { method: 'GET' }, 'none');
  }

  /** Fills in the form with this action (of a kept form, the one it was kept with), and sends it. */
  async submit(action: string, values: Record<string, string> = {}): Promise<void> {
    const form = this.form(action);
    for (const name of Object.keys(values)) {
      if (!(name in form.fields)) throw new Error(`the form ${action} has no field ${name}`);
    }
    const body = new URLSearchParams({ ...form.fields, ...values }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: this.origin };
    await this.go(form.action, { method: 'POST', body, headers }, 'same-origin');
  }

  form(action: string): Form {
    for (const [, attributes = '', content = ''] of this.page.matchAll(
      /<form([^>]*)>(.*?)<\/form>/gs,
    )) {
      const posted = attribute(attributes, 'action');
      if (posted?.replace(/[?&]sms2fa-form=[\w-]+$/, '') !== action) continue;
      const fields: Record<string, string> = {};
      for (const [, input = ''] of content.matchAll(/<input([^>]*)>/gs)) {
        const name = attribute(input, 'name');
        if (name !== undefined) fields[name] = attribute(input, 'value') ?? '';
      }
      return { action: posted, fields };
    }
    throw new Error(`the page ${this.url} has no form ${action}: ${this.text()}`);
  }

  /** What a person reads. */
  text(): string {
    return unescape(this.page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).trim();
  }

  private async go(path: string, init: RequestInit, site: string): Promise<void> {
    let target = new URL(path, this.origin);
    let request = init;
    for (let hops = 0; hops < 10; hops += 1) {
      const answer = await fetch(target, {
        ...request,
        redirect: 'manual',
        headers: {
          accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
          'sec-fetch-site': site,
          cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(this.url === '' ? {} : { referer: this.url }),
          ...(request.headers as Record<string, string> | undefined),
        },
      });
      this.keepCookies(answer);
      const location = answer.headers.get('location');
      if (location === null) {
        this.url = target.href;
        this.status = answer.status;
        this.page = await answer.text();
        return;
      }
      await answer.arrayBuffer();
      if (request.method === 'POST' && !this.afterPosts.includes(answer.status)) {
        throw new Error(`a post was answered with ${answer.status}, not 303`);
      }
      target = new URL(location, target);
      if (target.origin !== this.origin) throw new Error(`sent away to ${target.href}`);
      request = { method: 'GET' };
    }
    throw new Error(`too many redirects at ${target.href}`);
  }

  private keepCookies(answer: Response): void {
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/expires=thu, 01 jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescape(value);
}

function unescape(text: string): string {
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');
}
