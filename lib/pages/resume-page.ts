import { html } from './html';
import { csrfField, page, type Frame } from './layout';

interface ResumePage extends Frame {
  /** Where the form that was held up goes. */
  path: string;
  fields: readonly (readonly [name: string, value: string])[];
}

/** Offers to send a form again that the gate held up. Nothing is sent unless the user says so. */
export function resumePage(view: ResumePage): string {
  // The token that came with the form belongs to the session before; this page has a new one.
  const fields = view.fields
    .filter(([name]) => view.csrfToken === undefined || name !== '_csrf')
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  const facts = view.fields
    .filter(([name, value]) => name !== '_csrf' && value !== '')
    .map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    );
  const shown = view.path.split('?', 1)[0] ?? '';
  const body = html`<p>
      Thank you. What you sent to <strong>${shown}</strong> has not been done yet. Shall it be done
      now?
    </p>
    <dl>${facts}</dl>
    <form method="post" action="${view.path}">
      ${csrfField(view)} ${fields}<button type="submit">Yes, go on</button>
    </form>
    <p><a href="${view.homePath}">No, leave it</a></p>`;
  return page(view, 'Go on where you were', body);
}
