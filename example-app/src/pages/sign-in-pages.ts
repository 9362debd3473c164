import { passwordField, usernameField } from './fields';
import { html, type Html } from './html';
import { layout } from './layout';

/** What a visitor of the simulated bank needs in order to try it. */
export interface Demo {
  usernames: string[];
  password: string;
  /** The simulator's page, where texts and mails show up. */
  phonePage: string;
}

export interface FormState {
  username?: string | undefined;
  notice?: string | undefined;
  problem?: string | undefined;
}

export function loginPage(state: FormState & { demo: Demo | undefined }): Html {
  const { demo, username, notice, problem } = state;
  return layout({
    title: 'Sign in',
    shape: 'narrow',
    notice,
    problem,
    body: html`<form method="post" action="/login">
        ${usernameField(username)} ${passwordField('current')}
        <label class="tick">
          <input name="remember" type="checkbox" /> Remember my password in this browser for 30 days
        </label>
        <button>Sign in</button>
      </form>
      <p><a href="/forgot-password">Forgot your password?</a></p>
      <p>New here? <a href="/signup">Open an account</a></p>
      ${demo && demoHint(demo)}`,
  });
}

export function signupPage({ username, email, problem }: FormState & { email?: string }): Html {
  return layout({
    title: 'Open an account',
    shape: 'narrow',
    problem,
    body: html`<form method="post" action="/signup">
        ${usernameField(username, 'username-hint')}
        <p class="hint" id="username-hint">3 to 32 letters, digits, dots, dashes, or underscores</p>
        <label for="email">Email (optional)</label>
        <input
          id="email"
          name="email"
          type="email"
          value="${email}"
          autocomplete="email"
          aria-describedby="email-hint"
        />
        <p class="hint" id="email-hint">
          We use it if you forget your password, and to tell you when your sign-in changes.
        </p>
        ${passwordField('new')}
        <button>Open account</button>
      </form>
      <p class="hint">Next, you add your phone. We text a code to it.</p>
      <p>Already have an account? <a href="/login">Sign in</a></p>`,
  });
}

function demoHint({ usernames, password, phonePage }: Demo): Html {
  const names = usernames.map((name, index) => html`${index > 0 && ' or '}<code>${name}</code>`);
  return html`<aside class="demo" aria-label="Demo">
    <p>To try it, sign in as ${names} with the password <code>${password}</code>.</p>
    <p>Texts and emails arrive on the <a href="${phonePage}">simulated phone</a>.</p>
  </aside>`;
}
