import type { Delivery } from '../ports/senders';
import { html, type Html } from './html';
import { csrfField, type Frame } from './layout';

/** What the code form and the form to send again have to know. */
export interface PendingCode {
  phone: string;
  codeLength: number;
  minutesLeft: number;
  /** Seconds until another text may be asked for; 0 when it may. */
  resendIn: number;
  /** The texts that may still be sent. */
  sendsLeft: number;
  /** Left out for texts. */
  channel?: 'email' | undefined;
  /** How far the text got. */
  delivery: Delivery;
}

/**
 * One field for the code: autofill, paste and screen readers all want it in one piece (WCAG 2.2
 * 3.3.8; GOV.UK security codes). No `maxlength`: a pasted `123 456` must fit.
 */
export function codeForm(
  frame: Frame,
  action: string,
  pending: PendingCode,
  button: string,
  trustDays?: number,
): Html {
  return html`<p>
      We ${pending.channel === 'email' ? 'mailed' : 'texted'} a code of ${pending.codeLength} digits
      to
      <span class="phone">${pending.phone}</span>. It works for ${pending.minutesLeft} more
      ${pending.minutesLeft === 1 ? 'minute' : 'minutes'}.
    </p>
    ${deliveryLine(frame, pending)}
    <form method="post" action="${frame.mountPath}${action}" autocomplete="off" novalidate>
      ${csrfField(frame)}<label for="code">Code</label>
      <input
        id="code"
        name="code"
        type="text"
        inputmode="numeric"
        autocomplete="one-time-code"
        pattern="[0-9 \\-]*"
        aria-describedby="problem"
        required
        autofocus
      />
      ${
        trustDays !== undefined &&
        html`<label class="tick"
          ><input type="checkbox" name="trustDevice" value="on" /> Do not ask this browser again for
          ${trustDays} ${trustDays === 1 ? 'day' : 'days'}</label
        >`
      }
      <button type="submit">${button}</button>
    </form>`;
}

/** What the carrier says of the text, as far as it is of use to who waits for it. */
const DELIVERY_WORDS: Partial<Record<Delivery, string>> = {
  delivered: 'The text has reached your phone.',
  failed: 'The text could not be delivered. Check that the phone is on, or choose another way.',
};

function deliveryLine(frame: Frame, { channel, delivery }: PendingCode): Html | undefined {
  if (channel !== undefined) return undefined;
  return html`<p
    class="hint"
    role="status"
    data-delivery="${frame.mountPath}/challenge"
    data-delivered="${DELIVERY_WORDS.delivered}"
    data-failed="${DELIVERY_WORDS.failed}"
  >
    ${DELIVERY_WORDS[delivery]}
  </p>`;
}

/** The form that sends a text (again), or posts without fields of its own. */
export function sendForm(
  frame: Frame,
  action: string,
  options: { button: string; atOnce?: boolean; quiet?: boolean; channel?: 'email' },
): Html {
  return html`<form
    method="post"
    action="${frame.mountPath}${action}"
    data-once
    ${options.atOnce === true && html` data-submit-at-once`}
  >
    ${csrfField(frame)}${
      options.channel !== undefined &&
      html`<input type="hidden" name="channel" value="${options.channel}" />`
    }<button type="submit" ${options.quiet === true && html` class="quiet"`}>
      ${options.button}
    </button>
  </form>`;
}
