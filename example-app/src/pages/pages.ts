import { html, type Html } from './html';
import { BANK, layout } from './layout';

export function homePage(username: string | undefined, notice: string | undefined): Html {
  const stranger = html`<p class="actions">
    <a class="button" href="/signup">Open an account</a> <a href="/login">Sign in</a>
  </p>`;
  const member = html`<p class="actions">
    <a class="button" href="/account">Go to your account</a>
  </p>`;
  return layout({
    title: 'A small bank with two locks',
    username,
    notice,
    shape: 'home',
    body: html`<p class="lead">
        Your password opens the first one. A code we text to your phone opens the second. When you
        send money, we check again if your last code is more than five minutes old.
      </p>
      ${username === undefined ? stranger : member}`,
  });
}

/** For whoever has both factors: nobody else gets here. */
export function settingsPage(username: string, email: string | undefined): Html {
  return layout({
    title: 'Settings',
    username,
    shape: 'narrow',
    body: html`<dl class="settings">
      <div>
        <dt>Username</dt>
        <dd>${username}</dd>
      </div>
      <div>
        <dt>Email</dt>
        <dd>${email ?? 'None. We have nowhere to send a link if you forget your password.'}</dd>
      </div>
      <div>
        <dt>Password</dt>
        <dd><a href="/password">Change your password</a></dd>
      </div>
      <div>
        <dt>Two-step verification</dt>
        <dd>On. <a href="/second-factor">Your phone, recovery codes, and browsers</a></dd>
      </div>
    </dl>`,
  });
}

/** A title and a sentence, for whatever has no page of its own. */
export function messagePage(title: string, message: string, username?: string): Html {
  const body = html`<p>${message}</p>
    <p class="actions"><a class="button" href="/">Back to ${BANK}</a></p>`;
  return layout({ title, body, username, shape: 'narrow' });
}
