import { html, type Html } from './html';
import { page, type Frame } from './layout';

/** What a page has to say about the last request. */
export interface ProblemText {
  title: string;
  detail: string;
  attemptsLeft?: number;
  retryAfter?: number;
}

/** An error in words, in a place that screen readers announce and that the field points to. */
export function problemBox(said: ProblemText | undefined): Html {
  if (said === undefined) return html`<div id="problem" role="status"></div>`;
  const { attemptsLeft } = said;
  // From three left on, so that nobody is surprised by the last one.
  const warning = attemptsLeft !== undefined && attemptsLeft <= 3 && attempts(attemptsLeft);
  return html`<div id="problem" class="warning" role="alert">
    <p><strong>${said.title}.</strong> ${said.detail}</p>
    ${
      warning && html`<p>${warning}</p>`
    }${said.retryAfter !== undefined && html`<p>Try again in ${wait(said.retryAfter)}.</p>`}
  </div>`;
}

function attempts(left: number): string {
  if (left === 0) return 'No attempts left.';
  return left === 1 ? 'One attempt left.' : `${left} attempts left.`;
}

/** A wait in the largest unit that does not hide much of it. */
export function wait(seconds: number): string {
  const [count, unit] =
    seconds < 120
      ? [seconds, 'second']
      : seconds < 7_200
        ? [Math.ceil(seconds / 60), 'minute']
        : [Math.ceil(seconds / 3_600), 'hour'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Says what went wrong where no other page can. Its heading has the title. */
export function messagePage(view: Frame & { problem: ProblemText }): string {
  const { title, detail, retryAfter } = view.problem;
  const body = html`<div id="problem" class="warning" role="alert">
      <p>${detail}</p>
      ${retryAfter !== undefined && html`<p>Try again in ${wait(retryAfter)}.</p>`}
    </div>
    <p><a href="${view.homePath}">Back</a></p>`;
  return page(view, title, body);
}
