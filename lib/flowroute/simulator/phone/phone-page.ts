import type { FaultMode } from '../faults/fault-modes';
import type { SimulatedMail } from '../mail/mail-log';
import { mailPart } from '../mail/mail-part';
import type { SimulatedMessage } from '../texts/message-log';
import { faultsPart } from './faults-part';
import { markup } from './markup';
import { textItem } from './text-item';

/** Nothing runs and nothing loads but the page's own files; texts are written by strangers. */
export const PHONE_PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const SHOWN = 50;

export interface PhoneView {
  /** Newest first. */
  messages: readonly SimulatedMessage[];
  mails: readonly SimulatedMail[];
  armed: readonly FaultMode[];
  /** The number or the mail address that the page was asked for; empty where all are shown. */
  shown: string;
}

/**
 * The page at `/`: a phone with the texts and mails it got. The script keeps it up to date; without
 * one it is reloaded by hand.
 */
export function phonePage({ messages, mails, armed, shown }: PhoneView): string {
  const texts = messages.slice(0, SHOWN).map((message) => textItem(message, shown));
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
