import { html, type Html } from './html';

export function usernameField(username = '', hint?: string): Html {
  return html`<label for="username">Username</label>
    <input
      id="username"
      name="username"
      value="${username}"
      autocomplete="username"
      autocapitalize="none"
      spellcheck="false"
      ${hint !== undefined && html`aria-describedby="${hint}"`}
      required
    />`;
}

/** `current` is a password that exists, `new` one that is chosen now. */
export function passwordField(kind: 'current' | 'new', id = 'password', label = 'Password'): Html {
  const hint = `${id}-hint`;
  return html`<label for="${id}">${label}</label>
    <input
      id="${id}"
      name="${id}"
      type="password"
      autocomplete="${kind}-password"
      ${kind === 'new' && html`minlength="8" aria-describedby="${hint}"`}
      required
    />
    ${kind === 'new' && html`<p class="hint" id="${hint}">At least 8 characters; a few words are fine</p>`}`;
}
