import { codeForm, EXPIRED, sendForm, type PendingCode } from './code-form';
import { html, type Html } from './html';
import { csrfField, page, signOut, type Frame } from './layout';
import { countdown, problemBox, wait, type ProblemText } from './problem-box';

interface ChallengePage extends Frame {
  /** The masked number that texts go to. */
  phone: string;
  problem: ProblemText | undefined;
  pending: PendingCode | undefined;
  /** Seconds left of a lock. */
  lockedFor: number | undefined;
  /** The hard stop was reached. */
  disabled: boolean;
  /** The user's masked address, where codes may be mailed, too. */
  email: string | undefined;
  /** Whether recovery codes are left. */
  recovery: boolean;
  /** How many days a browser may be trusted; `undefined` where none may. */
  trustDays: number | undefined;
  /** What became of a form that the gate held up. */
  heldUp: 'kept' | 'lost' | undefined;
  /** The text is asked for by the page's script, unless something stands against it. */
  sendAtOnce: boolean;
}

/** Asks for the code of a sign-in or a step-up. Complete without JavaScript. */
export function challengePage(view: ChallengePage): string {
  const title = "Confirm that it's you";
  const shut = shutWords(view);
  if (shut !== undefined) {
    return page(
      view,
      title,
      html`${problemBox(view.problem)}
        <p>${shut}</p>
        ${otherWays(view)}`,
    );
  }
  const { pending } = view;
  if (pending === undefined) {
    const send = sendForm(view, '/challenge', {
      button: 'Text me a code',
      atOnce: view.sendAtOnce,
      waits: 0,
    });
    const body = html`${problemBox(view.problem)} ${heldUp(view)}
      <p>We will text a code to <span class="phone">${view.phone}</span>.</p>
      ${send} ${otherWays(view)}`;
    return page(view, title, body);
  }
  const again =
    pending.sendsLeft <= 0
      ? html`<p class="hint">No further texts can be sent for now.</p>`
      : html`<p class="hint">
            No text yet? ${pending.resendIn > 0 && resendWait(pending.resendIn)}The same code is
            texted again, so a late text still works.
          </p>
          ${sendForm(view, '/challenge', {
            button: 'Text me again',
            quiet: true,
            waits: pending.resendIn,
          })}`;
  return page(
    view,
    title,
    html`${problemBox(view.problem)} ${heldUp(view)}
      ${codeForm(view, '/verify', pending, 'Confirm', view.trustDays)}
      <div class="lasts">${again}</div>
      ${renewal(view, pending)} ${otherWays(view)}`,
  );
}

function resendWait(seconds: number): Html {
  const left = countdown(wait(seconds), seconds, { hides: '#resend-wait' });
  return html`<span id="resend-wait">You can ask again in ${left}. </span>`;
}

/** Stands in the place of the code's form when the code is over. */
function renewal(view: ChallengePage, { channel }: PendingCode): Html {
  const button = channel === 'email' ? 'Mail me a new code' : 'Text me a new code';
  const send = { button, waits: 0, ...(channel === undefined ? {} : { channel }) };
  return html`<div id="${EXPIRED}" hidden>
    <p class="warning"><strong>This code can no longer be used.</strong></p>
    ${sendForm(view, '/challenge', send)}
  </div>`;
}

/** Why no code is taken now, and what to do. */
function shutWords({
  disabled,
  lockedFor,
  recovery,
  mountPath,
}: ChallengePage): Html | string | undefined {
  const instead = recovery ? 'Use a recovery code, or ask for help.' : 'Ask for help.';
  if (disabled)
    return `Codes to this phone were switched off after too many wrong ones. ${instead}`;
  if (lockedFor === undefined) return undefined;
  const left = countdown(wait(lockedFor), lockedFor, {
    over: 'Codes are checked again.',
    shows: '#unlocked',
    hides: '#locked',
  });
  return html`<span id="locked"
      >Too many wrong codes were entered, so none is checked for
      ${left}.${recovery && ' A recovery code lets you in before that.'}</span
    >
    <span id="unlocked" hidden>
      Codes are checked again. <a href="${mountPath}/">Ask for one</a>
    </span>`;
}

/** For somebody who cannot get the text. */
function otherWays(view: ChallengePage): Html {
  const mail =
    view.email !== undefined &&
    view.lockedFor === undefined &&
    !view.disabled &&
    html`<p class="hint">No phone at hand? A code can go to ${view.email}.</p>
      ${sendForm(view, '/challenge', {
        button: 'Mail me a code',
        quiet: true,
        channel: 'email',
        waits: 0,
      })}`;
  return html`${mail} ${view.recovery && recoveryForm(view)} ${signOut(view)}`;
}

function heldUp(view: ChallengePage): Html | undefined {
  if (view.heldUp === undefined) return undefined;
  return view.heldUp === 'kept'
    ? html`<p>What you sent is kept. After this you can have it done.</p>`
    : html`<p>What you sent was not carried out. After this you can send it again.</p>`;
}

/** The way in for somebody without the phone: one of the codes that were written down. */
function recoveryForm(frame: Frame): Html {
  return html`<details>
    <summary>Use a recovery code instead</summary>
    <form method="post" action="${frame.mountPath}/recovery" autocomplete="off" novalidate>
      ${csrfField(frame)}<label for="recovery-code">Recovery code</label>
      <input
        id="recovery-code"
        name="recoveryCode"
        type="text"
        autocapitalize="characters"
        spellcheck="false"
        aria-describedby="problem"
        required
      />
      <button type="submit" data-sending="Checking…">Use this code</button>
    </form>
  </details>`;
}
