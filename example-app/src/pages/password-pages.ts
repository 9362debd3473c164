import { passwordField, usernameField } from './fields';
import { html, type Html } from './html';
import { layout } from './layout';
import { messagePage } from './pages';

export interface ForgotState {
  username?: string | undefined;
  problem?: string | undefined;
}

export function forgotPage({ username, problem }: ForgotState): Html {
  return layout({
    title: 'New password',
    problem,
    body: html`<h1>Forgot your password?</h1>
      <p>We mail you a link to choose a new one. You still need your phone.</p>
      <form class="card" method="post" action="/forgot-password">
        ${usernameField(username)}
        <button>Mail me a link</button>
      </form>
      <p><a href="/login">Back to sign in</a></p>`,
  });
}

/** The same for every name: who is a customer is nobody else's business. */
export function linkSentPage(): Html {
  return messagePage(
    'Look into your mail',
    'If there is such a customer with an email address, a link is on its way. It works once, for 30 minutes.',
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
    title: 'New password',
    ...said,
    body: html`<h1>Choose a new password</h1>
      ${
        needsCode &&
        html`<form method="post" action="/reset-password/code">
          ${tokenField}
          <button>Text me a code</button>
        </form>`
      }
      <form class="card" method="post" action="/reset-password">
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
      <p>Afterwards you sign in with it, and with another code from your phone.</p>`,
  });
}

export function linkDeadPage(problem: string): Html {
  return layout({
    title: 'This link does not work',
    problem,
    body: html`<h1>This link does not work any more</h1>
      <p><a class="button" href="/forgot-password">Ask for a new one</a></p>`,
  });
}

/** Behind the link of a mail that says that somebody may be in the account. */
export function endSessionsPage(token: string): Html {
  return layout({
    title: 'End all sessions',
    body: html`<h1>End all sessions of your account?</h1>
      <p>Everybody is signed out, you as well, and no browser is trusted any more.</p>
      <form class="card" method="post" action="/end-sessions">
        <input type="hidden" name="token" value="${token}" />
        <button>End all sessions</button>
      </form>`,
  });
}

export function changePasswordPage(state: { username: string; problem?: string }): Html {
  return layout({
    title: 'Change your password',
    ...state,
    body: html`<h1>Change your password</h1>
      <form class="card" method="post" action="/password">
        ${passwordField('current', 'current', 'Your password')}
        ${passwordField('new', 'password', 'New password')}
        <button>Change password</button>
      </form>
      <p>This signs you out everywhere else, and asks you for a code here.</p>`,
  });
}
