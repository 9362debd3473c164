import { html, type Html } from './html';
import { csrfField, page, type Frame } from './layout';

/** Recovery codes that wait until their user has kept them. */
export interface CodesToKeep {
  /** Names the set, where it was made in this session. */
  set: string | undefined;
  /** Left out where this session may not see them (again). */
  codes: readonly string[] | undefined;
  /** Whether older codes count until then. */
  older: boolean;
}

/** Shows new recovery codes, as often as it is asked for, until they are kept. */
export function recoveryCodesPage(view: Frame & CodesToKeep): string {
  const body = html`${keepCodes(view, view)}
    <p><a href="${view.homePath}">Not now</a></p>`;
  return page(view, 'Your recovery codes', body);
}

/** The codes, and the button that says that they are kept. */
export function keepCodes(frame: Frame, { set, codes = [], older }: CodesToKeep): Html {
  return html`<p>
      Keep these somewhere safe, apart from your phone. Each of them lets you in once when you
      cannot get a text. You can come back to them for a while, until you say that you have kept
      them.
    </p>
    ${
      older &&
      html`<p class="hint">
        Until then your older recovery codes count; from then on these do, and the older ones no
        longer work.
      </p>`
    }
    <ol class="codes">
      ${codes.map((code) => html`<li><code>${code}</code></li>`)}
    </ol>
    ${codes.length > 0 && tools(frame)} ${set !== undefined && keptForm(frame, set)}`;
}

/** Shown by the script, which does what they say; without it the codes are text to be selected. */
function tools({ appName }: Frame): Html {
  const head = `Recovery codes of ${appName}`;
  return html`<p class="tools" data-tools data-head="${head}" data-file="recovery-codes.txt" hidden>
    <button type="button" class="quiet" data-tool="copy" data-done="Copied">Copy</button>
    <button type="button" class="quiet" data-tool="save" data-done="Saved">Download</button>
    <button type="button" class="quiet" data-tool="print">Print</button>
  </p>`;
}

/** Says that the codes of this set are kept. */
export function keptForm(frame: Frame, set: string): Html {
  return html`<form method="post" action="${frame.mountPath}/recovery-codes/kept">
    ${csrfField(frame)}<input type="hidden" name="set" value="${set}" /><button type="submit">
      I have kept them
    </button>
  </form>`;
}
