import { html } from './html';
import { page, type Frame } from './layout';
import { problemBox, type ProblemText } from './problem-box';

/** Says what went wrong where no other page can. */
export function messagePage(view: Frame & { problem: ProblemText }): string {
  const body = html`${problemBox(view.problem)}
    <p><a href="${view.homePath}">Back</a></p>`;
  return page(view, view.problem.title, body);
}
