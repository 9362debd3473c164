import { markup, type Markup } from '../phone/markup';
import { timeOf } from '../phone/text-item';
import type { SimulatedMail } from './mail-log';

const SHOWN = 50;

/** The mails beside the texts; the styles hide it where there are none. */
export function mailPart(mails: readonly SimulatedMail[]): Markup {
  return markup`<section class="mails" aria-labelledby="mail">
<header class="top">
<h2 id="mail">Mail</h2>
<p>Simulated as well.</p>
</header>
<ol class="texts" id="mails" data-live="merge" aria-live="polite">${mails.slice(0, SHOWN).map(mailItem)}</ol>
</section>`;
}

function mailItem({ id, to, subject, text, at }: SimulatedMail): Markup {
  return markup`<li id="mail-${id}" class="text">
<p class="who"><b>${subject} <span>to ${to}</span></b> ${timeOf(at)}</p>
<p class="bubble">${withLinks(text)}</p>
</li>`;
}

/** Addresses can be followed; what the expression takes in starts with http and nothing else. */
function withLinks(text: string): Markup {
  const parts = text.split(/(https?:\/\/[\w./:?=%&~-]*[\w/=-])/);
  return parts.reduce(
    (before, part, index) =>
      index % 2 === 1
        ? markup`${before}<a href="${part}" rel="noreferrer">${part}</a>`
        : markup`${before}${part}`,
    markup``,
  );
}
