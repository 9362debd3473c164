import { html } from './html';
import { page, type Frame } from './layout';

interface RecoveryCodesPage extends Frame {
  codes: readonly string[];
  /** Where the user goes on. */
  next: string;
}

/** Shows new recovery codes, this one time. */
export function recoveryCodesPage(view: RecoveryCodesPage): string {
  const codes = view.codes.map((code) => html`<li><code>${code}</code></li>`);
  const body = html`<p>
      Keep these somewhere safe, apart from your phone. Each of them lets you in once when you
      cannot get a text. Older recovery codes no longer work, and these are not shown again.
    </p>
    <ol class="codes">
      ${codes}
    </ol>
    <p><a href="${view.next}">I have kept them. Go on</a></p>`;
  return page(view, 'Your recovery codes', body);
}
