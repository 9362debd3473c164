import { html, type Html } from './html';
import { BANK, layout } from './layout';

export function homePage(username: string | undefined, notice: string | undefined): Html {
  const stranger = html`<p class="actions">
    <a class="button" href="/login">Sign in</a> <a href="/signup">Open an account</a>
  </p>`;
  const member = html`<p class="actions">
    <a class="button" href="/account">Go to your account</a>
    <a href="/second-factor">Second factor</a>
  </p>`;
  return layout({
    title: 'Welcome',
    username,
    notice,
    body: html`<h1>A small bank with two locks</h1>
      <p class="lead">
        Your password opens the first one, a code texted to your phone the second. Sending money
        asks for a code that is not older than five minutes.
      </p>
      ${username === undefined ? stranger : member}`,
  });
}

/** A title and a sentence, for whatever has no page of its own. */
export function messagePage(title: string, message: string): Html {
  const body = html`<h1>${title}</h1>
    <p>${message}</p>
    <p class="actions"><a class="button" href="/">Back to ${BANK}</a></p>`;
  return layout({ title, body });
}
