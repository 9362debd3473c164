import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { fieldsOf, onlyMethods, refuseOtherSites, sendCarrierError } from './carrier-http';
import { readFault } from './fault-modes';
import { receiveReply, textsTo } from './inbox';
import { mailsTo } from './mails';
import { SOME_PICTURE } from './message-log';
import { PHONE_PAGE_POLICY, phonePage } from './phone-page';
import type { Carrier } from './simulated-carrier';

/** The phone page, its files, what its forms post to and the events that keep it up to date. */
export function phoneRouter(carrier: Carrier): Router {
  const router = express.Router();
  router.get('/', (req, res) => {
    sendPage(carrier, req, res);
  });
  router.all('/', onlyMethods('GET'));
  router.get('/phone.css', (_req, res) => {
    res.type('css').send(PHONE_STYLES);
  });
  router.get('/phone.js', (_req, res) => {
    res.type('js').send(PHONE_SCRIPT);
  });
  router.get('/phone/events', streamChanges(carrier));
  router.all('/phone/events', onlyMethods('GET'));
  const form = express.urlencoded({ extended: false, limit: '16kb' });
  router.post('/phone/reply', refuseOtherSites, form, (req, res) => {
    const { from, to, text, picture, body = text, shown } = fieldsOf(req.body);
    const reply =
      picture === 'on'
        ? { from, to, body: text === '' ? null : text, mediaUrls: [SOME_PICTURE] }
        : { from, to, body };
    if (receiveReply(carrier, reply)) backToPage(res, shown);
    else sendCarrierError(res, 422, 'from and to must be North American numbers, body a text.');
  });
  router.post('/phone/faults', refuseOtherSites, form, (req, res) => {
    const { mode, times, clear, shown } = fieldsOf(req.body);
    const wanted = readFault({ mode, times: Number(times ?? 1) });
    if (clear === 'on') {
      carrier.faults.clear();
    } else if ('problem' in wanted) {
      sendCarrierError(res, 422, wanted.problem);
      return;
    } else {
      carrier.faults.add(wanted.fault, wanted.times);
    }
    backToPage(res, shown);
  });
  router.all(['/phone/reply', '/phone/faults'], onlyMethods('POST'));
  return router;
}

function sendPage(carrier: Carrier, req: Request, res: Response): void {
  const { to } = req.query;
  const page = phonePage({
    messages: textsTo(carrier, to),
    mails: mailsTo(carrier.mails.all(), to),
    armed: carrier.faults.modes(),
    now: carrier.settings.clock(),
    shown: typeof to === 'string' ? to : '',
  });
  // With no-referrer the forms of this page would come without an origin.
  res.set({ 'Content-Security-Policy': PHONE_PAGE_POLICY, 'Referrer-Policy': 'same-origin' });
  res.type('html').send(page);
}

/** Server-sent events: each says that something changed, never what. */
function streamChanges({ changes }: Carrier): RequestHandler {
  return (_req, res) => {
    res.type('text/event-stream');
    res.write('retry: 2000\n\n');
    const end = changes.listen(() => res.write('event: change\ndata: \n\n'));
    res.on('close', end);
  };
}

function backToPage(res: Response, shown: unknown): void {
  const query = typeof shown === 'string' && shown !== '' ? `?to=${encodeURIComponent(shown)}` : '';
  res.redirect(303, `/${query}`);
}

