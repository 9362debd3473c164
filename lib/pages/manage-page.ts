import { FEW_RECOVERY_CODES } from '../core/enroll/recovery-codes';
import { codeForm, EXPIRED, sendForm, type PendingCode } from './code-form';
import { phoneForm, type PhoneFields } from './enrollment-page';
import { html, type Html } from './html';
import { page, type Frame } from './layout';
import { problemBox, type ProblemText } from './problem-box';
import { keepCodes, keptForm, type CodesToKeep } from './recovery-codes-page';

interface DeviceLine {
  id: string;
  name: string;
  /** ISO 8601. */
  trustedAt: string;
  lastUsedAt: string;
  current: boolean;
}

interface ManagePage extends Frame, PhoneFields {
  phone: string;
  problem: ProblemText | undefined;
  /** A new number that waits for its code. */
  replacing: PendingCode | undefined;
  recoveryCodesLeft: number;
  /** Recovery codes that nobody has said to be kept. */
  codesToKeep: CodesToKeep | undefined;
  /** The trusted browsers; `undefined` where the app offers no trust. */
  devices: readonly DeviceLine[] | undefined;
}

/** Shows the enrolled phone to a verified user, who may replace or remove it. */
export function managePage(view: ManagePage): string {
  const { replacing } = view;
  const isOpen = view.refused !== undefined && html` open`;
  const replace =
    replacing === undefined
      ? html`<details ${isOpen}>
          <summary>Use another number</summary>
          ${phoneForm(view, 'Text a code to the new number')}
        </details>`
      : html`<h2>Confirm your new number</h2>
          ${codeForm(view, '/enrollment/verify', replacing, 'Use this number')}
          <p class="hint">Until then codes go to the old one.</p>
          <details id="${EXPIRED}" ${isOpen}>
            <summary>No text, or another number?</summary>
            ${phoneForm(view, 'Text a code')}
          </details>`;
  const body = html`${problemBox(view.problem)}
    ${view.codesToKeep && waitingCodes(view, view.codesToKeep)}
    <p>Codes are texted to <span class="phone">${view.phone}</span>.</p>
    ${replace} ${recoveryCodes(view)}
    ${
      view.devices !== undefined &&
      html`<details>
        <summary>Trusted browsers</summary>
        ${devicesList(view, view.devices)}
      </details>`
    }
    <details>
      <summary>Turn the second factor off</summary>
      <p>Your password alone will then be enough to sign in.</p>
      ${sendForm(view, '/enrollment/delete', { button: 'Turn it off', quiet: true })}
    </details>
    <p><a href="${view.homePath}">Back</a></p>`;
  return page(view, 'Your second factor', body);
}

function recoveryCodes(view: ManagePage): Html {
  const left = view.recoveryCodesLeft;
  const said = left === 1 ? 'One recovery code is left.' : `${left} recovery codes are left.`;
  const warning = html`<p class="warning"><strong>${said}</strong> Make new ones soon.</p>`;
  return html`${left <= FEW_RECOVERY_CODES && warning}
    <details>
      <summary>Recovery codes</summary>
      <p>${said} They let you in when you cannot get a text.</p>
      ${sendForm(view, '/recovery-codes', { button: 'Make new recovery codes', quiet: true })}
    </details>`;
}

/** First of all on the page, in each session, until they are kept or others are made. */
function waitingCodes(view: ManagePage, waiting: CodesToKeep): Html {
  if (waiting.codes !== undefined) {
    return html`<h2>Your new recovery codes</h2>
      ${keepCodes(view, waiting)}
      <h2>Your phone</h2>`;
  }
  return html`<div class="warning">
    <p>
      <strong>Have you kept your new recovery codes?</strong> Nobody has said so yet.
      ${waiting.older && 'Until then the older ones count.'} If you do not have them, make new ones
      below.
    </p>
    ${waiting.set !== undefined && keptForm(view, waiting.set)}
  </div>`;
}

/** The browsers that pass without a code, each with a way to end that. */
function devicesList(frame: Frame, devices: readonly DeviceLine[]): Html {
  if (devices.length === 0) return html`<p class="hint">No browser is trusted.</p>`;
  const lines = devices.map(
    (device) =>
      html`<li>
        ${device.name}${device.current && html` (this browser)`}<br />
        <span class="hint"
          >Trusted since ${day(device.trustedAt)}, last used ${day(device.lastUsedAt)}</span
        >
        ${sendForm(frame, `/devices/${device.id}/delete`, { button: 'Ask it again', quiet: true })}
      </li>`,
  );
  const all = sendForm(frame, '/devices/delete', { button: 'Ask all of them again', quiet: true });
  return html`<ul class="devices">
      ${lines}
    </ul>
    ${devices.length > 1 && all}`;
}

function day(iso: string): string {
  return iso.slice(0, 10);
}
