import { FAULT_MODES, MAGIC_NUMBERS, type FaultMode } from './fault-modes';
import type { SimulatedMail } from './mails';
import type { SimulatedMessage } from './message-log';
import { chargedAs, priceOf, receiptsUntil, showNumber } from './message-record';

/** HTML, as opposed to a text that still has to be escaped. */
class Markup {
  constructor(readonly text: string) {}
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

type Part = string | number | undefined | Markup | readonly Markup[];

/** Builds HTML. Whatever is put in is escaped, unless it is HTML already: strangers write texts. */
function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((string, index) => string + render(parts[index])).join(''));
}

function render(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('\n');
  return String(part).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Nothing runs and nothing loads but the page's own files; texts are written by strangers. */
export const PHONE_PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const SHOWN = 50;

interface PhoneView {
  /** Newest first. */
  messages: readonly SimulatedMessage[];
  mails: readonly SimulatedMail[];
  armed: readonly FaultMode[];
  /** Milliseconds since the epoch. */
  now: number;
  /** The number or the mail address that the page was asked for; empty where all are shown. */
  shown: string;
}

/**
 * The page at `/`: a phone with the texts and mails it got. The script keeps it up to date; without
 * one it is reloaded by hand.
 */
export function phonePage({ messages, mails, armed, now, shown }: PhoneView): string {
  const texts = messages.slice(0, SHOWN).map((message) => textItem(message, now, shown));
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Simulated phone</title>
<link rel="stylesheet" href="/phone.css">
<script src="/phone.js" defer></script>
</head>
<body>
<main class="phone">
<header class="top">
<h1>Messages</h1>
<p>Simulated phone. Nothing here was really sent.</p>
<noscript><p><a href="">Reload the page</a> to see what is new.</p></noscript>
</header>
<ol class="texts" id="texts" data-live="merge" aria-live="polite">
${texts.length === 0 ? EMPTY : texts}
</ol>
${faultsPart(armed, shown)}
</main>
${mailPart(mails)}
</body>
</html>
`.text;
}

const EMPTY = markup`<li class="empty" id="no-texts">
<p>No texts yet</p>
<p>Ask the app for a code; it shows up here at once.</p>
</li>`;

/** One text as a phone shows it, with the code to copy and a way to answer. */
function textItem(message: SimulatedMessage, now: number, shownPhone: string): Markup {
  const { id, direction, to, from, body, media, at, status } = message;
  const outbound = direction === 'outbound';
  const who = outbound
    ? markup`To ${showNumber(to)} <span>from ${showNumber(from)}</span>`
    : markup`Reply of ${showNumber(from)}`;
  // No phone shows what it does not get.
  if (status !== 'delivered') {
    return markup`<li id="${id}" class="text lost">
<p class="who"><b>${who}</b> ${timeOf(at)}</p>
${coursePart(message, now)}
</li>`;
  }
  return markup`<li id="${id}" class="text${outbound ? '' : ' reply'}">
<p class="who"><b>${who}</b> ${timeOf(at)}</p>
<p class="bubble">${body ?? '(a picture without words)'}</p>
${media.map((url) => markup`<p class="picture">Picture: ${url}</p>`)}
${outbound ? coursePart(message, now) : undefined}
${outbound ? codePart(findCode(body ?? '')) : undefined}
${outbound ? answerPart(message, shownPhone) : undefined}
</li>`;
}

/** What became of a text, as the carrier tells it; the script keeps it up to date. */
function coursePart(message: SimulatedMessage, now: number): Markup {
  const segments = chargedAs(message);
  const kind = message.mms ? 'MMS' : `${segments} ${segments === 1 ? 'segment' : 'segments'}`;
  const state = message.status === 'delivered' ? 'Arrived' : 'Does not arrive';
  return markup`<p class="course" id="course-${message.id}" data-live="replace">${state}, ${kind}, ${priceOf(message).display}. ${receiptText(message, now)}</p>`;
}

function receiptText(message: SimulatedMessage, now: number): string {
  const [last] = receiptsUntil(message, now);
  if (last === undefined) return 'No receipt.';
  const { status, code, description } = last;
  return `Receipt: ${status}${code === null ? '' : ` ${code}`} (${description}).`;
}

function timeOf(at: number): Markup {
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
<button type="submit" name="picture" value="on">With a picture</button>
</form>
</details>`;
}

/** The code on the last line for autofill, else the first run of digits as long as a code. */
function findCode(body: string): string | undefined {
  return (/#(\d{6,10})\s*$/.exec(body) ?? /(?<!\d)(\d{6,10})(?!\d)/.exec(body))?.[1];
}

/** The mails beside the texts; the styles hide it where there are none. */
function mailPart(mails: readonly SimulatedMail[]): Markup {
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

/** Lets the next texts fail in a chosen way, and names the phones with a fixed course. */
function faultsPart(armed: readonly FaultMode[], shownPhone: string): Markup {
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

const SHOWN_FAULTS = 20;

function armedText(armed: readonly FaultMode[]): string {
  if (armed.length === 0) return 'The next text goes well.';
  const more = armed.length > SHOWN_FAULTS ? `, and ${armed.length - SHOWN_FAULTS} more` : '';
  return `Next: ${armed.slice(0, SHOWN_FAULTS).join(', ')}${more}.`;
}