/** The styles of the phone page, served from a path of their own so that nothing is inline. */
export const PHONE_STYLES = `
:root {
  --desk: #e9ecf1; --case: #14161a; --screen: #ffffff; --ink: #16181d; --faint: #667085;
  --line: #eceef2; --bubble: #eef0f4; --reply: #2563eb; --reply-ink: #ffffff;
  --code: #ecfdf3; --code-ink: #05603a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --desk: #0b0c0f; --case: #2a2d34; --screen: #15171c; --ink: #eceef2; --faint: #98a2b3;
    --line: #23262d; --bubble: #262a32; --code: #0d2c1d; --code-ink: #7ce0ab;
  }
}
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh; display: flex; flex-wrap: wrap; place-content: center; gap: 1.5rem; padding: 1.5rem 1rem;
  background: var(--desk); color: var(--ink);
  font: 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
.phone {
  display: flex; flex-direction: column; width: min(100%, 25rem); height: min(48rem, calc(100vh - 3rem));
  background: var(--screen); border: .65rem solid var(--case); border-radius: 2.75rem;
  box-shadow: 0 1.5rem 3.5rem rgb(16 24 40 / .22); overflow: hidden;
}
.top { padding: 1.5rem 1.5rem 1rem; border-bottom: 1px solid var(--line); }
.top::before {
  content: ""; display: block; width: 6rem; height: .35rem; margin: -.6rem auto 1rem;
  border-radius: 1rem; background: var(--line);
}
h1, h2 { font-size: 1.6rem; letter-spacing: -.02em; }
.top p { color: var(--faint); font-size: .85rem; }
.mails {
  display: flex; flex-direction: column; width: min(100%, 30rem); height: min(48rem, calc(100vh - 3rem));
  background: var(--screen); border-radius: 1rem; overflow: hidden;
}
.mails .top::before { content: none; }
.mails:not(:has(li)) { display: none; }
a { color: inherit; }
.texts {
  flex: 1; overflow-y: auto; list-style: none; padding: 1.25rem 1.25rem 2rem;
  display: flex; flex-direction: column; gap: 1.5rem;
}
.text { display: flex; flex-direction: column; align-items: flex-start; gap: .4rem; }
.who {
  width: 100%; display: flex; justify-content: space-between; gap: .75rem;
  color: var(--faint); font-size: .75rem; font-variant-numeric: tabular-nums;
}
.who b { color: var(--ink); font-weight: 600; }
.who span { display: block; color: var(--faint); font-weight: 400; }
.who time { white-space: nowrap; }
.bubble {
  max-width: 92%; padding: .65rem .9rem; border-radius: 1.15rem 1.15rem 1.15rem .3rem;
  background: var(--bubble); white-space: pre-wrap; overflow-wrap: anywhere;
}
.reply { align-items: flex-end; }
.reply .bubble {
  background: var(--reply); color: var(--reply-ink); border-radius: 1.15rem 1.15rem .3rem 1.15rem;
}
.code {
  display: flex; align-items: baseline; gap: .6rem; padding: .35rem .9rem; border-radius: .8rem;
  background: var(--code); color: var(--code-ink); font-size: .8rem;
}
.code code {
  font: 600 1.35rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  letter-spacing: .08em; cursor: copy; user-select: all; -webkit-user-select: all;
}
.course, .picture { color: var(--faint); font-size: .75rem; overflow-wrap: anywhere; }
.lost .course { padding: .4rem .8rem; border: 1px dashed var(--faint); border-radius: .8rem; }
.empty { margin: auto; padding: 2rem; text-align: center; color: var(--faint); font-size: .95rem; }
.empty p:first-child { color: var(--ink); font-size: 1.1rem; font-weight: 600; }
[hidden] { display: none; }
details { width: 100%; font-size: .85rem; }
summary { width: fit-content; color: var(--faint); cursor: pointer; }
form { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem; padding-top: .5rem; }
label { width: 100%; color: var(--faint); font-size: .75rem; }
input, select, button {
  padding: .35rem .6rem; border: 1px solid var(--faint); border-radius: .6rem;
  background: var(--screen); color: var(--ink); font: inherit; font-size: .85rem;
}
input, select { flex: 1; min-width: 8rem; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--reply); outline-offset: 2px; }
.faults { flex: none; max-height: 60%; overflow-y: auto; padding: .9rem 1.25rem 1.1rem; border-top: 1px solid var(--line); }
.faults p, .faults h3 { padding-top: .6rem; font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .9rem; padding-top: .4rem; }
dt { font-variant-numeric: tabular-nums; }
dd { color: var(--faint); }
@media (max-width: 28rem) {
  body { padding: 0; }
  .phone { height: 100vh; border: 0; border-radius: 0; }
  .mails { height: auto; border-radius: 0; }
}
`;

/**
 * The script of the phone page. Whenever the simulator says that something changed, it fetches the
 * page anew and takes over the parts marked as live. Lists are merged by the ids of their items, so
 * an answer that is being written stays; of a text that is there only what became of it changes.
 */
export const PHONE_SCRIPT = `'use strict';
(function () {
  var merge = function (shown, fetched) {
    Array.prototype.slice.call(shown.children).forEach(function (item) {
      if (!item.id || !fetched.querySelector('#' + CSS.escape(item.id))) item.remove();
    });
    var at = shown.firstElementChild;
    Array.prototype.slice.call(fetched.children).forEach(function (item) {
      if (at && at.id === item.id) at = at.nextElementSibling;
      else shown.insertBefore(document.importNode(item, true), at);
    });
  };
  var take = function (fetched) {
    document.querySelectorAll('[data-live]').forEach(function (shown) {
      var part = fetched.getElementById(shown.id);
      if (!part) return;
      if (shown.dataset.live === 'merge') merge(shown, part);
      else shown.replaceChildren.apply(shown, Array.prototype.slice.call(part.childNodes));
    });
    offerCopies();
  };
  var loading = false;
  var again = false;
  var update = function () {
    if (loading) { again = true; return; }
    loading = true;
    fetch(location.href, { headers: { accept: 'text/html' } })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer); })
      .then(function (text) { take(new DOMParser().parseFromString(text, 'text/html')); })
      .catch(function () {})
      .then(function () {
        loading = false;
        if (again) { again = false; update(); }
      });
  };
  var offerCopies = function () {
    if (!navigator.clipboard) return;
    document.querySelectorAll('[data-copy][hidden]').forEach(function (button) {
      button.hidden = false;
    });
  };
  document.addEventListener('click', function (event) {
    var button = event.target.closest('[data-copy]');
    if (!button) return;
    navigator.clipboard.writeText(button.dataset.copy).then(function () {
      button.textContent = 'Copied';
      setTimeout(function () { button.textContent = 'Copy'; }, 2000);
    });
  });
  offerCopies();
  var events = new EventSource('/phone/events');
  // Also after a break, as something may have come meanwhile.
  events.addEventListener('open', update);
  events.addEventListener('change', update);
})();
`;
