import { html, type Html } from './html';
import { csrfField, type Frame } from './layout';

/** The way in for somebody without the phone: one of the codes that were written down. */
export function recoveryForm(frame: Frame): Html {
  return html`<details>
    <summary>Use a recovery code instead</summary>
    <form method="post" action="${frame.mountPath}/recovery" autocomplete="off" novalidate>
      ${csrfField(frame)}<label for="recovery-code">Recovery code</label>
      <input
        id="recovery-code"
        name="recoveryCode"
        type="text"
        autocapitalize="characters"
        spellcheck="false"
        aria-describedby="problem"
        required
      />
      <button type="submit">Use this code</button>
    </form>
  </details>`;
}
