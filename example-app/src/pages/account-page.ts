import type { TransferLine } from '../accounts/accounts';
import { html, type Html } from './html';
import { layout } from './layout';
import { formatDollars, type Cents } from '../accounts/money';

/** A transfer as its form has it. */
export interface TransferDraft {
  to: string;
  amount: string;
}

export interface AccountView {
  username: string;
  balance: Cents;
  history: TransferLine[];
  /** What the transfer form is filled in with. */
  draft?: TransferDraft | undefined;
  notice?: string | undefined;
  /** There are recovery codes that nobody has said to be kept. */
  codesWait?: boolean | undefined;
  problem?: string | undefined;
}

export function accountPage(view: AccountView): Html {
  const { username, balance, history, draft, notice, codesWait, problem } = view;
  return layout({
    title: 'Your account',
    username,
    notice,
    problem,
    script: '/live.js',
    body: html`<h1>Your account</h1>
      ${
        codesWait === true &&
        html`<p class="notice">
          Nobody has said yet that your recovery codes are kept. They let you in without your phone:
          <a href="/second-factor">look after them</a>.
        </p>`
      }
      <p class="balance">
        <span>Balance of ${username}</span> <strong id="balance">${formatDollars(balance)}</strong>
      </p>
      <div class="columns">
        <section aria-labelledby="send-heading">
          <h2 id="send-heading">Send money</h2>
          ${transferForm(draft)}
        </section>
        <section aria-labelledby="history-heading">
          <h2 id="history-heading">Transfers</h2>
          ${history.length === 0 ? html`<p class="hint">None yet.</p>` : historyTable(history)}
        </section>
      </div>
      <p><a href="/password">Change your password</a></p>`,
  });
}

function transferForm(draft: TransferDraft | undefined): Html {
  return html`<form class="card" method="post" action="/transfer">
    <label for="to">To (username)</label>
    <input
      id="to"
      name="to"
      value="${draft?.to}"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      required
    />
    <label for="amount">Amount in dollars</label>
    <input
      id="amount"
      name="amount"
      value="${draft?.amount}"
      inputmode="decimal"
      autocomplete="off"
      aria-describedby="amount-hint"
      required
    />
    <p class="hint" id="amount-hint">
      Such as 25 or 25.50. If your last code is older than five minutes, we text you a new one first
      and then ask whether to go on.
    </p>
    <button>Send</button>
  </form>`;
}

function historyTable(history: TransferLine[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">When</th>
        <th scope="col">Whom</th>
        <th scope="col" class="amount">Amount</th>
      </tr>
    </thead>
    <tbody>
      ${history.map(historyRow)}
    </tbody>
  </table>`;
}

function historyRow({ direction, at, cents, ...line }: TransferLine): Html {
  const time = new Date(at).toISOString();
  const sign = direction === 'in' ? '+' : '−';
  return html`<tr>
    <td><time datetime="${time}">${time.slice(0, 16).replace('T', ' ')} UTC</time></td>
    <td>${direction === 'in' ? 'from' : 'to'} ${line.with}</td>
    <td class="amount ${direction}">${sign}${formatDollars(cents)}</td>
  </tr>`;
}
