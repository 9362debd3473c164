import { FAULT_MODES, type FaultMode } from '../faults/fault-modes';
import { MAGIC_NUMBERS } from '../faults/magic-numbers';
import { showNumber } from '../numbers';
import { markup, type Markup } from './markup';

/** Lets the next texts fail in a chosen way, and names the phones with a fixed course. */
export function faultsPart(armed: readonly FaultMode[], shownPhone: string): Markup {
  return markup`<details class="faults">
<summary>Let texts fail</summary>
<form method="post" action="/phone/faults" autocomplete="off">
<input type="hidden" name="shown" value="${shownPhone}">
<label for="mode">What happens</label>
<select id="mode" name="mode">
${FAULT_MODES.map((mode) => markup`<option>${mode}</option>`)}
</select>
<label for="times">To how many texts</label>
<input id="times" name="times" type="number" min="1" max="1000" value="1" required>
<button type="submit">Let them fail</button>
<button type="submit" name="clear" value="on" formnovalidate>Let all go well</button>
</form>
<p id="armed" data-live="replace">${armedText(armed)}</p>
<h3>Phones with a fixed course</h3>
<dl>
${Object.entries(MAGIC_NUMBERS).map(([number, mode]) => markup`<dt>${showNumber(number)}</dt><dd>${mode}</dd>`)}
</dl>
</details>`;
}

const SHOWN = 20;

function armedText(armed: readonly FaultMode[]): string {
  if (armed.length === 0) return 'The next text goes well.';
  const more = armed.length > SHOWN ? `, and ${armed.length - SHOWN} more` : '';
  return `Next: ${armed.slice(0, SHOWN).join(', ')}${more}.`;
}
