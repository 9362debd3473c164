import type { LayoutParts } from 'passport-sms-2fa';

import { Html, html } from './html';

export const BANK = 'Pebble Bank';
export const LINKS = { terms: '/terms', privacy: '/privacy', support: '/help' };

export interface Page {
  /** Of the page and of its tab. */
  title: string;
  /** What comes below the title. */
  body: Html;
  /** `narrow` is a card, as the second factor's pages are; `prose` one to read. Default: the full width. */
  shape?: 'narrow' | 'narrow prose' | 'home';
  /** Who is signed in, with the password at least; `undefined` for strangers. */
  username?: string | undefined;
  /** What went well. */
  notice?: string | undefined;
  /** What went wrong. */
  problem?: string | undefined;
  /** The path of a script that adds to a page; without it, the page is complete as well. */
  script?: string;
}

/** A page of the bank's own: complete without scripts, and without anything from other hosts. */
export function layout({ title, body, shape, username, notice, problem, script }: Page): Html {
  return frame({
    title: html`${problem !== undefined && 'Error: '}${title}`,
    head: html`${script !== undefined && html`<script src="${script}" defer></script>`}`,
    style: `own ${shape ?? ''}`.trimEnd(),
    nav: username === undefined ? STRANGER : member(username),
    main: html`<h1>${title}</h1>
      ${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
      ${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`} ${body}`,
  });
}

/** Pages on the way in: what the account holds is not open yet. */
const ON_THE_WAY = ['challenge', 'enrollment'];

/** A page of the second factor in the same frame. The library brings its styles and its script. */
export function secondFactorLayout(parts: LayoutParts, username: string | undefined): Html {
  const { title, head, body, lang, dir, page } = parts;
  const known = ON_THE_WAY.includes(page) ? signOut : member;
  return frame({
    title: html`${title}`,
    head: new Html(head),
    style: 'factor',
    nav: username === undefined ? STRANGER : known(username),
    main: new Html(body),
    lang,
    dir,
  });
}

interface FrameParts {
  title: Html;
  head: Html;
  style: string;
  nav: Html;
  main: Html;
  lang?: string;
  dir?: string;
}

/** The bank's styles come last: where both say something, the frame is the bank's. */
function frame({ title, head, style, nav, main, lang = 'en', dir = 'ltr' }: FrameParts): Html {
  return html`<!doctype html>
    <html lang="${lang}" dir="${dir}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · ${BANK}</title>
        ${head}
        <link rel="stylesheet" href="/styles.css" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
      </head>
      <body class="${style}">
        <header class="top" lang="en">
          <div>
            <a class="brand" href="/">${MARK} ${BANK}</a>
            <nav aria-label="Main">${nav}</nav>
          </div>
        </header>
        <main>${main}</main>
        <footer class="foot" lang="en" dir="ltr">
          <p>An example app. The money is not real.</p>
          <p>
            <a href="${LINKS.terms}">Terms</a> <a href="${LINKS.privacy}">Privacy</a>
            <a href="${LINKS.support}">Help</a>
          </p>
        </footer>
      </body>
    </html>`;
}

/** Three pebbles, one on the other. */
const PEBBLES =
  '<ellipse cx="16" cy="25" rx="13" ry="5"/><ellipse cx="16" cy="15" rx="9" ry="4"/><ellipse cx="16" cy="7" rx="5" ry="3"/>';
const MARK = new Html(
  `<svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">${PEBBLES}</svg>`,
);
/** The same for the tab, on light and on dark. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="#2f8891">${PEBBLES}</svg>`;

const STRANGER = html`<a href="/login">Sign in</a> <a href="/signup">Open an account</a>`;

function member(username: string): Html {
  return html`<a href="/account">Account</a> <a href="/settings">Settings</a> ${signOut(username)}`;
}

function signOut(username: string): Html {
  return html`<form method="post" action="/logout">
    <button>Sign out<span class="unseen"> ${username}</span></button>
  </form>`;
}
