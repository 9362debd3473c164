import { escapeHtml } from '../html';
import type { SimulatedMail } from './mail-log';

const SHOWN = 50;

/** The mails beside the texts; nothing where there are none. */
export function mailPart(mails: readonly SimulatedMail[]): string {
  if (mails.length === 0) return '';
  return `<section class="mails" aria-labelledby="mail">
<header class="top">
<h2 id="mail">Mail</h2>
<p>Simulated as well.</p>
</header>
<ol class="texts">
${mails.slice(0, SHOWN).map(mailItem).join('\n')}
</ol>
</section>`;
}

function mailItem({ to, subject, text, at }: SimulatedMail): string {
  const iso = new Date(at).toISOString();
  return `<li class="text">
<p class="who"><b>${escapeHtml(subject)} <span>to ${escapeHtml(to)}</span></b> <time datetime="${iso}">${iso.slice(11, 19)} UTC</time></p>
<p class="bubble">${withLinks(text)}</p>
</li>`;
}

/** Addresses can be followed; the list of characters keeps all that HTML treats specially out. */
function withLinks(text: string): string {
  return text
    .split(/(https?:\/\/[\w./:?=%&~-]*[\w/=-])/)
    .map((part, index) => {
      const shown = escapeHtml(part);
      return index % 2 === 1 ? `<a href="${shown}" rel="noreferrer">${shown}</a>` : shown;
    })
    .join('');
}
