'use strict';

/** A browser of the drive: one cookie, which it can be made to hold on to. */
class Browser {
  constructor(origin, cookie) {
    this.origin = origin;
    this.cookie = cookie;
  }

  /** Another one with the cookie that this one has now. */
  copy() {
    return new Browser(this.origin, this.cookie);
  }

  async ask(method, path, { body, form, accept = 'application/json' } = {}) {
    const answer = await fetch(this.origin + path, {
      method,
      redirect: 'manual',
      headers: {
        accept,
        ...(this.cookie !== undefined && { cookie: this.cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
    });
    const [set] = answer.headers.getSetCookie().filter((each) => each.startsWith('connect.sid='));
    if (set !== undefined) this.cookie = set.split(';')[0];
    const text = await answer.text();
    return {
      method,
      path,
      status: answer.status,
      location: answer.headers.get('location'),
      json: parsed(text),
      text,
    };
  }

  get(path, options) {
    return this.ask('GET', path, options);
  }

  page(path) {
    return this.ask('GET', path, { accept: 'text/html' });
  }

  post(path, body = {}) {
    return this.ask('POST', path, { body });
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An answer that is not the one that was to come. */
class Unexpected extends Error {}

/** Holds an answer against a status and, where given, the code of its problem document. */
function expect(answer, status, code) {
  const wrong = answer.status !== status || (code !== undefined && answer.json?.code !== code);
  if (wrong) {
    const said = answer.json?.error ?? answer.json?.detail ?? answer.text.slice(0, 120);
    const words = (...parts) => parts.filter(Boolean).join(' ');
    throw new Unexpected(
      `${answer.method} ${answer.path} answered ${words(answer.status, answer.json?.code)} instead of ${words(status, code)}: ${said}`,
    );
  }
  return answer;
}

/** Holds anything else. */
function hold(isSo, what) {
  if (!isSo) throw new Unexpected(what);
}

module.exports = { Browser, Unexpected, expect, hold };
