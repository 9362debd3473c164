import { html } from './html';
import { csrfField, page, type Frame } from './layout';

interface ResumePage extends Frame {
  /** Where the form that was held up goes, and where the page posts it. */
  path: string;
  action: string;
  fields: readonly (readonly [name: string, value: string])[];
  /** What it would do, in the app's words. */
  words: { title: string; lines: readonly (readonly [label: string, value: string])[] } | undefined;
}

/** Offers to send a form again that the gate held up. Nothing is sent unless the user says so. */
export function resumePage(view: ResumePage): string {
  const { words } = view;
  // The token that came with the form belongs to the session before; this page has a new one.
  const fields = view.fields
    .filter(([name]) => view.csrfToken === undefined || name !== '_csrf')
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  const lines = (words?.lines ?? asTheyCame(view)).map(
    ([label, value]) =>
      html`<dt>${label}</dt>
        <dd>${value}</dd>`,
  );
  const what =
    words === undefined ? html`What you sent to <strong>${view.path}</strong>` : html`This`;
  const body = html`<p>Thank you. ${what} has not been done yet. Shall it be done now?</p>
    <dl>${lines}</dl>
    <form method="post" action="${view.action}" data-once="kept">
      ${csrfField(view)} ${fields}<button type="submit">Yes, go on</button>
    </form>
    <p><a href="${view.homePath}">No, leave it</a></p>`;
  return page(view, words?.title ?? 'Go on where you were', body);
}

/** The fields of the query and of the body. */
function asTheyCame({ path, fields }: ResumePage): [name: string, value: string][] {
  const query = new URLSearchParams(path.split('?').slice(1).join('?'));
  return [...query, ...fields]
    .filter(([name, value]) => name !== '_csrf' && value !== '')
    .map(([name, value]) => [name, value]);
}

/** Says that the form was sent, to somebody who comes back to it or sends it once more. */
export function sentPage(view: Frame & { done: boolean }): string {
  const [title, words] = view.done
    ? ['This has been done', 'It was done once, and is not done again.']
    : [
        'This has been sent',
        'It was sent once, and is not sent again. Look whether it has been done before you fill it in anew.',
      ];
  const body = html`<p>${words}</p>
    <p><a href="${view.homePath}">Go on</a></p>`;
  return page(view, title, body);
}
