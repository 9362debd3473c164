import { html, type Html } from './html';

export const BANK = 'Pebble Bank';

export interface Page {
  title: string;
  body: Html;
  /** Who is signed in, with the password at least; `undefined` for strangers. */
  username?: string | undefined;
  /** What went well. */
  notice?: string | undefined;
  /** What went wrong. */
  problem?: string | undefined;
  /** The path of a script that adds to a page; without it, the page is complete as well. */
  script?: string;
}

/** The frame of every page: complete without scripts, and without anything from other hosts. */
export function layout({ title, body, username, notice, problem, script }: Page): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${problem !== undefined && 'Error: '}${title} · ${BANK}</title>
        <link rel="stylesheet" href="/styles.css" />
        <link rel="icon" href="data:," />
        ${script !== undefined && html`<script src="${script}" defer></script>`}
      </head>
      <body>
        <header class="top">
          <a class="brand" href="/">${BANK}</a>
          ${username === undefined ? strangerLinks : memberLinks(username)}
        </header>
        <main>
          ${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
          ${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`} ${body}
        </main>
        <footer>An example app. The money is not real.</footer>
      </body>
    </html>`;
}

const strangerLinks = html`<nav aria-label="Main">
  <a href="/login">Sign in</a>
  <a href="/signup">Open an account</a>
</nav>`;

function memberLinks(username: string): Html {
  return html`<nav aria-label="Main">
    <a href="/account">Account</a>
    <a href="/second-factor">Second factor</a>
    <form method="post" action="/logout">
      <button class="quiet">Sign out<span class="who"> ${username}</span></button>
    </form>
  </nav>`;
}
