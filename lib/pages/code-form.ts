import type { Delivery } from '../ports/senders';
import { html, type Html } from './html';
import { fieldsOf, formModel, withPhone, type Frame } from './layout';
import type { CodeModel, ResendModel } from './models';

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

export function codeModel(
  frame: Frame,
  action: string,
  pending: PendingCode,
  options: { button: string; trustDays?: number | undefined },
): CodeModel {
  const { say } = frame.words;
  const { phone, codeLength, minutesLeft, channel, delivery } = pending;
  const { button, trustDays } = options;
  const facts = { digits: codeLength, minutes: minutesLeft };
  const words: Partial<Record<Delivery, string>> = {
    delivered: say('code.delivered'),
    failed: say('code.undelivered'),
  };
  return {
    ...formModel(frame, action, button),
    sentence:
      channel === 'email'
        ? say('code.emailed', { ...facts, email: phone })
        : say('code.texted', { ...facts, phone }),
    channel: channel ?? 'sms',
    sentTo: phone,
    label: say('code.label'),
    codeLength,
    minutesLeft,
    delivery:
      channel === undefined
        ? {
            state: delivery,
            sentence: words[delivery] ?? null,
            path: `${frame.mountPath}/challenge`,
            delivered: words.delivered ?? '',
            failed: words.failed ?? '',
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
  if (sendsLeft <= 0) return { wait: resendIn, sentences: [say('code.noneLeft')], form: null };
  const later = resendIn > 0 ? [say('code.resendIn', { wait: wait(resendIn) })] : [];
  return {
    wait: resendIn,
    sentences: [say('code.noText'), ...later, say('code.sameCode')],
    form: formModel(frame, '/challenge', say('code.resend')),
  };
}

/**
 * One field for the code: autofill, paste and screen readers all want it in one piece (WCAG 2.2
 * 3.3.8; GOV.UK security codes). No `maxlength`: a pasted `123 456` must fit.
 */
export function codeForm(code: CodeModel): Html {
  return html`<p>${withPhone(code.sentence, code.sentTo)}</p>
    ${deliveryLine(code)}
    <form method="post" action="${code.action}" autocomplete="off" novalidate>
      ${fieldsOf(code)}<label for="code">${code.label}</label>
      <input
        id="code"
        name="code"
        type="text"
        inputmode="numeric"
        autocomplete="one-time-code"
        pattern="[0-9 \\-]*"
        dir="ltr"
        aria-describedby="problem"
        required
        autofocus
      />
      ${
        code.trust &&
        html`<label class="tick"
          ><input type="checkbox" name="trustDevice" value="on" /> ${code.trust.label}</label
        >`
      }
      <button type="submit">${code.button}</button>
    </form>`;
}

/** What the carrier says of the text, as far as it is of use to who waits for it. */
function deliveryLine({ delivery }: CodeModel): Html | null {
  return (
    delivery &&
    html`<p
      class="hint"
      role="status"
      data-delivery="${delivery.path}"
      data-delivered="${delivery.delivered}"
      data-failed="${delivery.failed}"
    >
      ${delivery.sentence}
    </p>`
  );
}
