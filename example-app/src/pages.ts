import { html, type Html } from './html';
import { BANK, layout } from './layout';

/** What a visitor of the simulated bank needs in order to try it. */
export interface Demo {
  usernames: string[];
  password: string;
  /** The simulator's page, where the texts show up. */
  phonePage: string;
}

export interface FormState {
  username?: string | undefined;
  notice?: string | undefined;
  problem?: string | undefined;
}

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

export function loginPage(state: FormState & { demo: Demo | undefined }): Html {
  const { demo, username, notice, problem } = state;
  return layout({
    title: 'Sign in',
    notice,
    problem,
    body: html`<h1>Sign in</h1>
      <form class="card" method="post" action="/login">
        ${usernameField(username)}
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
        />
        <button>Sign in</button>
      </form>
      <p>New here? <a href="/signup">Open an account</a></p>
      ${demo && demoHint(demo)}`,
  });
}

export function signupPage({ username, problem }: FormState): Html {
  return layout({
    title: 'Open an account',
    problem,
    body: html`<h1>Open an account</h1>
      <form class="card" method="post" action="/signup">
        ${usernameField(username, 'username-hint')}
        <p class="hint" id="username-hint">3 to 32 letters, digits, dots, dashes, underscores</p>
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="new-password"
          minlength="8"
          aria-describedby="password-hint"
          required
        />
        <p class="hint" id="password-hint">At least 8 characters; a few words are fine</p>
        <button>Open account</button>
      </form>
      <p>Next, you add your phone: your account opens with a code texted to it.</p>
      <p>Already a customer? <a href="/login">Sign in</a></p>`,
  });
}

/** A title and a sentence, for whatever has no page of its own. */
export function messagePage(title: string, message: string): Html {
  const body = html`<h1>${title}</h1>
    <p>${message}</p>
    <p class="actions"><a class="button" href="/">Back to ${BANK}</a></p>`;
  return layout({ title, body });
}

function usernameField(username = '', hint?: string): Html {
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

function demoHint({ usernames, password, phonePage }: Demo): Html {
  const names = usernames.map((name, index) => html`${index > 0 && ' or '}<code>${name}</code>`);
  return html`<aside class="demo" aria-label="Demo">
    <p>To try it: ${names}, password <code>${password}</code></p>
    <p>Texts arrive on the <a href="${phonePage}">simulated phone</a>.</p>
  </aside>`;
}
