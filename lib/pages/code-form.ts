import type { Delivery } from '../ports/senders';
import { html, type Html } from './html';
import { csrfField, type Frame } from './layout';
import { countdown } from './problem-box';

/** What the code form and the form to send again have to know. */
export interface PendingCode {
  phone: string;
  codeLength: number;
  minutesLeft: number;
  /** Seconds until the code can no longer be used. */
  expiresIn: number;
  /** Whether it is that of a sign-in: a session that is verified then has no use for it. */
  signIn: boolean;
  /** Seconds until another text may be asked for; 0 when it may. */
  resendIn: number;
  /** The texts that may still be sent. */
  sendsLeft: number;
  /** Left out for texts. */
  channel?: 'email' | undefined;
  /** How far the text got. */
  delivery: Delivery;
}

/** What stands in place of a code that is over: it names an element that is hidden until then. */
export const EXPIRED = 'expired';

/**
 * One field for the code, as wide as one: autofill, paste and screen readers all want it in one piece
 * (WCAG 2.2 3.3.8; GOV.UK security codes). No `maxlength`: a pasted `123 456` must fit.
 */
export function codeForm(
  frame: Frame,
  action: string,
  pending: PendingCode,
  button: string,
  trustDays?: number,
): Html {
  const { codeLength, minutesLeft } = pending;
  const lifetime = countdown(
    `${minutesLeft} more ${minutesLeft === 1 ? 'minute' : 'minutes'}`,
    pending.expiresIn,
    {
      say: 'The code works for {time} more.',
      over: 'This code can no longer be used.',
      shows: `#${EXPIRED}`,
      hides: '.lasts, #problem.warning',
    },
  );
  return html`<p class="lasts">
      We ${pending.channel === 'email' ? 'mailed' : 'texted'} a code of ${codeLength} digits to
      <span class="phone">${pending.phone}</span>. It works for ${lifetime}.
    </p>
    <form
      class="lasts"
      method="post"
      action="${frame.mountPath}${action}"
      autocomplete="off"
      novalidate
    >
      ${csrfField(frame)}<label for="code">Code</label>
      <input
        id="code"
        name="code"
        type="text"
        inputmode="numeric"
        autocomplete="one-time-code"
        pattern="[0-9 \\-]*"
        size="${Math.ceil(codeLength * 1.5)}"
        data-digits="${codeLength}"
        ${pending.channel === undefined && html` data-web-otp`}
        aria-describedby="problem${pending.channel === undefined && ' delivery'}"
        required
        autofocus
      />
      ${deliveryLine(frame, pending)}
      ${
        frame.domain !== undefined &&
        html`<p class="hint">Only type it on <strong>${frame.domain}</strong>.</p>`
      }
      ${
        trustDays !== undefined &&
        html`<label class="tick"
          ><input type="checkbox" name="trustDevice" value="on" /> Do not ask this browser again for
          ${trustDays} ${trustDays === 1 ? 'day' : 'days'}</label
        >`
      }
      <button type="submit" data-sending="Checking…">${button}</button>
    </form>`;
}

/** What the carrier says of the text, as far as it is of use to who waits for it. */
const DELIVERY_WORDS: Partial<Record<Delivery, string>> = {
  delivered: 'The text has reached your phone.',
  failed: 'The text could not be delivered. Check that the phone is on, or choose another way.',
};

/** At the field, where its user looks for a way on. */
function deliveryLine(frame: Frame, { channel, delivery, signIn }: PendingCode): Html | undefined {
  if (channel !== undefined) return undefined;
  return html`<p
    id="delivery"
    class="${delivery === 'failed' ? 'warning' : 'hint'}"
    role="status"
    ${signIn && html` data-home="${frame.homePath}"`}
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
  options: {
    button: string;
    atOnce?: boolean;
    quiet?: boolean;
    channel?: 'email';
    /** Where it sends something: seconds until it may. */
    waits?: number;
  },
): Html {
  const waits = options.waits !== undefined && options.waits > 0 && options.waits;
  return html`<form
    method="post"
    action="${frame.mountPath}${action}"
    data-once
    ${options.atOnce === true && html` data-submit-at-once`}
  >
    ${csrfField(frame)}${
      options.channel !== undefined &&
      html`<input type="hidden" name="channel" value="${options.channel}" />`
    }<button
      type="submit"
      ${options.quiet === true && html` class="quiet"`}
      ${options.waits !== undefined && html` data-sending="Sending…"`}
      ${waits && html` data-left="${waits}" data-over="You can ask for another text now." data-instead="#resend-wait"`}
    >
      ${options.button}
    </button>
  </form>`;
}
