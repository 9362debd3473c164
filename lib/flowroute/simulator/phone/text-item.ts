import { showNumber } from '../numbers';
import type { SimulatedMessage } from '../texts/message-log';
import { markup, type Markup } from './markup';

/** One text as a phone shows it, with the code to copy and a way to answer. */
export function textItem(message: SimulatedMessage, shownPhone: string): Markup {
  const { id, direction, to, from, body, at } = message;
  const outbound = direction === 'outbound';
  const who = outbound
    ? markup`To ${showNumber(to)} <span>from ${showNumber(from)}</span>`
    : markup`Reply of ${showNumber(from)}`;
  return markup`<li id="${id}" class="text${outbound ? '' : ' reply'}">
<p class="who"><b>${who}</b> ${timeOf(at)}</p>
<p class="bubble">${body ?? '(a picture without words)'}</p>
${outbound ? codePart(findCode(body ?? '')) : undefined}
${outbound ? answerPart(message, shownPhone) : undefined}
</li>`;
}

export function timeOf(at: number): Markup {
  const iso = new Date(at).toISOString();
  return markup`<time datetime="${iso}">${iso.slice(11, 19)} UTC</time>`;
}

/** The script shows the button; without one the code is selected by a click. */
function codePart(code: string | undefined): Markup | undefined {
  if (code === undefined) return undefined;
  return markup`<p class="code">Code <code title="Click to select">${code}</code> <button type="button" data-copy="${code}" hidden>Copy</button></p>`;
}

function answerPart({ id, to, from }: SimulatedMessage, shownPhone: string): Markup {
  return markup`<details>
<summary>Answer</summary>
<form method="post" action="/phone/reply" autocomplete="off">
<input type="hidden" name="from" value="${to}">
<input type="hidden" name="to" value="${from}">
<input type="hidden" name="shown" value="${shownPhone}">
<label for="answer-${id}">Your answer</label>
<input id="answer-${id}" name="text" maxlength="1600">
<button type="submit">Send</button>
<button type="submit" name="body" value="STOP">STOP</button>
<button type="submit" name="body" value="UNSTOP">UNSTOP</button>
<button type="submit" name="body" value="NO">NO</button>
</form>
</details>`;
}

/** The code on the last line for autofill, else the first run of digits as long as a code. */
function findCode(body: string): string | undefined {
  return (/#(\d{6,10})\s*$/.exec(body) ?? /(?<!\d)(\d{6,10})(?!\d)/.exec(body))?.[1];
}
