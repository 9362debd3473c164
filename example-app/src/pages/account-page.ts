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
    body: html`${
        codesWait === true &&
        html`<p class="notice">
          Did you save your recovery codes? They let you in when you can't get a text.
          <a href="/second-factor">Take care of them</a>
        </p>`
      }
      <p class="balance">
        <span>Balance</span> <strong id="balance">${formatDollars(balance)}</strong>
      </p>
      <div class="columns">
        <section class="card" aria-labelledby="send-heading">
          <h2 id="send-heading">Send money</h2>
          ${transferForm(draft)}
        </section>
        <section class="card" aria-labelledby="history-heading">
          <h2 id="history-heading">Transfers</h2>
          ${history.length === 0 ? html`<p class="hint">None yet.</p>` : historyTable(history)}
        </section>
      </div>`,
  });
}

function transferForm(draft: TransferDraft | undefined): Html {
  return html`<form method="post" action="/transfer">
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
      Such as 25 or 25.50. If your last code is more than five minutes old, we'll text you a new one
      before the money goes out.
    </p>
    <button>Send</button>
  </form>`;
}

function historyTable(history: TransferLine[]): Html {
  return html`<table>
    <thead class="unseen">
      <tr>
        <th scope="col">Transfer</th>
        <th scope="col">Amount</th>
      </tr>
    </thead>
    <tbody>
      ${history.map(historyRow)}
    </tbody>
  </table>`;
}

/** The server does not know where its readers are, so the zone is said. */
const WHEN = new Intl.DateTimeFormat('en-US', {
  month: 'short',
  day: 'numeric',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZone: 'UTC',
  timeZoneName: 'short',
});

function historyRow({ direction, at, cents, ...line }: TransferLine): Html {
  const isIn = direction === 'in';
  return html`<tr>
    <td>
      ${isIn ? 'From' : 'To'} ${line.with}
      <time datetime="${new Date(at).toISOString()}">${WHEN.format(at)}</time>
    </td>
    <td class="amount ${direction}">${isIn ? '+' : '−'}${formatDollars(cents)}</td>
  </tr>`;
}
