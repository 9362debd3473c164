import { escapeHtml } from './html';
import type { SimulatedMail } from './mail/mail-log';
import { mailPart } from './mail/mail-part';
import type { SimulatedMessage } from './message-log';
import { showNumber } from './numbers';

/** Nothing runs and nothing loads but the page's own styles; texts are written by strangers. */
export const PHONE_PAGE_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SHOWN = 50;
const REFRESH_SECONDS = 4;

/** The page at `/`: a phone with the texts and mails it got, newest first. Works without JavaScript. */
export function phonePage(
  messages: readonly SimulatedMessage[],
  mails: readonly SimulatedMail[],
): string {
  const texts = messages.slice(0, SHOWN).map(text).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<title>Simulated phone</title>
<link rel="stylesheet" href="/phone.css">
</head>
<body>
<main class="phone">
<header class="top">
<h1>Messages</h1>
<p>Simulated phone. Nothing here was really sent.</p>
</header>
${texts === '' ? EMPTY : `<ol class="texts">\n${texts}\n</ol>`}
</main>
${mailPart(mails)}
</body>
</html>
`;
}

const EMPTY = `<div class="empty">
<p>No texts yet</p>
<p>Ask the app for a code; it shows up here within a few seconds.</p>
</div>`;

function text({ direction, to, from, body, at }: SimulatedMessage): string {
  const iso = new Date(at).toISOString();
  const outbound = direction === 'outbound';
  const who = outbound
    ? `To ${showNumber(to)} <span>from ${showNumber(from)}</span>`
    : `Reply of ${showNumber(from)}`;
  const code = outbound ? findCode(body) : undefined;
  return `<li class="text${outbound ? '' : ' reply'}">
<p class="who"><b>${who}</b> <time datetime="${iso}">${iso.slice(11, 19)} UTC</time></p>
<p class="bubble">${escapeHtml(body)}</p>
${code === undefined ? '' : `<p class="code">Code <code title="Click to select">${code}</code></p>`}
</li>`;
}

/** The code on the last line for autofill, else the first run of digits as long as a code. */
function findCode(body: string): string | undefined {
  return (/#(\d{6,10})\s*$/.exec(body) ?? /(?<!\d)(\d{6,10})(?!\d)/.exec(body))?.[1];
}
