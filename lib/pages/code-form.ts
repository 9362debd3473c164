import type { Delivery } from '../ports/senders';
import { html, type Html } from './html';
import {
  around,
  buttonForm,
  counting,
  fieldsOf,
  formModel,
  phoneSpan,
  submitButton,
  type Frame,
} from './layout';
import type { CodeModel, ResendModel } from './models';

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

export function codeModel(
  frame: Frame,
  action: string,
  pending: PendingCode,
  options: { button: string; trustDays?: number | undefined },
): CodeModel {
  const { say } = frame.words;
  const { phone, codeLength, channel, delivery } = pending;
  const { button, trustDays } = options;
  const time = say('code.moreMinutes', { minutes: pending.minutesLeft });
  const facts = { digits: codeLength, time };
  const words: Partial<Record<Delivery, string>> = {
    delivered: say('code.delivered'),
    failed: say('code.undelivered'),
  };
  return {
    ...formModel(frame, action, button),
    lasts: {
      sentence:
        channel === 'email'
          ? say('code.emailed', { ...facts, email: phone })
          : say('code.texted', { ...facts, phone }),
      time,
      seconds: pending.expiresIn,
      left: say('code.left', { time: '{time}' }),
      over: say('code.over'),
    },
    channel: channel ?? 'sms',
    sentTo: phone,
    label: say('code.label'),
    codeLength,
    only:
      frame.domain === undefined
        ? null
        : { domain: frame.domain, sentence: say('code.only', { domain: frame.domain }) },
    delivery:
      channel === undefined
        ? {
            state: delivery,
            sentence: words[delivery] ?? null,
            path: `${frame.mountPath}/challenge`,
            delivered: words.delivered ?? '',
            failed: words.failed ?? '',
            home: pending.signIn ? frame.homePath : null,
          }
        : null,
    trust:
      trustDays === undefined
        ? null
        : { days: trustDays, label: say('code.trust', { days: trustDays }) },
  };
}

export function resendModel(frame: Frame, { sendsLeft, resendIn }: PendingCode): ResendModel {
  const { say, wait } = frame.words;
  if (sendsLeft <= 0) return { wait: null, sentences: [say('code.noneLeft')], form: null };
  const time = wait(resendIn);
  const sentence = say('code.resendIn', { wait: time });
  const over = say('code.mayResend');
  return {
    wait: resendIn > 0 ? { sentence, time, seconds: resendIn, over } : null,
    sentences: [say('code.noText'), say('code.sameCode')],
    form: formModel(frame, '/challenge', say('code.resend')),
  };
}

/** What stands in place of a code that is over: it names an element that is hidden until then. */
export const EXPIRED = 'expired';

/**
 * One field for the code, as wide as one: autofill, paste and screen readers all want it in one piece (WCAG 2.2
 * 3.3.8; GOV.UK security codes). No `maxlength`: a pasted `123 456` must fit.
 */
export function codeForm(code: CodeModel): Html {
  const { lasts, sentTo, delivery, only, trust, codeLength } = code;
  const ends = {
    say: lasts.left,
    shows: `#${EXPIRED}`,
    hides: '.lasts, #problem.warning',
  };
  return html`<p class="lasts">${counting(lasts, ends, [sentTo, phoneSpan(sentTo)])}</p>
    <form class="lasts" method="post" action="${code.action}" autocomplete="off" novalidate>
      ${fieldsOf(code)}<label for="code">${code.label}</label>
      <input
        id="code"
        name="code"
        type="text"
        inputmode="numeric"
        autocomplete="one-time-code"
        pattern="[0-9 \\-]*"
        dir="ltr"
        size="${Math.ceil(codeLength * 1.5)}"
        data-digits="${codeLength}"
        ${code.channel === 'sms' && html` data-web-otp`}
        aria-describedby="problem${delivery && ' delivery'}"
        required
        autofocus
      />
      ${deliveryLine(delivery)}
      ${
        only &&
        html`<p class="hint">
          ${around(only.sentence, [only.domain, html`<strong dir="ltr">${only.domain}</strong>`])}
        </p>`
      }
      ${
        trust &&
        html`<label class="tick"
          ><input type="checkbox" name="trustDevice" value="on" /> ${trust.label}</label
        >`
      }
      ${submitButton(code)}
    </form>`;
}

/** What the carrier says of the text, at the field, where its user looks for a way on. */
function deliveryLine(delivery: CodeModel['delivery']): Html | null {
  return (
    delivery &&
    html`<p
      id="delivery"
      class="${delivery.state === 'failed' ? 'warning' : 'hint'}"
      role="status"
      ${delivery.home !== null && html` data-home="${delivery.home}"`}
      data-delivery="${delivery.path}"
      data-delivered="${delivery.delivered}"
      data-failed="${delivery.failed}"
    >
      ${delivery.sentence}
    </p>`
  );
}

/** The form that sends a code again, with how long that must wait. */
export function resendForm({ wait, sentences, form }: ResendModel): Html {
  const [first, ...others] = sentences;
  const waiting =
    wait && html`<span id="resend-wait">${counting(wait, { hides: '#resend-wait' })} </span>`;
  return html`<div class="lasts">
    <p class="hint">${first} ${waiting}${others.join(' ')}</p>
    ${
      form &&
      buttonForm(form, {
        quiet: true,
        waits: wait ? { ...wait, instead: '#resend-wait' } : undefined,
      })
    }
  </div>`;
}
