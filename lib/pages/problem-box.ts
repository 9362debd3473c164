import { Html, html } from './html';
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
    ${warning && html`<p>${warning}</p>`}${said.retryAfter !== undefined && retry(said.retryAfter)}
  </div>`;
}

function attempts(left: number): string {
  if (left === 0) return 'No attempts left.';
  return left === 1 ? 'One attempt left.' : `${left} attempts left.`;
}

function retry(seconds: number): Html {
  const left = countdown(wait(seconds), seconds, {
    hides: '#retry',
    over: 'You can try again now.',
  });
  return html`<p id="retry">Try again in ${left}.</p>`;
}

interface Countdown {
  /** Said at five minutes, one, and thirty seconds, with the time left in place of `{time}`. */
  say?: string | undefined;
  /** Said at the end, when what `shows` selects is shown, and what `hides` selects no longer. */
  over?: string | undefined;
  shows?: string | undefined;
  hides?: string | undefined;
}

/**
 * A time in words that the script counts down. Seconds that are left, not a time of day: no clock
 * but the server's decides.
 */
export function countdown(words: string, seconds: number, ends: Countdown = {}): Html {
  return html`<span data-left="${seconds}" ${countdownEnds(ends)}>${words}</span>`;
}

function countdownEnds(ends: Countdown): Html[] {
  return Object.entries(ends).flatMap(([name, value]: [string, string | undefined]) =>
    value === undefined ? [] : [new Html(` data-${name}="${html`${value}`.text}"`)],
  );
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

/** Says what went wrong where no other page can. */
export function messagePage(view: Frame & { problem: ProblemText }): string {
  const body = html`${problemBox(view.problem)}
    <p><a href="${view.homePath}">Back</a></p>`;
  return page(view, view.problem.title, body);
}
