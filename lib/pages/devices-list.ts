import { sendForm } from './code-form';
import { html, type Html } from './html';
import type { Frame } from './layout';

export interface DeviceLine {
  id: string;
  name: string;
  /** ISO 8601. */
  trustedAt: string;
  lastUsedAt: string;
  current: boolean;
}

/** The browsers that pass without a code, each with a way to end that. */
export function devicesList(frame: Frame, devices: readonly DeviceLine[]): Html {
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
