import { passwordField, usernameField } from './fields';
import { html, type Html } from './html';
import { layout, LINKS } from './layout';
import { messagePage } from './pages';

export interface ForgotState {
  username?: string | undefined;
  problem?: string | undefined;
}

export function forgotPage({ username, problem }: ForgotState): Html {
  return layout({
    title: 'Forgot your password?',
    shape: 'narrow',
    problem,
    body: html`<p>
        We'll email you a link to choose a new one. You'll still need your phone to sign in.
      </p>
      <form method="post" action="/forgot-password">
        ${usernameField(username)}
        <button>Email me a link</button>
      </form>
      <p><a href="/login">Back to sign in</a></p>`,
  });
}

/** The same for every name: who is a customer is nobody else's business. */
export function linkSentPage(): Html {
  return messagePage(
    'Check your email',
    'If this account exists and has an email address, a link is on its way. It works once, for 30 minutes.',
  );
}

export interface ResetState {
  token: string;
  /** The account has a phone, and the code that went there is wanted. */
  needsCode: boolean;
  problem?: string | undefined;
  notice?: string | undefined;
}

export function resetPage({ token, needsCode, ...said }: ResetState): Html {
  const tokenField = html`<input type="hidden" name="token" value="${token}" />`;
  return layout({
    title: 'Choose a new password',
    shape: 'narrow',
    ...said,
    body: html`${
        needsCode &&
        html`<form method="post" action="/reset-password/code">
          ${tokenField}
          <button>Text me a code</button>
        </form>`
      }
      <form method="post" action="/reset-password">
        ${tokenField}
        ${
          needsCode &&
          html`<label for="code">Code from your phone</label>
            <input
              id="code"
              name="code"
              inputmode="numeric"
              autocomplete="one-time-code"
              required
            />`
        }
        ${passwordField('new', 'password', 'New password')}
        <button>Change password</button>
      </form>
      <p class="hint">
        Then sign in with it${needsCode && ' and another code from your phone'}.
        <a href="${LINKS.support}">Get help</a>
      </p>`,
  });
}

export function linkDeadPage(problem: string): Html {
  return layout({
    title: "This link doesn't work anymore",
    shape: 'narrow',
    problem,
    body: html`<p><a class="button" href="/forgot-password">Ask for a new one</a></p>`,
  });
}

/** Behind the link of a mail that says that somebody may be in the account. */
export function endSessionsPage(token: string): Html {
  return layout({
    title: 'Sign out everywhere?',
    shape: 'narrow',
    body: html`<p>Everyone is signed out, including you, and no browser is trusted anymore.</p>
      <form method="post" action="/end-sessions">
        <input type="hidden" name="token" value="${token}" />
        <button>Sign out everywhere</button>
      </form>`,
  });
}

export function changePasswordPage(state: { username: string; problem?: string }): Html {
  return layout({
    title: 'Change your password',
    shape: 'narrow',
    ...state,
    body: html`<form method="post" action="/password">
        <input name="username" value="${state.username}" autocomplete="username" hidden />
        ${passwordField('current', 'current', 'Current password')}
        ${passwordField('new', 'password', 'New password')}
        <button>Change password</button>
      </form>
      <p class="hint">This signs you out everywhere else. Here, we'll ask you for a code.</p>`,
  });
}
