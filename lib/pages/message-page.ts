import { html } from './html';
import { page, type Frame } from './layout';
import { notice, type NoticeText } from './notice';

/** Says what went wrong where no other page can. */
export function messagePage(view: Frame & { problem: NoticeText }): string {
  const body = html`${notice(view.problem)}
    <p><a href="${view.homePath}">Back</a></p>`;
  return page(view, view.problem.title, body);
}
